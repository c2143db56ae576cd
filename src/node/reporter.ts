import type { DevChain } from '../chain/dev-chain.ts'
import type { BuiltBlock } from '../chain/chain.ts'
import type { Namer } from '../chain/record-block.ts'
import { type Rerun, rerunBlock } from '../chain/rerun.ts'
import {
  CONSOLE_ADDRESS,
  type ConsoleCollector,
  createConsoleCollector,
} from '../evm/tracer/console-log.ts'
import type { Engine, ExecutionOptions, Outcome } from '../evm/engine.ts'
import type { Observer } from '../evm/observer.ts'
import type { AccessSet } from '../state/access.ts'
import { describeRejection } from '../model/rejection.ts'
import type { Transaction } from '../model/transaction.ts'
import { EMPTY_BYTES } from '../primitives/bytes.ts'
import { type Address, bytesToAddress } from '../primitives/hex.ts'
import type { StateView } from '../state/view.ts'
import type { MinedTransaction, NodeEvent, NodeListener } from './events.ts'
import type { Artefacts } from './artefacts.ts'
import { decodeFailure, labelCall } from './labels.ts'
import { ConflictWatch } from './profiler/conflict-watch.ts'

/** Tells listeners what the node does. Without listeners nothing is collected. */
export class Reporter {
  readonly #artefacts: Artefacts
  readonly #listeners = new Set<NodeListener>()
  readonly #noticed = new Set<NodeListener>()
  #on = true
  #tail: Promise<void> = Promise.resolve()
  readonly #conflicts: ConflictWatch

  constructor(artefacts: Artefacts, namer: Namer) {
    this.#artefacts = artefacts
    this.#conflicts = new ConflictWatch(namer)
  }

  /** @param hears `notices`: only those, for which nothing has to be collected */
  listen(listener: NodeListener, hears: 'everything' | 'notices' = 'everything'): () => void {
    const listeners = hears === 'everything' ? this.#listeners : this.#noticed
    listeners.add(listener)
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
    for (const listener of this.#listeners) listener(event)
    if (event.kind === 'notice') for (const listener of this.#noticed) listener(event)
  }

  /** Resolves when what was mined so far has been told. */
  async settled(): Promise<void> {
    await this.#tail
  }

  /** Tells a call's console.log lines. It is run again for them, so that calls which log nothing pay nothing. */
  async hearCall(outcome: Outcome, again: (observer: Observer) => Promise<Outcome>): Promise<void> {
    if (!this.isHeard || outcome.kind === 'rejected' || !logs(outcome.access)) return
    const collector = createConsoleCollector()
    await again(collector.observer)
    this.tell({ kind: 'call', method: 'eth_call', console: collector.lines() })
  }

  follow(dev: DevChain, engine: Engine): void {
    dev.listen((event) => {
      if (!this.isHeard) return
      if (event.kind === 'mined') this.#inOrder(() => this.#reportBlock(event.built, dev, engine))
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
    await this.#artefacts.load()
    const lines = await consoleLines(built, dev, engine)
    const view = dev.chain.view(record.version)
    const transactions = record.block.transactions.map((transaction, index): MinedTransaction => {
      const { to, data, valueWei } = transaction
      const code = to === null ? EMPTY_BYTES : runningCode(view, to)
      const reason = executed.failures[index]
      const output = executed.outputs[index]!
      return {
        transaction,
        receipt: record.receipts[index]!,
        label: labelCall({ to, code, data, valueWei }, this.#artefacts),
        failure:
          reason === 'execution reverted' ? decodeFailure(output, this.#artefacts, code) : reason,
        console: lines[index] ?? [],
      }
    })
    const { executor, ms } = executed.report
    this.tell({ kind: 'mined', block: record.block, transactions, executor, ms })
    const labels = transactions.map(({ label }) => label)
    const text = await this.#conflicts.look(built, labels, dev, engine, performance.now())
    if (text !== undefined) this.tell({ kind: 'notice', level: 'info', text })
  }
}

/** The code that a call of `address` runs: a delegation (EIP-7702) is followed. */
function runningCode(view: StateView, address: Address): Uint8Array {
  const code = codeAt(view, address)
  const isDelegated = code.length === 23 && code[0] === 0xef && code[1] === 0x01
  return isDelegated ? codeAt(view, bytesToAddress(code.subarray(3))) : code
}

function codeAt(view: StateView, address: Address): Uint8Array {
  const account = view.account(address)
  return account === undefined ? EMPTY_BYTES : view.code(account.codeHash)
}

/** Whether it called the console: no contract is there, and nobody else asks for that account. */
function logs(access: AccessSet): boolean {
  return access.reads.has(CONSOLE_ADDRESS)
}

/** What each transaction of a block logged. The block runs again for it, if any did and it is still in the chain. */
async function consoleLines(
  { record, executed }: BuiltBlock,
  dev: DevChain,
  engine: Engine,
): Promise<readonly (readonly string[])[]> {
  const last = executed.accesses.findLastIndex(logs)
  if (last < 0 || !dev.chain.history.has(record.block.hash)) return []
  const collectors: ConsoleCollector[] = []
  const observe = ({ index }: Rerun): Observer =>
    (collectors[index] = createConsoleCollector()).observer
  const optionsOf = (tx: Transaction): ExecutionOptions => dev.optionsOf(tx)
  await rerunBlock(dev.chain, engine, record, last, optionsOf, observe, () => undefined)
  return collectors.map((collector) => collector.lines())
}
