import { type Slices, atOnce } from '../primitives/slices.ts'
import { type Selection, criticalCost } from './critical-path.ts'
import type { DependencyGraph } from './graph.ts'
import { listSchedule } from './list-schedule.ts'
import { precedenceOf } from './precedence.ts'

/** How many times faster than serially; modelled from the costs, whatever they are. */
export interface CurvePoint {
  readonly cores: number
  /** No schedule is faster: the lesser of the cores and of what the critical path allows. */
  readonly bound: number
  /** What a plain schedule that knows all dependencies reaches. */
  readonly scheduled: number
}

const CURVE_CORES: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]

export function totalCost(costs: Float64Array): number {
  let total = 0
  for (const cost of costs) total += cost
  return total
}

/** How many times faster than serially with a core for each transaction; 1 when there is nothing to do. */
export function speedupBound(
  graph: DependencyGraph,
  costs: Float64Array,
  selection: Selection = {},
): number {
  return ratio(totalCost(costs), criticalCost(graph, costs, selection))
}

/** The bound for each number of cores. */
export function speedupCurve(
  graph: DependencyGraph,
  costs: Float64Array,
  selection: Selection = {},
  cores: readonly number[] = CURVE_CORES,
): readonly CurvePoint[] {
  return atOnce(curveInSlices(graph, costs, selection, cores))
}

/** The same, a point at a time. */
export function* curveInSlices(
  graph: DependencyGraph,
  costs: Float64Array,
  selection: Selection = {},
  cores: readonly number[] = CURVE_CORES,
): Slices<readonly CurvePoint[]> {
  const total = totalCost(costs)
  const critical = criticalCost(graph, costs, selection)
  const order = precedenceOf(graph, selection)
  const points: CurvePoint[] = []
  for (const count of cores) {
    points.push({
      cores: count,
      bound: ratio(total, Math.max(critical, total / count)),
      scheduled: ratio(total, listSchedule(order, costs, count).makespan),
    })
    yield
  }
  return points
}

/** 1 for nothing over nothing. */
export function ratio(serial: number, parallel: number): number {
  return parallel === 0 ? 1 : serial / parallel
}
