import type { PayloadOutcome } from '../../model/payload.ts'
import { describeRejection } from '../../model/rejection.ts'
import { listOf } from '../codec/decoder.ts'
import { payloadAttributes, payloadOut } from '../codec/payload.ts'
import { hexOut } from '../codec/encoder.ts'
import { bytes, hash } from '../codec/scalar.ts'
import { type RpcError, invalidParams, serverError } from '../error.ts'
import { undecodable } from '../failure.ts'
import { type MethodTable, method, optional, param } from '../method.ts'

const MAX_EXTRA_BYTES = 32

const body = [optional('transactions', listOf(bytes)), optional('extraData', bytes)] as const

/** Methods of execution-apis that exist for tests alone. */
export const testing: MethodTable = {
  /** Without transactions (null) those of the pool that fit. */
  testing_buildBlockV1: method(
    [param('parentHash', hash), param('payloadAttributes', payloadAttributes), ...body],
    payloadOut,
    async ({ backend }, parentHash, attributes, transactions, extraData) => {
      const wanted = { ...attributes, extraData: checkedExtra(extraData) }
      const outcome = await backend.execution.buildPayload(parentHash, wanted, transactions)
      if (outcome.kind === 'built') return outcome.payload
      if (outcome.kind === 'unknownParent') {
        throw invalidParams(`\`parentHash\`: there is no block ${parentHash}`)
      }
      throw faultOf(outcome)
    },
  ),
  /** The same on the head: the hash of the block, which is the head then. */
  testing_commitBlockV1: method(
    [param('payloadAttributes', payloadAttributes), ...body],
    hexOut,
    async ({ backend }, attributes, transactions, extraData) => {
      const wanted = { ...attributes, extraData: checkedExtra(extraData) }
      const outcome = await backend.execution.commitPayload(wanted, transactions)
      if (outcome.kind === 'committed') return outcome.hash
      if (outcome.kind === 'refused') throw serverError(`invalid block: ${outcome.detail}`)
      if (outcome.kind === 'unknownParent') throw serverError('the head is another by now')
      throw faultOf(outcome)
    },
  ),
}

function checkedExtra(extraData: Uint8Array | undefined): Uint8Array | undefined {
  if (extraData === undefined || extraData.length <= MAX_EXTRA_BYTES) return extraData
  throw invalidParams(`\`extraData\`: expected at most 32 bytes, got ${extraData.length}`)
}

type Fault = Exclude<PayloadOutcome, { readonly kind: 'built' | 'unknownParent' }>

function faultOf(fault: Fault): RpcError {
  switch (fault.kind) {
    case 'tooEarly':
      return invalidParams(
        `\`payloadAttributes.timestamp\`: expected more than the parent's, ${fault.parentTimestamp}`,
      )
    case 'undecodable':
      return undecodable(`transactions[${fault.index}]`, fault.detail)
    case 'rejected':
      return serverError(describeRejection(fault.rejection), { index: fault.index })
  }
}
