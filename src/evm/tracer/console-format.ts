import type { AbiValue } from '../../primitives/abi.ts'
import { checksumAddress } from '../../primitives/checksum.ts'
import { parseAddress } from '../../primitives/hex.ts'

export interface ConsoleValue {
  /** As in a signature: `uint256`, `string`, `address`, ... */
  readonly type: string
  readonly value: AbiValue
}

/** Control characters but tab, newline and the colours of forge-std's StdStyle: a contract must not steer the terminal. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /\u001b(?!\[[\d;]*m)|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g

/**
 * One line as Node's util.format has it: a first string's %s %d %i %x %e %o take the values that follow,
 * the others come after it with spaces between. Integers of any size are exact.
 */
export function formatConsole(values: readonly ConsoleValue[]): string {
  const [first, ...rest] = values
  if (first === undefined) return ''
  const parts: string[] = []
  let used = 0
  if (first.type === 'string' && rest.length > 0) {
    const text = String(first.value).replace(/%[sdixeoOj%]/g, (spec) => {
      if (spec === '%%') return '%'
      const next = rest[used]
      if (next === undefined) return spec
      used++
      return formatSpec(spec, next)
    })
    parts.push(text)
  } else {
    parts.push(display(first))
  }
  for (const value of rest.slice(used)) parts.push(display(value))
  return escapeControls(parts.join(' '))
}

/** `text` of a contract's making as a terminal may print it: control characters as `\x1b`, but colours and line ends. */
export function escapeControls(text: string): string {
  return text.replace(
    CONTROLS,
    (found) => `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

function formatSpec(spec: string, item: ConsoleValue): string {
  const number = toNumber(item)
  switch (spec) {
    case '%d':
    case '%i':
      return number === undefined ? 'NaN' : number.toString()
    case '%x':
      return number === undefined ? display(item) : toHex(number)
    case '%e':
      return number === undefined ? 'NaN' : toExponential(number)
    default:
      return display(item)
  }
}

function display({ type, value }: ConsoleValue): string {
  if (type === 'address' && typeof value === 'string') return checksumAddress(parseAddress(value))
  return String(value)
}

/** What %d prints of it; a text is no number. */
function toNumber({ type, value }: ConsoleValue): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  return type === 'address' && typeof value === 'string' ? BigInt(value) : undefined
}

function toHex(number: bigint): string {
  return number < 0n ? `-0x${(-number).toString(16)}` : `0x${number.toString(16)}`
}

/** `1.5e18` for 1500000000000000000 */
function toExponential(number: bigint): string {
  const sign = number < 0n ? '-' : ''
  const digits = (number < 0n ? -number : number).toString()
  const fraction = digits.slice(1).replace(/0+$/, '')
  return `${sign}${digits[0]}${fraction === '' ? '' : `.${fraction}`}e${digits.length - 1}`
}
