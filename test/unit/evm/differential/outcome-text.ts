import type { Outcome } from '../../../../src/evm/engine.ts'
import type { AccountWrites } from '../../../../src/state/access.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function sorted<Value>(entries: Iterable<readonly [string, Value]>): [string, Value][] {
  return [...entries]
    .map(([key, value]): [string, Value] => [key, value])
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}

function writesText({ slots, ...fields }: AccountWrites): string {
  const plain = sorted(Object.entries(fields)).map(([name, value]) => `${name}=${value}`)
  const written = sorted(slots ?? []).map(([key, value]) => `${BigInt(key)}:=${value}`)
  return [...plain, ...written].join(' ')
}

/**
 * What both engines must agree on, a line each: how it ended, gas, output, logs and writes.
 * Left out: reads of account fields, which the reference over-approximates, and the reason of a halt, since the order of the
 * checks differs when several fail.
 */
export function outcomeText(outcome: Outcome): string {
  if (outcome.kind === 'rejected') return `rejected ${outcome.rejection.kind}`
  const { access, gasUsed, gasRefunded, output } = outcome
  const lines = [
    `${outcome.kind} gas ${gasUsed} refunded ${gasRefunded} output ${hex(output)}`,
    ...(outcome.kind === 'success' ? [`created ${outcome.created}`] : []),
  ]
  for (const log of outcome.kind === 'success' ? outcome.logs : []) {
    lines.push(`log ${log.address} ${log.topics.join(' ')} ${hex(log.data)}`)
  }
  for (const [address, writes] of sorted(access.writes.accounts)) {
    lines.push(`wrote ${address} ${writesText(writes)}`)
  }
  for (const [codeHash, code] of sorted(access.writes.codes))
    lines.push(`code ${codeHash} ${hex(code)}`)
  return lines.join('\n')
}

/** Each slot that was read, with the value found, and volatile reads. */
export function readsText(outcome: Outcome): string[] {
  if (outcome.kind === 'rejected') return []
  const found: string[] = [...outcome.access.volatile]
  for (const [address, { slots }] of outcome.access.reads) {
    for (const [key, value] of slots ?? []) found.push(`${address} ${BigInt(key)}=${value}`)
  }
  return found.toSorted()
}

/** Whether all of `part` is in `whole`. */
export function isWithin(part: readonly string[], whole: readonly string[]): boolean {
  const there = new Set(whole)
  return part.every((text) => there.has(text))
}
