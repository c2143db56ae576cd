import { speedupBound } from '../analysis/bounds.ts'
import { borDependencies } from '../analysis/formats/bor.ts'
import { dependencyGraph } from '../analysis/graph.ts'
import { shapeOfGraph } from '../analysis/graph-shape.ts'
import type { ExecutedBlock } from '../executor/executor.ts'
import type { Header } from '../model/block.ts'

/** What keeps a block from running in parallel, modelled from what its transactions read and wrote. */
export interface Parallelism {
  readonly basis: 'modelled'
  /** How many transactions depend on an earlier one, neither through fees nor through their sender's nonces alone. */
  readonly dependent: number
  /** Rounds in which all could run. */
  readonly waves: number
  /** How many times faster than in order at best, by gas, with a core for each transaction. */
  readonly bound: number
  /** For each transaction the earlier ones that it depends on, nonces included, in Bor's format. */
  readonly dependencies: readonly (readonly number[])[]
}

/** Of a block as it was executed. */
export function parallelismOf(executed: ExecutedBlock, { beneficiary }: Header): Parallelism {
  const gas = executed.receipts.map(({ gasUsed }) => Number(gasUsed))
  const transactions = executed.transactions.map((tx, index) => ({
    sender: tx.sender,
    to: tx.to,
    nonce: tx.nonce,
    gasUsed: gas[index]!,
    access: executed.accesses[index]!,
  }))
  const graph = dependencyGraph({ transactions, beneficiary })
  const { dependentShare, waves } = shapeOfGraph(graph)
  return {
    basis: 'modelled',
    dependent: Math.round(dependentShare * transactions.length),
    waves,
    bound: Math.round(speedupBound(graph, Float64Array.from(gas)) * 100) / 100,
    dependencies: borDependencies(graph),
  }
}
