import type { AbiParameter } from 'viem'

import type { Book } from '../net/contracts.ts'
import type { Argument } from '../net/decode.ts'
import { formatCount, shorten } from './format.ts'
import { Address } from './hex.tsx'

const LONG_TEXT = 400

/** A decoded value as Solidity would write it. All of it is text: contracts choose their strings. */
export function Value({
  parameter,
  value,
  book,
}: {
  readonly parameter: AbiParameter
  readonly value: unknown
  readonly book?: Book | undefined
}) {
  if (parameter.type === 'address' && typeof value === 'string') {
    return <Address value={value} name={book?.nameOf(value)} />
  }
  if (typeof value === 'string' && /^0x[0-9a-f]{64}$/i.test(value)) {
    return <code title={value}>{shorten(value, 6)}</code>
  }
  const text = textOf(value, parameter)
  const isCut = text.length > LONG_TEXT
  return (
    <code className="value" title={isCut ? `${text.length} characters` : undefined}>
      {isCut ? `${text.slice(0, LONG_TEXT)}…` : text}
    </code>
  )
}

/** `1,000`, `"text"`, `[1, 2]`, `(owner: 0x.., id: 7)` */
function textOf(value: unknown, parameter: AbiParameter): string {
  if (typeof value === 'bigint' || typeof value === 'number') return formatCount(value)
  if (typeof value === 'string') return parameter.type === 'string' ? JSON.stringify(value) : value
  if (Array.isArray(value)) {
    const item = { ...parameter, type: parameter.type.replace(/\[\d*\]$/, '') }
    return `[${value.map((each) => textOf(each, item)).join(', ')}]`
  }
  if (typeof value === 'object' && value !== null) {
    const { components = [] } = parameter as { readonly components?: readonly AbiParameter[] }
    const parts = Object.entries(value).map(
      ([name, each], index) => `${name}: ${textOf(each, components[index] ?? { type: '' })}`,
    )
    return `(${parts.join(', ')})`
  }
  return String(value)
}

/** Arguments in a row, as in a call. */
export function Arguments({
  args,
  book,
}: {
  readonly args: readonly Argument[]
  readonly book?: Book | undefined
}) {
  return (
    <span className="arguments">
      (
      {args.map(({ name, parameter, value }, index) => (
        <span key={index}>
          {index > 0 ? ', ' : ''}
          {name === '' ? null : <span className="soft">{name}: </span>}
          <Value parameter={parameter} value={value} book={book} />
        </span>
      ))}
      )
    </span>
  )
}

/** Arguments one below the other, with their types. */
export function ArgumentList({
  args,
  book,
}: {
  readonly args: readonly Argument[]
  readonly book?: Book | undefined
}) {
  return (
    <ul className="argument-list">
      {args.map(({ name, parameter, value }, index) => (
        <li key={index}>
          <span className="soft">
            {parameter.type} {name === '' ? `#${index}` : name}
          </span>
          <Value parameter={parameter} value={value} book={book} />
        </li>
      ))}
    </ul>
  )
}
