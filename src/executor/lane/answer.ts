import type { LaneRun } from './merge.ts'
import type { BlockAnswer } from './protocol.ts'

/** What a lane did, when it is done. */
export function answerOf({ lane, attempts, aborts, leftOut, chaos }: LaneRun): BlockAnswer {
  const trace = chaos?.trace ?? 0
  return { kind: 'worked', lane, attempts: attempts.packed(), aborts, leftOut, trace }
}
