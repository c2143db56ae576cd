import type { BuiltBlock } from '../../chain/chain.ts'
import type { DevChain } from '../../chain/dev-chain.ts'
import { type ReserveRule, wholeBalanceRule } from '../../chain/reserve-budget.ts'
import { leaderOf } from '../../consensus/committee.ts'
import { Agenda } from '../../consensus/simulation/agenda.ts'
import { delayBy, faultAt } from '../../consensus/simulation/scenario.ts'
import { Swarm, type SwarmCommand } from '../../consensus/simulation/swarm.ts'
import type { ConsensusBlock, Round, ValidatorId } from '../../consensus/types.ts'
import { keccakHash } from '../../primitives/keccak.ts'
import { CommitStates } from './commit-states.ts'
import type { Decided } from './decided.ts'
import { type FaultRequest, Faults, type PlacedFault } from './faults.ts'
import { Ledger, type OrderedBlock, type Task } from './ledger.ts'
import { type MiniBlocks, openMiniBlocks } from './mini-blocks.ts'
import { Payloads } from './payloads.ts'
import type { PipelineStart } from './settings.ts'
import { stillnessOf } from './stillness.ts'
import { Timekeeper } from './timekeeper.ts'

export interface PipelineParts {
  readonly dev: DevChain
  readonly start: PipelineStart
  readonly notice: (text: string, level: 'info' | 'warn' | 'error') => void
  /** Resolves when what is in the chain is durable. */
  readonly flush: () => Promise<unknown>
  /** The block is final, and in the chain. */
  readonly decided?: ((block: Decided) => void) | undefined
  /** Who may be in a block; Ethereum's rules unless given. */
  readonly rule?: ReserveRule | undefined
}

/**
 * Validators order blocks in a simulated network; the node executes what they propose, each stage on another block at the same time. The
 * machine decides (`consensus/`), the ledger says what follows for the chain; here it is done.
 */
export class Pipeline {
  readonly start: PipelineStart
  readonly agenda: Agenda = new Agenda()
  readonly time: Timekeeper
  readonly faults: Faults
  /** Tells of executed blocks how far they come. */
  readonly commitStates: CommitStates = new CommitStates()
  /** Of a sequencer that shows its block part by part. */
  readonly miniBlocks: MiniBlocks | undefined
  ledger: Ledger
  swarm: Swarm
  /** Counts beginnings: cheats that take blocks back begin consensus anew. */
  epoch = 0
  /** Proposals that were refused. */
  readonly told: { refused: number; lastRefusal: string | undefined } = {
    refused: 0,
    lastRefusal: undefined,
  }
  /** Transactions that a block named and could not hold. */
  leftOut = 0
  readonly #parts: PipelineParts
  readonly #payloads: Payloads
  readonly #listeners = new Set<() => void>()
  #isBusy = false
  #isClosed = false
  #isStill = false
  #lastProgressMs = 0
  #committing: Promise<void> = Promise.resolve()

