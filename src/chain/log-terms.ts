import type { Log } from '../model/receipt.ts'
import type { LogFilter } from './log-filter.ts'

/**
 * What logs are found by: 32 bits for an address, or for a topic at its position. Two things may share a term, so what is
 * found is compared again.
 */
export type Term = number

const MIX = 0x9e37_79b1

/** @param position 0 for an address, 1 to 4 for a topic */
function termOf(hex: string, position: number): Term {
  const end = hex.length
  const low = Number.parseInt(hex.slice(end - 8), 16)
  const middle = Number.parseInt(hex.slice(end - 16, end - 8), 16)
  const high = Number.parseInt(hex.slice(2, 10), 16)
  const sum = Math.imul(low + position, MIX) ^ Math.imul(middle, MIX + 2) ^ high
  return Math.imul(sum ^ (sum >>> 15), MIX) >>> 0
}

/** The terms of a log: its address and each topic. */
export function termsOfLog({ address, topics }: Log): Term[] {
  const terms = [termOf(address, 0)]
  for (const [index, topic] of topics.entries()) terms.push(termOf(topic, index + 1))
  return terms
}

/** What a filter asks for: each list is alternatives, and one of each list must be there. Nothing asked: no list. */
export function termsOfFilter({ addresses, topics }: LogFilter): Term[][] {
  const lists: Term[][] = []
  if (addresses.length > 0) lists.push(unique(addresses.map((address) => termOf(address, 0))))
  for (const [index, wanted] of topics.entries()) {
    if (wanted === null || wanted.length === 0) continue
    lists.push(unique(wanted.map((topic) => termOf(topic, index + 1))))
  }
  return lists
}

function unique(terms: readonly Term[]): Term[] {
  return [...new Set(terms)]
}
