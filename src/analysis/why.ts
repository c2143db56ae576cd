import { type DependencyGraph, EDGE_KINDS, type EdgeKind } from './graph.ts'
import type { Recording, Site } from './input.ts'
import type { NameBook } from './names/name-book.ts'
import { type Location, locationKey } from '../state/location.ts'

/** An instruction by names and lines, ready to be shown. */
export interface ShownSite {
  readonly access: 'read' | 'write'
  readonly pc: number
  /** `contracts/src/Token.sol:31`; undefined when no source tells. */
  readonly line: string | undefined
  /** Whose code ran, the outermost first. */
  readonly path: readonly string[]
}

/** One reason why a transaction depends on another. */
interface Reason {
  readonly kind: EdgeKind
  readonly location: Location
  readonly name: string
  /** Where the earlier one wrote it, and where the later one read it; empty without traces. */
  readonly written: readonly ShownSite[]
  readonly read: readonly ShownSite[]
}

/** One dependency and its reasons. */
export interface Hop {
  readonly from: number
  readonly to: number
  readonly reasons: readonly Reason[]
}

/**
 * Why `b` depends on `a`: one hop when it does so itself, the shortest chain of hops when through others, none when it does not.
 * Every kind of edge counts; the reasons say which.
 */
export function why(
  recording: Recording,
  graph: DependencyGraph,
  book: NameBook,
  a: number,
  b: number,
): readonly Hop[] {
  const chain = shortestChain(graph, a, b)
  const sitesAt = indexSites(recording)
  return chain.slice(1).map((to, at) => {
    const from = chain[at]!
    return { from, to, reasons: reasonsOf(sitesAt, graph, book, from, to) }
  })
}

/** The sites of a transaction at a location. */
type SitesAt = (tx: number, location: Location) => readonly Site[]

/** Looks through each transaction's sites once, when first asked. */
export function indexSites({ transactions }: Recording): SitesAt {
  const indexes: (ReadonlyMap<string, readonly Site[]> | undefined)[] = []
  return (tx, location) => {
    const index = (indexes[tx] ??= byLocation(transactions[tx]!.trace?.sites ?? []))
    return index.get(locationKey(location)) ?? []
  }
}

function byLocation(sites: readonly Site[]): ReadonlyMap<string, readonly Site[]> {
  const index = new Map<string, Site[]>()
  for (const site of sites) {
    const key = locationKey(site.location)
    const known = index.get(key)
    if (known === undefined) index.set(key, [site])
    else known.push(site)
  }
  return index
}

export function showSite(book: NameBook, site: Site): ShownSite {
  const line = book.lineOf(site)
  return {
    access: site.access,
    pc: site.pc,
    line: line && `${line.path}:${line.line}`,
    path: site.path.map((address) => book.labelOf(address)),
  }
}

function reasonsOf(
  sitesAt: SitesAt,
  graph: DependencyGraph,
  book: NameBook,
  from: number,
  to: number,
): readonly Reason[] {
  const reasons: Reason[] = []
  for (let edge = graph.first[to]!; edge < graph.first[to + 1]!; edge++) {
    if (graph.from[edge] !== from) continue
    const location = graph.touches.locations[graph.location[edge]!]!
    const { name } = book.nameOf(location)
    reasons.push({
      kind: EDGE_KINDS[graph.kind[edge]!]!,
      location,
      name,
      ...linesOf(sitesAt, book, location, from, to),
    })
  }
  return reasons
}

/** Where `from` wrote a location, and where `to` read it. */
export function reasonAt(
  recording: Recording,
  book: NameBook,
  location: Location,
  from: number,
  to: number,
): Pick<Reason, 'written' | 'read'> {
  const at = (tx: number): readonly Site[] => {
    const key = locationKey(location)
    const sites = recording.transactions[tx]!.trace?.sites ?? []
    return sites.filter((site) => locationKey(site.location) === key)
  }
  return linesOf(at, book, location, from, to)
}

function linesOf(
  sitesAt: SitesAt,
  book: NameBook,
  location: Location,
  from: number,
  to: number,
): Pick<Reason, 'written' | 'read'> {
  const shown = (tx: number, access: Site['access']): readonly ShownSite[] =>
    sitesAt(tx, location)
      .filter((site) => site.access === access)
      .map((site) => showSite(book, site))
  // An SSTORE reads too: it costs by what is there.
  const read = shown(to, 'read')
  return { written: shown(from, 'write'), read: read.length > 0 ? read : shown(to, 'write') }
}

/** From `a` to `b` against the edges, breadth first; empty when there is none. */
function shortestChain(graph: DependencyGraph, a: number, b: number): readonly number[] {
  const next = new Map<number, number>([[b, -1]])
  const queue = [b]
  for (const to of queue) {
    if (to === a) break
    for (let edge = graph.first[to]!; edge < graph.first[to + 1]!; edge++) {
      const from = graph.from[edge]!
      if (from < a || next.has(from)) continue
      next.set(from, to)
      queue.push(from)
    }
  }
  if (!next.has(a) || a === b) return []
  const chain: number[] = []
  for (let at = a; at !== -1; at = next.get(at)!) chain.push(at)
  return chain
}
