import { COUNTED, type DependencyGraph, EDGE_KINDS } from './graph.ts'
import type { Recording } from './input.ts'
import type { NameBook } from './names/name-book.ts'

/** How calls of one function depend on calls of another. */
interface MatrixCell {
  readonly earlier: string
  readonly later: string
  /** Pairs of transactions, one of which depends on the other. */
  readonly dependencies: number
  /** Names of the locations, the most frequent first. */
  readonly variables: readonly string[]
}

/**
 * How well a function runs beside itself. `parallel`: calls did not depend on each other. `perKey`: only those that met in an entry of a
 * mapping. `serial`: by a variable that all calls share.
 */
export type Grade = 'parallel' | 'perKey' | 'serial'

interface GradedFunction {
  readonly function: string
  readonly calls: number
  readonly grade: Grade
  readonly variables: readonly string[]
}

export interface Matrix {
  /** Only cells with dependencies. */
  readonly cells: readonly MatrixCell[]
  readonly functions: readonly GradedFunction[]
}

/** Function by function; `nameOf` names the function that a transaction calls. Linear in edges. */
export function conflictMatrix(
  recording: Recording,
  graph: DependencyGraph,
  book: NameBook,
  nameOf: (tx: number) => string = (tx) => functionOf(recording, book, tx),
): Matrix {
  const names = recording.transactions.map((_transaction, tx) => nameOf(tx))
  const cells = new Map<string, OpenCell>()
  for (let edge = 0; edge < graph.edges; edge++) {
    if (!COUNTED.has(EDGE_KINDS[graph.kind[edge]!]!)) continue
    const earlier = names[graph.from[edge]!]!
    const later = names[graph.to[edge]!]!
    const key = JSON.stringify([earlier, later])
    let cell = cells.get(key)
    if (cell === undefined) {
      cells.set(key, (cell = { earlier, later, pairs: new Set(), variables: new Map() }))
    }
    const { name } = book.nameOf(graph.touches.locations[graph.location[edge]!]!)
    cell.pairs.add(graph.from[edge]! * graph.transactions + graph.to[edge]!)
    cell.variables.set(name, (cell.variables.get(name) ?? 0) + 1)
  }
  return {
    cells: [...cells.values()].map(closeCell),
    functions: [...new Set(names)].sort().map((name) => {
      const own = cells.get(JSON.stringify([name, name]))
      const variables = own === undefined ? [] : closeCell(own).variables
      const calls = names.filter((other) => other === name).length
      return { function: name, calls, grade: gradeOf(variables), variables }
    }),
  }
}

interface OpenCell {
  readonly earlier: string
  readonly later: string
  readonly pairs: Set<number>
  readonly variables: Map<string, number>
}

function closeCell({ earlier, later, pairs, variables }: OpenCell): MatrixCell {
  const names = [...variables].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  return { earlier, later, dependencies: pairs.size, variables: names.map(([name]) => name) }
}

/** By the names of what the calls depend on each other by. */
export function gradeOf(variables: readonly string[]): Grade {
  if (variables.length === 0) return 'parallel'
  return variables.every((name) => name.includes('[')) ? 'perKey' : 'serial'
}

function functionOf({ transactions }: Recording, book: NameBook, tx: number): string {
  const { to, selector } = transactions[tx]!
  return to === null ? 'creation' : `${book.labelOf(to)}.${selector ?? 'receive'}`
}
