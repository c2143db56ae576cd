/** A subtrie in the arena: where it is named, and the nibble at which it is entered. */
export interface Subtrie {
  readonly place: number
  readonly at: number
}

/** Subtries that are put up at most: those of large storage tries, and then those of the trie of accounts. */
const MOST_SUBTRIES = 256 + 16
const [FILLED, TAKEN, CLOSED, HASHED, HEAD_WORDS] = [0, 1, 2, 3, 4]
/** Per subtrie its state, its place and its nibble. */
const WORDS = 3
const [WAITS, BEGUN, ENDED, FAILED] = [0, 1, 2, 3]
/** Another thread looks up so often, in milliseconds, should it miss a call. */
const NAP_MS = 5
const SPINS = 2_000

/** Subtries to be hashed, in memory that threads share: one puts them up, and all take one after another. For one pass over a trie. */
export class SubtrieBoard {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array

  /** @param memory another thread's board; a new one without it */
  constructor(
    memory: SharedArrayBuffer = new SharedArrayBuffer(4 * (HEAD_WORDS + MOST_SUBTRIES * WORDS)),
  ) {
    this.memory = memory
    this.#words = new Int32Array(memory)
  }

  /** Puts up one more. What it is made of has been written. */
  put({ place, at }: Subtrie): void {
    const word = wordOf(this.#words[FILLED]!)
    this.#words[word + 1] = place
    this.#words[word + 2] = at
    Atomics.add(this.#words, FILLED, 1)
    Atomics.notify(this.#words, FILLED)
  }

  /** Takes the next one. @returns its number; undefined when there is none */
  take(): number | undefined {
    for (;;) {
      const taken = Atomics.load(this.#words, TAKEN)
      if (taken === Atomics.load(this.#words, FILLED)) return undefined
      if (Atomics.compareExchange(this.#words, TAKEN, taken, taken + 1) !== taken) continue
      Atomics.store(this.#words, wordOf(taken), BEGUN)
      return taken
    }
  }

  subtrie(number: number): Subtrie {
    const word = wordOf(number)
    return { place: this.#words[word + 1]!, at: this.#words[word + 2]! }
  }

  /** By who took it. @param isWell whether it is hashed */
  end(number: number, isWell: boolean = true): void {
    const word = wordOf(number)
    Atomics.store(this.#words, word, isWell ? ENDED : FAILED)
    Atomics.notify(this.#words, word)
  }

  /** Waits until all that were taken have ended. @param ms that is waited at most for each @returns what is not hashed, once */
  lost(ms: number): readonly Subtrie[] {
    const lost: Subtrie[] = []
    const filled = Atomics.load(this.#words, FILLED)
    for (let number = 0; number < filled; number++) {
      const word = wordOf(number)
      for (let i = 0; i < SPINS && Atomics.load(this.#words, word) === BEGUN; i++) {
        // Mostly it is about to end.
      }
      // Taken, and not said so yet.
      Atomics.wait(this.#words, word, WAITS, ms)
      Atomics.wait(this.#words, word, BEGUN, ms)
      if (Atomics.exchange(this.#words, word, ENDED) !== ENDED) lost.push(this.subtrie(number))
    }
    return lost
  }

  /** No more come: others leave. @returns how many nodes they hashed */
  close(): number {
    Atomics.store(this.#words, CLOSED, 1)
    Atomics.notify(this.#words, FILLED)
    return Atomics.load(this.#words, HASHED)
  }

  get isClosed(): boolean {
    return Atomics.load(this.#words, CLOSED) === 1
  }

  /**
   * Another thread's part: takes subtries until the board is closed. Blocks its thread.
   * @param seal hashes one and returns how many nodes that were; what it throws ends its part
   */
  serve(seal: (subtrie: Subtrie) => number): void {
    const words = this.#words
    for (;;) {
      const filled = Atomics.load(words, FILLED)
      const number = this.take()
      if (number === undefined) {
        if (this.isClosed) return
        Atomics.wait(words, FILLED, filled, NAP_MS)
        continue
      }
      let isWell = false
      try {
        Atomics.add(words, HASHED, seal(this.subtrie(number)))
        isWell = true
      } finally {
        this.end(number, isWell)
      }
    }
  }
}

function wordOf(number: number): number {
  return HEAD_WORDS + number * WORDS
}
