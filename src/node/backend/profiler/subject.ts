import type { BlockRecord } from '../../../chain/block-record.ts'
import type { DevChain } from '../../../chain/dev-chain.ts'
import { type Step, failureOf, observeRun } from '../../../chain/observe-run.ts'
import type { Namer } from '../../../chain/record-block.ts'
import { type CallTarget, callOf } from '../../../chain/simulate.ts'
import {
  type RecordedWindow,
  type Window,
  type WindowOutcome,
  newestTransactions,
  recordWindow,
  recordedRun,
} from '../../../chain/window.ts'
import { dependencyGraph } from '../../../analysis/graph.ts'
import type { Engine, Executable, Switches } from '../../../evm/engine.ts'
import type { CallFields } from '../../../model/call.ts'
import { describeRejection } from '../../../model/rejection.ts'
import { type Address, type Hash, ZERO_ADDRESS } from '../../../primitives/hex.ts'
import { invariant } from '../../../primitives/invariant.ts'
import { Pace } from '../../../primitives/slices.ts'
import type { BlockRef } from '../../../rpc/block-ref.ts'
import type { Bundle, Subject } from '../../../rpc/profiler-port.ts'
import type { StateView } from '../../../state/view.ts'
import type { Artefacts } from '../../artefacts.ts'
import { withOverrides } from '../overrides.ts'
import type { Resolver } from '../resolve.ts'
import { type Limits, bundleFault, bundleListFault, rangeFault } from './limits.ts'

export interface ProfilerParts {
  readonly dev: DevChain
  readonly engine: Engine
  readonly resolver: Resolver
  readonly artefacts: Artefacts
  readonly namer: Namer
  readonly limits: Limits
}

/** Why there is nothing to show. */
export interface NoProfile {
  readonly kind: 'refused' | 'missing'
  readonly reason: string
}

/** What was run, in words and in numbers. */
interface SubjectHead {
  /** `blocks 4 to 23, 20 transactions` */
  readonly text: string
  readonly fromBlock: number
  readonly toBlock: number
  readonly asBlock: boolean
  readonly spreadSenders: boolean
  readonly deploymentsLeftOut: number
  /** Failed now and had not when mined. */
  readonly failedAnew: number
  readonly failed: number
}

export interface RecordedSubject extends RecordedWindow {
  readonly head: SubjectHead
  /** Why a transaction failed, by its place; only of a bundle. */
  readonly errors: readonly (string | undefined)[]
}

/**
 * Runs what is asked about once more. Nothing changes.
 * @param deployments when not as the subject has it
 */
export async function recordSubject(
  parts: ProfilerParts,
  subject: Subject,
  deployments?: Window['deployments'],
): Promise<RecordedSubject | NoProfile> {
  if (subject.kind === 'bundle') {
    const fault = bundleListFault(subject, parts.limits)
    return fault === undefined ? recordBundle(parts, subject) : refused(fault)
  }
  const found = await windowOf(parts, subject)
  if ('reason' in found) return found
  const window = { ...found, deployments: deployments ?? found.deployments }
  const wanted = window.places.reduce(
    (sum, { record, first }) => sum + record.block.transactions.length - first,
    0,
  )
  const { maxBundle } = parts.limits
  if (wanted > maxBundle) {
    return refused(
      `${wanted} transactions are in the window, this node takes ${maxBundle} (--max-bundle)`,
    )
  }
  const { dev, engine, namer } = parts
  const outcome = await recordWindow(
    { chain: dev.chain, engine, namer, optionsOf: (tx) => dev.optionsOf(tx) },
    window,
    subject,
  )
  if (outcome.kind !== 'recorded') return reasonOf(outcome)
  const recorded = subject.kind === 'hashes' ? restrict(outcome, subject.hashes) : outcome
  return { ...recorded, errors: [], head: headOf(subject, window, recorded) }
}

