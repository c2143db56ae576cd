import type { ExecutedBlock } from '../executor/executor.ts'
import { RecordedResults } from '../executor/recorded.ts'
import type { StepAccess } from '../state/block-access-list.ts'
import { encodeChangeLog } from '../state/change-log.ts'
import type { TransactionRecord } from '../state/record.ts'
import { type KeptBlock, recordOf } from './block-recordings.ts'

/** The change set of a block that was executed as one to be recorded, as bytes; undefined for any other. */
export function changesOfExecuted({ results, around }: ExecutedBlock): Uint8Array | undefined {
  if (around === undefined) return undefined
  if (!(results instanceof RecordedResults)) {
    return changesOfKept({ accesses: results.accesses, around })
  }
  const { memory, starts, precision } = results.source
  const transactions = Array.from(starts, (at) => [{ memory, at }])
  return encode(around, transactions, precision === 'exact')
}

/** The same of a kept record. */
export function changesOfKept({
  accesses,
  around,
}: Pick<KeptBlock, 'accesses' | 'around'>): Uint8Array {
  const isWhole = accesses.every(({ touched }) => touched !== undefined)
  return encode(
    around,
    accesses.map((access) => [recordOf(access)]),
    isWhole,
  )
}

function encode(
  { before, after }: KeptBlock['around'],
  transactions: readonly (readonly TransactionRecord[])[],
  isWhole: boolean,
): Uint8Array {
  const recordsOf = (steps: readonly StepAccess[]) => steps.map(recordOf)
  const isAll = isWhole && [...before, ...after].every(({ touched }) => touched !== undefined)
  return encodeChangeLog([recordsOf(before), ...transactions, recordsOf(after)], isAll)
}
