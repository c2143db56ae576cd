import type { ExecutionOptions } from '../evm/engine.ts'
import type { BlockInput, ExecutedBlock, Executor } from '../executor/executor.ts'
import type { Receipt } from '../model/receipt.ts'
import { describeRejection } from '../model/rejection.ts'
import type { Transaction } from '../model/transaction.ts'
import type { Hash } from '../primitives/hex.ts'
import type { StateView } from '../state/view.ts'
import { applyChanges } from '../state/world.ts'
import type { BlockRecord } from './block-record.ts'
import type { Chain } from './chain.ts'

/** A block that was executed once more, and the state it ran on. */
interface Reexecuted {
  readonly kind: 'executed'
  readonly executed: ExecutedBlock
  readonly base: StateView
  /** Of the state that it led to. */
  stateRoot(): Hash
}

export type Reexecution =
  | Reexecuted
  /** Nothing led to the first block of a chain. */
  | { readonly kind: 'first' }
  /** The state that it ran on is not kept any longer. */
  | { readonly kind: 'noState' }
  /** It does not come out as it did: the chain's settings have changed since. */
  | { readonly kind: 'differs'; readonly detail: string }

/**
 * Executes a mined block once more on the state that it ran on. Nothing changes.
 * @param executor made for this: what it remembers of states stays with it
 */
export async function reexecute(
  chain: Chain,
  executor: Executor,
  record: BlockRecord,
  optionsOf: (tx: Transaction) => ExecutionOptions,
  more: Pick<
    BlockInput,
    'accessLists' | 'hintOf' | 'dependencies' | 'accessList' | 'recorded'
  > = {},
): Promise<Reexecution> {
  const { block } = record
  const { header, transactions } = block
  const parent = chain.history.byHash(header.parentHash)
  if (parent === undefined) return { kind: 'first' }
  const { version } = parent
  if (version === undefined) return { kind: 'noState' }
  const base = chain.view(version)
  const input: BlockInput = {
    ...more,
    config: chain.config,
    env: chain.minedEnv(block, parent),
    header,
    transactions,
    ommers: block.ommers,
    withdrawals: block.withdrawals,
    optionsOf: (index) => optionsOf(transactions[index]!),
    onRejection: 'stop',
    protocol: 'full',
    intermediateRoot: (changes) => applyChanges(version, changes).stateRoot,
  }
  const outcome = await executor.execute(input, base)
  switch (outcome.kind) {
    case 'invalid': {
      const detail = `transaction ${outcome.index}: ${describeRejection(outcome.rejection)}`
      return { kind: 'differs', detail }
    }
    case 'invalidBlock':
      return { kind: 'differs', detail: outcome.detail }
    case 'executed': {
      const detail = differenceOf(record.receipts, outcome.receipts)
      if (detail !== undefined) return { kind: 'differs', detail }
      const stateRoot = (): Hash => applyChanges(version, ...outcome.changes).stateRoot
      return { kind: 'executed', executed: outcome, base, stateRoot }
    }
  }
}

function differenceOf(before: readonly Receipt[], after: readonly Receipt[]): string | undefined {
  for (const [index, { gasUsed }] of before.entries()) {
    const gasNow = after[index]?.gasUsed
    if (gasNow !== gasUsed)
      return `transaction ${index} took ${gasUsed} gas and takes ${gasNow} now`
  }
  return undefined
}
