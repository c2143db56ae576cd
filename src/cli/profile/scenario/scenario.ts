/** A scenario that cannot be used: which entry, what was expected, in one line. */
export class ScenarioError extends Error {}

/** A transaction as `parallel_simulateBundle` takes it. */
export interface WireTransaction {
  readonly from?: string
  /** null creates a contract. */
  readonly to: string | null
  readonly value?: string
  readonly data?: string
  readonly gas?: string
  readonly accessList?: unknown
}

/** Transactions to look at together, and what must be there before them. */
export interface Scenario {
  /** As the user named it. */
  readonly name: string
  /** Run first; they do not count. */
  readonly setup: readonly WireTransaction[]
  readonly transactions: readonly WireTransaction[]
  readonly stateOverrides?: Readonly<Record<string, object>>
}

/** The subject that `parallel_*` methods take. */
export function subjectOf({ setup, transactions, stateOverrides }: Scenario): object {
  return { setup, transactions, ...(stateOverrides && { stateOverrides }) }
}
