import type { CommitState } from '../../rpc/consensus-port.ts'
import type { Ledger, OrderedBlock } from './ledger.ts'

const COMMIT_STATES = ['Proposed', 'Voted', 'Finalized', 'Verified'] as const

export interface CommitEvent {
  readonly state: CommitState
  readonly entry: OrderedBlock
}

/** Tells of executed blocks each state that they come to, once and in order. */
export class CommitStates {
  readonly #listeners = new Set<(event: CommitEvent) => void>()

  listen(listener: (event: CommitEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The block may have come to another state since it was told of. */
  tell(ledger: Ledger, entry: OrderedBlock | undefined): void {
    if (entry === undefined || !entry.isCanonical) return
    if (entry.block.height > (ledger.adopted?.block.height ?? 0)) return
    const { voted, finalized, verified } = entry.times
    for (const at of [0, voted, finalized, verified].slice(entry.told)) {
      if (at === undefined) return
      const state = COMMIT_STATES[entry.told++]!
      for (const listener of this.#listeners) listener({ state, entry })
    }
  }
}
