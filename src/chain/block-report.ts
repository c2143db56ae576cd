import { selectEdges } from '../analysis/critical-path.ts'
import { borDependencies } from '../analysis/formats/bor.ts'
import { toDot } from '../analysis/formats/dot.ts'
import { edgeList } from '../analysis/formats/edges.ts'
import type { Location } from '../state/location.ts'
import type { DependencyGraph } from '../analysis/graph.ts'
import type { RecordedBlock } from './record-block.ts'

/**
 * `dag`: for each transaction the earlier ones that it depends on, and by what; neither chains of nonces nor fees are in the lists, but both are
 * among the edges. `bor`: as Polygon puts it into a header. `dot`: for Graphviz.
 */
export const DEPENDENCY_FORMATS = ['dag', 'edges', 'bor', 'dot'] as const
export type DependencyFormat = (typeof DEPENDENCY_FORMATS)[number]

/** The dependencies of a block, ready for JSON. */
export function showDependencies(
  { graph, book, recording }: RecordedBlock,
  format: DependencyFormat,
): object {
  const nameOf = (location: Location): string => book.nameOf(location).name
  switch (format) {
    case 'dag':
      return { dependencies: countedDependencies(graph), edges: edgeList(graph, nameOf) }
    case 'edges':
      return { edges: edgeList(graph, nameOf) }
    case 'bor':
      return { dependencies: borDependencies(graph) }
    case 'dot': {
      const labelOf = (tx: number): string => {
        const { hash } = recording.transactions[tx]!
        return hash === undefined ? `${tx}` : `${tx}: ${hash.slice(0, 10)}`
      }
      return { dot: toDot(graph, nameOf, labelOf) }
    }
  }
}

function countedDependencies(graph: DependencyGraph): readonly (readonly number[])[] {
  const selected = selectEdges(graph, {})
  return Array.from({ length: graph.transactions }, (_, tx) => {
    const from = new Set<number>()
    for (let edge = graph.first[tx]!; edge < graph.first[tx + 1]!; edge++) {
      if (selected[edge] === 1) from.add(graph.from[edge]!)
    }
    return [...from].toSorted((a, b) => a - b)
  })
}
