import type { Engine, ExecutionOptions } from '../evm/engine.ts'
import { createSerialExecutor } from '../executor/serial.ts'
import type { Transaction } from '../model/transaction.ts'
import { type ChangeLog, decodeChangeLog } from '../state/change-log.ts'
import type { BlockRecord } from './block-record.ts'
import type { Chain } from './chain.ts'
import { changesOfExecuted, changesOfKept } from './executed-changes.ts'
import { type Reexecution, reexecute } from './reexecute.ts'

export type FoundChanges =
  | { readonly kind: 'changes'; readonly log: ChangeLog }
  | Exclude<Reexecution, { kind: 'executed' }>

/** The change set of a mined block: as it was written with it, or as its record has it, or else of executing it once more. */
export async function changesOf(
  chain: Chain,
  engine: Engine,
  record: BlockRecord,
  optionsOf: (tx: Transaction) => ExecutionOptions,
): Promise<FoundChanges> {
  const { hash, header } = record.block
  const isCanonical = chain.history.hashOf(header.number) === hash
  const stored = isCanonical ? chain.history.changesOf(header.number) : undefined
  if (stored !== undefined) return { kind: 'changes', log: decodeChangeLog(stored) }
  const kept = chain.recordings.find(hash)
  if (kept !== undefined) return { kind: 'changes', log: decodeChangeLog(changesOfKept(kept)) }
  const executor = createSerialExecutor(engine)
  const again = await reexecute(chain, executor, record, optionsOf, {
    recorded: true,
    accessLists: 'everyFork',
  })
  if (again.kind !== 'executed') return again
  return { kind: 'changes', log: decodeChangeLog(changesOfExecuted(again.executed)!) }
}
