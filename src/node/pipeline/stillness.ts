import type { Faults } from './faults.ts'
import type { PipelineSettings } from './presets.ts'

/** After so many timeouts without a certificate it is said that consensus stands still. */
const STILL_AFTER = 6
/** The same while no more are at fault than may be: rounds that fail one after another last longer and longer, and it goes on by itself. */
const SLOW_AFTER = 36

/** Why no block is ordered any longer; undefined while there are. @param sinceMs how long ago the last one was certified */
export function stillnessOf(
  { timeoutMs, validators, faulty }: PipelineSettings,
  faults: Faults,
  nowMs: number,
  sinceMs: number,
): string | undefined {
  if (sinceMs < STILL_AFTER * timeoutMs) return undefined
  const missing = faults.missingAt(nowMs)
  const wrong = faults.wrongAt(nowMs)
  const atFault = [...new Set([...missing, ...wrong])].toSorted((a, b) => a - b)
  if (atFault.length <= faulty && sinceMs < SLOW_AFTER * timeoutMs) return undefined
  const what = wrong.length === 0 ? 'do not take part' : 'are at fault'
  const who =
    atFault.length === 0
      ? 'too few validators agree'
      : `validators ${atFault.join(', ')} ${what}, of ${validators}, of which ${faulty} may fail`
  return `no block was certified for ${Math.round(sinceMs)} ms: ${who}`
}
