import { Heap } from '../heap.ts'
import { type Precedence, precedenceOf } from '../precedence.ts'
import type { Attempt, Machine, Policy, Work } from './policy.ts'
import { finished, inOrder } from './schedule.ts'

/** After so many rounds the rest runs one after another, as Sei has it. */
const MOST_ROUNDS = 10

/**
 * In rounds: all that are pending run at once, then all are checked in order. One that missed an earlier one's change waits until those
 * before it are right, and runs again in the round after.
 */
export const occRounds: Policy = {
  name: 'occ-rounds',
  standsFor: 'Sei V2',
  respects: 'dependencies',
  simulate(work, machine) {
    const run = new Rounds(work, machine)
    let pending = Array.from(work.costs.keys())
    let rounds = 0
    while (pending.length > 0 && rounds < MOST_ROUNDS) {
      rounds++
      run.round(pending)
      pending = run.check(rounds < MOST_ROUNDS ? 'waiting' : 'all')
    }
    const serialised = run.serially(pending)
    const merging = machine.overheads.merge * work.costs.length
    const makespan = finished(run.now + merging, machine)
    const attempts = inOrder(run.attempts())
    const { cores } = machine
    const policy = 'occ-rounds'
    return {
      policy,
      cores,
      attempts,
      deferred: [],
      makespan,
      rounds: Math.max(1, rounds),
      serialised,
    }
  },
}

class Rounds {
  now = 0
  readonly #work: Work
  readonly #machine: Machine
  readonly #before: Precedence
  readonly #last: Attempt[] = []
  readonly #aborted: Attempt[] = []
  readonly #isRight: Uint8Array

  constructor(work: Work, machine: Machine) {
    this.#work = work
    this.#machine = machine
    this.#before = precedenceOf(work.graph)
    this.#isRight = new Uint8Array(work.costs.length)
  }

  attempts(): readonly Attempt[] {
    return [...this.#aborted, ...this.#last]
  }

  /** Cores take the pending ones in order; the round ends with the last of them. */
  round(pending: readonly number[]): void {
    const { cores, overheads } = this.#machine
    const free = new Heap<{ readonly core: number; readonly at: number }>(
      (a, b) => a.at - b.at || a.core - b.core,
    )
    for (let core = 0; core < Math.min(cores, pending.length); core++) {
      free.push({ core, at: this.now })
    }
    let end = this.now
    for (const tx of pending) {
      const { core, at } = free.pop()!
      const until = at + overheads.claim + this.#work.costs[tx]!
      this.#run(tx, core, at, until)
      free.push({ core, at: until })
      end = Math.max(end, until)
    }
    this.now = end + (overheads.validate * pending.length) / Math.min(cores, pending.length)
  }

  /**
   * @returns those that must run again: with `waiting` only those before which all are right, the others wait; there is always one if any
   * is wrong.
   */
  check(which: 'waiting' | 'all'): number[] {
    const again: number[] = []
    for (let tx = 0; tx < this.#work.costs.length; tx++) {
      const missed = this.#missedBy(tx)
      this.#isRight[tx] = missed === undefined ? 1 : 0
      if (missed === undefined) continue
      const { aborted } = missed
      if (this.#last[tx]!.outcome === 'kept') {
        const last: Attempt = { ...this.#last[tx]!, outcome: 'aborted', cause: aborted }
        this.#last[tx] = last
      }
      if (which === 'all' || this.#areRightBefore(tx)) again.push(tx)
    }
    return again
  }

  /** @returns how many ran one after another */
  serially(pending: readonly number[]): number {
    for (const tx of pending) {
      const end = this.now + this.#machine.overheads.claim + this.#work.costs[tx]!
      this.#run(tx, 0, this.now, end)
      this.now = end
    }
    return pending.length
  }

  #run(tx: number, core: number, start: number, end: number): void {
    const before = this.#last[tx]
    if (before !== undefined) this.#aborted.push(before)
    const incarnation = before === undefined ? 0 : before.incarnation + 1
    this.#last[tx] = { tx, core, start, end, incarnation, outcome: 'kept' }
  }

  /** An earlier one whose change it did not see, or that is wrong itself. */
  #missedBy(tx: number): { readonly aborted: Attempt['cause'] } | undefined {
    for (let at = this.#before.first[tx]!; at < this.#before.first[tx + 1]!; at++) {
      const by = this.#before.from[at]!
      if (this.#isRight[by] === 1 && this.#last[by]!.end <= this.#last[tx]!.start) continue
      return { aborted: { location: this.#before.location[at]!, by } }
    }
    return undefined
  }

  #areRightBefore(tx: number): boolean {
    for (let at = this.#before.first[tx]!; at < this.#before.first[tx + 1]!; at++) {
      if (this.#isRight[this.#before.from[at]!] === 0) return false
    }
    return true
  }
}
