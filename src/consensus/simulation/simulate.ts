import type { Hash } from '../../primitives/hex.ts'
import { keccakHash } from '../../primitives/keccak.ts'
import type { ConsensusState } from '../state.ts'
import type { ValidatorId } from '../types.ts'
import { Agenda } from './agenda.ts'
import { type Scenario, checkScenario } from './scenario.ts'
import { Swarm, type SwarmCommand } from './swarm.ts'

/** What one validator wanted done, and when. Messages and timers are left out. */
interface TraceEntry {
  readonly atMs: number
  readonly validator: ValidatorId
  readonly command: Exclude<SwarmCommand, { kind: 'setTimer' | 'build' }>
}

export interface Simulation {
  readonly trace: readonly TraceEntry[]
  readonly states: readonly ConsensusState[]
  /** Handed over, lost and doubled. */
  readonly messages: { readonly sent: number; readonly lost: number; readonly doubled: number }
}

/** Runs validators against each other in virtual time. The same scenario gives the same trace, byte for byte. */
export function simulate(scenario: Scenario): Simulation {
  checkScenario(scenario)
  const agenda = new Agenda()
  const trace: TraceEntry[] = []
  const hear = (self: ValidatorId, command: SwarmCommand): void => {
    switch (command.kind) {
      case 'setTimer':
        return
      case 'build': {
        const { round, parent } = command
        const payload = keccakHash(Buffer.from(`payload ${round} ${self}`))
        const event = { kind: 'built', round, parent: parent.id, payload } as const
        return swarm.tell(self, event, agenda.now + scenario.buildMs)
      }
      case 'proposed': {
        const { id } = command.block
        const root = rootOf(id, scenario.wrongRoots.includes(self) ? self : undefined)
        const event = { kind: 'executed', block: id, root } as const
        swarm.tell(self, event, agenda.now + scenario.executeMs)
        break
      }
      case 'voted':
      case 'finalized':
      case 'equivocation':
      case 'refused':
    }
    trace.push({ atMs: agenda.now, validator: self, command })
  }
  const swarm = new Swarm({
    conditions: scenario,
    agenda,
    hear,
    otherPayload: (round) => keccakHash(Buffer.from(`other ${round}`)),
  })
  swarm.start()
  while ((agenda.nextMs ?? Infinity) <= scenario.durationMs) void agenda.take()!()
  return { trace, states: swarm.states, messages: swarm.messages }
}

/** The state that executing this block leads to: of the honest, the same for all. */
export function rootOf(block: Hash, wrongBy?: ValidatorId): Hash {
  return keccakHash(Buffer.from(`root ${block} ${wrongBy ?? 'honest'}`))
}
