import type { Recording } from './input.ts'
import type { NameBook } from './names/name-book.ts'

/** A value of the block that transactions read: it ties them to their block, so they cannot run ahead of it. */
export interface VolatileUse {
  readonly name: string
  readonly transactions: number
  /** `contracts/src/Vault.sol:40`, or `Vault at 1042` without a source; empty without traces. */
  readonly lines: readonly string[]
}

/** In the order of their names. */
export function volatileReads(recording: Recording, book: NameBook): readonly VolatileUse[] {
  const found = new Map<string, { transactions: number; readonly lines: Set<string> }>()
  for (const { access, trace } of recording.transactions) {
    for (const name of access.volatile) {
      let use = found.get(name)
      if (use === undefined) found.set(name, (use = { transactions: 0, lines: new Set() }))
      use.transactions++
    }
    for (const site of trace?.volatile ?? []) {
      const line = book.lineOf(site)
      const place = line
        ? `${line.path}:${line.line}`
        : `${book.labelOf(site.codeAddress)} at ${site.pc}`
      found.get(site.name)?.lines.add(place)
    }
  }
  return [...found]
    .map(([name, { transactions, lines }]) => ({
      name,
      transactions,
      lines: [...lines].sort(),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