async function windowOf(
  { dev, resolver, limits }: ProfilerParts,
  subject: Exclude<Subject, { kind: 'bundle' }>,
): Promise<Window | NoProfile> {
  const { history } = dev.chain
  switch (subject.kind) {
    case 'block': {
      const resolved = await resolver.resolve(subject.ref)
      if (resolved === undefined) return missing(subject.ref)
      const record = resolved.kind === 'mined' ? resolved.record : resolved.built.record
      return { places: [{ record, first: 0 }], deployments: 'count' }
    }
    case 'last': {
      const fault = bundleFault('last', subject.count, limits)
      return fault === undefined ? newestTransactions(dev.chain, subject.count) : refused(fault)
    }
    case 'blocks': {
      const from = resolver.mined(subject.from)
      const to = resolver.mined(subject.to)
      if (from === undefined) return missing(subject.from)
      if (to === undefined) return missing(subject.to)
      const [first, last] = [from.block.header.number, to.block.header.number]
      if (first > last) return refused(`block ${first} comes after block ${last}`)
      const fault = rangeFault(first, last, limits)
      if (fault !== undefined) return refused(fault)
      return between(history.range(first, last), 'leaveOut')
    }
    case 'hashes': {
      const many = bundleFault('hashes', subject.hashes.length, limits)
      if (many !== undefined) return refused(many)
      const places = subject.hashes.map((hash) => history.place(hash))
      const unknown = places.indexOf(undefined)
      if (unknown >= 0) {
        return { kind: 'missing', reason: `transaction ${subject.hashes[unknown]} is in no block` }
      }
      const numbers = places.map((place) => place!.record.block.header.number)
      const low = numbers.reduce((min, number) => (number < min ? number : min), numbers[0] ?? 0n)
      const high = numbers.reduce((max, number) => (number > max ? number : max), low)
      const wide = rangeFault(low, high, limits)
      return wide === undefined ? between(history.range(low, high), 'count') : refused(wide)
    }
  }
}

/** The blocks of a range that hold anything. */
async function between(
  records: Iterable<BlockRecord>,
  deployments: Window['deployments'],
): Promise<Window> {
  const pace = new Pace()
  const places: Window['places'][number][] = []
  for (const record of records) {
    await pace.turn()
    if (record.block.transactions.length > 0) places.push({ record, first: 0 })
  }
  return { places, deployments }
}

function refused(reason: string): NoProfile {
  return { kind: 'refused', reason }
}

function missing(ref: BlockRef): NoProfile {
  const name = ref.kind === 'tag' ? ref.tag : ref.kind === 'hash' ? ref.hash : `${ref.number}`
  return { kind: 'missing', reason: `block ${name} not found` }
}

function reasonOf(outcome: Exclude<WindowOutcome, { kind: 'recorded' }>): NoProfile {
  switch (outcome.kind) {
    case 'first':
      return {
        kind: 'missing',
        reason: `block ${outcome.at} is the chain's first, nothing was executed for it`,
      }
    case 'noState':
      return { kind: 'missing', reason: `the state that block ${outcome.at} ran on is not kept` }
    case 'differs':
      return {
        kind: 'missing',
        reason: `block ${outcome.at} does not run as it did: ${outcome.detail}`,
      }
  }
}

/** As if only the named transactions had been: in their order on the chain. */
function restrict(recorded: RecordedWindow, hashes: readonly Hash[]): RecordedWindow {
  const named = new Set(hashes)
  const isNamed = (_item: unknown, at: number): boolean => named.has(recorded.sent[at]!.hash!)
  const recording = {
    ...recorded.recording,
    transactions: recorded.recording.transactions.filter(isNamed),
  }
  const sent = recorded.sent.filter(isNamed)
  return { ...recorded, recording, sent, graph: dependencyGraph(recording) }
}

