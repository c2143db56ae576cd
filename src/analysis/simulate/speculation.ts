import { Heap } from '../heap.ts'
import { type Precedence, precedenceOf } from '../precedence.ts'
import type { Attempt, Machine, Schedule, Work } from './policy.ts'
import { finished, inOrder } from './schedule.ts'

/** What a core takes in one go: transactions that run one after another and see each other's changes. */
type Chunk = readonly number[]

/**
 * Everything runs speculatively on what is merged when it begins, chunk by chunk; results are merged in the order of the block. One that
 * read what an earlier transaction changed meanwhile runs again as the head of the line, on the first core that is free, and is then
 * right: at most one retry. Whoever ends the head merges it and those behind it that are done; nobody else waits for that.
 */
export function speculate(
  policy: string,
  work: Work,
  machine: Machine,
  chunks: readonly Chunk[],
): Schedule {
  const run = new SpeculativeRun(work, machine, chunks)
  const attempts = run.toEnd()
  const makespan = finished(run.now, machine)
  const { cores } = machine
  const rest = { deferred: [], makespan, rounds: 1, serialised: 0 }
  return { policy, cores, attempts: inOrder(attempts), ...rest }
}

/** A core that merges runs no transaction. */
const MERGING = -1

/** What a core does: a transaction of a chunk, the head's retry, or merging. */
interface Task {
  readonly tx: number
  readonly core: number
  readonly start: number
  readonly end: number
  readonly incarnation: 0 | 1
}

class SpeculativeRun {
  now = 0
  readonly #work: Work
  readonly #machine: Machine
  readonly #before: Precedence
  readonly #attempts: Attempt[] = []
  readonly #running: Heap<Task> = new Heap((a, b) => a.end - b.end || a.tx - b.tx)
  /** Those that are in the middle of a chunk before those that have nothing to go on with. */
  readonly #idle: Heap<number> = new Heap(
    (a, b) => this.#emptyRest(a) - this.#emptyRest(b) || a - b,
  )
  readonly #chunks: readonly Chunk[]
  #nextChunk = 0
  /** What is left of the chunk that a core is at. */
  readonly #rest: Map<number, number[]> = new Map()
  readonly #chunkOf: Uint32Array
  /** The run that is to be merged. */
  readonly #done: (Task | undefined)[]
  /** When a transaction's changes came to be seen by others. */
  readonly #mergedAt: Float64Array
  #head = 0
  #mergeFreeAt = 0
  /** The head that was wrong, until a core takes it again, and until it is done. */
  #retry: number | undefined
  #retrying = -1

  constructor(work: Work, machine: Machine, chunks: readonly Chunk[]) {
    const count = work.costs.length
    this.#work = work
    this.#machine = machine
    this.#before = precedenceOf(work.graph)
    this.#chunks = chunks
    this.#chunkOf = new Uint32Array(count)
    for (const [at, chunk] of chunks.entries()) for (const tx of chunk) this.#chunkOf[tx] = at
    this.#done = Array.from({ length: count })
    this.#mergedAt = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
    for (let core = 0; core < Math.min(machine.cores, Math.max(1, count)); core++) {
      this.#idle.push(core)
    }
  }

  toEnd(): readonly Attempt[] {
    for (;;) {
      this.#startAll()
      const task = this.#running.pop()
      if (task === undefined) break
      this.now = task.end
      if (task.tx !== MERGING) {
        this.#done[task.tx] = task
        if (this.#mergeAll(task.end) && this.#mergeFreeAt > task.end) {
          this.#running.push({ ...task, tx: MERGING, start: task.end, end: this.#mergeFreeAt })
          continue
        }
      }
      this.#idle.push(task.core)
    }
    return this.#attempts
  }

  #startAll(): void {
    while (this.#idle.size > 0) {
      const core = this.#idle.peek()!
      const tx = this.#take(core)
      if (tx === undefined) break
      this.#idle.pop()
      const { claim, validate } = this.#machine.overheads
      const incarnation = this.#done[tx] === undefined ? 0 : 1
      // What a merge took is over before anything that begins now can see it.
      const start = incarnation === 1 ? Math.max(this.now, this.#mergeFreeAt) : this.now
      const end = start + claim + this.#work.costs[tx]! + (incarnation === 0 ? validate : 0)
      this.#running.push({ tx, core, start, end, incarnation })
    }
  }

  #emptyRest(core: number): number {
    return (this.#rest.get(core)?.length ?? 0) > 0 ? 0 : 1
  }

  /** The head's retry goes first, then the rest of the core's own chunk, then the next chunk. */
  #take(core: number): number | undefined {
    if (this.#retry !== undefined) {
      const tx = this.#retry
      this.#retry = undefined
      return tx
    }
    const rest = this.#rest.get(core)
    if (rest !== undefined && rest.length > 0) return rest.pop()
    const chunk = this.#chunks[this.#nextChunk]
    if (chunk === undefined) return undefined
    this.#nextChunk++
    const left = chunk.toReversed()
    const first = left.pop()
    this.#rest.set(core, left)
    return first
  }

  /** Merges from the head on while what ran is right. @returns whether there was something to merge */
  #mergeAll(time: number): boolean {
    for (let isMerged = false; ; isMerged = true) {
      const task = this.#done[this.#head]
      if (task === undefined || this.#isRunningAgain(task)) return isMerged
      const wrong = task.incarnation === 0 ? this.#conflictOf(task) : undefined
      const { tx, core, start, end, incarnation } = task
      const outcome = wrong === undefined ? 'kept' : 'aborted'
      this.#attempts.push({ tx, core, start, end, incarnation, outcome, cause: wrong })
      if (wrong !== undefined) {
        this.#retry = tx
        this.#retrying = tx
        return isMerged
      }
      this.#mergeFreeAt = Math.max(this.#mergeFreeAt, time) + this.#machine.overheads.merge
      this.#mergedAt[tx] = this.#mergeFreeAt
      this.#head++
    }
  }

  #isRunningAgain(task: Task): boolean {
    return this.#retrying === task.tx && task.incarnation === 0
  }

  /** What it should have seen and did not. */
  #conflictOf({ tx, start }: Task): Attempt['cause'] | undefined {
    for (let at = this.#before.first[tx]!; at < this.#before.first[tx + 1]!; at++) {
      const by = this.#before.from[at]!
      if (this.#mergedAt[by]! <= start) continue
      const isOwn = this.#chunkOf[by] === this.#chunkOf[tx] && this.#done[by]?.incarnation === 0
      if (!isOwn) return { location: this.#before.location[at]!, by }
    }
    return undefined
  }
}
