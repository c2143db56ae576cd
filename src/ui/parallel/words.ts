import type { Contention } from '../../client/answers.ts'

type Call = Contention['calls'][number]

/** `3.20x` */
export function times(factor: number): string {
  return `${factor.toFixed(2)}x`
}

/** `12 · Token.transfer`: the place in the window, and what was called. */
export function callName({ tx, label }: Pick<Call, 'tx' | 'label'>): string {
  return `${tx} · ${label}`
}

/** `12.4 ms`, `380 µs` */
export function duration(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`
  return ms >= 1 ? `${ms.toFixed(ms >= 100 ? 0 : 1)} ms` : `${(ms * 1000).toFixed(0)} µs`
}

const PATTERNS: Readonly<Record<Contention['fixFirst'][number]['pattern'], string>> = {
  counter: 'a counter',
  accumulator: 'an accumulator',
  reserve: "a pool's reserve",
  arrayLength: 'the length of an array',
  timestamp: 'a time',
  owner: 'what changes hands',
  unknown: 'of no known kind',
}

export function patternName(pattern: Contention['fixFirst'][number]['pattern']): string {
  return PATTERNS[pattern]
}
