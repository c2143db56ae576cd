import { type Address, ZERO_ADDRESS, bytesToAddress, hexToBytes } from '../../primitives/hex.ts'
import { recoverAddress } from '../../primitives/secp256k1.ts'

/** A signature and what it signs, as transactions carry them: r and s without leading zeros. */
export interface SignedDigest {
  readonly digest: Uint8Array
  readonly r: Uint8Array
  readonly s: Uint8Array
  readonly yParity: 0 | 1
}

/** Signatures that fit in a queue: a power of two, so that places go round when the count wraps. */
export const CAPACITY = 2048
/** How many were put in, how many were taken, and whether more may come. */
const [FILLED, TAKEN, OPEN, HEAD_WORDS] = [0, 1, 2, 4]
/** Per place a word that is 0 until the signer is known, 32 bytes of digest, 32 of r, 32 of s, 4 of which the first is yParity. The signer takes the digest's place. */
const WORDS = 26
/** A lane looks up so often, in milliseconds, should it miss a call. */
const NAP_MS = 5

/**
 * Signatures whose signers are wanted, in memory that threads share. One thread puts them in; it and the others take them from the front, so that
 * nobody waits while there is work.
 */
export class SignatureQueue {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #bytes: Uint8Array

  /** @param memory another thread's queue; a new one without it */
  constructor(
    memory: SharedArrayBuffer = new SharedArrayBuffer(4 * (HEAD_WORDS + CAPACITY * WORDS)),
  ) {
    this.memory = memory
    this.#words = new Int32Array(memory)
    this.#bytes = new Uint8Array(memory)
  }

  /** Puts one in, where another has left. @returns its place */
  put({ digest, r, s, yParity }: SignedDigest): number {
    const place = this.#words[FILLED]! & (CAPACITY - 1)
    const word = HEAD_WORDS + place * WORDS
    const at = (word + 1) * 4
    this.#words[word] = 0
    this.#bytes.set(digest, at)
    this.#bytes.fill(0, at + 32, at + 96)
    this.#bytes.set(r, at + 64 - r.length)
    this.#bytes.set(s, at + 96 - s.length)
    this.#bytes[at + 96] = yParity
    Atomics.add(this.#words, FILLED, 1)
    Atomics.notify(this.#words, FILLED)
    return place
  }

  /** Takes the next one. @returns its place, which is the caller's now; undefined when there is none */
  take(): number | undefined {
    for (;;) {
      const taken = Atomics.load(this.#words, TAKEN)
      if (taken === Atomics.load(this.#words, FILLED)) return undefined
      const next = (taken + 1) | 0
      if (Atomics.compareExchange(this.#words, TAKEN, taken, next) === taken) {
        return taken & (CAPACITY - 1)
      }
    }
  }

  /** Finds the signer of the one that was taken. */
  work(place: number): void {
    const word = HEAD_WORDS + place * WORDS
    const at = (word + 1) * 4
    const signer = recoverAddress(
      this.#bytes.slice(at, at + 32),
      this.#bytes.slice(at + 32, at + 64),
      this.#bytes.slice(at + 64, at + 96),
      this.#bytes[at + 96] === 1 ? 1 : 0,
    )
    this.#bytes.set(hexToBytes(signer ?? ZERO_ADDRESS), at)
    Atomics.store(this.#words, word, 1)
    Atomics.notify(this.#words, word)
  }

  /** Whether the signer is known, at the latest in `ms`. */
  isDone(place: number, ms = 0): boolean {
    const word = HEAD_WORDS + place * WORDS
    if (Atomics.load(this.#words, word) !== 0) return true
    return ms > 0 && Atomics.wait(this.#words, word, 0, ms) !== 'timed-out'
  }

  /** Who signed; undefined when no key did. Its place may be given to another then. */
  signer(place: number): Address | undefined {
    const at = (HEAD_WORDS + place * WORDS + 1) * 4
    const address = bytesToAddress(this.#bytes.subarray(at, at + 20))
    return address === ZERO_ADDRESS ? undefined : address
  }

  get isOpen(): boolean {
    return Atomics.load(this.#words, OPEN) === 1
  }

  /** More will come: those who {@link serve} stay. */
  open(): void {
    Atomics.store(this.#words, OPEN, 1)
  }

  /** No more come for now: those who serve may leave. */
  close(): void {
    Atomics.store(this.#words, OPEN, 0)
    Atomics.notify(this.#words, FILLED)
  }

  /** Works until all are taken and the queue is closed. Blocks its thread. */
  serve(): void {
    for (;;) {
      const filled = Atomics.load(this.#words, FILLED)
      const place = this.take()
      if (place !== undefined) this.work(place)
      else if (Atomics.load(this.#words, OPEN) === 0) return
      else Atomics.wait(this.#words, FILLED, filled, NAP_MS)
    }
  }
}
