import { setImmediate } from 'node:timers'

import type { LogStream } from './log-writer.ts'

/** So much text is written at once. */
const MOST = 1 << 16

/**
 * Writes together what comes in one turn of the event loop: each write to a pipe or terminal is a system call, and a request may mine thousands
 * of blocks. What is still held is written when the process ends, unless it is killed.
 */
export class GatheredStream implements LogStream {
  readonly #stream: LogStream
  #held = ''

  constructor(stream: LogStream) {
    this.#stream = stream
    process.once('exit', () => this.flush())
  }

  get isTTY(): boolean {
    return this.#stream.isTTY === true
  }

  get writableLength(): number {
    return this.#stream.writableLength + this.#held.length
  }

  write(text: string): void {
    if (this.#held === '') setImmediate(() => this.flush())
    this.#held += text
    if (this.#held.length >= MOST) this.flush()
  }

  flush(): void {
    if (this.#held === '') return
    const text = this.#held
    this.#held = ''
    this.#stream.write(text)
  }
}
