import { COUNTED, type DependencyGraph, EDGE_KINDS, type EdgeKind } from './graph.ts'
import type { Recording } from './input.ts'
import type { NameBook } from './names/name-book.ts'
import { changedName } from './report.ts'
import { type ShownSite, reasonAt } from './why.ts'

/** The dependencies by one location, under its name. */
export interface Conflict {
  /** `FeeToken.feesCollected` */
  readonly name: string
  /** A mapping as one: `FeeToken.balanceOf`; undefined when no layout names it. */
  readonly variable: string | undefined
  readonly kind: EdgeKind
  readonly edges: number
  /** The first two transactions of which one depends on the other by it. */
  readonly from: number
  readonly to: number
  readonly written: readonly ShownSite[]
  readonly read: readonly ShownSite[]
}

/**
 * What orders the transactions, neither nonces of one sender nor fees: the most dependencies first. Deterministic.
 * @param counts leaves out dependencies between some transactions
 */
export function conflictsOf(
  recording: Recording,
  graph: DependencyGraph,
  book: NameBook,
  counts: (from: number, to: number) => boolean = () => true,
): readonly Conflict[] {
  const found = new Map<number, { readonly edge: number; edges: number }>()
  for (let edge = 0; edge < graph.edges; edge++) {
    if (!COUNTED.has(EDGE_KINDS[graph.kind[edge]!]!)) continue
    if (!counts(graph.from[edge]!, graph.to[edge]!)) continue
    const place = graph.location[edge]!
    const known = found.get(place)
    if (known === undefined) found.set(place, { edge, edges: 1 })
    else known.edges++
  }
  const conflicts = [...found].map(([place, { edge, edges }]): Conflict => {
    const location = graph.touches.locations[place]!
    const from = graph.from[edge]!
    const to = graph.to[edge]!
    return {
      name: changedName(graph, book, place),
      variable: book.nameOf(location).variable,
      kind: EDGE_KINDS[graph.kind[edge]!]!,
      edges,
      from,
      to,
      ...reasonAt(recording, book, location, from, to),
    }
  })
  return conflicts.sort((a, b) => b.edges - a.edges || (a.name < b.name ? -1 : 1))
}

/** Whether a location is among those that are allowed: by its name, by its variable, or by `Pool.*`. */
export function isAllowed(
  { name, variable }: Pick<Conflict, 'name' | 'variable'>,
  allowed: readonly string[],
): boolean {
  return allowed.some((pattern) => {
    if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1))
    return pattern === name || pattern === variable || name.startsWith(`${pattern}[`)
  })
}
