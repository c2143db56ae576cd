import { type LaneRun, attempt, differenceIn, mergeReady, rest } from './merge.ts'
import type { Ran } from './runner.ts'

/**
 * In what order lanes take transactions. Whatever it is, each is merged in its turn, and only when what it read is what is: a schedule
 * costs or saves time, it does not decide a result.
 */
export type Schedule = 'optimistic' | 'block-stm' | 'dag' | 'bal'

/** How far lanes run ahead of what is merged, per lane: further, and what they see is old. */
const AHEAD = 32
/** Milliseconds that a lane sleeps at most before it looks around. */
const NAP_MS = 20
const SHORT_NAP_MS = 0.1

/** Works on the block until there is nothing left to take, or it ends. */
export async function workOn(run: LaneRun, schedule: Schedule, lanes: number): Promise<void> {
  if (schedule === 'block-stm') return collaborate(run)
  const ahead = AHEAD * lanes
  const take = takesBy(schedule, lanes)
  for (;;) {
    const merging = mergeReady(run)
    if (merging !== undefined) await merging
    if (run.words.stop !== undefined) return
    const { merged } = run.words
    const tx = take(run, merged, ahead)
    if (tx === 'none') break
    if (tx === 'later') {
      await rest(run, merged, NAP_MS)
      continue
    }
    run.chaos?.step('claimed', tx)
    const running = attempt(run, tx, 'published')
    const ran = typeof running === 'object' ? await running : running
    // Merged transactions leave nothing to wait for.
    if (typeof ran !== 'number') return run.words.end('abandoned')
    run.txs.keep(tx, ran)
    run.txs.move(tx, 'executing', 'executed')
    run.chaos?.step('executed', tx)
  }
  await mergeReady(run)
}

type Taken = number | 'later' | 'none'
type Take = (run: LaneRun, merged: number, ahead: number) => Taken

function takesBy(schedule: Schedule, lanes: number): Take {
  if (schedule === 'dag') return takeWhatMayRun
  return lanes > 1 ? takeLongFirst : takeInOrder
}

/** One of the long ones before all others: begun last, it would keep all lanes but one waiting. */
function takeLongFirst(run: LaneRun, merged: number, ahead: number): Taken {
  for (let tx = run.words.claimLong(); tx !== undefined; tx = run.words.claimLong()) {
    if (run.txs.move(tx, 'ready', 'executing')) return tx
  }
  return takeInOrder(run, merged, ahead)
}

/** The next one that nobody took, if it is not too far ahead. */
function takeInOrder({ words, txs }: LaneRun, merged: number, ahead: number): Taken {
  const { count } = words
  for (;;) {
    if (words.next >= count) return 'none'
    if (words.next - merged >= ahead) return 'later'
    const tx = words.claim()
    if (tx >= count) return 'none'
    if (txs.move(tx, 'ready', 'executing')) return tx
  }
}

/** The first one that nobody took and that need not wait for what is not merged. */
function takeWhatMayRun({ words, txs }: LaneRun, merged: number, ahead: number): Taken {
  const { count } = words
  const last = Math.min(count, merged + ahead)
  for (let tx = words.next; tx < last; tx++) {
    if (txs.status(tx) !== 'ready') words.pass(tx)
    else if (txs.after(tx) <= merged && txs.move(tx, 'ready', 'executing')) return tx
  }
  return words.next >= count ? 'none' : 'later'
}

/**
 * Block-STM (arXiv 2203.06871): lanes take the lowest of what is to be run and what is to be checked. What a run wrote is seen by later
 * ones at once; a run that fails its check leaves marks on which they wait. The last word is the merge's, as for every schedule.
 */
async function collaborate(run: LaneRun): Promise<void> {
  const { words, txs } = run
  while (words.stop === undefined && words.merged < words.count) {
    const merging = mergeReady(run)
    if (merging !== undefined) await merging
    const { count, merged } = words
    let going: void | Promise<void> = undefined
    if (words.validation < words.execution && words.validation < count) {
      const tx = words.takeValidation()
      if (tx < count) going = check(run, tx)
    } else if (words.execution < count) {
      const tx = words.takeExecution()
      if (tx < count && txs.move(tx, 'ready', 'executing')) going = execute(run, tx)
    } else going = rest(run, merged, SHORT_NAP_MS)
    if (going !== undefined) await going
  }
}

function execute(run: LaneRun, tx: number): void | Promise<void> {
  run.chaos?.step('claimed', tx)
  const running = attempt(run, tx, 'published')
  if (typeof running === 'object') return running.then((ran) => executed(run, tx, ran))
  return executed(run, tx, running)
}

function executed(run: LaneRun, tx: number, ran: Ran): void | Promise<void> {
  const { words, txs, shared, chaos } = run
  if (ran === 'full') return words.end('abandoned')
  if (ran === 'wait') {
    txs.move(tx, 'executing', 'ready')
    words.lowerExecution(tx)
    return rest(run, words.merged, SHORT_NAP_MS)
  }
  const earlier = txs.record(tx)
  if (shared.fn.publish(ran, tx) !== 0 || shared.fn.showCodes(ran) !== 0)
    return words.end('abandoned')
  chaos?.step('published', tx)
  if (earlier !== 0) shared.fn.forgetEstimates(earlier, tx)
  txs.keep(tx, ran)
  txs.move(tx, 'executing', 'executed')
  // Later ones may have run without seeing what this one wrote.
  words.lowerValidation(tx)
  chaos?.step('executed', tx)
  return undefined
}

function check(run: LaneRun, tx: number): void | Promise<void> {
  const { words, txs, shared, chaos } = run
  if (txs.status(tx) !== 'executed') return undefined
  const incarnation = txs.incarnation(tx)
  const record = txs.record(tx)
  const cause = differenceIn(run, tx, record, 'published') ?? chaos?.abort(tx, incarnation)
  chaos?.step('validated', tx)
  if (cause === undefined || txs.record(tx) !== record) return undefined
  if (!txs.move(tx, 'executed', 'aborting')) return undefined
  run.aborts.push({ tx, incarnation, cause })
  shared.fn.markEstimates(record, tx)
  txs.renew(tx)
  // Whoever runs it next has it and those after it checked.
  if (txs.move(tx, 'ready', 'executing')) return execute(run, tx)
  words.lowerExecution(tx)
  return undefined
}
