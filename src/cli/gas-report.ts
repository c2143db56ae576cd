import type { NodeListener } from '../node/events.ts'
import { oneLine } from './format.ts'

interface Usage {
  calls: number
  failed: number
  least: bigint
  most: bigint
  total: bigint
}

/** Functions that are told apart: labels hold selectors that anybody can make up. */
const MAX_FUNCTIONS = 1_000

/** Collects what mined transactions cost, by the function that they called. Gas is what was paid for. */
export class GasReport {
  readonly #byLabel: Map<string, Usage> = new Map()

  readonly listener: NodeListener = (event) => {
    if (event.kind !== 'mined') return
    for (const { label, receipt, failure } of event.transactions) {
      this.#add(label, receipt.gasUsed, failure !== undefined)
    }
  }

  #add(label: string, gas: bigint, hasFailed: boolean): void {
    const isNew = !this.#byLabel.has(label) && this.#byLabel.size >= MAX_FUNCTIONS
    const key = isNew ? '(others)' : label
    const usage = this.#byLabel.get(key) ?? {
      calls: 0,
      failed: 0,
      least: gas,
      most: gas,
      total: 0n,
    }
    this.#byLabel.set(key, {
      calls: usage.calls + 1,
      failed: usage.failed + (hasFailed ? 1 : 0),
      least: gas < usage.least ? gas : usage.least,
      most: gas > usage.most ? gas : usage.most,
      total: usage.total + gas,
    })
  }

  /** A table, the functions in the order of their names; empty without transactions. */
  render(): string {
    if (this.#byLabel.size === 0) return ''
    const rows = [...this.#byLabel]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([label, { calls, failed, least, most, total }]) => [
        oneLine(label),
        String(calls),
        String(failed),
        String(least),
        String(total / BigInt(calls)),
        String(most),
      ])
    const table = [['Gas, measured', 'calls', 'failed', 'least', 'average', 'most'], ...rows]
    const widths = table[0]!.map((_, column) =>
      Math.max(...table.map((row) => row[column]!.length)),
    )
    const lines = table.map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!),
        )
        .join('  '),
    )
    return `${lines.join('\n')}\n`
  }
}
