import type { DevChain } from '../../chain/dev-chain.ts'
import { rerunBlock } from '../../chain/rerun.ts'
import {
  type CallTarget,
  call,
  callOf,
  callSwitches,
  createAccessList,
  estimateGas,
  fetchForCall,
} from '../../chain/simulate.ts'
import type { Engine, Outcome } from '../../evm/engine.ts'
import type { Observer } from '../../evm/observer.ts'
import type { BlockRecord } from '../../chain/block-record.ts'
import type { ExecutionPort } from '../../rpc/backend.ts'
import type {
  CallContext,
  CallFailure,
  FailureMeaning,
  TraceOptions,
  TraceResult,
} from '../../rpc/call-port.ts'
import { type Soon, soon } from '../../primitives/soon.ts'
import { whenHere } from '../../state/absent.ts'
import type { StateView } from '../../state/view.ts'
import { withOverrides } from './overrides.ts'
import { failureOf } from './failure.ts'
import { payloadBuilder, payloadCommitter } from './payload.ts'
import type { Resolver } from './resolve.ts'
import { simulator } from './simulation.ts'
import type { MadeTracer, TracerMaker } from './tracing.ts'

const NO_STATE = { kind: 'noState' } as const

export interface ExecutionParts {
  readonly dev: DevChain
  readonly engine: Engine
  readonly resolver: Resolver
  readonly tracerFor: TracerMaker
  /** Told of each call. @param view the state that it ran on @param again runs it once more, for an observer */
  readonly onCall: (
    outcome: Outcome,
    view: StateView,
    again: (observer: Observer) => Soon<Outcome>,
  ) => Soon<void>
  /** @param again runs what failed once more, for an observer */
  readonly meaningOf: (
    failure: Failure,
    target: CallTarget,
    again: (observer: Observer) => Soon<Outcome>,
  ) => Promise<FailureMeaning | undefined>
}

type Failure = Extract<Outcome, { readonly kind: 'revert' | 'halt' }>

/** Calls, estimates and traces. */
export function executionPort(parts: ExecutionParts): ExecutionPort {
  const { engine, tracerFor } = parts
  const targetAt = (context: CallContext): Soon<CallTarget | undefined> =>
    soon(parts.resolver.resolveState(context.at), (resolved) => {
      const target = resolved && parts.resolver.targetOf(resolved)
      return target && withOverrides(target, context)
    })
  const explained = async (
    outcome: Exclude<Outcome, { kind: 'success' }>,
    target: CallTarget,
    again: (observer: Observer) => Soon<Outcome>,
  ): Promise<CallFailure> =>
    failureOf(
      outcome,
      outcome.kind === 'rejected' ? undefined : await parts.meaningOf(outcome, target, again),
    )
  return {
    call: (fields, context) =>
      soon(targetAt(context), (target) => {
        if (target === undefined) return NO_STATE
        const again = (observer: Observer): Soon<Outcome> => call(engine, fields, target, observer)
        const told = (outcome: Outcome): ReturnType<ExecutionPort['call']> =>
          outcome.kind === 'success'
            ? { kind: 'success', output: outcome.output }
            : explained(outcome, target, again)
        return soon(call(engine, fields, target), (outcome) =>
          soon(parts.onCall(outcome, target.view, again), () => told(outcome)),
        )
      }),
    async estimateGas(fields, context) {
      const target = await targetAt(context)
      if (target === undefined) return NO_STATE
      const estimate = await estimateGas(engine, fields, target)
      if (estimate.kind === 'estimated' || estimate.kind === 'exceedsAllowance') return estimate
      return explained(estimate, target, (observer) => call(engine, fields, target, observer))
    },
    async accessList(fields, context) {
      const target = await targetAt(context)
      return target === undefined ? NO_STATE : createAccessList(engine, fields, target)
    },
    simulate: simulator(parts.dev, engine, parts.resolver),
    buildPayload: payloadBuilder(parts.dev),
    commitPayload: payloadCommitter(parts.dev),
    async traceCall(fields, context, options) {
      const target = await targetAt(context)
      if (target === undefined) return NO_STATE
      if (target.view.isPartial !== true)
        return traceCall(engine, tracerFor, fields, target, options)
      // A tracer may look at state before the engine needs it, and cannot wait: so what the call needs is fetched first.
      await call(engine, fields, target)
      return whenHere(() => traceCall(engine, tracerFor, fields, target, options))
    },
    async traceTransaction(hash, options) {
      const place = parts.dev.chain.history.place(hash)
      if (place === undefined || place.record.block.header.number === firstNumber(parts.dev)) {
        return { kind: 'notFound' }
      }
      const { index, record } = place
      const results = await whenHere(() => traceRecord(parts, record, index, index, options))
      return results === undefined ? NO_STATE : results[0]!
    },
    async traceBlock(block, options) {
      const record = parts.dev.chain.history.byHash(block.hash)
      if (record === undefined || block.header.number === firstNumber(parts.dev)) return undefined
      const last = block.transactions.length - 1
      const results = await whenHere(() => traceRecord(parts, record, 0, last, options))
      return results?.map((result, index) => ({ txHash: block.transactions[index]!.hash, result }))
    },
  }
}

/** Genesis has no transactions to trace. */
function firstNumber(dev: DevChain): bigint {
  return dev.chain.history.genesis.block.header.number
}

async function traceCall(
  engine: Engine,
  tracerFor: TracerMaker,
  fields: Parameters<ExecutionPort['traceCall']>[0],
  target: CallTarget,
  options: TraceOptions,
): Promise<TraceResult> {
  await fetchForCall(fields, target)
  const transaction = callOf(fields, target)
  if ('kind' in transaction) return transaction
  const { view, env } = target
  const switches = callSwitches(transaction, target)
  const made = tracerFor(options, { view, env, transaction, switches })
  if (made.kind !== 'tracer') return made
  const outcome = await call(engine, fields, target, made.observer)
  return outcome.kind === 'rejected' ? failureOf(outcome) : made.result(outcome)
}

async function traceRecord(
  { dev, engine, tracerFor }: ExecutionParts,
  record: BlockRecord,
  first: number,
  last: number,
  options: TraceOptions,
): Promise<readonly TraceResult[] | undefined> {
  const results: TraceResult[] = []
  let firstLogIndex = 0
  let current: MadeTracer | undefined
  const state = await rerunBlock(
    dev.chain,
    engine,
    record,
    last,
    (tx) => dev.optionsOf(tx),
    ({ tx, index, env, view }) => {
      if (index < first) return undefined
      const place = { blockHash: record.block.hash, transactionHash: tx.hash, index, firstLogIndex }
      const { switches } = dev.optionsOf(tx)
      current = tracerFor(options, { view, env, transaction: tx, place, switches })
      return current.kind === 'tracer' ? current.observer : undefined
    },
    async ({ index }, outcome) => {
      firstLogIndex += record.receipts[index]!.logs.length
      if (index < first || current === undefined) return
      results.push(current.kind === 'tracer' ? await current.result(outcome) : current)
    },
  )
  return state === undefined ? undefined : results
}
