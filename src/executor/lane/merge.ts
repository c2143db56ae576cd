import { addressIn, keyIn } from '../../primitives/limbs.ts'
import {
  ENTRY_ADDRESS,
  ENTRY_SIZE,
  ENTRY_SLOTS,
  RECORD_GAS_USED,
  RECORD_HEADER_SIZE,
  RECORD_SLOT_KEY,
  RECORD_SLOT_SIZE,
} from '../../state/record-layout.ts'
import type { Account } from '../../model/account.ts'
import { type Abort, type AttemptLog, type Cause, type LeftOut, nowMs } from './attempts.ts'
import type { Chaos } from './chaos.ts'
import {
  DIFFERS_BALANCE,
  DIFFERS_CODE,
  DIFFERS_ESTIMATE,
  DIFFERS_LIFE,
  DIFFERS_NONCE,
  DIFFERS_UNKNOWN,
} from './layout.ts'
import type { Need } from './mailbox.ts'
import type { MachineRunner } from './machine-runner.ts'
import { type BlockLimits, type Ran, type Runner, type Sight, isRejected } from './runner.ts'
import type { BlockWords } from './shared.ts'
import type { TransactionWords } from './transaction-words.ts'
import type { SharedState } from './shared-state.ts'

/** A lane at work on a block. */
export interface LaneRun<R extends Runner = Runner> {
  readonly lane: number
  readonly shared: SharedState
  readonly words: BlockWords
  readonly txs: TransactionWords
  readonly runner: R
  readonly limits: BlockLimits
  /** Brings what is needed into the shared state. */
  readonly bring: (need: Need) => void
  /** Of the main thread: answers what other lanes need. */
  readonly attend?: (() => void) | undefined
  /** Faults for tests. */
  readonly chaos: Chaos | undefined
  /** Merges are in it as well. */
  readonly isRecorded: boolean
  readonly attempts: AttemptLog
  readonly aborts: Abort[]
  readonly leftOut: LeftOut[]
}

/** Runs a transaction and notes that it did. A promise only where an engine or what it needs is one: of most runs there is none. */
export function attempt(lane: LaneRun, tx: number, sight: Sight): Ran | Promise<Ran> {
  const start = nowMs()
  lane.words.beat()
  lane.attend?.()
  const running = lane.runner.run(tx, sight)
  if (typeof running === 'object') return running.then((ran) => noted(lane, tx, start, ran))
  return noted(lane, tx, start, running)
}

function noted({ txs, attempts }: LaneRun, tx: number, start: number, ran: Ran): Ran {
  attempts.push(tx, txs.incarnation(tx), start, nowMs(), ran === 'wait')
  return ran
}

/** Waits until the ticket is beyond `merged`, the block ends, or `ms` are over; the main thread also for what else it may have to do. */
export function rest({ words, attend }: LaneRun, merged: number, ms: number): void | Promise<void> {
  return attend === undefined ? words.await(merged, ms) : words.watch(merged, ms, attend)
}

/** Whether the transaction at the ticket has run. */
function isHeadReady({ words, txs }: LaneRun): boolean {
  const head = words.merged
  return head < words.count && words.stop === undefined && txs.status(head) === 'executed'
}

/**
 * Merges what is ready, in the order of the block, unless another lane does. Looked at again after the ticket is given back: a
 * transaction that became ready meanwhile found it taken. @returns a promise when a second run is one
 */
export function mergeReady(lane: LaneRun): void | Promise<void> {
  const { words } = lane
  while (isHeadReady(lane) && words.take()) {
    lane.chaos?.step('taken', words.merged)
    const merging = mergeHeads(lane)
    if (merging !== undefined)
      return merging.then(() => giveBack(lane)).then(() => mergeReady(lane))
    giveBack(lane)
  }
  return undefined
}

function giveBack({ words, chaos }: LaneRun): void {
  words.giveBack()
  chaos?.step('given', words.merged)
}

function mergeHeads(lane: LaneRun, from = lane.isRecorded ? nowMs() : 0): void | Promise<void> {
  let since = from
  while (isHeadReady(lane)) {
    const tx = lane.words.merged
    const merging = mergeHead(lane)
    if (merging !== undefined) {
      return merging.then(() => mergeHeads(lane, noteMerge(lane, tx, since)))
    }
    since = noteMerge(lane, tx, since)
  }
  return undefined
}

/** @returns when it ended, if it is recorded */
function noteMerge({ isRecorded, words, attempts }: LaneRun, tx: number, since: number): number {
  return isRecorded && words.merged > tx ? attempts.pushMerge(tx, since, nowMs()) : since
}

function mergeHead(lane: LaneRun): void | Promise<void> {
  const { words, txs } = lane
  const tx = words.merged
  // A validator may have taken it back since.
  if (!txs.move(tx, 'executed', 'merging')) return undefined
  lane.chaos?.step('merging', tx)
  if (exceeds(lane, tx)) return leaveOut(lane, tx, 'gas')
  const record = txs.record(tx)
  const cause = whyNot(lane, tx, record)
  if (cause === undefined) return settle(lane, tx, record)
  lane.aborts.push({ tx, incarnation: txs.incarnation(tx), cause })
  const again = runAtHead(lane, tx, record)
  if (typeof again === 'object') return again.then((ran) => settleAgain(lane, tx, ran))
  return settleAgain(lane, tx, again)
}

function settleAgain(lane: LaneRun, tx: number, ran: Ran): void {
  if (typeof ran === 'number') settle(lane, tx, ran)
  else lane.words.end('abandoned')
}

