import type { BlockEnv, Switches } from '../../evm/engine.ts'
import { encodeTransaction } from '../../evm/wasm/encode.ts'
import type { Transaction } from '../../model/transaction.ts'
import type { Hash } from '../../primitives/hex.ts'
import type { ChangeSet, ReadSet } from '../../state/access.ts'
import { changesOfBatch } from '../../state/change-batch.ts'
import type { StateView } from '../../state/view.ts'
import { type Abort, type LeftOut, lastRunsMs, runsIn } from './attempts.ts'
import { stateAfter } from './changes.ts'
import type { ChaosPlan } from './chaos.ts'
import { MainBoxes, type Need } from './mailbox.ts'
import type { BlockRecords } from '../recorded.ts'
import type { EncodedReceipts } from '../record-receipts.ts'
import type { BlockLimits } from './runner.ts'
import type { LaneAccount, ReferenceBlock } from './protocol.ts'
import { ReceiptBox } from './receipt-box.ts'
import { ReceiptParts } from './receipt-parts.ts'
import type { Schedule } from './schedules.ts'
import type { Session } from './session.ts'
import { BlockWords, type Stop } from './shared.ts'
import { TransactionWords } from './transaction-words.ts'
import { SharedState } from './shared-state.ts'

/** A block as lanes take it. */
export interface LaneBlock {
  readonly env: BlockEnv
  /** Which state the block is on: the same object for the same state. Unknown, nothing is remembered of an earlier one. */
  readonly stateId: object | undefined
  /** What the protocol changed on that state before the transactions. */
  readonly prior: ChangeSet
  readonly schedule: Schedule
  readonly limits: BlockLimits
  readonly items: readonly LaneItem[]
  /** For an engine that takes no encoded transactions. */
  readonly reference: ReferenceBlock | undefined
  readonly chaos: ChaosPlan | undefined
  /** Merges are noted. */
  readonly isRecorded: boolean
}

export interface LaneItem {
  readonly tx: Transaction
  /** If it was before the block began. The reference engine takes no encodings. */
  readonly encoded: Uint8Array | undefined
  /** For its encoding. */
  readonly switches: Switches | undefined
  /** What `expect` answered, if the transaction was expected. */
  readonly cachedIn: object | undefined
  /** What it is expected to read. */
  readonly reads: ReadSet | undefined
  /** It waits until those before this one are merged. */
  readonly after: number
  /** What it is said to write, as a record. */
  readonly foretold: Uint8Array | undefined
}

/** How a block went in the lanes. What it says of transactions is read from shared memory: it holds until the next block. */
export interface Worked {
  /** undefined when all transactions are settled. */
  readonly stop: Stop | undefined
  /** How many are settled. */
  readonly settled: number
  /** What the transactions took, in milliseconds. */
  readonly ms: number
  /** What their last runs took, one after another, and to cache what they ask for, of a block in lanes: as `ms` has it, too. */
  readonly aloneMs: number
  /** How often transactions were run, each to its end. */
  readonly incarnations: number
  /** What each lane noted. */
  readonly accounts: readonly LaneAccount[]
  readonly aborts: readonly Abort[]
  readonly leftOut: ReadonlyMap<number, LeftOut>
  readonly traces: readonly number[]
  /** What a lane died of. */
  readonly failure: string | undefined
  /** Why it cannot run in lanes, when it is neither that nor want of room. */
  readonly unfit: string | undefined
  /** The access records of merged transactions by their index, copied: they stay. undefined when there is no room for that. */
  records(): BlockRecords | undefined
  /**
   * The root and bloom of the receipts of merged transactions, if a lane makes or made them and no other block has begun since.
   * @param records of all of them, to help it @param types likewise
   */
  receipts(records: BlockRecords, types: Uint8Array): EncodedReceipts | undefined
  /** A code of the block or its base. */
  code(hash: Hash): Uint8Array | undefined
  /**
   * The block is part of a state now: what is cached becomes that. Nothing, if another block has begun since.
   * @param late what the protocol changed after the transactions @param view the state after all
   * @param stateId what a block on it will say that it is on
   */
  follow(late: ChangeSet, view: StateView, stateId: object): void
  /** What all the merged transactions changed; undefined when there is no room to say it. @param codes that they brought */
  changes(codes: Map<Hash, Uint8Array>): ChangeSet | undefined
  /** The state after `changes()`. @param before the state that the transactions ran on */
  after(before: StateView, changes: ChangeSet): StateView
}

/** Of 1: from here on the base is emptied before the next block. */
const FULL_BASE = 0.7

