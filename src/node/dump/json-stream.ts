/** Where a value stands: names of members and indexes of items, from the outside in. */
export type JsonPath = readonly (string | number)[]

/** The text is not JSON. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
}

export interface JsonHandler {
  /** Whether the members or items of what begins at `path` are told one by one; else it is told whole. */
  readonly isOpen: (path: JsonPath) => boolean
  /** @throws whatever ends the reading */
  readonly onValue: (path: JsonPath, value: unknown) => void
}

interface Frame {
  readonly isOpen: boolean
  readonly items: unknown[] | undefined
  readonly members: Record<string, unknown> | undefined
  key: string | number
  expects: 'first' | 'key' | 'colon' | 'value' | 'end'
}

const SPACE = /[\s]*/y
const SCALAR = /[-+.0-9A-Za-z]+/y

/**
 * Reads JSON that comes in pieces, and holds no more of it than the value it is in: a document of any size costs what its
 * largest closed value does.
 */
export class JsonStream {
  readonly #handler: JsonHandler
  readonly #stack: Frame[] = []
  #rest = ''
  /** Characters before `#rest`. */
  #before = 0
  #isDone = false

  constructor(handler: JsonHandler) {
    this.#handler = handler
  }

  /** @throws {JsonError} */
  write(text: string): void {
    this.#scan(this.#rest + text, false)
  }

  /** @throws {JsonError} when the document is not complete */
  end(): void {
    this.#scan(this.#rest, true)
    if (!this.#isDone) throw this.#fault(0, 'it ends too early')
  }

  #scan(text: string, isLast: boolean): void {
    let at = 0
    for (;;) {
      SPACE.lastIndex = at
      SPACE.exec(text)
      at = SPACE.lastIndex
      if (at >= text.length) break
      const next = this.#token(text, at, isLast)
      if (next === undefined) break
      at = next
    }
    this.#rest = text.slice(at)
    this.#before += at
  }

  /** Where the token at `at` ends; undefined when it is not all there. */
  #token(text: string, at: number, isLast: boolean): number | undefined {
    if (this.#isDone) throw this.#fault(at, 'something follows its end')
    const character = text[at]!
    switch (character) {
      case '{':
      case '[':
        this.#open(character === '{', at)
        return at + 1
      case '}':
      case ']':
        this.#close(character === '}', at)
        return at + 1
      case ',':
      case ':':
        this.#punctuate(character, at)
        return at + 1
      case '"': {
        const end = endOfString(text, at)
        if (end === undefined) return undefined
        this.#string(
          parsed(text.slice(at, end), () => this.#fault(at, 'a bad string')) as string,
          at,
        )
        return end
      }
      default: {
        SCALAR.lastIndex = at
        if (SCALAR.exec(text) === null) throw this.#fault(at, `unexpected ${character}`)
        const end = SCALAR.lastIndex
        if (end === text.length && !isLast) return undefined
        const word = text.slice(at, end)
        this.#value(
          parsed(word, () => this.#fault(at, `unexpected ${word.slice(0, 20)}`)),
          at,
        )
        return end
      }
    }
  }

  #open(isObject: boolean, at: number): void {
    this.#expectValue(at)
    const parent = this.#stack.at(-1)
    const isOpen = parent?.isOpen !== false && this.#handler.isOpen(this.#path())
    this.#stack.push({
      isOpen,
      items: isObject ? undefined : [],
      members: isObject ? {} : undefined,
      key: isObject ? '' : 0,
      expects: 'first',
    })
  }

  #close(isObject: boolean, at: number): void {
    const frame = this.#stack.at(-1)
    const fits = frame !== undefined && (frame.members !== undefined) === isObject
    if (!fits || (frame.expects !== 'end' && frame.expects !== 'first')) {
      throw this.#fault(at, `unexpected ${isObject ? '}' : ']'}`)
    }
    this.#stack.pop()
    if (frame.isOpen) this.#finish()
    else this.#take(frame.members ?? frame.items)
  }

  #punctuate(character: ',' | ':', at: number): void {
    const frame = this.#stack.at(-1)
    if (character === ':' && frame?.expects === 'colon') {
      frame.expects = 'value'
      return
    }
    if (character === ',' && frame?.expects === 'end') {
      if (typeof frame.key === 'number') frame.key++
      frame.expects = frame.members === undefined ? 'value' : 'key'
      return
    }
    throw this.#fault(at, `unexpected ${character}`)
  }

  #string(value: string, at: number): void {
    const frame = this.#stack.at(-1)
    const isKey =
      frame?.members !== undefined && (frame.expects === 'first' || frame.expects === 'key')
    if (!isKey) return this.#value(value, at)
    frame.key = value
    frame.expects = 'colon'
  }

  #value(value: unknown, at: number): void {
    this.#expectValue(at)
    this.#take(value)
  }

  #expectValue(at: number): void {
    const frame = this.#stack.at(-1)
    if (frame === undefined || frame.expects === 'value') return
    if (frame.expects === 'first' && frame.items !== undefined) return
    throw this.#fault(at, 'a value where none may be')
  }

  /** A value is complete: it goes into what holds it, or to the handler. */
  #take(value: unknown): void {
    const frame = this.#stack.at(-1)
    if (frame === undefined || frame.isOpen) this.#handler.onValue(this.#path(), value)
    else if (frame.items !== undefined) frame.items.push(value)
    else setMember(frame.members!, String(frame.key), value)
    this.#finish()
  }

  #finish(): void {
    const frame = this.#stack.at(-1)
    if (frame === undefined) this.#isDone = true
    else frame.expects = 'end'
  }

  #path(): JsonPath {
    return this.#stack.map((frame) => frame.key)
  }

  #fault(at: number, what: string): JsonError {
    return new JsonError(`not JSON: ${what} at character ${this.#before + at + 1}`)
  }
}

function endOfString(text: string, start: number): number | undefined {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0
    while (text[at - 1 - slashes] === '\\') slashes++
    if (slashes % 2 === 0) return at + 1
  }
  return undefined
}

function parsed(text: string, fault: () => JsonError): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw fault()
  }
}

/** A member named `__proto__` is one like others. */
function setMember(members: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(members, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}
