/** Both hex digits of each byte, as ASCII. */
const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const HIGH = Uint8Array.from(digits, (pair) => pair.charCodeAt(0))
const LOW = Uint8Array.from(digits, (pair) => pair.charCodeAt(1))

/** Builds a long text of ASCII in one buffer: no piece of it becomes a string of its own. */
export class AsciiWriter {
  #buffer: Buffer
  #at = 0

  /** @param capacity in bytes, of which more is taken when it is not enough */
  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(capacity)
  }

  text(text: string): void {
    this.#ensure(text.length)
    this.#at += this.#buffer.write(text, this.#at, 'latin1')
  }

  /** The bytes from `start` to `end` as hex digits. */
  hex(bytes: Uint8Array, start: number, end: number): void {
    this.#ensure(2 * (end - start))
    const buffer = this.#buffer
    let at = this.#at
    for (let index = start; index < end; index++) {
      const byte = bytes[index]!
      buffer[at++] = HIGH[byte]!
      buffer[at++] = LOW[byte]!
    }
    this.#at = at
  }

  finish(): string {
    return this.#buffer.toString('latin1', 0, this.#at)
  }

  #ensure(more: number): void {
    if (this.#at + more <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, this.#at + more))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}
