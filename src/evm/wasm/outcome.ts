import { EMPTY_BYTES } from '../../primitives/bytes.ts'
import type { Log } from '../../model/receipt.ts'
import {
  type TransactionRecord,
  accessIn,
  createdIn,
  detailsIn,
  gasIn,
  logsIn,
  outputIn,
  statusIn,
} from '../../state/record.ts'
import type { Outcome, SystemOutcome } from '../engine.ts'
import type { FrameError } from '../observer.ts'
import { frameErrorOf } from './halt.ts'
import { NAMED_HALT } from './status.ts'

type Executed = Exclude<Outcome, { kind: 'rejected' }>

/**
 * What a record says that is not of a rejection; accesses and logs are decoded when they are asked for.
 * @param isCreation whether the transaction was to create a contract @param aborted why it was ended from outside
 */
export function outcomeOf(
  record: TransactionRecord,
  isCreation: boolean,
  aborted?: string,
): Executed {
  const { gasUsed, gasRefunded } = gasIn(record)
  const access = accessIn(record)
  const error: FrameError | undefined =
    aborted === undefined ? errorIn(record) : { kind: 'halt', reason: aborted }
  if (error?.kind === 'halt') {
    const { reason } = error
    return { kind: 'halt', reason, output: EMPTY_BYTES, gasUsed, gasRefunded, access }
  }
  const output = outputIn(record)
  if (error !== undefined) return { kind: 'revert', output, gasUsed, gasRefunded, access }
  let logs: readonly Log[] | undefined
  return {
    kind: 'success',
    output,
    gasUsed,
    gasRefunded,
    access,
    created: isCreation ? createdIn(record) : null,
    get logs() {
      return (logs ??= logsIn(record))
    },
  }
}

export function systemOutcomeOf(record: TransactionRecord): SystemOutcome {
  const access = accessIn(record)
  const error = errorIn(record)
  if (error !== undefined) return { kind: 'failed', error, access }
  return { kind: 'success', output: outputIn(record), access }
}

/** Why the outermost frame ended without success. */
function errorIn(record: TransactionRecord): FrameError | undefined {
  const status = statusIn(record)
  if (status === NAMED_HALT) {
    return { kind: 'halt', reason: Buffer.from(outputIn(record)).toString() }
  }
  return frameErrorOf(status, detailsIn(record))
}
