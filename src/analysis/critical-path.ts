import { COUNTED, type DependencyGraph, EDGE_KINDS, type EdgeKind } from './graph.ts'

/** Which edges count: by kind, and not those of some locations. */
export interface Selection {
  readonly kinds?: ReadonlySet<EdgeKind> | undefined
  /** Places of locations whose edges are left out: what if they did not conflict. */
  readonly without?: ReadonlySet<number> | undefined
}

/** One transaction on the path, and the location (by its place) for which it waited; undefined for the first. */
export interface PathStep {
  readonly tx: number
  readonly location: number | undefined
}

/** 1 for each edge that counts. */
export function selectEdges(
  graph: DependencyGraph,
  { kinds = COUNTED, without }: Selection,
): Uint8Array {
  const counts = EDGE_KINDS.map((kind) => Number(kinds.has(kind)))
  const selected = new Uint8Array(graph.edges)
  for (let edge = 0; edge < graph.edges; edge++) {
    const isOut = without?.has(graph.location[edge]!) === true
    selected[edge] = isOut ? 0 : counts[graph.kind[edge]!]!
  }
  return selected
}

/** When each transaction would end with a core of its own, in the unit of `costs`. O(transactions + edges). */
export function finishTimes(
  graph: DependencyGraph,
  costs: Float64Array,
  selected: Uint8Array,
): Float64Array {
  const finish = new Float64Array(graph.transactions)
  for (let tx = 0; tx < graph.transactions; tx++) {
    let start = 0
    for (let edge = graph.first[tx]!; edge < graph.first[tx + 1]!; edge++) {
      if (selected[edge] !== 1) continue
      const ready = finish[graph.from[edge]!]!
      if (ready > start) start = ready
    }
    finish[tx] = start + costs[tx]!
  }
  return finish
}

/** The cost of the most expensive chain; 0 for no transactions. */
export function criticalCost(
  graph: DependencyGraph,
  costs: Float64Array,
  selection: Selection = {},
): number {
  return greatest(finishTimes(graph, costs, selectEdges(graph, selection)))
}

/** The cost of the critical path when the edges of one location are other ones: `waits` gives them by the transaction that waits. */
export function criticalCostReplaced(
  graph: DependencyGraph,
  costs: Float64Array,
  place: number,
  waits: ReadonlyMap<number, readonly number[]>,
  selection: Selection = {},
): number {
  const without = new Set([...(selection.without ?? []), place])
  const selected = selectEdges(graph, { ...selection, without })
  const finish = new Float64Array(graph.transactions)
  for (let tx = 0; tx < graph.transactions; tx++) {
    let start = 0
    for (let edge = graph.first[tx]!; edge < graph.first[tx + 1]!; edge++) {
      if (selected[edge] === 1) start = Math.max(start, finish[graph.from[edge]!]!)
    }
    for (const from of waits.get(tx) ?? []) start = Math.max(start, finish[from]!)
    finish[tx] = start + costs[tx]!
  }
  return greatest(finish)
}

/** The most expensive chain, from its first transaction on; of several the one that ends first in the block. */
export function criticalPath(
  graph: DependencyGraph,
  costs: Float64Array,
  selection: Selection = {},
): readonly PathStep[] {
  const selected = selectEdges(graph, selection)
  const finish = finishTimes(graph, costs, selected)
  let tx = finish.indexOf(greatest(finish))
  const path: PathStep[] = []
  while (tx >= 0) {
    const edge = latestEdge(graph, finish, selected, tx)
    path.push({ tx, location: edge === undefined ? undefined : graph.location[edge]! })
    tx = edge === undefined ? -1 : graph.from[edge]!
  }
  return path.toReversed()
}

/** The first of the edges on which `tx` waited longest. */
function latestEdge(
  graph: DependencyGraph,
  finish: Float64Array,
  selected: Uint8Array,
  tx: number,
): number | undefined {
  let latest: number | undefined
  for (let edge = graph.first[tx]!; edge < graph.first[tx + 1]!; edge++) {
    if (selected[edge] !== 1) continue
    if (latest === undefined || finish[graph.from[edge]!]! > finish[graph.from[latest]!]!) {
      latest = edge
    }
  }
  return latest
}

function greatest(values: Float64Array): number {
  let max = 0
  for (const value of values) if (value > max) max = value
  return max
}
