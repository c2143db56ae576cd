import { outcomeOf } from '../evm/wasm/outcome.ts'
import type { Header } from '../model/block.ts'
import type { Rules } from '../model/fork.ts'
import type { Receipt } from '../model/receipt.ts'
import type { Transaction } from '../model/transaction.ts'
import type { AccessSet } from '../state/access.ts'
import type { RecordMemory } from '../state/record.ts'
import type { Results } from './executor.ts'
import { type ExecutedOutcome, failureOf, receiptOf } from './receipts.ts'

/** Access records (`state/record-layout.ts`) of a block's transactions, in its order. */
export interface BlockRecords {
  readonly memory: RecordMemory
  /** Where each begins: multiples of 8. */
  readonly starts: Uint32Array
}

/** What the records are of. */
interface RecordedBlock {
  readonly transactions: readonly Transaction[]
  readonly header: Header
  readonly rules: Rules
  /** How true the records are for fields of accounts. */
  readonly precision: AccessSet['precision']
}

/** Results of a block since Byzantium, read from its records when they are asked for: of most blocks few ever are. */
export class RecordedResults implements Results {
  readonly #block: RecordedBlock
  readonly #records: BlockRecords
  #receipts: readonly Receipt[] | undefined
  #accesses: readonly AccessSet[] | undefined
  #outputs: readonly Uint8Array[] | undefined
  #failures: readonly (string | undefined)[] | undefined

  constructor(block: RecordedBlock, records: BlockRecords) {
    this.#block = block
    this.#records = records
  }

  /** What all of it is read from. */
  get source(): BlockRecords & Pick<RecordedBlock, 'precision'> {
    const { precision } = this.#block
    return { ...this.#records, precision }
  }

  get receipts(): readonly Receipt[] {
    return (this.#receipts ??= this.#makeReceipts())
  }

  get accesses(): readonly AccessSet[] {
    return (this.#accesses ??= this.#each((outcome) => this.#accessOf(outcome)))
  }

  get outputs(): readonly Uint8Array[] {
    return (this.#outputs ??= this.#each(({ output }) => output))
  }

  get failures(): readonly (string | undefined)[] {
    return (this.#failures ??= this.#each(failureOf))
  }

  #makeReceipts(): readonly Receipt[] {
    const { header, rules } = this.#block
    let cumulative = 0n
    return this.#each((outcome, tx) => {
      cumulative += outcome.gasUsed
      return receiptOf(tx, outcome, header, rules, cumulative, undefined)
    })
  }

  #accessOf({ access }: ExecutedOutcome): AccessSet {
    const { precision } = this.#block
    if (precision === access.precision) return access
    const { reads, writes, volatile } = access
    return { reads, writes, volatile, precision }
  }

  #each<T>(make: (outcome: ExecutedOutcome, tx: Transaction) => T): readonly T[] {
    const { memory, starts } = this.#records
    return this.#block.transactions.map((tx, index) =>
      make(outcomeOf({ memory, at: starts[index]! }, tx.to === null), tx),
    )
  }
}
