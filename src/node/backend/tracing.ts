import type { Outcome } from '../../evm/engine.ts'
import type { EngineName } from '../../evm/load.ts'
import type { Observer } from '../../evm/observer.ts'
import type { ScriptPool } from '../../evm/script/pool.ts'
import { type TraceContext, TraceTooLarge, type Tracer } from '../../evm/tracer/tracer.ts'
import { createTracer } from '../../evm/tracer/tracers.ts'
import type { Soon } from '../../primitives/soon.ts'
import type { CallFailure, TraceOptions, TraceResult } from '../../rpc/call-port.ts'

type ExecutedOutcome = Exclude<Outcome, { kind: 'rejected' }>

export type MadeTracer =
  | {
      readonly kind: 'tracer'
      readonly observer: Observer | undefined
      /** Ask once, while the view that it was made for stands. */
      result(outcome: ExecutedOutcome): Soon<TraceResult>
    }
  | Exclude<TraceResult, { kind: 'traced' }>

/** The tracer that options name, or what RPC is told instead. */
export type TracerMaker = (options: TraceOptions, context: TraceContext) => MadeTracer

/** Geth's limit. */
const TIMEOUT_MS = 5_000

/** @param scripts where tracers in JavaScript run: the transaction runs there a second time */
export function tracerMaker(scripts: ScriptPool, engine: EngineName): TracerMaker {
  return (options, context) => {
    const { tracer: code = '' } = options
    if (isScript(code)) return scriptTracer(scripts, engine, code, options, context)
    const created = createTracer(options, context)
    switch (created.kind) {
      case 'tracer':
        return { ...created, result: (outcome) => traceResult(created, outcome) }
      case 'unknownTracer':
        return created
      case 'invalidConfig':
        return invalid(created.detail)
    }
  }
}

/** A name has no punctuation, and an object has. */
function isScript(text: string): boolean {
  return /[^\s\w]/.test(text)
}

function scriptTracer(
  scripts: ScriptPool,
  engine: EngineName,
  code: string,
  { tracerConfig = {}, timeoutMs = TIMEOUT_MS }: TraceOptions,
  { transaction, env, view, place, switches = {} }: TraceContext,
): MadeTracer {
  return {
    kind: 'tracer',
    observer: undefined,
    async result() {
      const config = JSON.stringify(tracerConfig)
      const request = { code, config, timeoutMs, engine, transaction, switches, place }
      const answer = await scripts.trace(request, env, view)
      if (answer.kind === 'failed') return { kind: 'failedTracer', message: answer.message }
      return { kind: 'traced', result: JSON.parse(answer.json) as unknown }
    },
  }
}

function traceResult(tracer: Tracer, outcome: ExecutedOutcome): TraceResult {
  try {
    return { kind: 'traced', result: tracer.result(outcome) }
  } catch (error) {
    if (error instanceof TraceTooLarge) return invalid(error.message)
    throw error
  }
}

function invalid(detail: string): CallFailure {
  return { kind: 'rejected', rejection: { kind: 'invalid', detail } }
}
