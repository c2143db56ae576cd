import { COUNTED, type DependencyGraph } from '../graph.ts'
import { precedenceOf } from '../precedence.ts'

/**
 * Polygon's `TxDependency`, as Bor puts it into a block's extra data: for each transaction the earlier ones that it depends on, nonces of
 * one sender included, those left out that another of them depends on itself.
 */
export function borDependencies(graph: DependencyGraph): readonly (readonly number[])[] {
  const { first, from } = precedenceOf(graph, { kinds: new Set([...COUNTED, 'senderNonce']) })
  const lists: (readonly number[])[] = []
  const sets: ReadonlySet<number>[] = []
  for (let tx = 0; tx < graph.transactions; tx++) {
    const all = [...from.subarray(first[tx], first[tx + 1])].sort((a, b) => a - b)
    const implied = new Set(all.flatMap((earlier) => [...sets[earlier]!]))
    const needed = all.filter((earlier) => !implied.has(earlier))
    sets.push(new Set(all))
    lists.push(needed)
  }
  return lists
}
