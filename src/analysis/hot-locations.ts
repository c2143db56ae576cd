import { type Slices, atOnce } from '../primitives/slices.ts'
import { type Selection, finishTimes, selectEdges } from './critical-path.ts'
import type { DependencyGraph } from './graph.ts'

/** What one location, or several that are always in each other's company, cost the block. */
export interface HotLocation {
  /** Places of locations. More than one: every dependency by one is a dependency by all, so curing one alone gains nothing. */
  readonly locations: readonly number[]
  /** Transactions that read it, and that wrote it. */
  readonly readers: number
  readonly writers: number
  readonly edges: number
  /** Cost of the transactions that wait for another because of it. */
  readonly costBehind: number
  /** Cost of the transactions that write it: what a lock on it would serialise. */
  readonly costWriting: number
  /** Cost of the critical path if it did not conflict. */
  readonly criticalWithout: number
  /** The same without this one and all that stand before it in the ranking. */
  readonly criticalWithoutUpTo: number
}

const MOST = 20

/**
 * The locations to fix first. Each is the one whose cure, on top of the cures before it, shortens the critical path most; of equals the one
 * with the most cost behind it. Looks at the 20 locations with the most cost behind them: O(20^2 (transactions + edges)).
 */
export function rankHotLocations(
  graph: DependencyGraph,
  costs: Float64Array,
  selection: Selection = {},
  most: number = MOST,
): readonly HotLocation[] {
  return atOnce(rankInSlices(graph, costs, selection, most))
}

/** The same, in parts of less than a few milliseconds. */
export function* rankInSlices(
  graph: DependencyGraph,
  costs: Float64Array,
  selection: Selection = {},
  most: number = MOST,
): Slices<readonly HotLocation[]> {
  const selected = selectEdges(graph, selection)
  const byLocation = edgesByLocation(graph, selected)
  const candidates = bundle(graph, byLocation)
    .map((locations) => measure(graph, costs, byLocation, locations))
    .sort((a, b) => b.costBehind - a.costBehind || a.locations[0]! - b.locations[0]!)
    .slice(0, most)
  const criticalOf = (without: readonly number[]): number => {
    for (const location of without) setEdges(selected, byLocation.get(location)!, 0)
    const finish = finishTimes(graph, costs, selected)
    for (const location of without) setEdges(selected, byLocation.get(location)!, 1)
    return finish.reduce((max, value) => (value > max ? value : max), 0)
  }
  const alone: Omit<HotLocation, 'criticalWithoutUpTo'>[] = []
  for (const candidate of candidates) {
    alone.push({ ...candidate, criticalWithout: criticalOf(candidate.locations) })
    yield
  }
  const ranked: HotLocation[] = []
  while (alone.length > 0) {
    let best = 0
    let shortest = Number.POSITIVE_INFINITY
    for (const [at, { locations }] of alone.entries()) {
      const critical = criticalOf(locations)
      if (critical < shortest) [best, shortest] = [at, critical]
      yield
    }
    const [chosen] = alone.splice(best, 1)
    for (const location of chosen!.locations) {
      setEdges(selected, byLocation.get(location)!, 0)
      byLocation.set(location, [])
    }
    ranked.push({ ...chosen!, criticalWithoutUpTo: shortest })
  }
  return ranked
}

type Measured = Omit<HotLocation, 'criticalWithout' | 'criticalWithoutUpTo'>

function setEdges(selected: Uint8Array, edges: readonly number[], to: 0 | 1): void {
  for (const edge of edges) selected[edge] = to
}

function edgesByLocation(graph: DependencyGraph, selected: Uint8Array): Map<number, number[]> {
  const byLocation = new Map<number, number[]>()
  for (let edge = 0; edge < graph.edges; edge++) {
    if (selected[edge] !== 1) continue
    const location = graph.location[edge]!
    const known = byLocation.get(location)
    if (known === undefined) byLocation.set(location, [edge])
    else known.push(edge)
  }
  return byLocation
}

/** Puts together the locations that have the very same edges. */
function bundle(
  graph: DependencyGraph,
  byLocation: ReadonlyMap<number, readonly number[]>,
): readonly (readonly number[])[] {
  const bundles = new Map<string, number[]>()
  for (const [location, edges] of byLocation) {
    const key = edges.map((edge) => `${graph.from[edge]}>${graph.to[edge]}`).join()
    const alike = bundles.get(key)
    if (alike === undefined) bundles.set(key, [location])
    else alike.push(location)
  }
  return [...bundles.values()].map((locations) => locations.sort((a, b) => a - b))
}

function measure(
  graph: DependencyGraph,
  costs: Float64Array,
  byLocation: ReadonlyMap<number, readonly number[]>,
  locations: readonly number[],
): Measured {
  const edges = byLocation.get(locations[0]!)!
  let costBehind = 0
  let last = -1
  for (const edge of edges) {
    const to = graph.to[edge]!
    if (to !== last) costBehind += costs[to]!
    last = to
  }
  let readers = 0
  let writers = 0
  let costWriting = 0
  for (const { tx, read, write } of graph.touches.of[locations[0]!]!) {
    if (read !== 'none') readers++
    if (write === 'none') continue
    writers++
    costWriting += costs[tx]!
  }
  return { locations, readers, writers, edges: edges.length, costBehind, costWriting }
}
