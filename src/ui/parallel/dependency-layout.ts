import type { Contention } from '../../client/answers.ts'

type Dependencies = Contention['dependencies']
type Kind = Dependencies['edges'][number]['kind']

/** A transaction that waits or is waited for, with the left upper corner of its box. */
interface PlacedTransaction {
  readonly tx: number
  /** Transactions on the longest chain before it. */
  readonly level: number
  readonly x: number
  readonly y: number
  readonly isCritical: boolean
}

/** All that makes one transaction wait for another. */
interface DrawnEdge {
  readonly from: number
  readonly to: number
  readonly names: readonly string[]
  readonly isCritical: boolean
}

export interface DependencyLayout {
  readonly placed: readonly PlacedTransaction[]
  readonly edges: readonly DrawnEdge[]
  /** Transactions that depend on none and that none depends on: not placed. */
  readonly independent: number
  /** Transactions that were not placed because there are too many; the critical path always is. */
  readonly leftOut: number
}

export const BOX = { width: 148, height: 40, gapX: 96, gapY: 14, rows: 24 } as const

/** Nonces of one sender and fees are outside the headline, and so outside the graph. */
const OUTSIDE: ReadonlySet<Kind> = new Set(['senderNonce', 'fee'])

/**
 * Places each transaction right of all that it waits for: columns are levels, wrapped so that none is taller than `BOX.rows`.
 * @param critical the transactions of the critical path in order
 * @param most the number of transactions to place at most: those of the critical path and then those with the most edges
 */
export function layOut(
  transactions: number,
  { edges, locations }: Dependencies,
  critical: readonly number[],
  most = 1500,
): DependencyLayout {
  const counted = edges.filter(({ kind }) => !OUTSIDE.has(kind))
  const degree = new Uint32Array(transactions)
  const level = new Uint32Array(transactions)
  for (const { from, to } of counted) {
    degree[from]!++
    degree[to]!++
    level[to] = Math.max(level[to]!, level[from]! + 1)
  }
  const tied = Array.from(degree.keys()).filter((tx) => degree[tx]! > 0)
  const shown = choose(tied, degree, new Set(critical), most)
  const nextCritical = new Map(critical.map((tx, step) => [tx, critical[step + 1]]))
  const places = placeLevels(shown, level)
  return {
    placed: shown.map((tx) => ({
      tx,
      level: level[tx]!,
      ...places.get(tx)!,
      isCritical: nextCritical.has(tx),
    })),
    edges: merge(
      counted.filter(({ from, to }) => places.has(from) && places.has(to)),
      locations,
      nextCritical,
    ),
    independent: transactions - tied.length,
    leftOut: tied.length - shown.length,
  }
}

function choose(
  tied: readonly number[],
  degree: Uint32Array,
  critical: ReadonlySet<number>,
  most: number,
): readonly number[] {
  if (tied.length <= most) return tied
  const rank = (tx: number): number => (critical.has(tx) ? Infinity : degree[tx]!)
  const best = tied.toSorted((a, b) => (rank(a) === rank(b) ? a - b : rank(b) - rank(a)))
  return best.slice(0, Math.max(most, critical.size)).sort((a, b) => a - b)
}

function placeLevels(
  shown: readonly number[],
  level: Uint32Array,
): ReadonlyMap<number, { readonly x: number; readonly y: number }> {
  const columns: number[][] = []
  for (const tx of shown) (columns[level[tx]!] ??= []).push(tx)
  const places = new Map<number, { x: number; y: number }>()
  let column = 0
  for (const members of columns.filter((each) => each !== undefined)) {
    for (const [place, tx] of members.entries()) {
      const x = (column + Math.floor(place / BOX.rows)) * (BOX.width + BOX.gapX)
      places.set(tx, { x, y: (place % BOX.rows) * (BOX.height + BOX.gapY) })
    }
    column += Math.ceil(members.length / BOX.rows)
  }
  return places
}

function merge(
  edges: Dependencies['edges'],
  locations: Dependencies['locations'],
  nextCritical: ReadonlyMap<number, number | undefined>,
): readonly DrawnEdge[] {
  const merged = new Map<string, { from: number; to: number; names: string[] }>()
  for (const { from, to, location } of edges) {
    const key = `${from}>${to}`
    const known = merged.get(key)
    const { name } = locations[location]!
    if (known === undefined) merged.set(key, { from, to, names: [name] })
    else known.names.push(name)
  }
  return [...merged.values()].map((edge) => ({
    ...edge,
    isCritical: nextCritical.get(edge.from) === edge.to,
  }))
}
