/** A list whose JSON is written already, in pieces: too much for one string, or for objects of it. */
export class JsonPieces {
  /** What stands between the brackets. */
  readonly pieces: readonly string[]

  constructor(pieces: readonly string[]) {
    this.pieces = pieces
  }

  /** For JSON.stringify: the list itself. */
  toJSON(): unknown {
    return JSON.parse(`[${this.pieces.join('')}]`)
  }
}

/** How deep in an answer pieces may be: `[[{result: {structLogs}}]]`. */
const MAX_DEPTH = 5

/** Whether there are pieces in `value`; of a list the first item tells. */
export function holdsPieces(value: unknown, depth: number = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null || depth === 0) return false
  if (value instanceof JsonPieces) return true
  if (Array.isArray(value)) return holdsPieces(value[0], depth - 1)
  return Object.values(value).some((member) => holdsPieces(member, depth - 1))
}

/** The JSON of `value`, in pieces that are not put together. */
export function toPieces(value: unknown): readonly string[] {
  const out: string[] = []
  writeTo(out, value)
  return out
}

function writeTo(out: string[], value: unknown): void {
  if (value instanceof JsonPieces) {
    out.push('[', ...value.pieces, ']')
  } else if (!holdsPieces(value)) {
    out.push(JSON.stringify(value))
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      out.push(index === 0 ? '[' : ',')
      writeTo(out, item)
    }
    out.push(']')
  } else {
    let before = '{'
    for (const [key, member] of Object.entries(value as object)) {
      if (member === undefined) continue
      out.push(`${before}${JSON.stringify(key)}:`)
      writeTo(out, member)
      before = ','
    }
    out.push('}')
  }
}
