const PIECE = 64 * 1024

/**
 * Copies of short byte strings in pieces of 64 KiB, since an ArrayBuffer of one's own costs a microsecond and its collection. A piece
 * lives as long as any copy in it: for what goes at about the same time.
 */
export class Slab {
  #piece: Uint8Array = new Uint8Array(0)
  #used = 0

  /** A copy of `size` bytes of `bytes` from `at` on. */
  copy(bytes: Uint8Array, at: number, size: number): Uint8Array {
    if (size > PIECE / 4) return bytes.slice(at, at + size)
    if (this.#used + size > this.#piece.length) {
      this.#piece = new Uint8Array(PIECE)
      this.#used = 0
    }
    const copied = this.#piece.subarray(this.#used, this.#used + size)
    copied.set(bytes.subarray(at, at + size))
    this.#used += size
    return copied
  }
}
