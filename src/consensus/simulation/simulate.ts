import type { Hash } from '../../primitives/hex.ts'
import { keccakHash } from '../../primitives/keccak.ts'
import { blockId, proposalDigest, sign, voteDigest } from '../certificate.ts'
import { leaderOf } from '../committee.ts'
import { step } from '../machine.ts'
import { type ConsensusState, initialState } from '../state.ts'
import type { ConsensusCommand, ConsensusEvent, Message, Proposal, ValidatorId } from '../types.ts'
import { EventQueue } from './queue.ts'
import { createRandom } from './random.ts'
import { type Scenario, checkScenario, faultAt, isParted } from './scenario.ts'

/** What one validator wanted done, and when. Messages and timers are left out. */
interface TraceEntry {
  readonly atMs: number
  readonly validator: ValidatorId
  readonly command: Exclude<ConsensusCommand, { kind: 'send' | 'broadcast' | 'setTimer' | 'build' }>
}

export interface Simulation {
  readonly trace: readonly TraceEntry[]
  readonly states: readonly ConsensusState[]
  /** Handed over, lost and doubled. */
  readonly messages: { readonly sent: number; readonly lost: number; readonly doubled: number }
}

interface Happening {
  readonly to: ValidatorId
  readonly event: ConsensusEvent
  /** Which timer it is: a later one takes its place. */
  readonly timer?: number
}

/** Runs validators against each other in virtual time. The same scenario gives the same trace, byte for byte. */
export function simulate(scenario: Scenario): Simulation {
  checkScenario(scenario)
  const { config } = scenario
  const random = createRandom(scenario.seed)
  const queue = new EventQueue<Happening>()
  const states = config.stakes.map((_, self) => initialState(config, self))
  const timers = config.stakes.map(() => 0)
  const trace: TraceEntry[] = []
  const messages = { sent: 0, lost: 0, doubled: 0 }

  const deliver = (from: ValidatorId, to: ValidatorId, message: Message, atMs: number): void => {
    const event = { kind: 'message', from, message } as const
    if (from === to) return queue.push(atMs, { to, event })
    const fault = faultAt(scenario, from, atMs)
    messages.sent++
    if (fault === 'crash' || fault === 'silence' || isParted(scenario, from, to, atMs)) return
    const isLost = random() < scenario.lossRate && atMs < scenario.lossUntilMs
    const copies = isLost ? 0 : random() < scenario.duplicateRate ? 2 : 1
    if (isLost) messages.lost++
    if (copies === 2) messages.doubled++
    for (let copy = 0; copy < copies; copy++) {
      const [least, most] = scenario.delayMs
      queue.push(atMs + least + random() * (most - least), { to, event })
    }
  }

  const perform = (self: ValidatorId, command: ConsensusCommand, atMs: number): void => {
    switch (command.kind) {
      case 'send':
        return deliver(self, command.to, command.message, atMs)
      case 'broadcast': {
        const isTwoFaced = faultAt(scenario, self, atMs) === 'equivocate'
        for (const to of config.stakes.keys()) {
          const message = isTwoFaced ? otherFace(command.message, to) : command.message
          deliver(self, to, message, atMs)
        }
        return
      }
      case 'setTimer': {
        const event = { kind: 'timer', round: command.round } as const
        const timer = (timers[self]! += 1)
        return queue.push(atMs + command.afterMs, { to: self, event, timer })
      }
      case 'build': {
        const { round, parent } = command
        const payload = keccakHash(Buffer.from(`payload ${round} ${self}`))
        const event = { kind: 'built', round, parent: parent.id, payload } as const
        return queue.push(atMs + scenario.buildMs, { to: self, event })
      }
      case 'proposed':
        execute(self, command.block.id, atMs)
        break
      case 'voted':
      case 'finalized':
      case 'equivocation':
      case 'refused':
    }
    trace.push({ atMs, validator: self, command })
  }

  const execute = (self: ValidatorId, block: Hash, atMs: number): void => {
    const root = rootOf(block, scenario.wrongRoots.includes(self) ? self : undefined)
    queue.push(atMs + scenario.executeMs, { to: self, event: { kind: 'executed', block, root } })
  }

  for (const to of config.stakes.keys()) queue.push(0, { to, event: { kind: 'start' } })
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { atMs, item } = next
    if (atMs > scenario.durationMs) break
    const { to, event, timer } = item
    if (timer !== undefined && timer !== timers[to]) continue
    const fault = faultAt(scenario, to, atMs)
    if (fault === 'crash' && event.kind === 'message') continue
    const [state, commands] = step(states[to]!, event)
    states[to] = state
    for (const command of commands) perform(to, command, atMs)
    if (fault === 'equivocate' && event.kind === 'message') {
      const vote = secondVote(event.message, to)
      if (vote !== undefined) deliver(to, leaderOf(config, vote.round + 1), vote, atMs)
    }
  }
  return { trace, states, messages }
}

/** The state that executing this block leads to: of the honest, the same for all. */
export function rootOf(block: Hash, wrongBy?: ValidatorId): Hash {
  return keccakHash(Buffer.from(`root ${block} ${wrongBy ?? 'honest'}`))
}

/** To validators of odd numbers a leader with two faces proposes another block. */
function otherFace(message: Message, to: ValidatorId): Message {
  if (message.kind !== 'proposal' || message.block.round !== message.round || to % 2 === 0) {
    return message
  }
  const { id: _id, ...content } = message.block
  const other = { ...content, payload: keccakHash(Buffer.from(`other ${message.round}`)) }
  const block = { id: blockId(other), ...other }
  const { validator } = message.signature
  const signature = sign(validator, proposalDigest(message.round, block.id))
  const twisted: Proposal = { ...message, block, signature }
  return twisted
}

/** It votes for whatever it hears proposed. */
function secondVote(
  message: Message,
  self: ValidatorId,
): Extract<Message, { kind: 'vote' }> | undefined {
  if (message.kind !== 'proposal') return undefined
  const { round, block } = message
  return {
    kind: 'vote',
    round,
    block: block.id,
    signature: sign(self, voteDigest(round, block.id)),
  }
}
