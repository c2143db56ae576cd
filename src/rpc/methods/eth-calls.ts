import type { AccessList } from '../../model/transaction.ts'
import type { CallFields } from '../../model/call.ts'
import { ZERO_ADDRESS, toQuantity } from '../../primitives/hex.ts'
import { soon } from '../../primitives/soon.ts'
import type { Json } from '../backend.ts'
import type { BlockRef } from '../block-ref.ts'
import { LATEST, blockRef } from '../codec/block-ref.ts'
import { callFields } from '../codec/call-fields.ts'
import { bytesOut, objectOut, quantityOut } from '../codec/encoder.ts'
import { blockOverrides, stateOverrides } from '../codec/overrides.ts'
import { encodeAccessList } from '../codec/transaction.ts'
import { serverError } from '../error.ts'
import { failureError } from '../failure.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'

const transaction = param('transaction', callFields)
const block = optional('block', blockRef, LATEST)
const onStates = optional('stateOverrides', stateOverrides)
const onBlock = optional('blockOverrides', blockOverrides)

interface Listed {
  readonly accessList: AccessList
  readonly gasUsed: bigint
  readonly error: string | undefined
}
const listedOut = objectOut('access list', ({ accessList, gasUsed, error }: Listed): Json => ({
  accessList: encodeAccessList(accessList),
  ...(error !== undefined && { error }),
  gasUsed: toQuantity(gasUsed),
}))

/** Geth's words, and why there is no more gas when it is for lack of funds. */
async function allowanceText(
  { backend }: Context,
  fields: CallFields,
  at: BlockRef,
  allowanceGas: bigint,
): Promise<string> {
  const words = `gas required exceeds allowance (${allowanceGas})`
  const priceWei = fields.maxFeePerGasWei ?? fields.gasPriceWei ?? 0n
  const { from = ZERO_ADDRESS, valueWei = 0n } = fields
  const balanceWei = priceWei === 0n ? undefined : await backend.state.balance(from, at)
  if (balanceWei === undefined || (balanceWei - valueWei) / priceWei !== allowanceGas) return words
  return `${words}: ${from} has ${balanceWei} wei, which pays for no more at ${priceWei} wei per gas`
}

/** Execution that leaves no trace on the chain. */
export const ethCalls: MethodTable = {
  eth_call: method(
    [transaction, block, onStates, onBlock],
    bytesOut,
    (context, fields, at, states, pretended) => {
      const where = { at, stateOverrides: states, blockOverrides: pretended }
      return soon(context.backend.execution.call(fields, where), (result) => {
        if (result.kind === 'success') return result.output
        return failureError(context, result, at).then((error) => Promise.reject(error))
      })
    },
  ),
  eth_estimateGas: method(
    [transaction, block, onStates, onBlock],
    quantityOut,
    async (context, fields, at, states, pretended) => {
      const result = await context.backend.execution.estimateGas(fields, {
        at,
        stateOverrides: states,
        blockOverrides: pretended,
      })
      if (result.kind === 'estimated') return result.gas
      if (result.kind === 'exceedsAllowance') {
        throw serverError(await allowanceText(context, fields, at, result.allowanceGas))
      }
      throw await failureError(context, result, at)
    },
  ),
  eth_createAccessList: method(
    [transaction, block, onStates],
    listedOut,
    async (context, fields, at, states) => {
      const result = await context.backend.execution.accessList(fields, {
        at,
        stateOverrides: states,
      })
      if (result.kind === 'listed') return result
      throw await failureError(context, result, at)
    },
  ),
}
