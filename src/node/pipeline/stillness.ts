import type { Faults } from './faults.ts'
import type { PipelineSettings } from './presets.ts'

/** After so many timeouts without a certificate it is said that consensus stands still. */
const STILL_AFTER = 6

/** Why no block is ordered any longer; undefined while there are. @param sinceMs how long ago the last one was certified */
export function stillnessOf(
  { timeoutMs, validators, faulty }: PipelineSettings,
  faults: Faults,
  nowMs: number,
  sinceMs: number,
): string | undefined {
  if (sinceMs < STILL_AFTER * timeoutMs) return undefined
  const missing = faults.missingAt(nowMs)
  const who =
    missing.length === 0
      ? 'too few validators agree'
      : `validators ${missing.join(', ')} do not take part, of ${validators}, of which ${faulty} may fail`
  return `no block was certified for ${Math.round(sinceMs)} ms: ${who}`
}
