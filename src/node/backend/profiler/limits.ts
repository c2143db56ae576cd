import type { Bundle } from '../../../rpc/profiler-port.ts'

/** How much is looked at together at most: all of it is run once more, observed. */
export interface Limits {
  /** Transactions of a bundle or a window. */
  readonly maxBundle: number
  /** Blocks from a window's first to its last. */
  readonly maxRange: number
}

/** @returns why a list or a count of transactions is refused; undefined when it is not */
export function bundleFault(
  name: string,
  transactions: number,
  { maxBundle }: Limits,
): string | undefined {
  if (transactions <= maxBundle) return undefined
  return `\`${name}\`: ${transactions} transactions, this node takes ${maxBundle} (--max-bundle)`
}

/** As `bundleFault`, of both lists of a bundle. */
export function bundleListFault(
  { transactions, setup }: Pick<Bundle, 'transactions' | 'setup'>,
  limits: Limits,
): string | undefined {
  return (
    bundleFault('transactions', transactions.length, limits) ??
    bundleFault('setup', setup.length, limits)
  )
}

/** @returns why a window over the blocks `first` to `last`, both included, is refused; undefined when it is not */
export function rangeFault(first: bigint, last: bigint, { maxRange }: Limits): string | undefined {
  const blocks = last - first + 1n
  if (blocks <= BigInt(maxRange)) return undefined
  return `blocks ${first} to ${last}: ${blocks} blocks, this node takes ${maxRange} (--max-range)`
}
