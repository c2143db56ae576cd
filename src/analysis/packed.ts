import { type Selection, criticalCostReplaced } from './critical-path.ts'
import type { DependencyGraph } from './graph.ts'
import { changedFields } from './names/name-book.ts'
import type { Field } from './names/slot-names.ts'

/** A slot that several variables share, told apart by which bytes changed. */
export interface PackedUse {
  readonly fields: readonly { readonly path: string; readonly writers: number }[]
  /**
   * Cost of the critical path with a slot for each variable. Who wrote some of them counts as having read no others; who wrote none as
   * having read all.
   */
  readonly criticalUnpacked: number
}

/** undefined unless at least two variables in the slot were written. */
export function packedUse(
  graph: DependencyGraph,
  costs: Float64Array,
  place: number,
  fields: readonly Field[],
  selection: Selection = {},
): PackedUse | undefined {
  if (fields.length < 2) return undefined
  const writers = new Map<string, number>()
  const lastWriter = new Map<string, number>()
  const waits = new Map<number, readonly number[]>()
  for (const { tx, read, write, before, after } of graph.touches.of[place]!) {
    const changed = write === 'none' ? [] : changedFields(fields, before, after)
    const needed = write === 'none' ? fields : changed
    if (read !== 'none') {
      waits.set(tx, needed.map(({ path }) => lastWriter.get(path)).filter(isThere))
    }
    for (const { path } of changed) {
      writers.set(path, (writers.get(path) ?? 0) + 1)
      lastWriter.set(path, tx)
    }
  }
  if (writers.size < 2) return undefined
  return {
    fields: fields.map(({ path }) => ({ path, writers: writers.get(path) ?? 0 })),
    criticalUnpacked: criticalCostReplaced(graph, costs, place, waits, selection),
  }
}

function isThere(tx: number | undefined): tx is number {
  return tx !== undefined
}
