import { Heap, ascending } from './heap.ts'
import { type Precedence, dependentsOf } from './precedence.ts'

/** When and where each transaction runs, in the unit of the costs. */
export interface Slots {
  readonly core: Uint32Array
  readonly start: Float64Array
  readonly end: Float64Array
  readonly makespan: number
}

/**
 * A free core takes the first transaction of the block that waits for nobody. At most twice as long as the best schedule (Graham 1969).
 * O((transactions + edges) log transactions), whatever the number of cores.
 */
export function listSchedule(order: Precedence, costs: Float64Array, cores: number): Slots {
  const { transactions } = order
  const dependents = dependentsOf(order)
  const waitsFor = new Uint32Array(transactions)
  const core = new Uint32Array(transactions)
  const start = new Float64Array(transactions)
  const end = new Float64Array(transactions)
  const ready = new Heap<number>(ascending)
  const running = new Heap<number>((a, b) => end[a]! - end[b]! || a - b)
  const idle = new Heap<number>(ascending)
  for (let n = 0; n < Math.min(cores, transactions); n++) idle.push(n)
  for (let tx = 0; tx < transactions; tx++) {
    waitsFor[tx] = order.first[tx + 1]! - order.first[tx]!
    if (waitsFor[tx] === 0) ready.push(tx)
  }
  let now = 0
  for (;;) {
    while (ready.size > 0 && idle.size > 0) {
      const tx = ready.pop()!
      core[tx] = idle.pop()!
      start[tx] = now
      end[tx] = now + costs[tx]!
      running.push(tx)
    }
    const done = running.pop()
    if (done === undefined) return { core, start, end, makespan: now }
    now = end[done]!
    idle.push(core[done]!)
    for (let at = dependents.first[done]!; at < dependents.first[done + 1]!; at++) {
      const tx = dependents.to[at]!
      if (--waitsFor[tx]! === 0) ready.push(tx)
    }
  }
}
