import type { Hash } from '../../primitives/hex.ts'
import { blockId, proposalDigest, sign, voteDigest } from '../certificate.ts'
import { leaderOf } from '../committee.ts'
import { step } from '../machine.ts'
import { type ConsensusState, initialState } from '../state.ts'
import type { ConsensusCommand, ConsensusEvent, Message, Proposal, ValidatorId } from '../types.ts'
import type { Agenda } from './agenda.ts'
import { createRandom } from './random.ts'
import { type Conditions, delayBy, faultAt, isParted } from './scenario.ts'

/** What validators want done that is not the network's: `setTimer` is told when a round begins or lasts. */
export type SwarmCommand = Exclude<ConsensusCommand, { kind: 'send' | 'broadcast' }>

interface SwarmParts {
  /** Read at each message: faults and partitions may come and go. */
  readonly conditions: Conditions
  readonly agenda: Agenda
  readonly hear: (self: ValidatorId, command: SwarmCommand) => void
  /** What a leader with two faces proposes to the others in place of `payload`. */
  readonly otherPayload: (round: number, payload: Hash) => Hash
}

/** Validators and the network between them, as jobs on an agenda. The same seed and the same answers give the same course of things. */
export class Swarm {
  readonly states: ConsensusState[]
  /** Handed over, lost and doubled. */
  readonly messages = { sent: 0, lost: 0, doubled: 0 }
  readonly #parts: SwarmParts
  readonly #random: () => number
  /** Which timer runs: a later one takes its place. */
  readonly #timers: number[]
  #isStopped = false

  constructor(parts: SwarmParts) {
    const { config, seed } = parts.conditions
    this.#parts = parts
    this.#random = createRandom(seed)
    this.states = config.stakes.map((_, self) => initialState(config, self))
    this.#timers = config.stakes.map(() => 0)
  }

  start(): void {
    for (const to of this.states.keys()) this.tell(to, { kind: 'start' })
  }

  /** Nothing more happens. */
  stop(): void {
    this.#isStopped = true
  }

  /** Something happens to a validator. */
  tell(to: ValidatorId, event: ConsensusEvent, atMs: number = this.#parts.agenda.now): void {
    this.#parts.agenda.schedule(atMs, () => this.#step(to, event))
  }

  #step(self: ValidatorId, event: ConsensusEvent): void {
    if (this.#isStopped) return
    const { conditions, agenda } = this.#parts
    const fault = faultAt(conditions, self, agenda.now)
    if (fault === 'crash' && event.kind === 'message') return
    const [state, commands] = step(this.states[self]!, event)
    this.states[self] = state
    for (const command of commands) this.#perform(self, command)
    if (fault === 'equivocate' && event.kind === 'message') {
      const vote = secondVote(event.message, self)
      if (vote !== undefined) {
        this.#deliver(self, leaderOf(conditions.config, vote.round + 1), vote)
      }
    }
  }

  #perform(self: ValidatorId, command: ConsensusCommand): void {
    const { agenda, hear } = this.#parts
    switch (command.kind) {
      case 'send':
        return this.#deliver(self, command.to, command.message)
      case 'broadcast':
        return this.#broadcast(self, command.message)
      case 'setTimer': {
        const timer = (this.#timers[self]! += 1)
        agenda.schedule(agenda.now + command.afterMs, () => {
          if (timer === this.#timers[self])
            this.#step(self, { kind: 'timer', round: command.round })
        })
        return hear(self, command)
      }
      case 'build':
      case 'proposed':
      case 'voted':
      case 'finalized':
      case 'equivocation':
      case 'refused':
        hear(self, command)
    }
  }

  #broadcast(self: ValidatorId, message: Message): void {
    const { conditions, agenda } = this.#parts
    const isTwoFaced = faultAt(conditions, self, agenda.now) === 'equivocate'
    for (const to of this.states.keys()) {
      this.#deliver(self, to, isTwoFaced ? this.#otherFace(message, to) : message)
    }
  }

  #deliver(from: ValidatorId, to: ValidatorId, message: Message): void {
    const { conditions, agenda } = this.#parts
    const { now } = agenda
    const event = { kind: 'message', from, message } as const
    if (from === to) return this.tell(to, event)
    const fault = faultAt(conditions, from, now)
    this.messages.sent++
    if (fault === 'crash' || fault === 'silence' || isParted(conditions, from, to, now)) return
    const random = this.#random
    const isLost = random() < conditions.lossRate && now < conditions.lossUntilMs
    const copies = isLost ? 0 : random() < conditions.duplicateRate ? 2 : 1
    if (isLost) this.messages.lost++
    if (copies === 2) this.messages.doubled++
    for (let copy = 0; copy < copies; copy++) {
      const [least, most] = conditions.delayMs
      const delay = least + random() * (most - least) + delayBy(conditions, 'delay', from, now)
      this.tell(to, event, now + delay)
    }
  }

  /** To validators of odd numbers a leader with two faces proposes another block. */
  #otherFace(message: Message, to: ValidatorId): Message {
    if (message.kind !== 'proposal' || message.block.round !== message.round || to % 2 === 0) {
      return message
    }
    const { id: _id, ...content } = message.block
    const other = {
      ...content,
      payload: this.#parts.otherPayload(message.round, content.payload),
    }
    const block = { id: blockId(other), ...other }
    const { validator } = message.signature
    const signature = sign(validator, proposalDigest(message.round, block.id))
    const twisted: Proposal = { ...message, block, signature }
    return twisted
  }
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
