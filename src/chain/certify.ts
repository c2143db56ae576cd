import {
  BEFORE_BLOCK,
  CERTIFICATE_FORMAT,
  type Certificate,
  type CertifiedProof,
  type CertifiedRead,
  type CertifiedStep,
  type CertifiedValue,
} from '../analysis/certificate.ts'
import type { Engine, ExecutionOptions } from '../evm/engine.ts'
import type { ProtocolSteps } from '../executor/executor.ts'
import { createSerialExecutor } from '../executor/serial.ts'
import { EMPTY_ACCOUNT } from '../model/account.ts'
import { encodeHeader } from '../model/codec/header.ts'
import type { Transaction } from '../model/transaction.ts'
import { type Address, bytesToHex, toQuantity } from '../primitives/hex.ts'
import type { AccessSet, AccountReads, AccountWrites, ChangeSet } from '../state/access.ts'
import type { StepAccess } from '../state/block-access-list.ts'
import { type Location, locationKey } from '../state/location.ts'
import { Overlay } from '../state/overlay.ts'
import type { StateView } from '../state/view.ts'
import { type Version, accountProof, applyChanges } from '../state/world.ts'
import type { BlockRecord } from './block-record.ts'
import type { Chain } from './chain.ts'
import { type Reexecution, reexecute } from './reexecute.ts'

/** `run`: of the execution that made the block, when its record is kept; of one more, in order, when not. */
export interface Certified {
  readonly kind: 'certified'
  readonly certificate: Certificate
  readonly run: 'as mined' | 'again, now'
  readonly executor: string
  readonly engine: string
  /** Accounts of which somebody read and all were over-approximated: the reference engine's. */
  readonly precision: AccessSet['precision']
}

/**
 * The certificate of a block's execution.
 * @param proofs whether each account that was written is to be proven in the state after the block
 */
export async function certifyBlock(
  chain: Chain,
  engine: Engine,
  record: BlockRecord,
  optionsOf: (tx: Transaction) => ExecutionOptions,
  proofs: boolean,
): Promise<Certified | Exclude<Reexecution, { kind: 'executed' }>> {
  const { block } = record
  const parent = chain.history.byHash(block.header.parentHash)
  if (parent === undefined) return { kind: 'first' }
  if (parent.version === undefined) return { kind: 'noState' }
  const kept = chain.recordings.find(block.hash)
  const again =
    kept ??
    (await reexecute(chain, createSerialExecutor(engine), record, optionsOf, { recorded: true }))
  if ('kind' in again && again.kind !== 'executed') return again
  const { accesses, around, report } = 'kind' in again ? again.executed : again
  const steps = stepsOf(accesses, around ?? { before: [], after: [] })
  const after = applyChanges(parent.version, ...steps.flat().map(({ writes }) => writes))
  if (after.stateRoot !== block.header.stateRoot) {
    const detail = `its writes lead to the state ${after.stateRoot}, not to its own`
    return { kind: 'differs', detail }
  }
  return {
    kind: 'certified',
    certificate: {
      format: CERTIFICATE_FORMAT,
      blockNumber: Number(block.header.number),
      blockHash: block.hash,
      stateRoot: block.header.stateRoot,
      header: bytesToHex(encodeHeader(block.header)),
      transactions: block.transactions.map(({ hash }) => hash),
      ...certifySteps(steps, chain.view(parent.version), proofs ? after : undefined),
    },
    run: kept === undefined ? 'again, now' : 'as mined',
    executor: report.executor,
    engine: report.engine,
    precision: accesses[0]?.precision ?? 'exact',
  }
}

type Step = readonly StepAccess[]

function stepsOf(accesses: readonly AccessSet[], { before, after }: ProtocolSteps): Step[] {
  return [before, ...accesses.map((access) => [access]), after]
}

/** @param base the state before the block @param proveIn the one after it, if there are to be proofs */
export function certifySteps(
  steps: readonly Step[],
  base: StateView,
  proveIn: Version | undefined,
): Pick<Certificate, 'locations' | 'before' | 'steps' | 'after' | 'proofs'> {
  const table = new Table()
  const certified: CertifiedStep[] = []
  for (const [step, accesses] of steps.entries()) {
    const reads: CertifiedRead[] = []
    const writes: CertifiedValue[] = []
    for (const access of accesses) {
      // What an earlier part of the step wrote is its own.
      reads.push(...table.reads(access, step))
      writes.push(...table.writes(access.writes, step))
    }
    certified.push({ reads, writes })
  }
  const left = new Overlay(base)
  for (const { writes } of steps.flat()) left.apply(writes)
  const written = table.written()
  return {
    locations: table.locations.map(locationKey),
    before: table.locations.map((location) => valueIn(base, location)),
    steps: certified,
    after: written.map((place) => [place, valueIn(left, table.locations[place]!)]),
    proofs:
      proveIn &&
      proofsOf(
        proveIn,
        written.map((place) => table.locations[place]!),
      ),
  }
}

/** The locations that were named so far, and who wrote each last. */
class Table {
  readonly locations: Location[] = []
  readonly #placeOf = new Map<string, number>()
  readonly #writers: number[] = []
  readonly #ofAccount = new Map<Address, number[]>()
  /** The last step that wiped an account's storage: of slots that are named later too. */
  readonly #wiped = new Map<Address, number>()

