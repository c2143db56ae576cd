import type { Location } from '../state/location.ts'
import { type DependencyGraph, EDGE_KINDS, type EdgeKind } from './graph.ts'
import type { NameBook } from './names/name-book.ts'
import { changedName } from './report.ts'

/** The graph of last writers under names, ready for JSON: each location once, edges by its place among them. */
export interface NamedEdges {
  readonly locations: readonly { readonly name: string; readonly location: Location }[]
  /** By `to`, then as locations were first touched. */
  readonly edges: readonly {
    readonly from: number
    readonly to: number
    readonly kind: EdgeKind
    /** A place in `locations`. */
    readonly location: number
  }[]
}

/** All dependencies, also those that the headline leaves out. O(edges). */
export function namedEdges(graph: DependencyGraph, book: NameBook): NamedEdges {
  const places = new Map<number, number>()
  const locations: { name: string; location: Location }[] = []
  const placeOf = (id: number): number => {
    const known = places.get(id)
    if (known !== undefined) return known
    places.set(id, locations.length)
    locations.push({
      name: changedName(graph, book, id),
      location: graph.touches.locations[id]!,
    })
    return locations.length - 1
  }
  const edges = Array.from({ length: graph.edges }, (_, edge) => ({
    from: graph.from[edge]!,
    to: graph.to[edge]!,
    kind: EDGE_KINDS[graph.kind[edge]!]!,
    location: placeOf(graph.location[edge]!),
  }))
  return { locations, edges }
}
