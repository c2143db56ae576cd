/** What `parallel_*` methods answer. Gas and dependencies are measured, bounds and speed-ups modelled from them. */

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
  readonly deploymentsLeftOut: number
  readonly failedAnew: number
  readonly failed: number
}

interface Coverage {
  /** `212 of 214 slots named` */
  readonly text: string
  readonly slots: number
  readonly named: number
}

/** Which variables order transactions. */
export interface Contention {
  readonly subject: Window
  readonly transactions: number
  readonly serialGas: number
  readonly bound: { readonly byGas: number }
  readonly curve: readonly {
    readonly cores: number
    readonly bound: number
    readonly scheduled: number
  }[]
  readonly fixFirst: readonly {
    readonly name: string
    readonly readers: number
    readonly writers: number
    readonly edges: number
    readonly gasBehind: number
    readonly boundWithout: number
    readonly boundWithoutUpTo: number
    readonly pattern: string
    readonly cure: string
    readonly sites: readonly Site[]
  }[]
  readonly coverage: Coverage
  readonly calls: readonly Call[]
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