/**
 * The main thread's hold on what lanes share: sets blocks up in it and reads out what became of them. What it cached of a state stays true
 * while blocks grow on it one by one.
 */
export class Stage {
  readonly session: Session
  readonly shared: SharedState
  readonly words: BlockWords
  readonly txs: TransactionWords
  readonly boxes: MainBoxes
  readonly receipts: ReceiptBox
  readonly receiptParts: ReceiptParts
  /** The state that is cached; undefined while it is not known which one that is. */
  #stateId: object | undefined
  /** Stands for what is cached, until all of that is forgotten. */
  #base: object = {}
  /** From `begin` to `outcome`. */
  #isBusy = false
  /** Counts blocks, to know whether one is still the last. */
  #block = 0
  /** When the block was set up; milliseconds. */
  #begun = 0
  /** What it took to put its transactions there, and cache what they ask for; milliseconds. */
  #presentMs = 0
  /** Transactions that are taken before all others. */
  #long: readonly number[] = []
  /** Why lanes cannot run the block, if it is not for want of room. */
  #unfit: string | undefined

  constructor(session: Session) {
    const { memory, sizes, stateModule } = session
    this.session = session
    this.shared = new SharedState(stateModule, memory, sizes, sizes.lanes - 1)
    this.words = new BlockWords(memory)
    this.txs = new TransactionWords(memory)
    this.boxes = new MainBoxes(memory, sizes.lanes)
    this.receipts = new ReceiptBox(memory)
    this.receiptParts = new ReceiptParts(memory)
  }

  /** Sets a block up, but for what `present` does. @param view the state after `prior` @returns whether there was room */
  begin(block: LaneBlock, view: StateView): boolean {
    const { shared, words, boxes } = this
    const isSame = block.stateId !== undefined && block.stateId === this.#stateId
    this.#stateId = undefined
    this.#block++
    this.#isBusy = true
    this.#unfit = undefined
    this.#forgetBase(isSame)
    shared.fn.beginBlock()
    shared.enter()
    boxes.clear()
    this.receipts.clear()
    this.receiptParts.clear()
    words.begin(block.items.length)
    shared.fn.at(0, 1)
    if (!shared.renew(block.prior, view)) return false
    // Versions of a block go with it: what is cached stays the state that the block is on, until it is followed.
    if (block.prior.accounts.size === 0) this.#stateId = block.stateId
    const fits = this.#putTransactions(block)
    this.#begun = performance.now()
    return fits
  }

  /**
   * Puts the transactions there, and caches what every one will ask for: what a lane has to ask for costs it a wake-up of this thread.
   * Lanes may be at the block already. @param attend called between two transactions @returns whether there was room, and none is invalid
   */
  present(block: LaneBlock, view: StateView, attend?: (tx: number) => void): boolean {
    const { shared } = this
    const { items, env } = block
    const started = performance.now()
    shared.fn.at(0, 1)
    let fits = shared.fillAccount(env.header.beneficiary, view)
    const long = new Set(this.#long)
    for (const index of long) fits = this.#present(block, index, view) && fits
    for (let index = 0; index < items.length && fits; index++) {
      if (!long.has(index)) fits = this.#present(block, index, view)
      attend?.(index)
    }
    const ended = performance.now()
    this.#presentMs = ended - started
    if (attend === undefined) this.#begun = ended
    return fits
  }

  #forgetBase(isSame: boolean): void {
    const { shared } = this
    const isFull = shared.baseUse > FULL_BASE
    if (isSame && !isFull) return
    if (isFull) shared.fn.clear()
    else shared.fn.beginEpoch()
    this.#base = {}
  }