  constructor(parts: PipelineParts) {
    const { dev, start } = parts
    const { settings } = start
    this.#parts = parts
    this.start = start
    const rule = parts.rule ?? wholeBalanceRule(settings.rootLag)
    this.#payloads = new Payloads(dev, rule, settings.maxTransactions)
    this.time = new Timekeeper(
      this.agenda,
      settings.clock,
      (error) => this.#fail(error),
      () => this.#changed(),
    )
    this.faults = new Faults(settings)
    this.ledger = this.#newLedger()
    this.swarm = this.#newSwarm()
    const isReady = (): boolean =>
      this.ledger.tip === this.ledger.adopted &&
      !['crash', 'silence'].includes(faultAt(this.faults, 0, this.agenda.now) ?? '')
    const making = { dev, agenda: this.agenda, time: this.time, payloads: this.#payloads, isReady }
    this.miniBlocks =
      settings.miniBlockMs === 0 ? undefined : openMiniBlocks(making, settings.miniBlockMs)
    for (const request of start.scenario) this.inject(request)
    // Blocks that others put in or take away are noticed when nothing of our own is under way.
    dev.listen(({ kind }) => {
      if (kind !== 'pooled' && kind !== 'dropped' && kind !== 'configured') this.#wake()
    })
    this.swarm.start()
  }

  /** Numbers of the blocks that `safe` and `finalized` name. */
  get tags(): { readonly safe: bigint; readonly finalized: bigint } {
    const { voted, finalized } = this.ledger.heights()
    const { base } = this.ledger
    return { safe: base + BigInt(voted), finalized: base + BigInt(finalized) }
  }

  /** Executed beyond the head, of a block that is not sealed. */
  get preview(): BuiltBlock | undefined {
    return this.miniBlocks?.preview
  }

  /** Why no block is ordered any longer; undefined while there are. */
  get stillness(): string | undefined {
    const { now } = this.time
    return stillnessOf(this.start.settings, this.faults, now, now - this.#lastProgressMs)
  }

  /** @returns the faults that hold now */
  inject(request: FaultRequest): readonly PlacedFault[] {
    const { agenda, faults } = this
    // What is due and not done yet meets it too.
    const place = (): void => faults.place(request, agenda.now, this.#nextRound())
    if (request.atMs === 0) {
      place()
      this.#changed()
    } else agenda.schedule(this.time.now + request.atMs, place)
    return faults.activeAt(agenda.now)
  }

  /** The round whose proposal is not made yet. */
  #nextRound(): Round {
    const round = Math.max(...this.swarm.states.map((state) => state.round), 1)
    const isProposed = this.swarm.states.some(({ proposals }) => proposals.has(round))
    return isProposed ? round + 1 : round
  }

  /** Goes on until `count` more blocks are in the chain. @returns why they are not */
  async mine(count: number): Promise<string | undefined> {
    const { dev } = this.#parts
    const { blockMs, timeoutMs } = this.start.settings
    const wanted = dev.chain.head.block.header.number + BigInt(count)
    const isShort = (): boolean => dev.chain.head.block.header.number < wanted
    const goOn = (): boolean => isShort() && this.stillness === undefined
    await this.time.advanceWhile(goOn, (count + 8) * (blockMs + 20 * timeoutMs))
    return isShort() ? (this.stillness ?? 'consensus takes too long') : undefined
  }

  /** Something about blocks, rounds or faults may be other than it was. @returns what ends the listening */
  listen(listener: () => void): () => void {
    const heard = (): void => listener()
    this.#listeners.add(heard)
    return () => this.#listeners.delete(heard)
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }

  /** On the chain's head, which is final whatever made it. */
  #newLedger(): Ledger {
    const { header, hash } = this.#parts.dev.chain.head.block
    this.#parts.decided?.({ number: header.number, hash })
    return new Ledger(header.number, hash, this.start.settings.latest)
  }

  #newSwarm(): Swarm {
    const swarm: Swarm = new Swarm({
      conditions: this.faults,
      agenda: this.agenda,
      hear: (self, command) => {
        if (swarm === this.swarm) this.#hear(self, command)
      },
      otherPayload: (round, payload) => this.#payloads.other(round, payload),
    })
    return swarm
  }

