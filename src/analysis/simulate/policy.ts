import type { Address, Hex } from '../../primitives/hex.ts'
import type { AccessList } from '../../model/transaction.ts'
import type { DependencyGraph } from '../graph.ts'
import type { Recording } from '../input.ts'

/** What a policy schedules: the recorded transactions, and what each costs in one unit, gas or milliseconds. */
export interface Work {
  readonly graph: DependencyGraph
  readonly costs: Float64Array
  readonly senders: readonly Address[]
  /** Who is called; null for a creation. */
  readonly called: readonly (Address | null)[]
  /** Whose code is called, with which selector: what `batch` puts together. */
  readonly calls: readonly string[]
  /** EIP-2930 lists, by transaction. */
  readonly declared: readonly (AccessList | undefined)[]
  readonly beneficiary: Address | undefined
}

/** What an executor does besides running transactions, in the unit of the costs. */
export interface Overheads {
  /** To take a transaction, each time that it runs. */
  readonly claim: number
  /** To check what a transaction read, each time that it ran speculatively. */
  readonly validate: number
  /** To put a transaction's changes into the state, one transaction after another. */
  readonly merge: number
  /** To find the state's root, after all, shared by the cores. */
  readonly root: number
}

export const NO_OVERHEADS: Overheads = { claim: 0, validate: 0, merge: 0, root: 0 }

export interface Machine {
  /** 1 to `MAX_CORES`. */
  readonly cores: number
  readonly overheads: Overheads
}

const MAX_CORES = 1024

/** waiting -> running -> kept | aborted (it runs again) | rejected (for good) ; deferred: it never ran in this block */
export interface Attempt {
  readonly tx: number
  readonly core: number
  readonly start: number
  readonly end: number
  /** From 0. */
  readonly incarnation: number
  readonly outcome: 'kept' | 'aborted' | 'rejected'
  /** Why it was not kept: the location, by its place, and the transaction behind it. */
  readonly cause?: { readonly location: number; readonly by: number | undefined } | undefined
}

/** A transaction that was left for a later block, and the location that had no room left. */
export interface Deferral {
  readonly tx: number
  readonly location: number
}

/** What a policy made of the work: modelled, in virtual time. */
export interface Schedule {
  readonly policy: string
  readonly cores: number
  /** In the order in which they began. */
  readonly attempts: readonly Attempt[]
  readonly deferred: readonly Deferral[]
  /** When everything was done, overheads included. */
  readonly makespan: number
  /** Rounds of a policy that works in rounds; 1 for others. */
  readonly rounds: number
  /** Transactions that ran one after another in the end because speculation was given up. */
  readonly serialised: number
}

/** One chain's way to schedule a block. Deterministic: the same work on the same machine gives the same schedule. */
export interface Policy {
  readonly name: string
  /** The chains that it stands for. */
  readonly standsFor: string
  /**
   * What it keeps. `dependencies`: no transaction is kept that began before those it depends on had ended, so the critical path is a
   * bound. `all`: no such bound, for it is told the results (`bal`) or leaves transactions out.
   */
  readonly respects: 'dependencies' | 'all'
  simulate(work: Work, machine: Machine): Schedule
}

/** @throws {RangeError} when the number of cores is not 1 to 1024. */
export function requireCores(cores: number): void {
  if (!Number.isInteger(cores) || cores < 1 || cores > MAX_CORES) {
    throw new RangeError(`expected 1 to ${MAX_CORES} cores, got ${cores}`)
  }
}

/** `costs` by transaction, in gas or in milliseconds. */
export function workOf(recording: Recording, graph: DependencyGraph, costs: Float64Array): Work {
  const { transactions, beneficiary } = recording
  return {
    graph,
    costs,
    senders: transactions.map(({ sender }) => sender),
    called: transactions.map(({ to }) => to),
    calls: transactions.map(({ to, selector, access }) => callOf(to, selector, access.reads)),
    declared: transactions.map(({ declared }) => declared),
    beneficiary,
  }
}

/** Clones of one contract run the same code: they are told by its hash where it is known. */
function callOf(
  to: Address | null,
  selector: Hex | undefined,
  reads: Recording['transactions'][number]['access']['reads'],
): string {
  if (to === null) return 'creation'
  return `${reads.get(to)?.codeHash ?? to}:${selector ?? '0x'}`
}

/** The time in which one core runs everything in order: what speed-ups are over. No claims and checks: serial needs none. */
export function serialTime({ costs }: Work, { overheads }: Machine): number {
  let time = overheads.root
  for (const cost of costs) time += cost
  return time + overheads.merge * costs.length
}