/** The transaction at the ticket takes effect, by a record that holds. */
function settle(lane: LaneRun, tx: number, record: number): void {
  const { words, txs } = lane
  if (isRejected(lane.shared, record)) return leaveOut(lane, tx, 'state')
  const { fn } = lane.shared
  if (fn.merge(record, tx) !== 0 || fn.showCodes(record) !== 0) return words.end('abandoned')
  forgetOthers(lane, tx, record)
  txs.keep(tx, record)
  words.spend(gasUsed(lane.shared, record), txs.blobGas(tx))
  txs.move(tx, 'merging', 'merged')
  lane.chaos?.step('merged', tx)
  words.advance()
}

/**
 * All of the block, one after another, in one lane. What each reads is what is: nothing is checked.
 * @param isTimed whether the machine tells of each transaction when it has run
 */
export async function runInOrder(lane: LaneRun<MachineRunner>, isTimed: boolean): Promise<void> {
  const { words, txs, runner, limits } = lane
  runner.startBlock(limits)
  while (words.merged < words.count && words.stop === undefined) {
    const running = runner.runBlock(isTimed)
    const ended = typeof running === 'object' ? await running : running
    if (ended === 'full') return words.end('abandoned')
    if (ended === 'done' && words.merged === words.count) return
    const tx = words.merged
    txs.move(tx, 'ready', 'merging')
    leaveOut(lane, tx, ended === 'done' ? 'gas' : 'state')
  }
}

/** The second run: everything before is merged, so what it reads is what is. */
function runAtHead(lane: LaneRun, tx: number, earlier: number): Ran | Promise<Ran> {
  const { fn } = lane.shared
  fn.markEstimates(earlier, tx)
  lane.txs.again(tx)
  lane.chaos?.step('again', tx)
  return attempt(lane, tx, 'merged')
}

/** What an earlier run or an access list said that the transaction writes, and it does not. */
function forgetOthers({ shared, txs }: LaneRun, tx: number, record: number): void {
  const earlier = txs.record(tx)
  if (earlier !== record && earlier !== 0) shared.fn.forgetEstimates(earlier, tx)
  const foretold = txs.foretold(tx)
  if (foretold !== 0) shared.fn.forgetForetold(foretold, tx)
}

/** A transaction that cannot be in the block. */
function leaveOut(lane: LaneRun, tx: number, why: LeftOut['why']): void {
  const { words, txs, limits, shared } = lane
  lane.leftOut.push({ tx, why, sender: why === 'state' ? senderNow(lane, tx) : undefined })
  const record = txs.record(tx)
  if (record !== 0) {
    shared.fn.markEstimates(record, tx)
    shared.fn.forgetEstimates(record, tx)
  }
  const foretold = txs.foretold(tx)
  if (foretold !== 0) shared.fn.forgetForetold(foretold, tx)
  txs.move(tx, 'merging', 'skipped')
  if (limits.stopsAtRejection) return words.end('rejected')
  words.advance()
}

function senderNow({ shared, runner }: LaneRun, tx: number): Account | undefined {
  shared.fn.at(tx, 1)
  const sender = shared.account(runner.sender(tx))
  return typeof sender === 'object' ? sender : undefined
}

/** Whether what is left of the block's gas takes the transaction. */
function exceeds({ words, txs, limits }: LaneRun, tx: number): boolean {
  if (txs.gasLimit(tx) > limits.gas - words.gas) return true
  return txs.blobGas(tx) > limits.blobGas - words.blobGas
}

function gasUsed(shared: SharedState, record: number): number {
  const at = record + RECORD_GAS_USED
  return shared.u32At(at) + shared.u32At(at + 4) * 2 ** 32
}

/** Why a record does not hold in its turn; undefined when it does. A rejection is only believed when nothing can change any more. */
function whyNot(lane: LaneRun, tx: number, record: number): Cause | undefined {
  if (isRejected(lane.shared, record)) return { kind: 'rejected' }
  return differenceIn(lane, tx, record, 'merged') ?? lane.chaos?.abort(tx, lane.txs.incarnation(tx))
}

/** What the record's transaction read that is different now. @param sight by what is compared */
export function differenceIn(
  lane: LaneRun,
  tx: number,
  record: number,
  sight: Sight,
): Cause | undefined {
  const settled = sight === 'merged' ? 1 : 0
  for (;;) {
    const differs = lane.shared.fn.validate(record, tx, settled)
    if (differs === 0) return undefined
    const kind = differs & 7
    if (kind === DIFFERS_ESTIMATE) return { kind: 'estimate' }
    const place = placeIn(lane.shared, record, differs & ~7)
    if (kind !== DIFFERS_UNKNOWN) {
      return place.kind === 'slot' ? place : { kind: KINDS[kind]!, address: place.address }
    }
    lane.bring(place)
    if (lane.words.stop !== undefined) return { kind: 'estimate' }
  }
}

const KINDS: Readonly<Record<number, 'balance' | 'nonce' | 'code' | 'life'>> = {
  [DIFFERS_BALANCE]: 'balance',
  [DIFFERS_NONCE]: 'nonce',
  [DIFFERS_CODE]: 'code',
  [DIFFERS_LIFE]: 'life',
}

/** The account or slot whose entry is at `offset` in the record. */
function placeIn(
  shared: SharedState,
  record: number,
  offset: number,
): Extract<Need, { kind: 'account' | 'slot' }> {
  const { u32 } = shared.memory
  let entry = RECORD_HEADER_SIZE
  for (;;) {
    const slots = shared.u32At(record + entry + ENTRY_SLOTS)
    const next = entry + ENTRY_SIZE + slots * RECORD_SLOT_SIZE
    if (offset < next) break
    entry = next
  }
  const address = addressIn(u32, (record + entry + ENTRY_ADDRESS) >>> 2)
  if (offset === entry) return { kind: 'account', address }
  return { kind: 'slot', address, key: keyIn(u32, (record + offset + RECORD_SLOT_KEY) >>> 2) }
}
