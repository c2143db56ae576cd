const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])
const NEWLINE = 0x0a
const QUOTE = 0x22
const BACKSLASH = 0x5c

/** between → value (by brackets) → between, or between → line (no JSON: up to the newline) → between */
type State = 'between' | 'value' | 'string' | 'escape' | 'line'

/**
 * Cuts a byte stream into JSON messages. Clients of IPC sockets frame theirs by newlines (Geth, ethers) or not at all
 * (viem), so a message ends where its brackets close.
 */
export class JsonSplitter {
  readonly #maxBytes: number
  #state: State = 'between'
  #depth = 0
  #parts: Buffer[] = []
  #length = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The messages that `chunk` completes; undefined when one is longer than it may be. */
  push(chunk: Buffer): readonly string[] | undefined {
    const messages: string[] = []
    let start = 0
    for (let at = 0; at < chunk.length; at++) {
      if (this.#state === 'between') start = at
      if (!this.#step(chunk[at]!)) continue
      messages.push(this.#take(chunk.subarray(start, at + 1)))
      start = at + 1
    }
    if (this.#state !== 'between') this.#keep(chunk.subarray(start))
    return this.#length > this.#maxBytes ? undefined : messages
  }

  /** Whether `byte` is the last of a message. */
  #step(byte: number): boolean {
    switch (this.#state) {
      case 'between':
        if (SPACES.has(byte)) return false
        this.#state = isOpening(byte) ? 'value' : 'line'
        this.#depth = 1
        return false
      case 'line':
        return byte === NEWLINE && this.#end()
      case 'string':
        if (byte === QUOTE) this.#state = 'value'
        else if (byte === BACKSLASH) this.#state = 'escape'
        return false
      case 'escape':
        this.#state = 'string'
        return false
      case 'value':
        if (byte === QUOTE) this.#state = 'string'
        else if (isOpening(byte)) this.#depth++
        else if (isClosing(byte) && --this.#depth === 0) return this.#end()
        return false
    }
  }

  #end(): true {
    this.#state = 'between'
    return true
  }

  #keep(part: Buffer): void {
    this.#parts.push(part)
    this.#length += part.length
  }

  #take(last: Buffer): string {
    this.#keep(last)
    const text = Buffer.concat(this.#parts).toString('utf8')
    this.#parts = []
    this.#length = 0
    return text
  }
}

function isOpening(byte: number): boolean {
  return byte === 0x7b || byte === 0x5b
}

function isClosing(byte: number): boolean {
  return byte === 0x7d || byte === 0x5d
}