  reads({ reads }: StepAccess, step: number): CertifiedRead[] {
    const found: CertifiedRead[] = []
    for (const [address, of] of reads) {
      for (const [location, value] of valuesRead(address, of)) {
        const place = this.#place(location)
        const writer = this.#writers[place]!
        if (writer !== step) found.push([place, value, writer])
      }
    }
    return found
  }

  writes({ accounts }: ChangeSet, step: number): CertifiedValue[] {
    const found: CertifiedValue[] = []
    for (const [address, of] of accounts) {
      if (of.life !== undefined) {
        found.push([this.#write({ kind: 'life', address }, step), of.life])
        if (of.life !== 'created') this.#wipe(address, of.life, step)
      }
      for (const [location, value] of valuesWritten(address, of)) {
        found.push([this.#write(location, step), value])
      }
    }
    return found
  }

  written(): number[] {
    return [...this.locations.keys()].filter((place) => this.#writers[place] !== BEFORE_BLOCK)
  }

  #place(location: Location): number {
    const key = locationKey(location)
    const known = this.#placeOf.get(key)
    if (known !== undefined) return known
    const place = this.locations.length
    const { address } = location
    this.#placeOf.set(key, place)
    this.locations.push(location)
    const wiped = location.kind === 'slot' ? this.#wiped.get(address) : undefined
    this.#writers.push(wiped ?? BEFORE_BLOCK)
    const places = this.#ofAccount.get(address)
    if (places === undefined) this.#ofAccount.set(address, [place])
    else places.push(place)
    return place
  }

  #write(location: Location, step: number): number {
    const place = this.#place(location)
    this.#writers[place] = step
    return place
  }

  #wipe(address: Address, life: 'recreated' | 'destroyed', step: number): void {
    this.#wiped.set(address, step)
    if (life === 'destroyed') {
      for (const kind of ['balance', 'nonce', 'code'] as const) this.#place({ kind, address })
    }
    for (const place of this.#ofAccount.get(address) ?? []) {
      const { kind } = this.locations[place]!
      if (kind === 'slot' || life === 'destroyed') this.#writers[place] = step
    }
  }
}

type Valued = readonly [Location, string]

function valuesRead(address: Address, reads: AccountReads): Valued[] {
  const { balance, nonce, codeHash, life, slots = new Map<never, never>() } = reads
  const found: Valued[] = []
  if (life !== undefined) found.push([{ kind: 'life', address }, lifeText(life)])
  if (balance !== undefined) found.push([{ kind: 'balance', address }, balanceText(balance)])
  if (nonce !== undefined) found.push([{ kind: 'nonce', address }, toQuantity(nonce)])
  if (codeHash !== undefined) found.push([{ kind: 'code', address }, codeHash])
  for (const [key, value] of slots) found.push([{ kind: 'slot', address, key }, toQuantity(value)])
  return found
}

function balanceText(read: NonNullable<AccountReads['balance']>): string {
  switch (read.strength) {
    case 'exact':
      return toQuantity(read.wei)
    case 'atLeast':
      return `${read.held ? '>=' : '<'}${toQuantity(read.wei)}`
    case 'isEmpty':
      return read.empty ? 'empty' : 'notEmpty'
  }
}

/** All but life. */
function valuesWritten(address: Address, writes: AccountWrites): Valued[] {
  const { balanceWei, nonce, codeHash, slots = new Map<never, never>() } = writes
  const found: Valued[] = []
  if (balanceWei !== undefined) found.push([{ kind: 'balance', address }, toQuantity(balanceWei)])
  if (nonce !== undefined) found.push([{ kind: 'nonce', address }, toQuantity(nonce)])
  if (codeHash !== undefined) found.push([{ kind: 'code', address }, codeHash])
  for (const [key, value] of slots) found.push([{ kind: 'slot', address, key }, toQuantity(value)])
  return found
}

function lifeText(isThere: boolean): string {
  return isThere ? 'there' : 'gone'
}

function valueIn(view: StateView, location: Location): string {
  if (location.kind === 'slot') return toQuantity(view.slot(location.address, location.key))
  const account = view.account(location.address)
  switch (location.kind) {
    case 'life':
      return lifeText(account !== undefined)
    case 'balance':
      return toQuantity((account ?? EMPTY_ACCOUNT).balanceWei)
    case 'nonce':
      return toQuantity((account ?? EMPTY_ACCOUNT).nonce)
    case 'code':
      return (account ?? EMPTY_ACCOUNT).codeHash
  }
}

function proofsOf(version: Version, locations: readonly Location[]): CertifiedProof[] {
  const slots = new Map<Address, Extract<Location, { kind: 'slot' }>['key'][]>()
  for (const location of locations) {
    const keys = slots.get(location.address) ?? []
    if (location.kind === 'slot') keys.push(location.key)
    slots.set(location.address, keys)
  }
  return Array.from(slots, ([address, keys]) => {
    const proof = accountProof(version, address, keys)
    return {
      address,
      accountProof: proof.accountProof.map(bytesToHex),
      storageProof: proof.storageProof.map(({ key, proof: nodes }) => ({
        key,
        proof: nodes.map(bytesToHex),
      })),
    }
  })
}
