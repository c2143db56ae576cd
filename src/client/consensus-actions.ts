import type {
  ActiveFault,
  ConsensusStatus,
  ConsensusTimeline,
  FaultInput,
} from '../rpc/consensus-port.ts'
import type { Ask } from './block-actions.ts'

/** Consensus among simulated validators, for a node with `--consensus monad` or its like. */
export type ConsensusActions = {
  getConsensusStatus(): Promise<ConsensusStatus>
  /** Stage by stage, the newest `last` (64) blocks and their rounds, oldest first. */
  getConsensusTimeline(options?: { readonly last?: number }): Promise<ConsensusTimeline>
  /** Something goes wrong from now on, or from `atMs` on: for `forMs`, or until it is healed. Answers what holds. */
  injectFault(
    fault: FaultInput,
  ): Promise<{ readonly nowMs: number; readonly active: readonly ActiveFault[] }>
  /** Moves the consensus' clock, and does all that is due. */
  advanceConsensus(args: { readonly ms: number }): Promise<ConsensusStatus>
}

export function consensusActions(ask: Ask): ConsensusActions {
  return {
    getConsensusStatus: () => ask('parallel_consensusStatus'),
    getConsensusTimeline: (options = {}) => ask('parallel_consensusTimeline', options),
    injectFault: (fault) => ask('parallel_injectFault', fault),
    advanceConsensus: ({ ms }) => ask('parallel_advance', ms),
  }
}
