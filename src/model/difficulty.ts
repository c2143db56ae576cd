import { EMPTY_LIST_HASH } from '../primitives/keccak.ts'
import type { Header } from './block.ts'
import { type ForkName, type Rules, isActive } from './fork.ts'

/** The difficulty that proof of work asks of a block: EIP-2, 100, and the delays of the ice age. */

const MIN_DIFFICULTY = 131_072n
const DIVISOR = 2_048n
/** Seconds in which Frontier wants a block. */
const FRONTIER_LIMIT = 13n
const MOST_STEPS_DOWN = -99n
const ICE_PERIOD = 100_000n

/** By how many blocks forks put the ice age off, the newest first. */
const ICE_DELAYS: readonly (readonly [ForkName, bigint])[] = [
  ['grayGlacier', 11_400_000n],
  ['arrowGlacier', 10_700_000n],
  ['london', 9_700_000n],
  ['muirGlacier', 9_000_000n],
  ['constantinople', 5_000_000n],
  ['byzantium', 3_000_000n],
]

/** @param header number and timestamp (seconds) of a child of `parent` under `rules`, before Paris */
export function workDifficulty(
  { number, timestamp }: Pick<Header, 'number' | 'timestamp'>,
  parent: Pick<Header, 'difficulty' | 'timestamp' | 'ommersHash'>,
  rules: Rules,
): bigint {
  const steps = stepsOf(timestamp - parent.timestamp, parent, rules)
  const moved = parent.difficulty + (parent.difficulty / DIVISOR) * steps
  const delay = ICE_DELAYS.find(([fork]) => isActive(rules, fork))?.[1] ?? 0n
  const period = atLeast(0n, number - delay) / ICE_PERIOD
  return atLeast(MIN_DIFFICULTY, period > 1n ? moved + 2n ** (period - 2n) : moved)
}

function stepsOf(
  seconds: bigint,
  { ommersHash }: Pick<Header, 'ommersHash'>,
  rules: Rules,
): bigint {
  if (!isActive(rules, 'homestead')) return seconds < FRONTIER_LIMIT ? 1n : -1n
  if (!isActive(rules, 'byzantium')) return atLeast(MOST_STEPS_DOWN, 1n - seconds / 10n)
  const wanted = ommersHash === EMPTY_LIST_HASH ? 1n : 2n
  return atLeast(MOST_STEPS_DOWN, wanted - seconds / 9n)
}

function atLeast(least: bigint, value: bigint): bigint {
  return value < least ? least : value
}
