const SEGMENT = 1 << 20
const FIELDS = 3

/** Byte strings one after another, in segments of 1 MiB: a string costs its length and 12 bytes. The newest can be cut off. */
export class ByteLog {
  readonly #segments: Uint8Array[] = []
  /** Of each string: its segment, begin and length. */
  #places = new Uint32Array(FIELDS * 1024)
  #count = 0
  #used = 0

  get length(): number {
    return this.#count
  }

  push(bytes: Uint8Array): void {
    const last = this.#segments.at(-1)
    if (last === undefined || this.#used + bytes.length > last.length) {
      this.#segments.push(new Uint8Array(Math.max(SEGMENT, bytes.length)))
      this.#used = 0
    }
    this.#segments.at(-1)!.set(bytes, this.#used)
    if (FIELDS * (this.#count + 1) > this.#places.length) {
      const places = new Uint32Array(2 * this.#places.length)
      places.set(this.#places)
      this.#places = places
    }
    this.#places.set([this.#segments.length - 1, this.#used, bytes.length], FIELDS * this.#count)
    this.#used += bytes.length
    this.#count++
  }

  /** A view until the newest are cut off: what comes then is written over them. */
  view(index: number): Uint8Array | undefined {
    if (index < 0 || index >= this.#count) return undefined
    const [segment, begin, length] = this.#placeOf(index)
    return this.#segments[segment]!.subarray(begin, begin + length)
  }

  /** A copy. */
  at(index: number): Uint8Array | undefined {
    return this.view(index)?.slice()
  }

  /** Forgets all but the first `count`. */
  cut(count: number): void {
    if (count >= this.#count) return
    this.#count = count
    if (count === 0) {
      this.#segments.length = 0
      this.#used = 0
      return
    }
    const [segment, begin, length] = this.#placeOf(count - 1)
    this.#segments.length = segment + 1
    this.#used = begin + length
  }

  #placeOf(index: number): readonly [number, number, number] {
    const at = FIELDS * index
    return [this.#places[at]!, this.#places[at + 1]!, this.#places[at + 2]!]
  }
}
