/** What `parallel_*` methods answer. Gas and dependencies are measured, bounds and speed-ups modelled from them. */

import type { NamedEdges } from '../analysis/named-edges.ts'
import type { Report } from '../analysis/report.ts'

/** An instruction that read or wrote. */
export interface Site {
  readonly access: 'read' | 'write'
  readonly pc: number
  /** `contracts/src/Pool.sol:41`; absent when no source tells. */
  readonly line?: string
  /** Whose code ran, the outermost first. */
  readonly path: readonly string[]
}

interface Call {
  readonly tx: number
  readonly hash?: string
  readonly from: string
  /** `Pool.swap` */
  readonly label: string
  readonly gasUsed: number
  readonly failed: boolean
}

interface Window {
  /** What was run, in words. */
  readonly text: string
  readonly fromBlock: number
  readonly toBlock: number
  readonly deploymentsLeftOut: number
  readonly failedAnew: number
  readonly failed: number
}

/** Which variables order transactions, and who waits for whom. */
export interface Contention extends Report {
  readonly subject: Window
  readonly calls: readonly Call[]
  readonly dependencies: NamedEdges
}

/** Dependencies by one location. */
export interface Conflict {
  readonly name: string
  readonly variable?: string
  readonly kind: string
  readonly edges: number
  readonly from: Call
  readonly to: Call
  readonly written: readonly Site[]
  readonly read: readonly Site[]
}

/** Why one transaction depends on another. */
export interface Explanation {
  readonly earlier: Call
  readonly later: Call
  readonly depends: boolean
  readonly hops: readonly {
    readonly from: Call
    readonly to: Call
    readonly reasons: readonly {
      readonly kind: string
      readonly name: string
      readonly written: readonly Site[]
      readonly read: readonly Site[]
    }[]
  }[]
}

/** Whether transactions keep to what is allowed. */
export interface Assertion {
  readonly pass: boolean
  readonly transactions: number
  readonly conflicts: readonly Conflict[]
  readonly allowed: readonly Conflict[]
  readonly speedup: {
    readonly times: number
    readonly cores: number
    readonly reached: number
  } | null
}
