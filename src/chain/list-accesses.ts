import type { ExecutionOptions, Engine } from '../evm/engine.ts'
import { createSerialExecutor } from '../executor/serial.ts'
import type { Transaction } from '../model/transaction.ts'
import type { BlockAccessList } from '../state/block-access-list.ts'
import type { BlockRecord } from './block-record.ts'
import type { Chain } from './chain.ts'
import { type Reexecution, reexecute } from './reexecute.ts'

/** `notRecorded`: the engine does not record what the list takes. */
export type ListedAccesses =
  | { readonly kind: 'listed'; readonly list: BlockAccessList }
  | { readonly kind: 'notRecorded' }
  | Exclude<Reexecution, { kind: 'executed' }>

/** EIP-7928's list of a mined block, at every fork: the block is executed once more for it. */
export async function listAccesses(
  chain: Chain,
  engine: Engine,
  record: BlockRecord,
  optionsOf: (tx: Transaction) => ExecutionOptions,
): Promise<ListedAccesses> {
  const again = await reexecute(chain, createSerialExecutor(engine), record, optionsOf, {
    accessLists: 'everyFork',
  })
  if (again.kind !== 'executed') return again
  const { blockAccessList: list } = again.executed
  return list === undefined ? { kind: 'notRecorded' } : { kind: 'listed', list }
}
