import { Heap, ascending } from '../heap.ts'
import { type Precedence, dependentsOf, precedenceOf } from '../precedence.ts'
import type { Attempt, Machine, Policy, Work } from './policy.ts'
import { finished, inOrder } from './schedule.ts'

/**
 * Every version of every location is kept, so that a transaction reads what those before it have written so far. When one ends, those
 * after it that had read something older run again; until it ends again, an aborted one's writes are estimates, for which readers wait
 * (arXiv 2203.06871; invalidation is pushed, as in its second version).
 */
export const blockStm: Policy = {
  name: 'block-stm',
  standsFor: 'Aptos',
  respects: 'dependencies',
  simulate(work, machine) {
    const attempts = new StmRun(work, machine).toEnd()
    const end = new Float64Array(work.costs.length)
    for (const attempt of attempts) {
      if (attempt.outcome === 'kept') end[attempt.tx] = attempt.end
    }
    let merged = 0
    for (const ended of end) merged = Math.max(merged, ended) + machine.overheads.merge
    return {
      policy: 'block-stm',
      cores: machine.cores,
      attempts: inOrder(attempts),
      deferred: [],
      makespan: finished(merged, machine),
      rounds: 1,
      serialised: 0,
    }
  },
}

/** ready -> running -> executed -> ready (aborted, one incarnation more); blocked: it waits for an estimate, then ready */
type Status = 'ready' | 'running' | 'executed' | 'blocked'

class StmRun {
  readonly #work: Work
  readonly #machine: Machine
  readonly #before: Precedence
  readonly #after: ReturnType<typeof dependentsOf>
  readonly #status: Status[]
  readonly #incarnation: Uint32Array
  readonly #start: Float64Array
  readonly #core: Uint32Array
  readonly #end: Float64Array
  /** The run that stands for now. */
  readonly #standing: (Attempt | undefined)[]
  readonly #aborted: Attempt[] = []
  /** Those that wait for a transaction's estimate. */
  readonly #waiting: Map<number, number[]> = new Map()
  readonly #ready: Heap<number> = new Heap(ascending)
  readonly #idle: Heap<number> = new Heap(ascending)
  readonly #running: Heap<number>

  constructor(work: Work, machine: Machine) {
    const count = work.costs.length
    this.#work = work
    this.#machine = machine
    this.#before = precedenceOf(work.graph)
    this.#after = dependentsOf(this.#before)
    this.#status = Array.from({ length: count }, () => 'ready')
    this.#incarnation = new Uint32Array(count)
    this.#start = new Float64Array(count)
    this.#core = new Uint32Array(count)
    this.#end = new Float64Array(count)
    this.#standing = Array.from({ length: count })
    this.#running = new Heap((a, b) => this.#end[a]! - this.#end[b]! || a - b)
    for (let tx = 0; tx < count; tx++) this.#ready.push(tx)
    for (let core = 0; core < Math.min(machine.cores, count); core++) this.#idle.push(core)
  }

  toEnd(): readonly Attempt[] {
    let now = 0
    for (;;) {
      this.#startAll(now)
      const tx = this.#running.pop()
      if (tx === undefined) break
      now = this.#end[tx]!
      this.#idle.push(this.#core[tx]!)
      this.#finish(tx)
    }
    return [...this.#aborted, ...this.#standing.filter((attempt) => attempt !== undefined)]
  }

  #startAll(now: number): void {
    while (this.#idle.size > 0 && this.#ready.size > 0) {
      const tx = this.#ready.pop()!
      const estimate = this.#estimateBefore(tx)
      if (estimate !== undefined) {
        this.#status[tx] = 'blocked'
        const waiting = this.#waiting.get(estimate)
        if (waiting === undefined) this.#waiting.set(estimate, [tx])
        else waiting.push(tx)
        continue
      }
      const { claim, validate } = this.#machine.overheads
      this.#status[tx] = 'running'
      this.#core[tx] = this.#idle.pop()!
      this.#start[tx] = now
      this.#end[tx] = now + claim + this.#work.costs[tx]! + validate
      this.#running.push(tx)
    }
  }

  /** One that it reads of, and that was aborted and has not ended again. */
  #estimateBefore(tx: number): number | undefined {
    for (let at = this.#before.first[tx]!; at < this.#before.first[tx + 1]!; at++) {
      const by = this.#before.from[at]!
      if (this.#status[by] !== 'executed' && this.#incarnation[by]! > 0) return by
    }
    return undefined
  }

  #finish(tx: number): void {
    const attempt: Attempt = {
      tx,
      core: this.#core[tx]!,
      start: this.#start[tx]!,
      end: this.#end[tx]!,
      incarnation: this.#incarnation[tx]!,
      outcome: 'kept',
    }
    this.#standing[tx] = attempt
    this.#status[tx] = 'executed'
    for (const waiting of this.#waiting.get(tx) ?? []) this.#makeReady(waiting)
    this.#waiting.delete(tx)
    const missed = this.#missedBy(tx)
    if (missed !== undefined) this.#abort(tx, missed)
    // Its changes are seen even if it is wrong: the next ones may be too.
    for (let at = this.#after.first[tx]!; at < this.#after.first[tx + 1]!; at++) {
      const reader = this.#after.to[at]!
      if (this.#status[reader] !== 'executed' || this.#start[reader]! >= this.#end[tx]!) continue
      this.#abort(reader, { location: this.#locationOf(reader, tx), by: tx })
    }
  }

  /** One that ended after this began. */
  #missedBy(tx: number): Attempt['cause'] | undefined {
    for (let at = this.#before.first[tx]!; at < this.#before.first[tx + 1]!; at++) {
      const by = this.#before.from[at]!
      const isOlder = this.#standing[by] !== undefined && this.#standing[by].end > this.#start[tx]!
      const isEstimate = this.#status[by] !== 'executed' && this.#incarnation[by]! > 0
      if (isOlder || isEstimate) return { location: this.#before.location[at]!, by }
    }
    return undefined
  }

  #abort(tx: number, cause: Attempt['cause']): void {
    this.#aborted.push({ ...this.#standing[tx]!, outcome: 'aborted', cause })
    this.#standing[tx] = undefined
    this.#incarnation[tx]!++
    this.#makeReady(tx)
  }

  #makeReady(tx: number): void {
    this.#status[tx] = 'ready'
    this.#ready.push(tx)
  }

  #locationOf(to: number, from: number): number {
    let at = this.#before.first[to]!
    while (this.#before.from[at] !== from) at++
    return this.#before.location[at]!
  }
}
