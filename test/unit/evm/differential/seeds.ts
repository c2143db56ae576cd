import { setImmediate } from 'node:timers/promises'

/** After so many seeds the event loop has a turn: only then is what was collected given back, such as the memories of worlds. */
const TURN_EACH = 64

/** So many seeds from `first` on. */
export async function* seedsFrom(first: number, runs: number): AsyncGenerator<number> {
  for (let seed = first; seed < first + runs; seed++) {
    if ((seed - first) % TURN_EACH === 0) await setImmediate()
    yield seed
  }
}

/** What `differenceOf` says of the seeds, up to ten times; empty when nothing differs. */
export async function differencesOf(
  first: number,
  runs: number,
  differenceOf: (seed: number) => Promise<string>,
): Promise<string> {
  const differences: string[] = []
  for await (const seed of seedsFrom(first, runs)) {
    const difference = await differenceOf(seed)
    if (difference !== '') differences.push(difference)
    if (differences.length === 10) break
  }
  return differences.join('\n\n')
}
