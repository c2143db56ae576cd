import { EMPTY_BYTES } from '../../primitives/bytes.ts'
import type { Address } from '../../primitives/hex.ts'
import type { Log } from '../../model/receipt.ts'
import { writeRecord } from '../../state/record-content.ts'
import { contentOf } from '../../state/record-of.ts'
import {
  RecordedAccess,
  type TransactionRecord,
  createdIn,
  detailsIn,
  gasRefundedIn,
  gasUsedIn,
  logsIn,
  outputIn,
  statusIn,
} from '../../state/record.ts'
import type { Outcome, SystemOutcome } from '../engine.ts'
import type { FrameError } from '../observer.ts'
import { frameErrorOf } from './halt.ts'
import { NAMED_HALT, REVERTED, SUCCESS } from './status.ts'

type Executed = Exclude<Outcome, { kind: 'rejected' }>
type Succeeded = Extract<Outcome, { kind: 'success' }>

/** Its logs are decoded when they are first asked for. */
class RecordedSuccess implements Succeeded {
  readonly kind = 'success'
  readonly gasUsed: bigint
  readonly gasRefunded: bigint
  readonly output: Uint8Array
  readonly access: RecordedAccess
  readonly created: Address | null
  readonly #record: TransactionRecord
  #logs: readonly Log[] | undefined

  constructor(record: TransactionRecord, isCreation: boolean) {
    this.gasUsed = gasUsedIn(record)
    this.gasRefunded = gasRefundedIn(record)
    this.output = outputIn(record)
    this.access = new RecordedAccess(record)
    this.created = isCreation ? createdIn(record) : null
    this.#record = record
  }

  get logs(): readonly Log[] {
    return (this.#logs ??= logsIn(this.#record))
  }
}

/**
 * What a record says that is not of a rejection; accesses and logs are decoded when they are asked for.
 * @param isCreation whether the transaction was to create a contract @param aborted why it was ended from outside
 */
export function outcomeOf(
  record: TransactionRecord,
  isCreation: boolean,
  aborted?: string,
): Executed {
  const error: FrameError | undefined =
    aborted === undefined ? errorIn(record) : { kind: 'halt', reason: aborted }
  if (error === undefined) return new RecordedSuccess(record, isCreation)
  const gasUsed = gasUsedIn(record)
  const gasRefunded = gasRefundedIn(record)
  const access = new RecordedAccess(record)
  if (error.kind === 'revert') {
    return { kind: 'revert', output: outputIn(record), gasUsed, gasRefunded, access }
  }
  return { kind: 'halt', reason: error.reason, output: EMPTY_BYTES, gasUsed, gasRefunded, access }
}

export function systemOutcomeOf(record: TransactionRecord): SystemOutcome {
  const access = new RecordedAccess(record)
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

/** The outcome of an engine that writes no records as one. A halt keeps its reason, not its number. */
export function recordOutcome(outcome: Executed): Uint8Array {
  const { gasUsed, gasRefunded, access } = outcome
  const common = { gasUsed, gasRefunded, access, created: null, logs: [] }
  switch (outcome.kind) {
    case 'success': {
      const { output, logs, created } = outcome
      return writeRecord(contentOf({ ...common, status: SUCCESS, output, logs, created }))
    }
    case 'revert':
      return writeRecord(contentOf({ ...common, status: REVERTED, output: outcome.output }))
    case 'halt': {
      const output = new Uint8Array(Buffer.from(outcome.reason))
      return writeRecord(contentOf({ ...common, status: NAMED_HALT, output }))
    }
  }
}
