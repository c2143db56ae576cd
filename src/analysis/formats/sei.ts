import type { Schedule } from '../simulate/policy.ts'

/** What Sei's scheduler logs about a block, under its names: `occ scheduler`, and `occ scheduler key conflicts`. */
export interface SeiCounters {
  readonly txs: number
  readonly workers: number
  /** Executions beyond the first of each transaction. */
  readonly retries: number
  readonly maxIncarnation: number
  readonly iterations: number
  /** Whether the rest ran one after another in the end. */
  readonly sync: boolean
  /** How many executions were thrown away because of each location, the most first. */
  readonly keyConflicts: readonly { readonly key: string; readonly conflicts: number }[]
}

/** Of the schedule of any policy; `keyOf` names a location by its place. */
export function seiCounters(
  { attempts, cores, rounds, serialised, deferred }: Schedule,
  keyOf: (location: number) => string,
): SeiCounters {
  const transactions = new Set(attempts.map(({ tx }) => tx))
  const conflicts = new Map<string, number>()
  for (const { outcome, cause } of attempts) {
    if (outcome !== 'aborted' || cause === undefined) continue
    const key = keyOf(cause.location)
    conflicts.set(key, (conflicts.get(key) ?? 0) + 1)
  }
  return {
    txs: transactions.size + deferred.length,
    workers: cores,
    retries: attempts.length - transactions.size,
    maxIncarnation: attempts.reduce((max, { incarnation }) => Math.max(max, incarnation), 0),
    iterations: rounds,
    sync: serialised > 0,
    keyConflicts: [...conflicts]
      .map(([key, count]) => ({ key, conflicts: count }))
      .sort((a, b) => b.conflicts - a.conflicts || (a.key < b.key ? -1 : 1)),
  }
}
