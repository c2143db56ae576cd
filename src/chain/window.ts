import { type DependencyGraph, graphInSlices } from '../analysis/graph.ts'
import type { RecordedTransaction, Recording } from '../analysis/input.ts'
import type { NameBook } from '../analysis/names/name-book.ts'
import type { Engine, Executable, ExecutionOptions, Switches } from '../evm/engine.ts'
import { beforeTransactions } from '../executor/protocol.ts'
import { rulesAt } from '../model/fork.ts'
import { describeRejection } from '../model/rejection.ts'
import type { Transaction } from '../model/transaction.ts'
import { EMPTY_BYTES } from '../primitives/bytes.ts'
import { type Address, type Hash, bytesToHex } from '../primitives/hex.ts'
import { Pace, inTurns } from '../primitives/slices.ts'
import { Overlay } from '../state/overlay.ts'
import type { BlockRecord } from './block-record.ts'
import type { Chain } from './chain.ts'
import { type Run, type Step, observeRun } from './observe-run.ts'
import { type Namer, type Unnamed, codeIn, observeBlock } from './record-block.ts'
import type { Reexecution } from './reexecute.ts'
import { StandIns } from './stand-ins.ts'

/** Transactions of the chain that are looked at together: those of a block, or of several in a row. */
export interface Window {
  /** In their order; transactions before `first` of a block only lead to the state that the others found. */
  readonly places: readonly { readonly record: BlockRecord; readonly first: number }[]
  /** Deployments do not count: all that call a new contract would wait for it. */
  readonly deployments: 'count' | 'leaveOut'
}

export interface WindowOptions {
  /** Runs all as one block on the state that the first found; otherwise each runs in its own block once more. */
  readonly asBlock: boolean
  /** With `asBlock`: each transaction has a sender of its own, who stands in for the one that signed. */
  readonly spreadSenders: boolean
}

/** A transaction as people know it. */
interface Sent {
  readonly hash: Hash | undefined
  readonly from: Address
  readonly to: Address | null
  readonly data: Uint8Array
  readonly valueWei: bigint
  /** Whether it did not succeed, where and as it ran now. */
  readonly failed: boolean
}

/** A window that was run once more, ready to be analysed. */
export interface RecordedWindow {
  readonly kind: 'recorded'
  readonly recording: Recording
  readonly graph: DependencyGraph
  readonly book: NameBook
  /** As in `recording`. */
  readonly sent: readonly Sent[]
  /** Inputs of KECCAK256. */
  readonly hashed: readonly Uint8Array[]
  /** The code of an account after all of it; empty for an account without. */
  codeOf(address: Address): Uint8Array
  readonly deploymentsLeftOut: number
  /** Transactions that failed in the run as one block and had not when they were mined. */
  readonly failedAnew: number
}

export type WindowOutcome =
  | RecordedWindow
  | (Exclude<Reexecution, { kind: 'executed' }> & { readonly at: bigint })

export interface WindowParts {
  readonly chain: Chain
  readonly engine: Engine
  readonly namer: Namer
  optionsOf(tx: Transaction): ExecutionOptions
}

/** The newest transactions that are no deployments, at most `count`, with the blocks that they are in. */
export async function newestTransactions({ history }: Chain, count: number): Promise<Window> {
  const pace = new Pace()
  const places: Window['places'][number][] = []
  let left = count
  let number = history.head.block.header.number
  for (let record = history.byNumber(number); record !== undefined && left > 0;) {
    await pace.turn()
    const { transactions } = record.block
    let first = transactions.length
    while (first > 0 && left > 0) if (transactions[--first]!.to !== null) left--
    if (transactions.length > 0) places.push({ record, first })
    record = history.byNumber(--number)
  }
  places.reverse()
  // Deployments before the first that counts have made the state that it found.
  while (places[0]?.record.block.transactions.every(({ to }) => to === null) === true)
    places.shift()
  return { places, deployments: 'leaveOut' }
}

/** Runs a window once more, observed. Nothing changes. */
export async function recordWindow(
  parts: WindowParts,
  window: Window,
  options: WindowOptions,
): Promise<WindowOutcome> {
  return options.asBlock ? asBlock(parts, window, options) : asMined(parts, window)
}

