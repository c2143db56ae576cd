import { shorten } from '../parts/format.ts'

const LONG_HEX = /0x[0-9a-f]{40,64}/gi

/** The name of a location with addresses and keys in it shortened; whole on hovering and when copied from there. */
export function LocationName({ name }: { readonly name: string }) {
  return <code title={name}>{name.replaceAll(LONG_HEX, (hex) => shorten(hex))}</code>
}
