import type { Cause } from './attempts.ts'

/** Where a fault can come: what a lane has just done, or is about to do. */
export type Step =
  | 'claimed'
  | 'executed'
  | 'published'
  | 'taken'
  | 'merging'
  | 'again'
  | 'merged'
  | 'given'
  | 'validated'
  | 'presented'

/** How a lane fails. */
export type Fault = 'throw' | 'exit' | 'hang'

/** Faults that a test puts in. The same seed in the same lane draws the same numbers; what they fall on is the schedule's. */
export interface ChaosPlan {
  readonly seed: number
  /** Of 1: how many steps are held up, and for how long at most, in microseconds. */
  readonly delays: number
  readonly delayUs: number
  /** Of 1: how many valid runs are taken back. */
  readonly aborts: number
  /** The main thread is no lane, as when one is to fail. */
  readonly isApart?: boolean | undefined
  /** Runs that are taken back, valid or not. */
  readonly forced?: readonly { readonly tx: number; readonly incarnation: number }[] | undefined
  /** The lane that fails, and after how many steps, or after how many of one kind. */
  readonly failure?:
    | {
        readonly lane: number
        readonly step: number
        readonly at?: Step | undefined
        readonly fault: Fault
      }
    | undefined
}

/** Carries out a plan in one lane. */
export class Chaos {
  readonly #plan: ChaosPlan
  readonly #lane: number
  #state: number
  #steps = 0
  /** Every step in its order, as a number: schedules that differ have other traces. */
  trace = 0

  constructor(plan: ChaosPlan, lane: number) {
    this.#plan = plan
    this.#lane = lane
    this.#state = (plan.seed * 0x9e3779b9 + lane * 0x85ebca6b + 1) | 0
  }

  step(step: Step, tx: number): void {
    this.trace = (Math.imul(this.trace ^ (tx * 16 + STEPS.indexOf(step)), 0x01000193) ^ tx) | 0
    const { failure, delays, delayUs } = this.#plan
    if (failure !== undefined && (failure.at ?? step) === step) this.#steps++
    if (failure?.lane === this.#lane && failure.step === this.#steps) fail(failure.fault)
    if (this.#draw() < delays) spin(this.#draw() * delayUs)
  }

  /** Whether a valid run is to be taken back. */
  abort(tx: number, incarnation: number): Cause | undefined {
    const isForced = this.#plan.forced?.some((it) => it.tx === tx && it.incarnation === incarnation)
    return this.#draw() < this.#plan.aborts || isForced === true ? { kind: 'chance' } : undefined
  }

  /** xorshift32, from 0 to 1. */
  #draw(): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x
    return (x >>> 0) / 2 ** 32
  }
}

const STEPS: readonly Step[] = [
  'claimed',
  'executed',
  'published',
  'taken',
  'merging',
  'again',
  'merged',
  'given',
  'validated',
  'presented',
]

function spin(us: number): void {
  const until = performance.now() + us / 1000
  while (performance.now() < until) {
    // Held up.
  }
}

function fail(fault: Fault): void {
  switch (fault) {
    case 'throw':
      throw new Error('a lane was told to fail')
    case 'exit':
      return process.exit(1)
    case 'hang':
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
  }
}
