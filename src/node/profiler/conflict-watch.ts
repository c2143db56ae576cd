import type { RecordedTransaction } from '../../analysis/input.ts'
import { TraceRecorder } from '../../analysis/trace-recorder.ts'
import { indexSites, showSite } from '../../analysis/why.ts'
import type { BlockRecord } from '../../chain/block-record.ts'
import type { BuiltBlock } from '../../chain/chain.ts'
import type { DevChain } from '../../chain/dev-chain.ts'
import { type Namer, codeIn, recordedOf } from '../../chain/record-block.ts'
import { rerunBlock } from '../../chain/rerun.ts'
import type { Engine } from '../../evm/engine.ts'
import type { Address, Slot } from '../../primitives/hex.ts'
import type { AccessSet } from '../../state/access.ts'

/** How many transactions before one are compared with it. */
const RECENT = 10
/** Fewer that conflict are not worth a line. */
const LEAST = 3
const QUIET_MS = 60_000
/** Of a large block only the newest are looked at. */
const LOOKED_AT = 50

/** What is kept of a transaction: the slots that it wrote. */
interface Recent {
  readonly sender: Address
  readonly written: ReadonlySet<string>
}

/** A slot by which a transaction met many of those before it. */
interface Meeting {
  readonly address: Address
  readonly slot: Slot
  readonly met: number
  readonly of: number
}

interface Found extends Meeting {
  /** Of the transaction in its block. */
  readonly index: number
}

/** Notices transactions that meet many of the last ones, of other senders, in one place: at most once per contract and minute. */
export class ConflictWatch {
  readonly #namer: Namer
  readonly #recent: Recent[] = []
  readonly #toldAtMs: Map<Address, number> = new Map()

  constructor(namer: Namer) {
    this.#namer = namer
  }

  /** @returns a line for the log: `Pool.swap conflicts with 7 of the last 10 transactions on Pool.reserve0 (Pool.sol:41)` */
  async look(
    { record, executed }: BuiltBlock,
    labels: readonly string[],
    dev: DevChain,
    engine: Engine,
    nowMs: number,
  ): Promise<string | undefined> {
    const { transactions } = record.block
    let found: Found | undefined
    const first = Math.max(0, transactions.length - LOOKED_AT)
    for (const [offset, tx] of transactions.slice(first).entries()) {
      const index = first + offset
      if (tx.to === null) continue
      const access = executed.accesses[index]!
      const meeting = this.#meetingOf(tx.sender, access)
      if (meeting !== undefined && this.#mayTell(meeting.address, nowMs)) {
        found = { ...meeting, index }
      }
      this.#remember(tx.sender, access)
    }
    if (found === undefined || !dev.chain.history.has(record.block.hash)) return undefined
    this.#toldAtMs.set(found.address, nowMs)
    const place = await this.#placeOf(found, record, dev, engine)
    return `${labels[found.index]} conflicts with ${found.met} of the last ${found.of} transactions on ${place}`
  }

  /** `Pool.reserve0 (Pool.sol:41)`: the block runs again for it, up to the transaction, which alone is observed. */
  async #placeOf(
    { address, slot, index }: Found,
    record: BlockRecord,
    dev: DevChain,
    engine: Engine,
  ): Promise<string> {
    const hashed = new Map<string, Uint8Array>()
    const recorder = new TraceRecorder(hashed)
    const transactions: RecordedTransaction[] = []
    const after = await rerunBlock(
      dev.chain,
      engine,
      record,
      index,
      (tx) => dev.optionsOf(tx),
      (rerun) => (rerun.index === index ? recorder : undefined),
      ({ tx, index: at }, { access, gasUsed }) => {
        if (at === index) transactions.push(recordedOf(tx, access, gasUsed, recorder.trace()))
      },
    )
    const location = { kind: 'slot', address, key: slot } as const
    if (after === undefined) return `slot ${BigInt(slot)} of ${address}`
    const recording = { transactions }
    const codeOf = (of: Address): Uint8Array => codeIn(after, of)
    const book = await this.#namer({ recording, hashed: [...hashed.values()], codeOf })
    const sites = indexSites(recording)(0, location)
    const site = sites.find(({ access }) => access === 'write') ?? sites[0]
    const line = site && showSite(book, site).line
    return `${book.nameOf(location).name}${line === undefined ? '' : ` (${line})`}`
  }

  #meetingOf(sender: Address, { reads }: AccessSet): Meeting | undefined {
    const others = this.#recent.filter((each) => each.sender !== sender)
    let best: Meeting | undefined
    for (const [address, { slots }] of reads) {
      for (const slot of slots?.keys() ?? []) {
        const met = others.filter(({ written }) => written.has(`${address}:${slot}`)).length
        if (met >= LEAST && met > (best?.met ?? 0)) {
          best = { address, slot, met, of: this.#recent.length }
        }
      }
    }
    return best
  }

  #mayTell(address: Address, nowMs: number): boolean {
    return nowMs - (this.#toldAtMs.get(address) ?? Number.NEGATIVE_INFINITY) >= QUIET_MS
  }

  #remember(sender: Address, { writes }: AccessSet): void {
    const written = new Set<string>()
    for (const [address, { slots }] of writes.accounts) {
      for (const slot of slots?.keys() ?? []) written.add(`${address}:${slot}`)
    }
    this.#recent.push({ sender, written })
    if (this.#recent.length > RECENT) this.#recent.shift()
  }
}
