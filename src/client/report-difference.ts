/** As far as differences look at what `parallel_getContention` answers. */
interface Ranked {
  readonly name: string
  readonly together: readonly { readonly name: string }[]
  readonly edges: number
  readonly gasBehind: number
}

/** What a change did to the dependencies by one location. */
export interface Difference {
  readonly name: string
  readonly dependencies: readonly [before: number, after: number]
  readonly gasBehind: readonly [before: number, after: number]
}

/** Locations by name that do not order as many transactions as before, the greatest change of gas first. */
export function reportDifferences(
  before: { readonly fixFirst: readonly Ranked[] },
  after: { readonly fixFirst: readonly Ranked[] },
): readonly Difference[] {
  const [old, fresh] = [byName(before.fixFirst), byName(after.fixFirst)]
  const names = new Set([...old.keys(), ...fresh.keys()])
  const found = [...names].map((name): Difference => {
    const [a, b] = [old.get(name), fresh.get(name)]
    return {
      name,
      dependencies: [a?.edges ?? 0, b?.edges ?? 0],
      gasBehind: [a?.gasBehind ?? 0, b?.gasBehind ?? 0],
    }
  })
  const changeOf = ({ gasBehind: [a, b] }: Difference): number => Math.abs(b - a)
  return found
    .filter(({ dependencies: [a, b] }) => a !== b)
    .toSorted((x, y) => changeOf(y) - changeOf(x) || (x.name < y.name ? -1 : 1))
}

/** Locations that are ranked together count each. */
function byName(fixFirst: readonly Ranked[]): ReadonlyMap<string, Ranked> {
  return new Map(
    fixFirst.flatMap((each) =>
      [each.name, ...each.together.map(({ name }) => name)].map((name) => [name, each] as const),
    ),
  )
}
