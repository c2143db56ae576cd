import { describeRejection } from '../../model/rejection.ts'
import { listOf } from '../codec/decoder.ts'
import { payloadAttributes, payloadOut } from '../codec/payload.ts'
import { bytes, hash } from '../codec/scalar.ts'
import { invalidParams, serverError } from '../error.ts'
import { type MethodTable, method, optional, param } from '../method.ts'

const MAX_EXTRA_BYTES = 32

/** Methods of execution-apis that exist for tests alone. */
export const testing: MethodTable = {
  /** Without transactions (null) those of the pool that fit. */
  testing_buildBlockV1: method(
    [
      param('parentHash', hash),
      param('payloadAttributes', payloadAttributes),
      optional('transactions', listOf(bytes)),
      optional('extraData', bytes),
    ],
    payloadOut,
    async ({ backend }, parentHash, attributes, transactions, extraData) => {
      if (extraData !== undefined && extraData.length > MAX_EXTRA_BYTES) {
        throw invalidParams(`\`extraData\`: expected at most 32 bytes, got ${extraData.length}`)
      }
      const wanted = { ...attributes, extraData }
      const outcome = await backend.execution.buildPayload(parentHash, wanted, transactions)
      switch (outcome.kind) {
        case 'built':
          return outcome.payload
        case 'unknownParent':
          throw invalidParams(`\`parentHash\`: there is no block ${parentHash}`)
        case 'tooEarly':
          throw invalidParams(
            `\`payloadAttributes.timestamp\`: expected more than the parent's, ${outcome.parentTimestamp}`,
          )
        case 'undecodable':
          throw invalidParams(`\`transactions[${outcome.index}]\`: ${outcome.detail}`)
        case 'rejected':
          throw serverError(describeRejection(outcome.rejection), { index: outcome.index })
      }
    },
  ),
}
