/** What `parallel_*` methods answer, as far as the commands show it. */

export interface ShownSite {
  readonly access: 'read' | 'write'
  readonly pc: number
  readonly line?: string
  readonly path: readonly string[]
}

export interface Head {
  readonly text: string
  readonly deploymentsLeftOut: number
  readonly failedAnew: number
  readonly failed: number
}

export interface ShownCall {
  readonly tx: number
  readonly hash?: string
  readonly from: string
  readonly label: string
  readonly gasUsed: number
  readonly failed: boolean
  readonly error?: string | null
}

interface Coverage {
  readonly text: string
  readonly slots: number
  readonly named: number
  readonly refused: readonly {
    readonly address: string
    readonly contract: string
    readonly reason: string
  }[]
  readonly traced: number
  readonly approximate: number
  readonly undecidedChecks: number
}

export interface FixFirst {
  readonly name: string
  readonly together: readonly { readonly name: string }[]
  readonly readers: number
  readonly writers: number
  readonly edges: number
  readonly gasBehind: number
  readonly gasShare: number
  readonly boundWithout: number
  readonly boundWithoutUpTo: number
  readonly pattern: string
  readonly cure: string
  readonly commutative?: {
    readonly evidence: 'dataflow' | 'values'
    readonly adders: number
    readonly others: number
    readonly boundAsDelta: number
  }
  readonly packed?: {
    readonly fields: readonly { readonly path: string; readonly writers: number }[]
    readonly boundUnpacked: number
  }
  readonly sites: readonly ShownSite[]
}

export interface Report {
  readonly subject: Head
  readonly transactions: number
  readonly serialGas: number
  readonly bound: { readonly byGas: number }
  readonly criticalPath: {
    readonly gas: number
    readonly byGas: readonly { readonly tx: number; readonly name?: string }[]
  }
  readonly curve: readonly {
    readonly cores: number
    readonly bound: number
    readonly scheduled: number
  }[]
  readonly edges: Readonly<Record<string, number>>
  readonly fixFirst: readonly FixFirst[]
  readonly notCounted: Readonly<
    Record<'senderNonce' | 'fee', { readonly edges: number; readonly boundWith: number }>
  >
  readonly volatile: readonly {
    readonly name: string
    readonly transactions: number
    readonly lines: readonly string[]
  }[]
  readonly coverage: Coverage
  readonly calls: readonly ShownCall[]
}

export interface Conflict {
  readonly name: string
  readonly variable?: string
  readonly kind: string
  readonly edges: number
  readonly from: ShownCall
  readonly to: ShownCall
  readonly written: readonly ShownSite[]
  readonly read: readonly ShownSite[]
}

export interface Explanation {
  readonly earlier: ShownCall
  readonly later: ShownCall
  readonly depends: boolean
  readonly hops: readonly {
    readonly from: ShownCall
    readonly to: ShownCall
    readonly reasons: readonly {
      readonly kind: string
      readonly name: string
      readonly written: readonly ShownSite[]
      readonly read: readonly ShownSite[]
    }[]
  }[]
  readonly coverage: Coverage
}
