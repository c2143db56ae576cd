import type { DevChain } from '../chain/dev-chain.ts'
import type { BuiltBlock } from '../chain/chain.ts'
import type { Namer } from '../chain/record-block.ts'
import { type Rerun, rerunBlock } from '../chain/rerun.ts'
import {
  CONSOLE_ADDRESS,
  type ConsoleCollector,
  createConsoleCollector,
} from '../evm/tracer/console-log.ts'
import type { Engine, Outcome } from '../evm/engine.ts'
import type { Observer } from '../evm/observer.ts'
import { combineObservers } from '../evm/tracer/combine.ts'
import { type FrameStory, createFrameStory } from '../evm/tracer/frame-story.ts'
import type { AccessSet } from '../state/access.ts'
import { hasRead } from '../state/record.ts'
import { rulesAt } from '../model/fork.ts'
import { describeRejection } from '../model/rejection.ts'
import { EMPTY_BYTES } from '../primitives/bytes.ts'
import type { Soon } from '../primitives/soon.ts'
import type { StateView } from '../state/view.ts'
import type { MinedTransaction, NodeEvent, NodeListener } from './events.ts'
import type { Artefacts } from './artefacts.ts'
import type { NodeConfig } from './config.ts'
import { decodeFailure, labelCall } from './labels.ts'
import { ConflictWatch } from './profiler/conflict-watch.ts'
import { type Explainer, type Explanation, runningCode, stackLines } from './stack/explain.ts'

const MOST_EARLY = 16

/** Tells listeners what the node does. Without listeners nothing is collected but a few notices. */
export class Reporter {
  readonly #artefacts: Artefacts
  readonly #listeners = new Set<NodeListener>()
  readonly #noticed = new Set<NodeListener>()
  readonly #explainer: Explainer
  readonly #traces: NodeConfig['printTraces']
  /** Notices from before anybody listened, such as a start has. */
  readonly #early: NodeEvent[] = []
  #on = true
  #tail: Promise<void> = Promise.resolve()
  readonly #conflicts: ConflictWatch

  /** @param traces of which transactions the calls are told */
  constructor(
    artefacts: Artefacts,
    namer: Namer,
    explainer: Explainer,
    traces: NodeConfig['printTraces'] = 'none',
  ) {
    this.#artefacts = artefacts
    this.#conflicts = new ConflictWatch(namer)
    this.#explainer = explainer
    this.#traces = traces
  }

