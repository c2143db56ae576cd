import { type ForkName, type Rules, isActive } from '../../model/fork.ts'
import { networkOf } from '../../model/network.ts'
import type { Address } from '../../primitives/hex.ts'

/** Addresses `first` to `last` and the fork they came with. */
const RANGES: readonly {
  readonly fork: ForkName
  readonly first: number
  readonly last: number
}[] = [
  { fork: 'frontier', first: 0x01, last: 0x04 },
  { fork: 'byzantium', first: 0x05, last: 0x08 },
  { fork: 'istanbul', first: 0x09, last: 0x09 },
  { fork: 'cancun', first: 0x0a, last: 0x0a },
  { fork: 'prague', first: 0x0b, last: 0x11 },
  { fork: 'osaka', first: 0x100, last: 0x100 },
]

/** Whether `address` is a precompile under `rules`. */
export function isPrecompile(address: Address, rules: Rules): boolean {
  if (!address.startsWith(`0x${'0'.repeat(36)}`)) return false
  const number = Number.parseInt(address.slice(38), 16)
  if (networkOf(rules).earlyPrecompiles.includes(number)) return true
  return RANGES.some(
    ({ fork, first, last }) => number >= first && number <= last && isActive(rules, fork),
  )
}