  /** The chain is another: its head is where consensus begins, and nothing is left of what was on its way. */
  #beginAnew(): void {
    this.swarm.stop()
    this.epoch++
    this.ledger = this.#newLedger()
    this.swarm = this.#newSwarm()
    this.#lastProgressMs = this.agenda.now
    this.swarm.start()
  }

  #hear(self: ValidatorId, command: SwarmCommand): void {
    const { agenda, ledger } = this
    const { now } = agenda
    if (command.kind === 'setTimer') return this.#noteRound(self, command.round)
    const fault = faultAt(this.faults, self, now)
    // The node is connected to all validators that say anything.
    if (fault === 'crash' || fault === 'silence') return
    switch (command.kind) {
      case 'build':
        return this.#build(self, command.round, command.parent)
      case 'proposed': {
        const payload = this.#payloads.get(command.block.payload)
        if (payload === undefined) return
        ledger.propose(command.block, payload, now)
        ledger.proposedIn(command.block.round, command.block.id)
        break
      }
      case 'voted':
        this.#lastProgressMs = now
        if (this.#isStill) this.#parts.notice('consensus goes on', 'info')
        this.#isStill = false
        ledger.vote(command.block.id, now)
        this.commitStates.tell(ledger, ledger.get(command.block.id))
        break
      case 'finalized': {
        ledger.finalize(command.block.id, now)
        const { delayedRoot } = command.block
        this.commitStates.tell(ledger, ledger.get(command.block.id))
        if (delayedRoot !== undefined) {
          this.commitStates.tell(ledger, ledger.at(delayedRoot.height))
        }
        this.#commit(ledger.get(command.block.id))
        break
      }
      // A validator hears one face of a leader that has two; the node hears both.
      case 'equivocation':
        break
      case 'refused':
        this.told.refused++
        this.told.lastRefusal = command.reason
    }
    this.#wake()
  }

  #noteRound(self: ValidatorId, round: Round): void {
    const { start } = this.swarm.states[self]!
    const end = round === 1 ? undefined : start.kind
    for (const { proposals } of this.swarm.states) {
      const id = proposals.get(round - 1)?.block.id
      if (id !== undefined) this.ledger.proposedIn(round - 1, id)
    }
    this.ledger.beginRound(round, leaderOf(this.faults.config, round), end, this.agenda.now)
    const { stillness } = this
    if (stillness === undefined || this.#isStill) return
    this.#isStill = true
    this.#parts.notice(`consensus stands still: ${stillness}`, 'warn')
  }

  /** The leader's payload, when it is time for the next block and the chain is on the branch that it goes on from. */
  #build(self: ValidatorId, round: Round, parent: ConsensusBlock): void {
    const { buildMs, blockMs } = this.start.settings
    const { agenda, swarm } = this
    const parentMs = this.ledger.get(parent.id)?.times.proposed ?? agenda.now - blockMs
    const build = async (): Promise<void> => {
      if (swarm !== this.swarm || swarm.states[self]!.round !== round) return
      const above = this.ledger.get(parent.id)
      if (parent.height > 0 && above === undefined) return
      if (this.ledger.tip !== above) this.ledger.follow(above, agenda.now)
      const unexecuted = this.ledger.aboveHead(above)
      if (unexecuted === undefined) {
        this.#wake()
        return agenda.schedule(agenda.now + 1, build)
      }
      const number = (above?.number ?? this.ledger.base) + 1n
      const payload = await this.#payloads.make(number, unexecuted, this.miniBlocks)
      swarm.tell(self, { kind: 'built', round, parent: parent.id, payload: payload.hash })
    }
    agenda.schedule(Math.max(agenda.now + buildMs, parentMs + blockMs), build)
  }

  /** Does what the ledger says is next, one thing at a time. */
  #wake(): void {
    if (this.#isBusy || this.#isClosed) return
    const { agenda, ledger } = this
    if (this.#parts.dev.chain.head.block.hash !== ledger.headHash) {
      this.#beginAnew()
      return
    }
    const task = ledger.task()
    if (task === undefined) return
    this.#isBusy = true
    agenda.schedule(agenda.now, async () => {
      try {
        await this.#perform(task)
      } catch (error) {
        this.#rest()
        throw error
      }
    })
  }

  #rest(): void {
    this.#isBusy = false
    this.#wake()
  }

  async #perform(task: Task): Promise<void> {
    const { ledger } = this
    const { dev } = this.#parts
    if (dev.chain.head.block.hash !== ledger.headHash) return this.#rest()
    switch (task.kind) {
      case 'withdraw': {
        const number = task.to?.number ?? ledger.base
        await dev.withdraw(number)
        ledger.head(task.to)
        return this.#rest()
      }
      case 'adopt': {
        const { entry } = task
        const { attempt } = entry
        const isAdopted = await dev.adopt(attempt!)
        // Else a cheat changed the state that it was executed on: it is executed again.
        entry.attempt = undefined
        if (isAdopted) {
          const { block } = attempt!.built.record
          entry.hash = block.hash
          entry.gasUsed = block.header.gasUsed
          ledger.head(entry)
          this.leftOut += attempt!.built.executed.skipped.length
          this.commitStates.tell(ledger, entry)
          this.#commit(entry)
        }
        return this.#rest()
      }
      case 'execute':
        return this.#execute(task.entry, task.parent)
    }
  }

  async #execute(entry: OrderedBlock, parent: OrderedBlock | undefined): Promise<void> {
    const { agenda, time, ledger } = this
    const { dev } = this.#parts
    const { payload } = entry
    const beganMs = time.now
    entry.times.executionStarted = beganMs
    const onHead = parent === ledger.adopted
    const record = onHead ? dev.chain.head : parent!.attempt!.built.record
    const { transactions, timestamp } = payload
    const attempt =
      (onHead ? this.miniBlocks?.attemptOf(transactions) : undefined) ??
      (await dev.draft(transactions, { parent: record, timestamp }))
    const leastMs = this.start.settings.executeMs + this.faults.slownessOfNodeAt(beganMs)
    agenda.schedule(Math.max(time.now, beganMs + leastMs), () => {
      // It may have lost meanwhile: then its state is dropped.
      if (ledger === this.ledger && entry.isCanonical) this.#executed(entry, attempt)
      this.#rest()
    })
  }

  #executed(entry: OrderedBlock, attempt: NonNullable<OrderedBlock['attempt']>): void {
    const { now } = this.agenda
    entry.attempt = attempt
    entry.times.executed = now
    const root = attempt.built.record.block.header.stateRoot
    entry.root = root
    const block = entry.block.id
    for (const validator of this.swarm.states.keys()) {
      const told = this.faults.hasWrongRoot(validator, now)
        ? keccakHash(Buffer.from(`wrong ${validator} ${root}`))
        : root
      const atMs = now + delayBy(this.faults, 'slowExecutor', validator, now)
      this.swarm.tell(validator, { kind: 'executed', block, root: told }, atMs)
    }
  }

  /** A block that is final and executed is committed, while others are ordered and executed. */
  #commit(entry: OrderedBlock | undefined): void {
    if (entry?.times.finalized === undefined || this.#isClosed) return
    if (entry.block.height > (this.ledger.adopted?.block.height ?? 0)) return
    const { hash, number } = entry
    if (hash !== undefined) this.#parts.decided?.({ number, hash })
    this.#committing = this.#committing
      .then(() => this.#parts.flush())
      .then(
        () => {
          entry.times.committed ??= this.time.now
          this.#changed()
        },
        // The node says by itself that its disk failed.
        () => undefined,
      )
  }

  #fail(error: unknown): void {
    this.#parts.notice(
      `consensus: ${error instanceof Error ? error.message : String(error)}`,
      'error',
    )
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.swarm.stop()
    await this.time.close()
    await this.#committing
  }
}
