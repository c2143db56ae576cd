import { criticalCost, selectEdges } from './critical-path.ts'
import type { DependencyGraph } from './graph.ts'

/** The graph in a few figures, by the edges that the headline counts. */
export interface GraphShape {
  /** Transactions that depend on none and that none depends on. */
  readonly independent: number
  /** Transactions on the longest chain: rounds in which all could run if each took as long. */
  readonly waves: number
  /** Share of the transactions that depend on an earlier one. */
  readonly dependentShare: number
  /**
   * How many places before it the nearest one stands on which a transaction depends, the median over those that depend. Far apart,
   * speculation rarely misses; below four it mostly does.
   */
  readonly medianDistance: number | undefined
}

export function shapeOfGraph(graph: DependencyGraph): GraphShape {
  const selected = selectEdges(graph, {})
  const isTied = new Uint8Array(graph.transactions)
  const distances: number[] = []
  for (let tx = 0; tx < graph.transactions; tx++) {
    let nearest = -1
    for (let edge = graph.first[tx]!; edge < graph.first[tx + 1]!; edge++) {
      if (selected[edge] !== 1) continue
      const from = graph.from[edge]!
      isTied[from] = 1
      isTied[tx] = 1
      nearest = Math.max(nearest, from)
    }
    if (nearest >= 0) distances.push(tx - nearest)
  }
  distances.sort((a, b) => a - b)
  return {
    independent: isTied.reduce((count, tied) => count + 1 - tied, 0),
    waves: criticalCost(graph, new Float64Array(graph.transactions).fill(1)),
    dependentShare: graph.transactions === 0 ? 0 : distances.length / graph.transactions,
    medianDistance: distances[Math.floor(distances.length / 2)],
  }
}
