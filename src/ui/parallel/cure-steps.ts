import type { Contention } from '../../client/answers.ts'

type Hot = Contention['fixFirst'][number]

/** Locations that gain only together, and what they gain on top of all before them. */
export interface CureStep {
  readonly locations: readonly Hot[]
  /** The bound before and after. */
  readonly from: number
  readonly to: number
}

/** Less is not worth a change. */
const LEAST_GAIN = 1.01

/**
 * Cuts the ranking where the bound rises: two locations that hide each other are one step, as balances behind a counter are. What stands
 * behind the last rise gains nothing.
 * @param now the bound as things are
 */
export function cureSteps(ranked: readonly Hot[], now: number): readonly CureStep[] {
  const steps: CureStep[] = []
  let from = now
  let pending: Hot[] = []
  for (const hot of ranked) {
    pending.push(hot)
    if (hot.boundWithoutUpTo < from * LEAST_GAIN) continue
    steps.push({ locations: pending, from, to: hot.boundWithoutUpTo })
    from = hot.boundWithoutUpTo
    pending = []
  }
  return steps
}

/** What the locations of a step are called: by their variable when it is one. */
export function stepName({ locations }: CureStep): string {
  const [first, ...others] = locations
  if (first === undefined) return ''
  if (others.length === 0) return first.name
  const variables = new Set(locations.map(({ name }) => name.split('[', 1)[0]!))
  const [variable] = variables
  return variables.size === 1
    ? `${variable}, ${locations.length} entries`
    : `${first.name} and ${others.length} more`
}
