import type { BlockEnv, ExecutionOptions } from '../evm/engine.ts'
import type {
  BlockInput,
  BlockOutcome,
  ExecutedBlock,
  Executor,
  StepReport,
} from '../executor/executor.ts'
import type { Block, Header } from '../model/block.ts'
import type { ChainConfig, Rules } from '../model/fork.ts'
import { configAfter, isActive, rulesAt } from '../model/fork.ts'
import { describeRejection } from '../model/rejection.ts'
import type { Transaction } from '../model/transaction.ts'
import type { Hash } from '../primitives/hex.ts'
import { invariant } from '../primitives/invariant.ts'
import { whenHere } from '../state/absent.ts'
import type { AccessSet, ChangeSet } from '../state/access.ts'
import type { CodeStore } from '../state/codes.ts'
import { rememberAccounts } from '../state/remembered.ts'
import type { StateView } from '../state/view.ts'
import type { Version } from '../state/world.ts'
import { applyChanges, viewOf } from '../state/world.ts'
import { type BlockPlan, commitmentsOf, draftHeader, isSamePlan, sealBlock } from './assemble.ts'
import { type BlockRecord, type LiveRecord, lazyRecord } from './block-record.ts'
import { BlockRecordings } from './block-recordings.ts'
import { executeFitting } from './execute-fitting.ts'
import { changesOfExecuted } from './executed-changes.ts'
import type { History } from './history.ts'
import type { Origin } from './origin.ts'
import { reserveSpenders } from './reserve-spenders.ts'
import { stepSince } from './step-report.ts'
import { checkAccessListSize, checkBlock, firstDifference } from './validate.ts'

/** What makes a block, besides its plan. */
export interface Body {
  readonly transactions: readonly Transaction[]
  readonly optionsOf?: ((tx: Transaction) => ExecutionOptions | undefined) | undefined
}

/** A block that was executed on `parent` but is not in the chain (yet). */
export interface BuiltBlock {
  readonly parent: LiveRecord
  readonly record: LiveRecord
  readonly executed: ExecutedBlock
  readonly rules: Rules
  /** When its execution had ended; milliseconds, as of `performance.now()`. */
  readonly executedAt: number
  readonly root: StepReport
}

/** What an imported block did to the chain. Oldest first; nothing when it stays beside it. */
interface Adoption {
  /** Blocks that are in the chain now, the imported one last. */
  readonly adopted: readonly BlockRecord[]
  readonly removed: readonly BlockRecord[]
}

export type ImportOutcome =
  | ({
      readonly kind: 'imported'
      readonly record: LiveRecord
      readonly executed: ExecutedBlock
    } & Adoption)
  | { readonly kind: 'refused'; readonly detail: string }

/** Whoever builds blocks ahead has few of them. */
const MOST_BESIDE = 64

/** The canonical chain, the state after each of its blocks, and the making and checking of blocks. */
export class Chain {
  readonly history: History
  readonly codes: CodeStore
  readonly executor: Executor
  /** How the newest blocks were executed. */
  readonly recordings: BlockRecordings = new BlockRecordings()
  /** What a transaction is expected to access in the block that is built next, if somebody knows. */
  hintOf: ((tx: Transaction) => AccessSet | undefined) | undefined
  #origin: Origin
  #config: ChainConfig
  /** Of the head's state, when it was last asked for. */
  #headView: { readonly version: Version; readonly view: StateView } | undefined
  /** The next block as it was expected last. */
  #next: { readonly version: Version; readonly plan: BlockPlan; readonly env: BlockEnv } | undefined
  /** Valid blocks that are not canonical: a reorganisation may bring them back. */
  readonly #side = new Map<Hash, LiveRecord>()
  /** Built blocks that may come to be the head, the newest last. */
  readonly #beside = new Map<Hash, LiveRecord>()

  constructor(origin: Origin, history: History, codes: CodeStore, executor: Executor) {
    this.#config = origin.config
    this.#origin = origin
    this.history = history
    this.codes = codes
    this.executor = executor
  }

  get config(): ChainConfig {
    return this.#config
  }