/** Each block once more, on the state that it ran on. */
async function asMined(parts: WindowParts, window: Window): Promise<WindowOutcome> {
  const { chain, engine, namer } = parts
  const transactions: RecordedTransaction[] = []
  const sent: Sent[] = []
  const hashed = new Map<string, Uint8Array>()
  const balancesWei = new Map<Address, bigint>()
  const beneficiaries = new Set<Address>()
  let deploymentsLeftOut = 0
  let codeOf: Unnamed['codeOf'] = () => EMPTY_BYTES
  const pace = new Pace()
  for (const { record, first } of window.places) {
    await pace.turn()
    const observed = await observeBlock(chain, engine, record, (tx) => parts.optionsOf(tx))
    if (observed.kind !== 'observed') return { ...observed, at: record.block.header.number }
    for (const [index, recorded] of observed.recording.transactions.entries()) {
      if (index < first) continue
      if (recorded.to === null && window.deployments === 'leaveOut') {
        deploymentsLeftOut++
        continue
      }
      transactions.push(recorded)
      const failed = !record.receipts[index]!.outcome.success
      sent.push(sentOf(record.block.transactions[index]!, failed))
    }
    for (const input of observed.hashed) hashed.set(bytesToHex(input), input)
    for (const [address, wei] of observed.recording.balancesWei ?? []) {
      if (!balancesWei.has(address)) balancesWei.set(address, wei)
    }
    beneficiaries.add(record.block.header.beneficiary)
    codeOf = (address) => codeIn(observed.after, address)
  }
  const [beneficiary] = beneficiaries.size === 1 ? beneficiaries : []
  const recording: Recording = { transactions, beneficiary, balancesWei }
  const inputs = [...hashed.values()]
  const book = await namer({ recording, hashed: inputs, codeOf })
  const graph = await inTurns(graphInSlices(recording))
  return {
    kind: 'recorded',
    recording,
    graph,
    book,
    sent,
    hashed: inputs,
    codeOf,
    deploymentsLeftOut,
    failedAnew: 0,
  }
}

/** What a transaction of a block that never was need not keep to. */
const SUPPOSED: Switches = {
  skipNonce: true,
  skipBalance: true,
  skipFees: true,
  skipGasCap: true,
  skipSenderCode: true,
}

/** All in one block: the first one's number, time and fees, and the state that it ran on. */
async function asBlock(
  parts: WindowParts,
  window: Window,
  { spreadSenders }: WindowOptions,
): Promise<WindowOutcome> {
  const { chain, engine, namer } = parts
  const begin = window.places[0]
  if (begin === undefined) return asMined(parts, window)
  const { header } = begin.record.block
  const parent = chain.history.byHash(header.parentHash)
  if (parent === undefined) return { kind: 'first', at: header.number }
  if (parent.version === undefined) return { kind: 'noState', at: header.number }
  const env = chain.env(header, rulesAt(chain.config, header.number, header.timestamp), parent)
  const base = new Overlay(chain.view(parent.version))
  await beforeTransactions(header, env, engine, base)
  const mined: { readonly tx: Transaction; readonly failed: boolean }[] = []
  const steps: Step[] = []
  let deploymentsLeftOut = 0
  const pace = new Pace()
  for (const { record, first } of window.places) {
    await pace.turn()
    for (const [index, tx] of record.block.transactions.entries()) {
      const isLeftOut = tx.to === null && window.deployments === 'leaveOut'
      const counts = index >= first && !isLeftOut
      if (index >= first && isLeftOut) deploymentsLeftOut++
      if (counts) mined.push({ tx, failed: !record.receipts[index]!.outcome.success })
      steps.push(minedStep(parts, tx, counts))
    }
  }
  let run = await observeRun(engine, env, base, steps)
  if (spreadSenders) {
    const standIns = new StandIns(run.recording, run.hashed)
    let next = 0
    const spread = steps.map((step) => (step.counts ? standIns.spread(step, next, next++) : step))
    run = await observeRun(engine, env, base, spread)
  }
  const [rejected] = run.rejected
  if (rejected !== undefined) {
    const detail = `transaction ${rejected.index}: ${describeRejection(rejected.rejection)}`
    return { kind: 'differs', detail, at: header.number }
  }
  return {
    ...(await recordedRun(run, namer)),
    deploymentsLeftOut,
    failedAnew: run.results.filter(
      ({ outcome }, at) => outcome.kind !== 'success' && !mined[at]!.failed,
    ).length,
  }
}

function minedStep(parts: WindowParts, tx: Transaction, counts: boolean): Step {
  const { switches } = parts.optionsOf(tx)
  return { txOn: () => tx, switches: { ...switches, ...SUPPOSED }, counts }
}

/** A run with its graph and its names. */
export async function recordedRun(run: Run, namer: Namer): Promise<RecordedWindow> {
  const { recording, results } = run
  return {
    kind: 'recorded',
    recording,
    graph: await inTurns(graphInSlices(recording)),
    book: await namer(run),
    sent: results.map(({ tx, outcome }) => sentOf(tx, outcome.kind !== 'success')),
    hashed: run.hashed,
    codeOf: (address) => run.codeOf(address),
    deploymentsLeftOut: 0,
    failedAnew: 0,
  }
}

function sentOf(tx: Executable & { readonly hash?: Hash }, failed: boolean): Sent {
  const { hash, sender, to, data, valueWei } = tx
  return { hash, from: sender, to, data, valueWei, failed }
}
