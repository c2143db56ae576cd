import { Link } from '../router.tsx'
import { CopyButton } from './copy.tsx'
import { formatWei, shorten } from './format.ts'

/** A hash or an address: shortened unless `whole`, with a link where it leads somewhere, and copied whole. */
export function Hex({
  value,
  href,
  what = 'value',
  whole = false,
}: {
  readonly value: string
  readonly href?: string | undefined
  /** What it is, for who hears it: `block hash`. */
  readonly what?: string
  readonly whole?: boolean
}) {
  const text = whole ? value : shorten(value)
  return (
    <span className="hex">
      {href === undefined ? (
        <code title={value}>{text}</code>
      ) : (
        <Link href={href} title={value}>
          <code>{text}</code>
        </Link>
      )}
      <CopyButton text={value} what={what} />
    </span>
  )
}

/** An account, by its contract's name where it has one. */
export function Address({
  value,
  name,
  whole = false,
}: {
  readonly value: string
  readonly name?: string | undefined
  readonly whole?: boolean
}) {
  const address = value.toLowerCase()
  const href = `/address/${address}`
  if (name === undefined) return <Hex value={address} href={href} what="address" whole={whole} />
  return (
    <span className="hex">
      <Link href={href} title={address} className="contract-name">
        {name}
      </Link>
      <CopyButton text={address} what="address" />
    </span>
  )
}

/** An amount of ether, in the unit that suits it; the exact wei on hovering. */
export function Wei({ value, digits = 6 }: { readonly value: bigint; readonly digits?: number }) {
  return (
    <span className="number" title={`${value} wei`}>
      {formatWei(value, digits)}
    </span>
  )
}
