import { type Selection, selectEdges } from './critical-path.ts'
import type { DependencyGraph } from './graph.ts'
import type { Recording, ValueUse } from './input.ts'
import { locationKey } from '../state/location.ts'
import type { Touch } from './touches.ts'

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

/**
 * How the slot at the first of some places among the graph's locations is used, if at least two transactions do nothing but add to it.
 * The others stand in its company: those of them that are only added to are taken as deltas too.
 */
export function commutativeUse(
  recording: Recording,
  graph: DependencyGraph,
  costs: Float64Array,
  places: readonly number[],
  selection: Selection = {},
): CommutativeUse | undefined {
  const adders = new Map<number, ReadonlySet<number>>()
  const [first] = places.map((place) => {
    const use = addersOf(recording, graph, place)
    if (use !== undefined) adders.set(place, use.adds)
    return use
  })
  if (first === undefined) return undefined
  return {
    evidence: first.evidence,
    guarded: first.guarded,
    adders: first.adds.size,
    others: graph.touches.of[places[0]!]!.length - first.adds.size,
    criticalAsDelta: criticalAsDelta(graph, costs, adders, selection),
  }
}

interface Adders extends Pick<CommutativeUse, 'evidence' | 'guarded'> {
  readonly adds: ReadonlySet<number>
}

function addersOf(recording: Recording, graph: DependencyGraph, place: number): Adders | undefined {
  const location = graph.touches.locations[place]!
  if (location.kind !== 'slot') return undefined
  const touches = graph.touches.of[place]!
  const key = locationKey(location)
  const uses = touches.map(({ tx }) => recording.transactions[tx]!.trace?.uses.get(key))
  const writers = touches.filter(({ write }) => write !== 'none')
  const isFollowed = touches.every(({ write }, at) => write === 'none' || uses[at] !== undefined)
  const adds = isFollowed
    ? new Set(touches.filter((_touch, at) => isAdding(uses[at])).map(({ tx }) => tx))
    : sameStep(touches)
  if (adds.size < 2 || (!isFollowed && adds.size < writers.length)) return undefined
  return {
    evidence: isFollowed ? 'dataflow' : 'values',
    guarded: uses.includes('guarded'),
    adds,
  }
}

function isAdding(use: ValueUse | undefined): boolean {
  return use === 'added' || use === 'guarded'
}

/** The writers, if all of them change the value by one and the same amount and start from different values. */
function sameStep(touches: readonly Touch[]): ReadonlySet<number> {
  const adds = new Set<number>()
  const found = new Set<bigint>()
  let step: bigint | undefined
  for (const { tx, before, after } of touches) {
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

/** What has been done to a slot so far: when the adders end, and who last set it to a value. */
interface SlotEnd {
  readonly touching: ReadonlyMap<number, Touch>
  readonly adds: ReadonlySet<number>
  addersEnd: number
  valueEnd: number
}

/** As the critical path, but adders of a slot do not wait for each other, and who else reads it waits for all before it. */
function criticalAsDelta(
  graph: DependencyGraph,
  costs: Float64Array,
  adders: ReadonlyMap<number, ReadonlySet<number>>,
  selection: Selection,
): number {
  const without = new Set([...(selection.without ?? []), ...adders.keys()])
  const selected = selectEdges(graph, { ...selection, without })
  const slots = Array.from(adders, ([place, adds]): SlotEnd => {
    const touching = new Map(graph.touches.of[place]!.map((touch) => [touch.tx, touch]))
    return { touching, adds, addersEnd: 0, valueEnd: 0 }
  })
  const finish = new Float64Array(graph.transactions)
  let critical = 0
  for (let tx = 0; tx < graph.transactions; tx++) {
    let start = 0
    for (let edge = graph.first[tx]!; edge < graph.first[tx + 1]!; edge++) {
      if (selected[edge] === 1) start = Math.max(start, finish[graph.from[edge]!]!)
    }
    for (const { touching, adds, addersEnd, valueEnd } of slots) {
      const isReader = !adds.has(tx) && (touching.get(tx)?.read ?? 'none') !== 'none'
      if (isReader) start = Math.max(start, addersEnd, valueEnd)
    }
    const end = start + costs[tx]!
    finish[tx] = end
    critical = Math.max(critical, end)
    for (const slot of slots) {
      if (slot.adds.has(tx)) slot.addersEnd = Math.max(slot.addersEnd, end)
      else if ((slot.touching.get(tx)?.write ?? 'none') !== 'none') {
        slot.valueEnd = end
        slot.addersEnd = 0
      }
    }
  }
  return critical
}