function headOf(
  { kind, asBlock, spreadSenders }: Exclude<Subject, { kind: 'bundle' }>,
  { places }: Window,
  { sent, deploymentsLeftOut, failedAnew }: RecordedWindow,
): SubjectHead {
  const fromBlock = Number(places[0]?.record.block.header.number ?? 0n)
  const toBlock = Number(places.at(-1)?.record.block.header.number ?? 0n)
  const blocks = fromBlock === toBlock ? `block ${toBlock}` : `blocks ${fromBlock} to ${toBlock}`
  const how = asBlock && (kind !== 'block' || spreadSenders) ? ', run again as one block' : ''
  const spread = spreadSenders ? ', each from a sender of its own' : ''
  return {
    text: `${blocks}, ${counted(sent.length, 'transaction')}${how}${spread}`,
    fromBlock,
    toBlock,
    asBlock,
    spreadSenders,
    deploymentsLeftOut,
    failedAnew,
    failed: sent.filter(({ failed }) => failed).length,
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** As calls run: no nonce to keep, nothing to pay. */
const AS_CALLS: Switches = {
  skipNonce: true,
  skipBalance: true,
  skipFees: true,
  skipGasCap: true,
  skipSenderCode: true,
}

/** Runs a bundle on the state after its block. */
export async function recordBundle(
  parts: ProfilerParts,
  bundle: Bundle,
): Promise<RecordedSubject | NoProfile> {
  const target = await targetOf(parts, bundle)
  if ('reason' in target) return target
  const steps = stepsOf(target, bundle)
  if ('reason' in steps) return steps
  const run = await observeRun(parts.engine, target.env, target.view, steps)
  const [rejected] = run.rejected
  if (rejected !== undefined) {
    const at = rejected.index - bundle.setup.length
    const name = at < 0 ? `setup[${rejected.index}]` : `transactions[${at}]`
    return { kind: 'refused', reason: `\`${name}\`: ${describeRejection(rejected.rejection)}` }
  }
  const broken = run.setupFailures[0]
  if (broken !== undefined) {
    return { kind: 'refused', reason: `\`setup[${broken.index}]\`: it fails: ${broken.reason}` }
  }
  const recorded = await recordedRun(run, parts.namer)
  const number = Number(target.env.header.number)
  const left = bundle.transactions.length - recorded.sent.length
  return {
    ...recorded,
    errors: run.results.map(({ outcome }) =>
      outcome.kind === 'success' ? undefined : failureOf(outcome),
    ),
    head: {
      text: `a bundle of ${counted(recorded.sent.length, 'transaction')} on block ${number}`,
      fromBlock: number,
      toBlock: number,
      asBlock: true,
      spreadSenders: false,
      deploymentsLeftOut: left,
      failedAnew: 0,
      failed: recorded.sent.filter(({ failed }) => failed).length,
    },
  }
}

/** The block and the state that a bundle or a call runs on. */
export async function targetOf(
  { resolver }: Pick<ProfilerParts, 'resolver'>,
  { at, stateOverrides, blockOverrides }: Pick<Bundle, 'at' | 'stateOverrides' | 'blockOverrides'>,
): Promise<CallTarget | NoProfile> {
  const resolved = await resolver.resolve(at)
  if (resolved === undefined) return missing(at)
  const target = resolver.targetOf(resolved)
  if (target === undefined)
    return { kind: 'missing', reason: 'the state of that block is not kept' }
  return withOverrides(target, { at, stateOverrides, blockOverrides })
}

/** The steps of a bundle. Each nonce is the one that its sender has when its turn comes. */
export function stepsOf(
  target: CallTarget,
  { setup, transactions }: Pick<Bundle, 'setup' | 'transactions'>,
): readonly Step[] | NoProfile {
  const steps: Step[] = []
  for (const [index, fields] of [...setup, ...transactions].entries()) {
    const isSetup = index < setup.length
    const made = executable(target, fields, target.view)
    if (made.kind === 'invalid') {
      const name = isSetup ? `setup[${index}]` : `transactions[${index - setup.length}]`
      return { kind: 'refused', reason: `\`${name}\`: ${made.reason}` }
    }
    steps.push({
      txOn(view) {
        const again = executable(target, fields, view)
        invariant(again.kind === 'made', 'what could be made can be made again')
        return again.tx
      },
      switches: { ...target.switches, ...AS_CALLS },
      counts: !isSetup && made.tx.to !== null,
      isSetup,
    })
  }
  return steps
}

type Made =
  | { readonly kind: 'made'; readonly tx: Executable }
  | { readonly kind: 'invalid'; readonly reason: string }

function executable(target: CallTarget, fields: CallFields, view: StateView): Made {
  const from: Address = fields.from ?? ZERO_ADDRESS
  const nonce = fields.nonce ?? view.account(from)?.nonce ?? 0n
  const tx = callOf({ ...fields, from, nonce }, target)
  if ('kind' in tx) return { kind: 'invalid', reason: describeRejection(tx.rejection) }
  return { kind: 'made', tx }
}
