import type { Json } from './backend.ts'
import type { CallContext, TraceResult } from './call-port.ts'
import type { BlockRef } from './block-ref.ts'
import { invalidParams, serverError } from './error.ts'
import { failureError, noStateError } from './failure.ts'
import type { CallStep, NotInspected, StepOutcome } from './inspect-port.ts'
import type { Context } from './method.ts'

/**
 * A tracer's result, JSON by contract.
 * @param at the block whose state it ran on @throws {RpcError} when there is none
 */
export async function tracedJson(
  context: Context,
  result: TraceResult,
  at: BlockRef,
): Promise<Json> {
  switch (result.kind) {
    case 'traced':
      return result.result as Json
    case 'unknownTracer':
      throw unknownTracer(result.known)
    case 'failedTracer':
      throw serverError(result.message)
    case 'notFound':
      throw serverError('transaction not found')
    case 'revert':
    case 'halt':
    case 'rejected':
    case 'noState':
      throw await failureError(context, result, at)
  }
}

/** Calls one after another. @throws {RpcError} when one of them cannot run, or there is no state */
export async function ranSteps(
  context: Context,
  steps: readonly CallStep[],
  more: CallContext & { readonly before?: number | undefined },
): Promise<readonly StepOutcome[]> {
  const ran = await context.backend.inspect.runMany(steps, more)
  if (ran.kind !== 'run') throw await notInspected(context, ran, more.at)
  const outcomes: StepOutcome[] = []
  for (const result of ran.results) {
    if (result.kind === 'executed') outcomes.push(result)
    else if (result.kind === 'unknownTracer') throw unknownTracer(result.known)
    else if (result.kind === 'failedTracer') throw serverError(result.message)
    else if (result.kind === 'notFound') throw serverError('transaction not found')
    else throw await failureError(context, result, more.at)
  }
  return outcomes
}

/** Why nothing was found at `at`. */
export async function notInspected(
  context: Context,
  why: NotInspected,
  at: BlockRef,
): Promise<Error> {
  if (why.kind === 'noState') return noStateError(context, at)
  const name = at.kind === 'tag' ? at.tag : at.kind === 'hash' ? at.hash : `#${at.number}`
  return serverError(`block ${name} not found`)
}

function unknownTracer(known: readonly string[]): Error {
  return invalidParams(`\`options.tracer\`: not known here; there are ${known.join(', ')}`)
}
