import type { ExecutionOptions } from '../evm/engine.ts'
import { isImpersonated } from '../model/signer.ts'
import type { BlobSidecar, Transaction } from '../model/transaction.ts'
import type { Block } from '../model/block.ts'
import type { Address, Hash } from '../primitives/hex.ts'
import type { StateView } from '../state/view.ts'
import type { Version } from '../state/world.ts'
import { admissionFault } from './admission.ts'
import type { BlockPlan } from './assemble.ts'
import type { BuiltBlock, Chain, ImportOutcome } from './chain.ts'
import { Cheats, type MakeChange } from './cheats.ts'
import type { Clock } from './clock.ts'
import { type BlockRecord, standalone } from './block-record.ts'
import { NextBlock } from './next-block.ts'
import { Pool, orderTransactions } from './pool.ts'
import type { DevEvent } from './dev-event.ts'
import {
  type Attempt,
  type Draft,
  type LoadedChain,
  type PendingBlock,
  type Start,
  type SubmitAnswer,
  mayFitLater,
} from './dev-parts.ts'
import { type BlockSettings, type DevRules, optionsBy, planBy, withoutUsed } from './settings.ts'
import { type Snapshot, Snapshots } from './snapshots.ts'
import { Turns } from './turns.ts'

/** A block of so many is made as fast as it would be prepared. */
const FEW = 16

/** A chain with a pool, a clock and the cheats: everything of it that a snapshot brings back. */
export class DevChain {
  readonly chain: Chain
  readonly clock: Clock
  readonly pool: Pool
  readonly rules: DevRules
  #settings: BlockSettings
  /** What to wait for before the chain may change; undefined for nothing. It throws, or rejects, when nothing may change. */
  readonly ready: () => Promise<void> | undefined
  /** How signed transactions run, and those in the name of an impersonated account. */
  readonly #options: ExecutionOptions
  readonly #impersonatedOptions: ExecutionOptions
  readonly #next: NextBlock
  readonly #turns = new Turns()
  readonly #cheats: Cheats
  readonly #listeners = new Set<(event: DevEvent) => void>()
  readonly #sidecars = new Map<Hash, BlobSidecar>()
  #start: { readonly genesis: BlockRecord } & Pick<Snapshot, 'clock' | 'settings'>
  readonly #snapshots = new Snapshots()
  #pending: PendingBlock | undefined

