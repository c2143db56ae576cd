import { effectiveTip, maxGasPrice } from '../model/fees.ts'
import type { Transaction } from '../model/transaction.ts'
import type { Address, Hash } from '../primitives/hex.ts'

/** Transactions that wait for a block, at most one per sender and nonce. */

export interface PooledTransaction {
  readonly tx: Transaction
  /** Order of arrival. */
  readonly sequence: number
}

export type PoolAnswer =
  | { readonly kind: 'added'; readonly replaced: Transaction | undefined }
  | { readonly kind: 'alreadyKnown' }
  | { readonly kind: 'underpriced'; readonly neededFeeWei: bigint }
  | { readonly kind: 'full'; readonly limit: number }

/** One sender's transactions. */
interface Queue {
  readonly byNonce: Map<bigint, PooledTransaction>
  /** Every nonce from `from` up to `end` is there: where looking for the next one may begin. */
  from: bigint
  end: bigint
}

/** A replacement pays at least this much more, in percent, for the fee cap and for the tip (Geth's rule). */
const REPLACEMENT_PERCENT = 10n

export class Pool {
  readonly #limit: number
  #bySender = new Map<Address, Queue>()
  #byHash = new Map<Hash, PooledTransaction>()
  #sequence = 0
  /** Counts changes: what was computed from the pool holds while it stays. */
  #revision = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#byHash.size
  }

  get revision(): number {
    return this.#revision
  }

  get(hash: Hash): Transaction | undefined {
    return this.#byHash.get(hash)?.tx
  }

  bySenderAndNonce(sender: Address, nonce: bigint): Transaction | undefined {
    return this.#bySender.get(sender)?.byNonce.get(nonce)?.tx
  }

  add(tx: Transaction): PoolAnswer {
    if (this.#byHash.has(tx.hash)) return { kind: 'alreadyKnown' }
    const queue = this.#bySender.get(tx.sender) ?? { byNonce: new Map(), from: 0n, end: 0n }
    const old = queue.byNonce.get(tx.nonce)
    if (old !== undefined) {
      const neededFeeWei = raised(maxGasPrice(old.tx))
      if (maxGasPrice(tx) < neededFeeWei || tip(tx) < raised(tip(old.tx))) {
        return { kind: 'underpriced', neededFeeWei }
      }
      this.#byHash.delete(old.tx.hash)
    } else if (this.#byHash.size >= this.#limit) {
      return { kind: 'full', limit: this.#limit }
    }
    const entry: PooledTransaction = { tx, sequence: this.#sequence++ }
    queue.byNonce.set(tx.nonce, entry)
    this.#bySender.set(tx.sender, queue)
    this.#byHash.set(tx.hash, entry)
    this.#revision++
    return { kind: 'added', replaced: old?.tx }
  }

  remove(hash: Hash): boolean {
    const entry = this.#byHash.get(hash)
    if (entry === undefined) return false
    this.#byHash.delete(hash)
    const { sender, nonce } = entry.tx
    const queue = this.#bySender.get(sender)
    if (queue !== undefined) {
      queue.byNonce.delete(nonce)
      if (nonce === queue.from) queue.from++
      else if (nonce > queue.from && nonce < queue.end) queue.end = nonce
      if (queue.byNonce.size === 0) this.#bySender.delete(sender)
    }
    this.#revision++
    return true
  }

  /** Takes out those of `transactions` that are here: what was mined. */
  removeAll(transactions: readonly Transaction[]): void {
    const isAll = transactions.length === this.#byHash.size
    if (isAll && transactions.every(({ hash }) => this.#byHash.has(hash))) this.clear()
    else for (const { hash } of transactions) this.remove(hash)
  }

  /** Takes out what stands behind the account's nonce: mined, or never to be mined. */
  removeBelow(sender: Address, nonce: bigint): void {
    for (const entry of this.#bySender.get(sender)?.byNonce.values() ?? []) {
      if (entry.tx.nonce < nonce) this.remove(entry.tx.hash)
    }
  }

  /** Whether anything of `sender` is here. */
  holds(sender: Address): boolean {
    return this.#bySender.has(sender)
  }

  removeFrom(sender: Address): number {
    const entries = [...(this.#bySender.get(sender)?.byNonce.values() ?? [])]
    for (const entry of entries) this.remove(entry.tx.hash)
    return entries.length
  }

  clear(): void {
    this.#bySender = new Map()
    this.#byHash = new Map()
    this.#revision++
  }

  senders(): IterableIterator<Address> {
    return this.#bySender.keys()
  }

  /** The nonce after the unbroken run of pooled transactions that starts at `nonce`. */
  nextNonce(sender: Address, nonce: bigint): bigint {
    const queue = this.#bySender.get(sender)
    if (queue === undefined) return nonce
    if (nonce < queue.from || nonce > queue.end) {
      queue.from = nonce
      queue.end = nonce
    }
    while (queue.byNonce.has(queue.end)) queue.end++
    return queue.end
  }

  /**
   * The unbroken runs from each account's nonce (`ready`), and the rest (`queued`: a nonce is missing, or the fee cap is below the base fee).
   */
  split(
    nonceOf: (sender: Address) => bigint,
    baseFeeWei: bigint | undefined,
  ): {
    readonly ready: readonly (readonly PooledTransaction[])[]
    readonly queued: readonly PooledTransaction[]
  } {
    const ready: PooledTransaction[][] = []
    const queued: PooledTransaction[] = []
    for (const [sender, { byNonce: queue }] of this.#bySender) {
      const run: PooledTransaction[] = []
      let next = nonceOf(sender)
      for (let entry = queue.get(next); entry !== undefined; entry = queue.get(++next)) {
        if (baseFeeWei !== undefined && maxGasPrice(entry.tx) < baseFeeWei) break
        run.push(entry)
      }
      if (run.length > 0) ready.push(run)
      if (run.length < queue.size) {
        const taken = new Set(run)
        for (const entry of queue.values()) if (!taken.has(entry)) queued.push(entry)
      }
    }
    return { ready, queued }
  }

  all(): readonly Transaction[] {
    return [...this.#byHash.values()].map((entry) => entry.tx)
  }
}

function tip(tx: Transaction): bigint {
  return tx.type === 0 || tx.type === 1 ? tx.gasPriceWei : tx.maxPriorityFeePerGasWei
}

function raised(wei: bigint): bigint {
  return wei + (wei * REPLACEMENT_PERCENT + 99n) / 100n
}

/**
 * The order of a block: nonces of one sender in turn, and among senders by what the next transaction pays the beneficiary (`fees`) or by
 * arrival (`fifo`). Ties go to the earlier arrival.
 */
export function orderTransactions(
  runs: readonly (readonly PooledTransaction[])[],
  order: 'fees' | 'fifo',
  baseFeeWei: bigint,
): Transaction[] {
  const first: (a: Head, b: Head) => boolean =
    order === 'fifo'
      ? (a, b) => a.sequence < b.sequence
      : (a, b) => a.tipWei > b.tipWei || (a.tipWei === b.tipWei && a.sequence < b.sequence)
  // A sorted list is a heap, and arrivals are sorted already where all pay the same.
  const heap = runs.map((run) => headOf(run, 0, baseFeeWei))
  heap.sort((a, b) => (first(a, b) ? -1 : 1))
  if (runs.every((run) => run.length === 1)) return heap.map(({ run }) => run[0]!.tx)
  const out: Transaction[] = []
  while (heap.length > 0) {
    const head = pop(heap, first)
    out.push(head.run[head.at]!.tx)
    if (head.at + 1 < head.run.length) push(heap, headOf(head.run, head.at + 1, baseFeeWei), first)
  }
  return out
}

/** A sender's next transaction, waiting in the heap. */
interface Head {
  readonly run: readonly PooledTransaction[]
  readonly at: number
  readonly tipWei: bigint
  readonly sequence: number
}

function headOf(run: readonly PooledTransaction[], at: number, baseFeeWei: bigint): Head {
  const { tx, sequence } = run[at]!
  return { run, at, sequence, tipWei: effectiveTip(tx, baseFeeWei) }
}

type Before = (a: Head, b: Head) => boolean

function push(heap: Head[], head: Head, before: Before): void {
  heap.push(head)
  let at = heap.length - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!before(heap[at]!, heap[parent]!)) return
    swap(heap, at, parent)
    at = parent
  }
}

function pop(heap: Head[], before: Before): Head {
  const top = heap[0]!
  const last = heap.pop()!
  if (heap.length === 0) return top
  heap[0] = last
  let at = 0
  for (;;) {
    let best = at
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < heap.length && before(heap[child]!, heap[best]!)) best = child
    }
    if (best === at) return top
    swap(heap, at, best)
    at = best
  }
}

function swap(heap: Head[], a: number, b: number): void {
  const kept = heap[a]!
  heap[a] = heap[b]!
  heap[b] = kept
}
