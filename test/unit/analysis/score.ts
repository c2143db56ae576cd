import { afterAll } from 'vitest'

/** What a report said of a planted conflict: whether it came first, and the gain that was said over the gain of the cure. */
interface Score {
  readonly isFirst: boolean
  readonly saidOverGained: number
}

/** Prints how well planted conflicts were diagnosed, after the tests of a file. */
export function printedScores(title: string): { readonly add: (score: Score) => void } {
  const scores: Score[] = []
  afterAll(() => {
    const first = scores.filter(({ isFirst }) => isFirst).length
    const off = scores.map(({ saidOverGained }) => Math.abs(saidOverGained - 1))
    const most = (100 * Math.max(...off)).toFixed(1)
    console.log(
      `${title}: ${first} of ${scores.length} named first, predicted gains off by at most ${most} %`,
    )
  })
  return { add: (score) => void scores.push(score) }
}