  /**
   * Between blocks: caches what a transaction of the next one will ask for. @param view the state `stateId`
   * @returns the base that it is cached in; undefined when that is of another state
   */
  expect(
    tx: Transaction,
    { view, stateId }: { readonly view: StateView; readonly stateId: object },
  ): object | undefined {
    if (this.#isBusy || stateId !== this.#stateId || view.isPartial === true) return undefined
    this.shared.fn.at(0, 1)
    return fillFor(this.shared, tx, view) ? this.#base : undefined
  }

  /** What a lane needs, into the shared state; a block's hash is what this returns. Ends the block when there is no room. */
  answer(need: Need, env: BlockEnv, view: StateView): Hash | undefined {
    if (need.kind === 'blockHash') return env.blockHash(need.number)
    if (!fill(need, this.shared, view)) this.words.end('abandoned')
    return undefined
  }

  /** What became of the block. */
  outcome(answers: readonly LaneAccount[], failure: string | undefined): Worked {
    const { shared, words } = this
    const ms = performance.now() - this.#begun
    this.#isBusy = false
    const block = this.#block
    const presentMs = this.#presentMs
    return {
      stop: words.stop ?? (failure === undefined ? undefined : 'abandoned'),
      settled: words.merged,
      ms,
      get aloneMs() {
        return presentMs + lastRunsMs(answers.map((it) => it.attempts))
      },
      incarnations: answers.reduce((sum, it) => sum + runsIn(it.attempts), 0),
      accounts: answers,
      aborts: answers.flatMap((it) => it.aborts),
      leftOut: new Map(answers.flatMap((it) => it.leftOut.map((out) => [out.tx, out]))),
      traces: answers.map((it) => it.trace),
      failure,
      unfit: this.#unfit,
      records: () => shared.records(words.merged),
      receipts: (records, types) =>
        block === this.#block
          ? this.receipts.take(() => void this.receiptParts.work(records, types))
          : undefined,
      code: (hash) => shared.code(hash)?.slice(),
      changes: (codes) => {
        const batch = shared.changes()
        return batch && changesOfBatch(batch, codes)
      },
      after: (before, changes) => stateAfter(before, changes, shared, () => block === this.#block),
      follow: (late, view, stateId) => {
        if (block !== this.#block) return
        this.#stateId = undefined
        shared.fn.settle()
        if (shared.renew(late, view)) this.#stateId = stateId
      },
    }
  }

  /** What the scheduler is to know of each transaction. They may come later themselves. */
  #putTransactions({ items }: LaneBlock): boolean {
    const { txs, words } = this
    const gasLimits: number[] = []
    for (const [index, { tx, after, foretold }] of items.entries()) {
      const gasLimit = Number(tx.gasLimit < MAX_GAS ? tx.gasLimit : MAX_GAS)
      gasLimits.push(gasLimit)
      const blobs = tx.type === 3 ? tx.blobVersionedHashes.length : 0
      txs.set(index, 0, gasLimit, blobs * GAS_PER_BLOB, after)
      if (foretold !== undefined && !this.#foretell(index, foretold)) return false
    }
    this.#long = words.setLong(gasLimits)
    return true
  }

  /** One transaction, with what it will ask for. */
  #present({ items, env, reference }: LaneBlock, index: number, view: StateView): boolean {
    const { shared } = this
    const { tx, encoded, switches, cachedIn, reads } = items[index]!
    let fits = cachedIn === this.#base || fillFor(shared, tx, view)
    for (const [address, { slots }] of reads ?? []) {
      fits = shared.fillAccount(address, view) && fits
      for (const key of slots?.keys() ?? []) fits = shared.fillSlot(address, key, view) && fits
    }
    if (reference !== undefined) return fits
    const bytes = encoded ?? encodeTransaction(tx, env, switches)
    if ('kind' in bytes) {
      this.#unfit = 'a transaction in it is invalid by itself'
      return false
    }
    const at = shared.keep(bytes)
    if (at === 0) return false
    this.txs.present(index, at)
    this.words.tellPresent()
    return fits
  }

  #foretell(index: number, foretold: Uint8Array): boolean {
    const { fn } = this.shared
    const record = this.shared.keep(foretold)
    if (record === 0 || fn.foretell(record, index) !== 0 || fn.showCodes(record) !== 0) return false
    this.txs.foretell(index, record)
    return true
  }
}

const MAX_GAS = BigInt(Number.MAX_SAFE_INTEGER)
const GAS_PER_BLOB = 131_072

/** Caches what a transaction asks for whatever it does. @returns whether there was room */
function fillFor(shared: SharedState, tx: Transaction, view: StateView): boolean {
  let fits = shared.fillAccount(tx.sender, view)
  if (tx.to !== null) fits = shared.fillCallee(tx.to, view) && fits
  if (tx.type === 0) return fits
  for (const { address, storageKeys } of tx.accessList) {
    for (const key of storageKeys) fits = shared.fillSlot(address, key, view) && fits
  }
  return fits
}

function fill(
  need: Exclude<Need, { kind: 'blockHash' }>,
  shared: SharedState,
  view: StateView,
): boolean {
  switch (need.kind) {
    case 'account':
      return shared.fillAccount(need.address, view)
    case 'slot':
      return shared.fillSlot(need.address, need.key, view)
    case 'code':
      return shared.fillCode(need.hash, view)
  }
}
