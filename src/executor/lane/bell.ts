import { SCHEDULER } from './layout.ts'

const BELL = (SCHEDULER >>> 2) + 64

/** What wakes the main thread: lanes ring when they need something, and when the main thread waits for how far they are. */
export class Bell {
  readonly #i32: Int32Array

  constructor(memory: WebAssembly.Memory) {
    this.#i32 = new Int32Array(memory.buffer)
  }

  ring(): void {
    Atomics.add(this.#i32, BELL, 1)
    Atomics.notify(this.#i32, BELL)
  }

  /** How often it rang. */
  get rung(): number {
    return Atomics.load(this.#i32, BELL)
  }

  /** Resolves once it rang more often than `rung`, or `ms` are over. */
  async ringing(rung: number, ms: number): Promise<void> {
    const { async, value } = Atomics.waitAsync(this.#i32, BELL, rung, ms)
    if (async) await value
  }
}