  /** @param hears `notices`: only those, for which nothing has to be collected */
  listen(listener: NodeListener, hears: 'everything' | 'notices' = 'everything'): () => void {
    const listeners = hears === 'everything' ? this.#listeners : this.#noticed
    listeners.add(listener)
    for (const event of this.#early.splice(0)) listener(event)
    return () => listeners.delete(listener)
  }

  setLogging(on: boolean): void {
    this.#on = on
  }

  get isHeard(): boolean {
    return this.#on && this.#listeners.size > 0
  }

  tell(event: NodeEvent): void {
    if (!this.#on) return
    if (this.#listeners.size + this.#noticed.size === 0 && event.kind === 'notice') {
      if (this.#early.length < MOST_EARLY) this.#early.push(event)
    }
    for (const listener of this.#listeners) listener(event)
    if (event.kind === 'notice') for (const listener of this.#noticed) listener(event)
  }

  /** Resolves when what was mined so far has been told. */
  async settled(): Promise<void> {
    await this.#tail
  }

  /**
   * Tells a call's console.log lines and its tree. It is run again for them, so that calls of which there is nothing to tell pay nothing.
   * @param view the state that it ran on
   */
  hearCall(
    outcome: Outcome,
    view: StateView,
    again: (observer: Observer) => Soon<Outcome>,
  ): Soon<void> {
    if (!this.isHeard || outcome.kind === 'rejected') return
    const isTree = this.#printsTree(outcome.kind === 'success' ? undefined : outcome.kind)
    return isTree || logs(outcome.access) ? this.#tellCall(view, isTree, again) : undefined
  }

  async #tellCall(
    view: StateView,
    isTree: boolean,
    again: (observer: Observer) => Soon<Outcome>,
  ): Promise<void> {
    const collector = createConsoleCollector()
    const story = createFrameStory(false)
    await this.#artefacts.load()
    await again(combineObservers([collector.observer, ...(isTree ? [story.observer] : [])]))
    const trace = isTree ? this.#explainer.tree(story, view) : []
    this.tell({ kind: 'call', method: 'eth_call', console: collector.lines(), trace })
  }

  follow(dev: DevChain, engine: Engine): void {
    dev.listen((event) => {
      if (!this.isHeard) return
      if (event.kind === 'mined') this.#inOrder(() => this.#reportBlock(event.built, dev, engine))
      const failure = event.kind === 'mined' ? event.built.executed.report.failure : undefined
      if (failure !== undefined) {
        const text = `a lane failed (${failure}): the block was executed in order, the lanes are new`
        this.tell({ kind: 'notice', level: 'warn', text })
      }
      if (event.kind === 'dropped') {
        const reason = describeRejection(event.rejection)
        const text = `transaction ${event.tx.hash} was dropped from the pool: ${reason}`
        this.tell({ kind: 'notice', level: 'warn', text })
      }
    })
  }

  /** Blocks are told of in their order, though the first waits for artefacts to be read. */
  #inOrder(report: () => Promise<void>): void {
    this.#tail = this.#tail.then(report).catch((error: unknown) => {
      const text = `a block could not be reported: ${error instanceof Error ? error.message : String(error)}`
      this.tell({ kind: 'notice', level: 'error', text })
    })
  }

  async #reportBlock(built: BuiltBlock, dev: DevChain, engine: Engine): Promise<void> {
    const { record, executed } = built
    const { executor: chosen, inOrder, ms } = executed.report
    const executor = inOrder === undefined ? chosen : 'serial'
    if (record.block.transactions.length === 0) {
      this.tell({ kind: 'mined', block: record.block, transactions: [], executor, ms })
      return
    }
    await this.#artefacts.load()
    const heard = await this.#hearAgain(built, dev, engine)
    const view = dev.chain.view(record.version)
    const { header } = record.block
    const rules = rulesAt(dev.chain.config, header.number, header.timestamp)
    const transactions: MinedTransaction[] = []
    for (const [index, transaction] of record.block.transactions.entries()) {
      const { to, data, valueWei } = transaction
      const code = to === null ? EMPTY_BYTES : runningCode(view, to)
      const reason = executed.failures[index]
      const story = heard[index]?.story
      const why = story && (await this.#explainer.failure(story, view, rules))
      transactions.push({
        transaction,
        receipt: record.receipts[index]!,
        label: labelCall({ to, code, data, valueWei }, this.#artefacts),
        failure: reason && this.#failureText(reason, executed.outputs[index]!, code, why),
        stack: why === undefined ? [] : stackLines(why),
        trace: story && this.#printsTree(reason) ? this.#explainer.tree(story, view) : [],
        console: heard[index]?.console.lines() ?? [],
      })
    }
    this.tell({ kind: 'mined', block: record.block, transactions, executor, ms })
    const labels = transactions.map(({ label }) => label)
    const text = await this.#conflicts.look(built, labels, dev, engine, performance.now())
    if (text !== undefined) this.tell({ kind: 'notice', level: 'info', text })
  }

  #failureText(
    reason: string,
    output: Uint8Array,
    code: Uint8Array,
    why: Explanation | undefined,
  ): string {
    // The cause of a halt is its name.
    if (reason !== 'execution reverted') return reason
    const said = decodeFailure(output, this.#artefacts, code)
    return why?.message === undefined || output.length > 0 ? said : `${said}: ${why.message}`
  }

  #printsTree(failure: string | undefined): boolean {
    return this.#traces === 'all' || (this.#traces === 'failures' && failure !== undefined)
  }

  /** The block once more, for whatever has to be heard of it, if it is still in the chain. */
  async #hearAgain(
    { record, executed }: BuiltBlock,
    dev: DevChain,
    engine: Engine,
  ): Promise<readonly (Heard | undefined)[]> {
    const heard: (Heard | undefined)[] = executed.accesses.map((access, index) => {
      const failure = executed.failures[index]
      const isExplained = failure !== undefined && this.#explainer.knowsContracts
      const isStory = isExplained || this.#printsTree(failure)
      if (!isStory && !logs(access)) return undefined
      const story = isStory ? createFrameStory(isExplained) : undefined
      return { console: createConsoleCollector(), story }
    })
    const last = heard.findLastIndex((each) => each !== undefined)
    if (last < 0 || !dev.chain.history.has(record.block.hash)) return []
    const observe = ({ index }: Rerun): Observer | undefined => {
      const each = heard[index]
      if (each === undefined) return undefined
      const observers = [each.console.observer, ...(each.story ? [each.story.observer] : [])]
      return combineObservers(observers)
    }
    await rerunBlock(
      dev.chain,
      engine,
      record,
      last,
      (tx) => dev.optionsOf(tx),
      observe,
      () => undefined,
    )
    return heard
  }
}

/** Whether it called the console: no contract is there, and nobody else asks for that account. */
function logs(access: AccessSet): boolean {
  return hasRead(access, CONSOLE_ADDRESS)
}

/** What a transaction of a block was heard to do when it ran again. */
interface Heard {
  readonly console: ConsoleCollector
  readonly story: FrameStory | undefined
}
