import type { Block } from '../model/block.ts'
import type { Address } from '../primitives/hex.ts'
import type { Place } from './archive.ts'

/** Of an entry: block, index, the nonce's low 32 bits, the sender's entry before it plus one. */
const FIELDS = 4

/** Mined transactions by sender and nonce: a list for each sender, newest first, 16 bytes a transaction. */
export class NonceIndex {
  #entries = new Uint32Array(FIELDS * 1024)
  #length = 0
  readonly #newest = new Map<Address, number>()

  add({ transactions }: Block, at: number): void {
    for (const [index, { sender, nonce }] of transactions.entries()) {
      if (this.#length + FIELDS > this.#entries.length) {
        const larger = new Uint32Array(2 * this.#entries.length)
        larger.set(this.#entries)
        this.#entries = larger
      }
      const before = this.#newest.get(sender)
      const low = Number(nonce & 0xffff_ffffn)
      this.#entries[this.#length] = at
      this.#entries[this.#length + 1] = index
      this.#entries[this.#length + 2] = low
      this.#entries[this.#length + 3] = before === undefined ? 0 : before + 1
      this.#newest.set(sender, this.#length)
      this.#length += FIELDS
    }
  }

  /** Takes back the newest block. */
  remove({ transactions }: Block): void {
    for (const { sender } of transactions.toReversed()) {
      this.#length -= FIELDS
      const before = this.#entries[this.#length + 3]!
      if (before === 0) this.#newest.delete(sender)
      else this.#newest.set(sender, before - 1)
    }
  }

  find(sender: Address, nonce: bigint): Place | undefined {
    const low = Number(nonce & 0xffff_ffffn)
    let next = this.#newest.get(sender)
    while (next !== undefined) {
      const [at, index, found, before] = this.#entries.subarray(next, next + FIELDS)
      if (found === low) return { at: at!, index: index! }
      next = before === 0 ? undefined : before! - 1
    }
    return undefined
  }
}
