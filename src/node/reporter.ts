import type { DevChain } from '../chain/dev-chain.ts'
import type { BuiltBlock } from '../chain/chain.ts'
import { type ConsoleCollector, createConsoleCollector } from '../evm/tracer/console-log.ts'
import type { Observer } from '../evm/observer.ts'
import { describeRejection } from '../model/rejection.ts'
import type { Transaction } from '../model/transaction.ts'
import { EMPTY_BYTES } from '../primitives/bytes.ts'
import { type Address, type Hash, bytesToAddress } from '../primitives/hex.ts'
import type { StateView } from '../state/view.ts'
import type { MinedTransaction, NodeEvent, NodeListener } from './events.ts'
import type { Artefacts } from './artefacts.ts'
import type { CallEar } from './backend/execution.ts'
import { decodeFailure, labelCall } from './labels.ts'

/** Tells listeners what the node does. Without listeners nothing is collected. */
export class Reporter {
  readonly #artefacts: Artefacts
  readonly #listeners = new Set<NodeListener>()
  readonly #console = new Map<Hash, ConsoleCollector>()
  #on = true
  #tail: Promise<void> = Promise.resolve()

  constructor(artefacts: Artefacts) {
    this.#artefacts = artefacts
  }

  listen(listener: NodeListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
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
  }

  /** Hears a transaction's console.log lines while it is mined. */
  observe(tx: Transaction): Observer | undefined {
    if (!this.isHeard) return undefined
    const collector = createConsoleCollector()
    this.#console.set(tx.hash, collector)
    return collector.observer
  }

  /** Resolves when what was mined so far has been told. */
  async settled(): Promise<void> {
    await this.#tail
  }

  observeCall(method: string): CallEar {
    if (!this.isHeard) return DEAF
    const collector = createConsoleCollector()
    return {
      observer: collector.observer,
      done: () => {
        const console = collector.lines()
        if (console.length > 0) this.tell({ kind: 'call', method, console })
      },
    }
  }

  follow(dev: DevChain): void {
    dev.listen((event) => {
      if (!this.isHeard) return
      if (event.kind === 'mined') this.#inOrder(() => this.#reportBlock(event.built, dev))
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

  async #reportBlock({ record, executed }: BuiltBlock, dev: DevChain): Promise<void> {
    await this.#artefacts.load()
    const view = dev.chain.view(record.version)
    const transactions = record.block.transactions.map((transaction, index): MinedTransaction => {
      const lines = this.#console.get(transaction.hash)?.lines() ?? []
      this.#console.delete(transaction.hash)
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
        console: lines,
      }
    })
    const { executor, ms } = executed.report
    this.tell({ kind: 'mined', block: record.block, transactions, executor, ms })
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

const DEAF: CallEar = { observer: undefined, done: () => undefined }
