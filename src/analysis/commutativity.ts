import { type Selection, selectEdges } from './critical-path.ts'
import type { DependencyGraph } from './graph.ts'
import type { Recording, ValueUse } from './input.ts'
import { locationKey } from '../state/location.ts'

/** A slot that transactions only add to: as a delta it would not order them. */
export interface CommutativeUse {
  /** `dataflow`: what became of the value was followed. `values`: every writer changed it by the same amount, which proves nothing. */
  readonly evidence: 'dataflow' | 'values'
  /** Some writer's branch looked at the value: checked arithmetic, or a limit. */
  readonly guarded: boolean
  readonly adders: number
  /** Transactions that use the value for something else, and so wait for all that add before them. */
  readonly others: number
  /** Cost of the critical path if adding were a delta. */
  readonly criticalAsDelta: number
}

const WORD = 256

/** How the slot at a place among the graph's locations is used, if at least two transactions do nothing but add to it. */
export function commutativeUse(
  recording: Recording,
  graph: DependencyGraph,
  costs: Float64Array,
  place: number,
  selection: Selection = {},
): CommutativeUse | undefined {
  const location = graph.touches.locations[place]!
  if (location.kind !== 'slot') return undefined
  const touches = graph.touches.of[place]!
  const key = locationKey(location)
  const uses = touches.map(({ tx }) => recording.transactions[tx]!.trace?.uses.get(key))
  const writers = touches.filter(({ write }) => write !== 'none')
  const isFollowed = touches.every(({ write }, at) => write === 'none' || uses[at] !== undefined)
  const adds = isFollowed
    ? new Set(touches.filter((_touch, at) => isAdding(uses[at])).map(({ tx }) => tx))
    : sameStep(graph, place)
  if (adds.size < 2 || (!isFollowed && adds.size < writers.length)) return undefined
  return {
    evidence: isFollowed ? 'dataflow' : 'values',
    guarded: uses.includes('guarded'),
    adders: adds.size,
    others: touches.length - adds.size,
    criticalAsDelta: criticalAsDelta(graph, costs, place, adds, selection),
  }
}

function isAdding(use: ValueUse | undefined): boolean {
  return use === 'added' || use === 'guarded'
}

/** The writers, if all of them change the value by one and the same amount and start from different values. */
function sameStep(graph: DependencyGraph, place: number): ReadonlySet<number> {
  const adds = new Set<number>()
  const found = new Set<bigint>()
  let step: bigint | undefined
  for (const { tx, before, after } of graph.touches.of[place]!) {
    if (after === undefined) continue
    if (before === undefined) return new Set()
    const difference = BigInt.asIntN(WORD, after - before)
    if (step !== undefined && difference !== step) return new Set()
    step = difference
    found.add(before)
    adds.add(tx)
  }
  return found.size < 2 ? new Set() : adds
}

/** As the critical path, but adders of one location do not wait for each other, and who else reads it waits for all before it. */
function criticalAsDelta(
  graph: DependencyGraph,
  costs: Float64Array,
  place: number,
  adds: ReadonlySet<number>,
  selection: Selection,
): number {
  const without = new Set([...(selection.without ?? []), place])
  const selected = selectEdges(graph, { ...selection, without })
  const touching = new Map(graph.touches.of[place]!.map((touch) => [touch.tx, touch]))
  const finish = new Float64Array(graph.transactions)
  let addersEnd = 0
  let valueEnd = 0
  let critical = 0
  for (let tx = 0; tx < graph.transactions; tx++) {
    let start = 0
    for (let edge = graph.first[tx]!; edge < graph.first[tx + 1]!; edge++) {
      if (selected[edge] === 1) start = Math.max(start, finish[graph.from[edge]!]!)
    }
    const touch = touching.get(tx)
    const isOther = touch !== undefined && !adds.has(tx)
    if (isOther && touch.read !== 'none') start = Math.max(start, addersEnd, valueEnd)
    const end = start + costs[tx]!
    finish[tx] = end
    if (adds.has(tx)) addersEnd = Math.max(addersEnd, end)
    else if (isOther && touch.write !== 'none') [valueEnd, addersEnd] = [end, 0]
    critical = Math.max(critical, end)
  }
  return critical
}