  /** @param ready such as a disk that is behind */
  constructor(
    chain: Chain,
    clock: Clock,
    rules: DevRules,
    settings: BlockSettings,
    ready: () => Promise<void> | undefined = () => undefined,
  ) {
    this.chain = chain
    this.clock = clock
    this.rules = rules
    this.#settings = settings
    this.ready = ready
    this.#next = new NextBlock(chain, clock, rules)
    this.pool = new Pool(rules.maxPoolTransactions)
    const write = (job: () => Promise<void>): Promise<void> => this.#write(job)
    this.#cheats = new Cheats(chain, this.#turns, write, () => this.#emit({ kind: 'changed' }))
    this.#options = optionsBy(rules, false)
    this.#impersonatedOptions = optionsBy(rules, true)
    const { genesis } = chain.history
    this.#start = { genesis: standalone(genesis, genesis.version), clock: clock.state, settings }
    clock.listen(() => this.#emit({ kind: 'configured' }))
  }

  get settings(): BlockSettings {
    return this.#settings
  }

  set settings(settings: BlockSettings) {
    this.#settings = settings
    this.#pending = undefined
    this.#emit({ kind: 'configured' })
  }

  /** A turn in which the chain may change. */
  #write<T>(job: () => T | Promise<T>): Promise<T> {
    return this.#turns.run(async () => {
      await this.ready()
      return job()
    })
  }

  listen(listener: (event: DevEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #emit(event: DevEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  /** The state at the head, cheats included. */
  get view(): StateView {
    return this.chain.view(this.chain.head.version)
  }

  sidecar(hash: Hash): BlobSidecar | undefined {
    return this.#sidecars.get(hash)
  }

  isImpersonated(address: Address): boolean {
    return this.settings.autoImpersonate || this.settings.impersonated.has(address)
  }

  /** undefined before London. */
  nextBaseFeeWei(): bigint | undefined {
    return this.#next.baseFeeWei(this.settings)
  }

  /** Checks `tx` and puts it in the pool. It is mined by whoever mines. */
  submit(tx: Transaction): SubmitAnswer {
    if (this.chain.history.hasTransaction(tx.hash)) return { kind: 'alreadyKnown' }
    const { admission, plan } = this.#next.terms(this.settings)
    const rejection = admissionFault(tx, admission)
    if (rejection !== undefined) return { kind: 'rejected', rejection }
    const answer = this.pool.add(tx)
    if (answer.kind !== 'added') return answer
    if (tx.sidecar !== undefined) this.#sidecars.set(tx.hash, tx.sidecar)
    if (this.pool.size > FEW) this.chain.expect(tx, plan, this.optionsOf(tx))
    this.#emit({ kind: 'pooled', tx })
    return { kind: 'accepted' }
  }

  /** Pooled transactions that the next block could hold, in its order, and the others. */
  waiting(): { readonly ready: readonly Transaction[]; readonly queued: readonly Transaction[] } {
    const [view, baseFeeWei] = [this.view, this.nextBaseFeeWei()]
    const split = this.pool.split((sender) => view.account(sender)?.nonce ?? 0n, baseFeeWei)
    return {
      ready: orderTransactions(split.ready, this.rules.order, baseFeeWei ?? 0n),
      queued: split.queued.map((entry) => entry.tx),
    }
  }

  /** Mines one block, empty or not. @param timestamp in place of the clock's @param offered in place of the pool's transactions */
  mine(timestamp?: bigint, offered?: readonly Transaction[]): Promise<Block> {
    return this.#write(async () => {
      const { head } = this.chain
      const time = this.clock.peek(head.block.header.timestamp, timestamp)
      const attempt = await this.#build(offered, { parent: head, timestamp: time })
      this.#dropSkipped(attempt)
      return this.#commit(attempt.built, timestamp)
    })
  }

  /** Mines blocks until no pooled transaction can be mined: what automine does. */
  mineReady(): Promise<void> {
    return this.#write(async () => {
      for (let { ready } = this.waiting(); ready.length > 0; ready = this.waiting().ready) {
        const attempt = await this.#build(ready)
        this.#dropSkipped(attempt)
        if (attempt.built.executed.transactions.length > 0) this.#commit(attempt.built)
        else if (attempt.built.executed.skipped.every(mayFitLater)) return
      }
    })
  }

  async #build(offered = this.waiting().ready, on?: Draft): Promise<Attempt> {
    const transactions = offered.slice(0, this.rules.maxBlockTransactions)
    const body = { transactions, optionsOf: (tx: Transaction) => this.optionsOf(tx) }
    return { offered, built: await this.chain.build(this.#plan(on?.timestamp), body, on?.parent) }
  }

  /** Executes a block that may never be in the chain. Others can be drafted on it. */
  draft(offered: readonly Transaction[], on: Draft): Promise<Attempt> {
    return this.#write(async () => {
      const attempt = await this.#build(offered, on)
      this.chain.keepBeside(attempt.built)
      return attempt
    })
  }

  /** Makes a draft the head, as if it were mined. False when the head is not, or no longer as, what it was drafted on. */
  adopt(attempt: Attempt): Promise<boolean> {
    return this.#write(() => {
      const { parent } = attempt.built
      const { block, version } = this.chain.head
      if (parent.block.hash !== block.hash || parent.version !== version) return false
      this.#dropSkipped(attempt)
      this.#commit(attempt.built)
      return true
    })
  }

  /** Takes back the blocks above `number`: their transactions are pooled again. Snapshots of them are gone. */
  withdraw(number: bigint): Promise<void> {
    return this.#write(() => {
      const records = this.#removeAbove(number)
      this.#snapshots.forgetAbove(number)
      this.#emit({ kind: 'changed' })
      for (const tx of records.flatMap(({ block }) => block.transactions)) {
        if (this.pool.add(tx).kind === 'added') this.#emit({ kind: 'pooled', tx })
      }
    })
  }

  /** How a transaction runs in this chain's blocks, also when it runs again for a trace. */
  optionsOf(tx: Transaction): ExecutionOptions {
    return isImpersonated(tx.signature) ? this.#impersonatedOptions : this.#options
  }

  #plan(timestamp = this.#next.time()): BlockPlan {
    return planBy(this.settings, timestamp)
  }

  /** @param timestamp in place of the clock's */
  #commit(built: BuiltBlock, timestamp?: bigint): Block {
    const parent = this.chain.head.block.header
    this.clock.take(parent.timestamp, timestamp)
    this.chain.commit(built)
    const settings = withoutUsed(this.settings, built.record.block)
    if (settings !== this.settings) this.settings = settings
    this.pool.removeAll(built.executed.transactions)
    this.#dropUsed(built.executed.transactions)
    this.#emit({ kind: 'mined', built })
    return built.record.block
  }

  /** Senders of `mined` may have more in the pool with nonces that are used. */
  #dropUsed(mined: readonly Transaction[]): void {
    if (this.pool.size === 0) return
    const { view } = this
    for (const { sender } of mined) {
      if (!this.pool.holds(sender)) continue
      this.pool.removeBelow(sender, view.account(sender)?.nonce ?? 0n)
    }
  }

  #dropSkipped({ offered, built }: Attempt): void {
    for (const skipped of built.executed.skipped) {
      const { index, rejection } = skipped
      const tx = offered[index]
      if (tx === undefined || mayFitLater(skipped)) continue
      this.pool.remove(tx.hash)
      this.#emit({ kind: 'dropped', tx, rejection })
    }
  }

  /** The block that would be mined now; computed once per state of head and pool. */
  pending(): Promise<BuiltBlock> {
    return this.#turns.run(() => {
      const plan = this.#plan()
      const { block, version } = this.chain.head
      const key = `${block.hash} ${this.pool.revision} ${plan.timestamp}`
      if (this.#pending?.key !== key || this.#pending.version !== version) {
        const built = this.#build().then((attempt) => attempt.built)
        this.#pending = { key, version, built }
        // What could not be fetched may be there the next time.
        built.catch(() => (this.#pending = undefined))
      }
      return this.#pending.built
    })
  }

  /** Checks and takes in a block from elsewhere. */
  import(block: Block): Promise<ImportOutcome> {
    return this.#write(async () => {
      const outcome = await this.chain.import(block)
      if (outcome.kind === 'refused') return outcome
      if (outcome.removed.length > 0) this.#emit({ kind: 'removed', records: outcome.removed })
      this.pool.removeAll(block.transactions)
      this.#emit(outcome)
      return outcome
    })
  }

  /** Changes the head's state by a cheat, after any block in the making. */
  change(make: MakeChange): Promise<void> {
    return this.#cheats.add(make)
  }

  snapshot(): Promise<bigint> {
    return this.#turns.run(() => {
      const { block, version } = this.chain.head
      const { number } = block.header
      const pool = this.pool.all()
      return this.#snapshots.take({
        number,
        version,
        pool,
        clock: this.clock.state,
        settings: this.settings,
      })
    })
  }

  snapshots(): readonly Pick<Snapshot, 'id' | 'number'>[] {
    return this.#snapshots.all
  }

  /** Brings back everything as it was; the snapshot and later ones are used up. False when there is none. */
  revert(id: bigint): Promise<boolean> {
    return this.#write(() => {
      const snapshot = this.#snapshots.use(id)
      if (snapshot === undefined) return false
      this.#removeAbove(snapshot.number, snapshot.version)
      this.pool.clear()
      for (const tx of snapshot.pool) this.pool.add(tx)
      this.clock.restore(snapshot.clock)
      this.settings = snapshot.settings
      this.#emit({ kind: 'changed' })
      return true
    })
  }

  /** Takes back the newest `depth` blocks; snapshots of them are gone. Not when there are not so many, or the state is not kept. */
  rollback(depth: bigint): Promise<'done' | 'tooFew' | 'noState'> {
    return this.#write(() => {
      const { history } = this.chain
      const number = history.head.block.header.number - depth
      if (number < history.genesis.block.header.number) return 'tooFew'
      if (!history.hasState(number)) return 'noState'
      this.#removeAbove(number)
      this.#snapshots.forgetAbove(number)
      this.#emit({ kind: 'changed' })
      return 'done'
    })
  }

  /** Back to the first block, as the chain was when the node started. @param start begins it elsewhere, from here on */
  reset(start?: Start): Promise<void> {
    return this.#write(() => {
      const { genesis } = this.#start
      const { block } = this.chain.history.genesis
      if (start !== undefined) {
        this.chain.startOver(start.origin)
        const { genesis: first } = this.chain.history
        this.#start = { ...start, genesis: standalone(first, first.version) }
      } else if (genesis.version !== undefined && block.hash === genesis.block.hash) {
        this.#removeAbove(block.header.number, genesis.version)
      } else {
        this.chain.startOver()
      }
      this.pool.clear()
      this.#sidecars.clear()
      this.#snapshots.clear()
      this.clock.restore(this.#start.clock)
      this.settings = this.#start.settings
      this.#emit({ kind: 'changed' })
    })
  }

  /**
   * Takes in another chain's blocks and state, or a state alone, which the head then has. Snapshots are gone, and so is what
   * the pool holds that can not be mined any longer.
   * @param load is given the state that is there
   */
  load(load: (base: Version) => Promise<LoadedChain>): Promise<void> {
    return this.#write(async () => {
      const { blocks, version } = await load(this.chain.head.version)
      const head = blocks.at(-1)
      if (head === undefined) this.chain.history.setHeadState(version)
      else this.chain.replace(blocks.slice(0, -1), standalone(head, version))
      this.#snapshots.clear()
      this.#dropUsed(this.pool.all())
      const { timestamp } = this.chain.head.block.header
      if (timestamp > this.clock.now()) this.clock.set(timestamp)
      this.#emit({ kind: 'changed' })
    })
  }

  /** Runs `read` between two changes of the chain, after those that were asked for before. */
  still<T>(read: () => T): Promise<T> {
    return this.#turns.run(read)
  }

  #removeAbove(number: bigint, version?: Version): readonly BlockRecord[] {
    const records = this.chain.truncate(number, version)
    if (records.length > 0) this.#emit({ kind: 'removed', records })
    return records
  }
}
