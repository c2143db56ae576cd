import { type Selection, selectEdges } from './critical-path.ts'
import type { DependencyGraph } from './graph.ts'

/** Who must come before whom, without the reasons: those before `j` are `from[first[j]]` to `from[first[j + 1] - 1]`, each once. */
export interface Precedence {
  readonly transactions: number
  readonly first: Uint32Array
  readonly from: Uint32Array
  /** The location (by its place) that gave each edge; of several the first. */
  readonly location: Uint32Array
}

/** The edges of a graph that count, each pair once. */
export function precedenceOf(graph: DependencyGraph, selection: Selection = {}): Precedence {
  const selected = selectEdges(graph, selection)
  const builder = new PrecedenceBuilder(graph.transactions)
  for (let to = 0; to < graph.transactions; to++) {
    for (let edge = graph.first[to]!; edge < graph.first[to + 1]!; edge++) {
      if (selected[edge] === 1) builder.add(graph.from[edge]!, graph.location[edge]!)
    }
    builder.next()
  }
  return builder.build()
}

/** Takes the edges into one transaction after another, and leaves out repetitions. */
export class PrecedenceBuilder {
  readonly #first: Uint32Array
  readonly #from: number[] = []
  readonly #location: number[] = []
  /** By transaction: the last one that was found to depend on it. */
  readonly #seenBy: Int32Array
  #to = 0

  constructor(transactions: number) {
    this.#first = new Uint32Array(transactions + 1)
    this.#seenBy = new Int32Array(transactions).fill(-1)
  }

  add(from: number, location: number): void {
    if (this.#seenBy[from] === this.#to || from === this.#to) return
    this.#seenBy[from] = this.#to
    this.#from.push(from)
    this.#location.push(location)
  }

  next(): void {
    this.#to++
    this.#first[this.#to] = this.#from.length
  }

  build(): Precedence {
    return {
      transactions: this.#to,
      first: this.#first,
      from: Uint32Array.from(this.#from),
      location: Uint32Array.from(this.#location),
    }
  }
}

/** The other way around: those that wait for `i` are `to[first[i]]` to `to[first[i + 1] - 1]`, in order. */
export function dependentsOf({ transactions, first, from }: Precedence): {
  readonly first: Uint32Array
  readonly to: Uint32Array
} {
  const starts = new Uint32Array(transactions + 1)
  for (const tx of from) starts[tx + 1]!++
  for (let tx = 0; tx < transactions; tx++) starts[tx + 1]! += starts[tx]!
  const next = starts.slice()
  const to = new Uint32Array(from.length)
  for (let tx = 0; tx < transactions; tx++) {
    for (let edge = first[tx]!; edge < first[tx + 1]!; edge++) to[next[from[edge]!]!++] = tx
  }
  return { first: starts, to }
}
