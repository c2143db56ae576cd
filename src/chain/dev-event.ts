import type { ExecutedBlock } from '../executor/executor.ts'
import type { Rejection } from '../model/rejection.ts'
import type { Transaction } from '../model/transaction.ts'
import type { BlockRecord } from './block-record.ts'
import type { BuiltBlock } from './chain.ts'

/** What listeners of a dev chain are told, in the order it happened. */
export type DevEvent =
  | { readonly kind: 'pooled'; readonly tx: Transaction }
  | { readonly kind: 'dropped'; readonly tx: Transaction; readonly rejection: Rejection }
  | { readonly kind: 'mined'; readonly built: BuiltBlock }
  | {
      readonly kind: 'imported'
      readonly record: BlockRecord
      readonly executed: ExecutedBlock
      /** Blocks that are in the chain now and were not, oldest first, the imported one last; none when it stays beside it. */
      readonly adopted: readonly BlockRecord[]
    }
  /** The head's state was changed by a cheat, or the head is another. */
  | { readonly kind: 'changed' }
  /** The clock or the settings of blocks to come. */
  | { readonly kind: 'configured' }
  /** Blocks taken back by a revert, a rollback or a reorganisation, oldest first. */
  | { readonly kind: 'removed'; readonly records: readonly BlockRecord[] }
