/** Readers make a value of what a flag, a variable or a configuration file holds, or say what they expected. */
export type Reading<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'unset' }
  | { readonly kind: 'bad'; readonly expected: string }
export type Reader<T> = (raw: unknown) => Reading<T>

const ETHER_DECIMALS = 18
const INTEGER = /^(?:\d+(?:_\d+)*|0[xX][0-9a-fA-F]+)$/
const TRUE_WORDS = new Set(['true', '1', 'yes', 'on'])
const FALSE_WORDS = new Set(['false', '0', 'no', 'off'])

/** Whole numbers from `min` to `max`: decimal, with `_` between digits, or 0x-hex. */
export function quantity(min: bigint, max: bigint): Reader<bigint> {
  const expected = `an integer from ${min} to ${max}`
  return (raw) => {
    const value = toInteger(raw)
    return value !== undefined && value >= min && value <= max ? read(value) : bad(expected)
  }
}

export function integer(min: number, max: number): Reader<number> {
  const reader = quantity(BigInt(min), BigInt(max))
  return (raw) => {
    const reading = reader(raw)
    return reading.kind === 'read' ? read(Number(reading.value)) : reading
  }
}

/** Decimal ether, as wei. */
export const ether: Reader<bigint> = (raw) => {
  const found = /^(\d+(?:_\d+)*)(?:\.(\d{1,18}))?$/.exec(isScalar(raw) ? String(raw) : '')
  if (found === null) return bad('an amount of ether such as 10000 or 0.5')
  const whole = found[1]!.replaceAll('_', '')
  const wei = BigInt(whole + (found[2] ?? '').padEnd(ETHER_DECIMALS, '0'))
  return wei < 2n ** 128n ? read(wei) : bad('less than 2^128 wei')
}

/** Seconds with fractions, as milliseconds. */
export const seconds: Reader<number> = (raw) => {
  const text = typeof raw === 'number' || typeof raw === 'string' ? String(raw) : ''
  const ms = /^(?:\d+\.?\d*|\.\d+)$/.test(text) ? Math.round(Number(text) * 1000) : 0
  // Timers hold 31 bits.
  return ms >= 1 && ms < 2 ** 31 ? read(ms) : bad('seconds from 0.001 to 2147483')
}

export const yesNo: Reader<boolean> = (raw) => {
  if (typeof raw === 'boolean') return read(raw)
  const word = typeof raw === 'string' ? raw.toLowerCase() : ''
  if (TRUE_WORDS.has(word)) return read(true)
  return FALSE_WORDS.has(word) ? read(false) : bad('true or false')
}

/** One of `names`; upper and lower case are the same. */
export function choice<T extends string>(names: readonly T[]): Reader<T> {
  return (raw) => {
    const wanted = typeof raw === 'string' ? raw.toLowerCase() : undefined
    const found = names.find((name) => name.toLowerCase() === wanted)
    return found === undefined ? bad(`one of ${names.join(', ')}`) : read(found)
  }
}

/** `choice` as an option's, with the names for shells. */
export function oneOf<const T extends string>(
  names: readonly T[],
): { readonly choices: readonly T[]; readonly read: Reader<T> } {
  return { choices: names, read: choice(names) }
}

export function text(expected: string, shape: RegExp = /\S/): Reader<string> {
  return (raw) => (typeof raw === 'string' && shape.test(raw) ? read(raw) : bad(expected))
}

/** A list, or a text with commas. */
export function list(expected: string, shape: RegExp = /\S/): Reader<readonly string[]> {
  return (raw) => {
    const items: unknown = typeof raw === 'string' ? raw.split(',').map((item) => item.trim()) : raw
    if (!Array.isArray(items) || items.length === 0) return bad(expected)
    const texts = items.filter((item) => typeof item === 'string' && shape.test(item))
    return texts.length === items.length ? read(texts) : bad(expected)
  }
}

/** `name=value` with commas or line ends between, or an object. */
export function entries(expected: string): Reader<Readonly<Record<string, unknown>>> {
  return (raw) => {
    if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) {
      return read(raw as Readonly<Record<string, unknown>>)
    }
    const pairs = typeof raw === 'string' ? raw.split(/[,\n]/).map((pair) => pair.split('=')) : [[]]
    const isWhole = pairs.every((pair) => pair.length === 2 && pair[0]!.trim() !== '')
    if (!isWhole) return bad(expected)
    return read(Object.fromEntries(pairs.map(([name, value]) => [name!.trim(), value!.trim()])))
  }
}

/** What `true` (a flag without its value) stands for; `false` is as if it were not there. */
export function optional<T>(reader: Reader<T>, standard: T): Reader<T> {
  return (raw) => {
    if (raw === true) return read(standard)
    return raw === false ? { kind: 'unset' } : reader(raw)
  }
}

/** `reader`, then `change`. */
export function mapped<A, B>(reader: Reader<A>, change: (value: A) => Reading<B>): Reader<B> {
  return (raw) => {
    const reading = reader(raw)
    return reading.kind === 'read' ? change(reading.value) : reading
  }
}

export function read<T>(value: T): { readonly kind: 'read'; readonly value: T } {
  return { kind: 'read', value }
}

export function bad(expected: string): { readonly kind: 'bad'; readonly expected: string } {
  return { kind: 'bad', expected }
}

/** How a bad value is quoted in an error. */
export function quoted(raw: unknown): string {
  if (typeof raw === 'bigint') return String(raw)
  const shown = JSON.stringify(raw, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  const json = shown === undefined ? typeof raw : shown
  return json.length > 80 ? `${json.slice(0, 77)}...` : json
}

function isScalar(raw: unknown): raw is string | number | bigint {
  return typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'bigint'
}

function toInteger(raw: unknown): bigint | undefined {
  if (typeof raw === 'bigint') return raw
  if (typeof raw === 'number') return Number.isSafeInteger(raw) ? BigInt(raw) : undefined
  if (typeof raw !== 'string' || !INTEGER.test(raw)) return undefined
  return BigInt(raw.replaceAll('_', ''))
}