  /** Another id, or other rules: for the next blocks, and whatever runs again. */
  adjust(change: Partial<Pick<ChainConfig, 'chainId' | 'tweaks'>>): void {
    this.#config = { ...this.#config, ...change }
  }

  get head(): LiveRecord {
    return this.history.head
  }

  view(version: Version): StateView {
    if (version !== this.head.version) return viewOf(version, this.codes)
    if (this.#headView?.version !== version) {
      this.#headView = { version, view: rememberAccounts(viewOf(version, this.codes)) }
    }
    return this.#headView.view
  }

  /**
   * What transactions of a block with this header see of it and of the blocks before it.
   * @param transactions the block's, in its order; a call is of none
   * @param before the newest block that is over: to a call, the one that it sees
   */
  env(
    header: Header,
    rules: Rules,
    parent: BlockRecord,
    transactions: readonly Transaction[] = [],
    before: Pick<BlockRecord, 'block'> = parent,
  ): BlockEnv {
    const env: BlockEnv = {
      rules,
      chainId: this.#config.chainId,
      header,
      blockHash: (number) => this.#ancestorHash(parent, number),
    }
    if (rules.network === undefined) return env
    const maySpendReserve = reserveSpenders(rules, () => this.#lineOf(before), transactions)
    return { ...env, maySpendReserve }
  }

  /** What transactions of a mined block saw: the chain may answer to another id by now. */
  minedEnv({ header, transactions }: Block, parent: BlockRecord): BlockEnv {
    const rules = rulesAt(configAfter(this.#config, parent), header.number, header.timestamp)
    const env = this.env(header, rules, parent, transactions)
    const stated = transactions.find(({ chainId }) => chainId !== undefined)?.chainId
    return stated === undefined ? env : { ...env, chainId: stated }
  }

  /** A block and those before it, the newest first. */
  *#lineOf(newest: Pick<BlockRecord, 'block'>): Iterable<Block> {
    for (
      let record: Pick<BlockRecord, 'block'> | undefined = newest;
      record !== undefined;
      record = this.#find(record.block.header.parentHash)
    ) {
      yield record.block
    }
  }

  /** Executes the plan on `parent`, leaving out what cannot be mined. Nothing changes. */
  async build(plan: BlockPlan, body: Body, parent: LiveRecord = this.head): Promise<BuiltBlock> {
    const config = configAfter(this.#config, parent)
    const { header, rules } = draftHeader(parent.block, config, plan)
    const withdrawals = isActive(rules, 'shanghai') ? (plan.withdrawals ?? []) : undefined
    const { optionsOf } = body
    const inputOf = (transactions: readonly Transaction[]): BlockInput => ({
      config,
      env: this.env(header, rules, parent, transactions),
      header,
      transactions,
      ommers: [],
      withdrawals,
      optionsOf: (index) => optionsOf?.(transactions[index]!),
      hintOf: (index) => this.hintOf?.(transactions[index]!),
      stateId: parent.version,
      onRejection: 'skip',
      protocol: 'full',
      recorded: this.#isRecorded(transactions),
      intermediateRoot: (changes) => applyChanges(parent.version, changes).stateRoot,
    })
    const executed = await executeFitting(body.transactions, inputOf, (input) =>
      this.executor.execute(input, this.view(parent.version)),
    )
    const executedAt = performance.now()
    const version = await whenHere(() => applyChanges(parent.version, ...executed.changes))
    executed.became?.(version)
    const { stateRoot } = version
    const root = stepSince('root', executedAt, executed, executedAt)
    const block = sealBlock(header, executed, withdrawals, stateRoot)
    const record = recordOf(block, executed, parent, version)
    return { parent, rules, executed, record, executedAt, root }
  }

  /** `tx` will likely be in the next block, if that is made by this plan. */
  expect(tx: Transaction, plan: BlockPlan, options: ExecutionOptions): void {
    const { executor, head } = this
    // Elsewhere an encoding says who sent before it, which is not known yet.
    if (executor.expect === undefined || this.#config.network !== undefined) return
    const { version } = head
    if (this.#next?.version !== version || !isSamePlan(this.#next.plan, plan)) {
      const { header, rules } = draftHeader(head.block, configAfter(this.#config, head), plan)
      this.#next = { version, plan, env: this.env(header, rules, head) }
    }
    const { env } = this.#next
    executor.expect(tx, { env, options, view: this.view(version), stateId: version })
  }

  /** There is nothing to say of a block without transactions. */
  #isRecorded(transactions: readonly Transaction[]): boolean {
    return this.recordings.limit > 0 && transactions.length > 0
  }

  /** Blocks can be built on a built block that is not in the chain yet. */
  keepBeside({ record, executed }: BuiltBlock): void {
    for (const { codes } of executed.changes) this.codes.add(codes)
    this.#beside.set(record.block.hash, record)
    for (const oldest of this.#beside.keys()) {
      if (this.#beside.size <= MOST_BESIDE) break
      this.#beside.delete(oldest)
    }
  }

  /** Makes a built block the head. Its parent must be the head still. */
  commit(built: BuiltBlock): BlockRecord {
    const { executed, root, executedAt } = built
    const began = performance.now()
    for (const { codes } of executed.changes) this.codes.add(codes)
    this.history.append(built.record, () => changesOfExecuted(built.executed))
    this.#beside.delete(built.record.block.hash)
    const commit = stepSince('commit', began, executed, executedAt)
    this.recordings.keep(built.record.block.hash, executed, [root, commit])
    return built.record
  }

  /** Checks `block` by the rules and takes it in; it becomes the head when it is higher, or heavier before the merge. */
  async import(block: Block): Promise<ImportOutcome> {
    if (this.#find(block.hash) !== undefined) {
      return { kind: 'refused', detail: `block ${block.hash} is already known` }
    }
    const parent = this.#find(block.header.parentHash)
    if (parent === undefined) {
      return { kind: 'refused', detail: `the parent ${block.header.parentHash} is unknown` }
    }
    if (!isLive(parent)) {
      return {
        kind: 'refused',
        detail: `the state of the parent ${block.header.parentHash} is not kept any longer`,
      }
    }
    const config = configAfter(this.#config, parent)
    const checked = checkBlock(block, parent.block, config, (hash) => this.#find(hash)?.block)
    if (checked.kind === 'faulty') return { kind: 'refused', detail: checked.detail }
    const outcome = await this.#reexecute(block, checked.rules, parent)
    if (outcome.kind === 'invalid') {
      const detail = `transaction ${outcome.index}: ${describeRejection(outcome.rejection)}`
      return { kind: 'refused', detail }
    }
    if (outcome.kind === 'invalidBlock') return { kind: 'refused', detail: outcome.detail }
    const executedAt = performance.now()
    const version = await whenHere(() => applyChanges(parent.version, ...outcome.changes))
    outcome.became?.(version)
    const { stateRoot } = version
    const root = stepSince('root', executedAt, outcome, executedAt)
    const wanted = commitmentsOf(block.header, outcome, block.withdrawals, stateRoot)
    const difference =
      firstDifference(block.header, wanted) ??
      checkAccessListSize(block.header, outcome.blockAccessList)
    if (difference !== undefined) return { kind: 'refused', detail: difference }
    const began = performance.now()
    for (const { codes } of outcome.changes) this.codes.add(codes)
    const record = recordOf(block, outcome, parent, version)
    const adoption = this.#adopt(record, outcome)
    const commit = stepSince('commit', began, outcome, executedAt)
    this.recordings.keep(block.hash, outcome, [root, commit])
    return { kind: 'imported', record, executed: outcome, ...adoption }
  }

  #reexecute(block: Block, rules: Rules, parent: LiveRecord): Promise<BlockOutcome> {
    return this.executor.execute(
      {
        config: this.#config,
        env: this.env(block.header, rules, parent, block.transactions),
        header: block.header,
        transactions: block.transactions,
        ommers: block.ommers,
        withdrawals: block.withdrawals,
        stateId: parent.version,
        onRejection: 'stop',
        protocol: 'full',
        recorded: this.#isRecorded(block.transactions),
        intermediateRoot: (changes) => applyChanges(parent.version, changes).stateRoot,
      },
      this.view(parent.version),
    )
  }

  /** Changes the head's state outside of any block: the cheats of a dev chain. */
  change(changes: ChangeSet): void {
    this.codes.add(changes.codes)
    this.history.setHeadState(applyChanges(this.head.version, changes))
  }

  /**
   * Takes back the blocks above `number`. The state is then as it was when that block was the head, or `version`.
   * @returns the blocks that are gone, oldest first
   */
  truncate(number: bigint, version?: Version): readonly BlockRecord[] {
    return this.history.truncate(number, version)
  }

  /** Another chain in the place of this one. Blocks beside it are forgotten. */
  replace(before: Iterable<BlockRecord>, head: LiveRecord): void {
    this.#side.clear()
    this.#beside.clear()
    this.history.replace(before, head)
  }

  /** From the first block on, with the chain id that holds now. @param origin another first block than the last one */
  startOver(origin: Origin = this.#origin): void {
    const { tweaks } = this.#config
    if (origin !== this.#origin) this.#config = { ...origin.config, tweaks }
    this.#origin = origin
    this.replace([], origin.begin(this.codes))
  }

  #find(hash: Hash): BlockRecord | undefined {
    return this.history.byHash(hash) ?? this.#side.get(hash) ?? this.#beside.get(hash)
  }

  #adopt(record: LiveRecord, executed: ExecutedBlock): Adoption {
    if (!isBetter(record, this.head)) {
      this.#side.set(record.block.hash, record)
      return { adopted: [], removed: [] }
    }
    const path: LiveRecord[] = [record]
    let parentHash = record.block.header.parentHash
    for (
      let side = this.#side.get(parentHash);
      side !== undefined && !this.history.has(parentHash);
      side = this.#side.get(parentHash)
    ) {
      path.push(side)
      parentHash = side.block.header.parentHash
    }
    const ancestor = this.history.byHash(parentHash)
    invariant(ancestor !== undefined, 'a side chain begins on the canonical chain')
    const removed = this.history.truncate(ancestor.block.header.number)
    for (const old of removed) if (isLive(old)) this.#side.set(old.block.hash, old)
    const adopted = path.toReversed()
    for (const next of adopted) {
      this.#side.delete(next.block.hash)
      this.history.append(next, next === record ? () => changesOfExecuted(executed) : undefined)
    }
    return { adopted, removed }
  }

  /** BLOCKHASH as a block on `parent` sees it: the last 256 blocks, itself excluded. */
  #ancestorHash(parent: BlockRecord, number: bigint): Hash | undefined {
    const top = parent.block.header.number
    if (number > top || number < 0n || top - number >= 256n) return undefined
    if (number < this.history.genesis.block.header.number) return this.#origin.hashBefore?.(number)
    let record: BlockRecord | undefined = parent
    while (record !== undefined && record.block.header.number > number) {
      if (this.history.hashOf(record.block.header.number) === record.block.hash) {
        return this.history.hashOf(number)
      }
      record = this.#find(record.block.header.parentHash)
    }
    return record?.block.hash
  }
}

function recordOf(
  block: Block,
  executed: ExecutedBlock,
  parent: BlockRecord,
  version: Version,
): LiveRecord {
  const totalDifficulty = parent.totalDifficulty + block.header.difficulty
  // Not of `executed`, which holds on to how it was executed.
  const { results } = executed
  return lazyRecord(
    { block, totalDifficulty },
    () => results.receipts,
    () => version,
  )
}

function isLive(record: BlockRecord): record is LiveRecord {
  return record.version !== undefined
}

/** Heavier before the merge, higher after it. */
function isBetter(candidate: BlockRecord, head: BlockRecord): boolean {
  if (candidate.totalDifficulty !== head.totalDifficulty) {
    return candidate.totalDifficulty > head.totalDifficulty
  }
  return candidate.block.header.number > head.block.header.number
}
