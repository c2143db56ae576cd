import type { ExecutedBlock, StepReport } from '../executor/executor.ts'

/**
 * A step that came after a block's execution, from `began` until now.
 * @param began @param executedAt when its execution had ended; milliseconds, as of `performance.now()`
 */
export function stepSince(
  name: StepReport['name'],
  began: number,
  { report: { ms } }: ExecutedBlock,
  executedAt: number,
): StepReport {
  return { name, start: ms + (began - executedAt), end: ms + (performance.now() - executedAt) }
}
