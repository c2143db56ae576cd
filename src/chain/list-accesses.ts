import type { ExecutionOptions, Engine } from '../evm/engine.ts'
import { createSerialExecutor } from '../executor/serial.ts'
import type { Transaction } from '../model/transaction.ts'
import { type BlockAccessList, blockAccessList } from '../state/block-access-list.ts'
import { accessesOf } from '../state/change-log.ts'
import { changesOf } from './block-changes.ts'
import type { BlockRecord } from './block-record.ts'
import type { Chain } from './chain.ts'
import { type Reexecution, reexecute } from './reexecute.ts'

/** `notRecorded`: the engine does not record what the list takes. */
export type ListedAccesses =
  | { readonly kind: 'listed'; readonly list: BlockAccessList }
  | { readonly kind: 'notRecorded' }
  | Exclude<Reexecution, { kind: 'executed' }>

/** EIP-7928's list of a mined block, at every fork: its change set, and what was accessed beside. */
export async function listAccesses(
  chain: Chain,
  engine: Engine,
  record: BlockRecord,
  optionsOf: (tx: Transaction) => ExecutionOptions,
): Promise<ListedAccesses> {
  const found = await changesOf(chain, engine, record, optionsOf)
  if (found.kind !== 'changes') return found
  if (!found.log.isWhole) return listRerun(chain, engine, record, optionsOf)
  const steps = accessesOf(found.log, (hash) => chain.codes.get(hash))
  return { kind: 'listed', list: blockAccessList(steps) }
}

/** For engines that do not always tell all that was accessed. */
async function listRerun(
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
