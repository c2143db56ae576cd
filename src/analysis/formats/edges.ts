import type { Hex } from '../../primitives/hex.ts'
import type { Location } from '../../state/location.ts'
import { type DependencyGraph, EDGE_KINDS, type EdgeKind } from '../graph.ts'

/** One dependency by one location, ready for JSON. */
interface ShownEdge {
  readonly from: number
  readonly to: number
  readonly kind: EdgeKind
  readonly address: Hex
  /** Of storage alone. */
  readonly slot: Hex | undefined
  readonly label: string
}

/** All edges, by the transaction that waits. */
export function edgeList(
  graph: DependencyGraph,
  nameOf: (location: Location) => string,
): readonly ShownEdge[] {
  return Array.from(graph.to, (to, edge) => {
    const location = graph.touches.locations[graph.location[edge]!]!
    return {
      from: graph.from[edge]!,
      to,
      kind: EDGE_KINDS[graph.kind[edge]!]!,
      address: location.address,
      slot: location.kind === 'slot' ? location.key : undefined,
      label: nameOf(location),
    }
  })
}
