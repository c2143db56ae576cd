import type { Transaction } from '../../model/transaction.ts'
import { maxGasPrice } from '../../model/fees.ts'
import type { Address, Hash, Slot } from '../../primitives/hex.ts'
import { LATEST } from '../codec/block-ref.ts'
import { callFields } from '../codec/call-fields.ts'
import { type Decoder, fieldsOf, mapOf } from '../codec/decoder.ts'
import { hexOut } from '../codec/encoder.ts'
import { address, bytes, hash, slot, uint256, uint64 } from '../codec/scalar.ts'
import { RpcError, badParam, invalidParams, serverError } from '../error.ts'
import { accepted } from '../failure.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'

/** ERC-7796 and PIP-15: -32003 means that a condition does not hold. */
const CONDITION_FAILED = -32_003

/** A storage root, or slots with what they must hold. */
type Known = Hash | ReadonlyMap<Slot, bigint>
const slots = mapOf(slot, uint256)
const known: Decoder<Known> = {
  schema: { oneOf: [hash.schema, slots.schema] },
  decode: (value, path) =>
    typeof value === 'string' ? hash.decode(value, path) : slots.decode(value, path),
}
const condition = fieldsOf({
  knownAccounts: mapOf(address, known),
  blockNumberMin: uint64,
  blockNumberMax: uint64,
  timestampMin: uint64,
  timestampMax: uint64,
})
type Condition = ReturnType<typeof condition.decode>

/** @throws {RpcError} naming the condition that does not hold now */
async function check(context: Context, wanted: Condition): Promise<void> {
  const { number, timestamp } = context.backend.chain.head().header
  inRange('block number', number, wanted.blockNumberMin, wanted.blockNumberMax)
  inRange('block timestamp', timestamp, wanted.timestampMin, wanted.timestampMax)
  for (const [account, state] of wanted.knownAccounts ?? [])
    await checkAccount(context, account, state)
}

function inRange(what: string, value: bigint, min = 0n, max = 2n ** 64n): void {
  if (value >= min && value <= max) return
  throw new RpcError(
    CONDITION_FAILED,
    `out of ${what} range: ${value} is not within ${min} and ${max}`,
  )
}

async function checkAccount({ backend }: Context, account: Address, state: Known): Promise<void> {
  if (typeof state === 'string') {
    const proof = await backend.state.proof(account, [], LATEST)
    if (proof?.storageHash === state) return
    throw new RpcError(CONDITION_FAILED, `storage root hash condition not met: ${account}`)
  }
  for (const [key, value] of state) {
    if ((await backend.state.slot(account, key, LATEST)) === value) continue
    throw new RpcError(CONDITION_FAILED, `storage slot value condition not met: ${account} ${key}`)
  }
}

/** The waiting transaction that another is to replace: of the same sender and nonce. */
function waiting({ backend }: Context, from: Address, nonce: bigint): Transaction {
  const { pending, queued } = backend.pool.content()
  const found = [...pending, ...queued].find((tx) => tx.sender === from && tx.nonce === nonce)
  if (found !== undefined) return found
  throw serverError(`transaction ${from}#${nonce} not found: it does not wait in the pool`)
}

/** The rarer ways to send a transaction. */
export const sending: MethodTable = {
  eth_sendRawTransactionConditional: method(
    [param('transaction', bytes), param('condition', condition)],
    hexOut,
    async (context, raw, wanted) => {
      await check(context, wanted)
      return accepted(await context.backend.pool.submitRaw(raw))
    },
  ),
  /** Sends a waiting transaction of an own account again, with another price or gas limit. */
  eth_resend: method(
    [param('transaction', callFields), optional('gasPrice', uint256), optional('gasLimit', uint64)],
    hexOut,
    async (context, fields, gasPrice, gasLimit) => {
      const { from, nonce } = fields
      if (from === undefined) throw badParam('transaction.from', 'a sender', from)
      if (nonce === undefined)
        throw invalidParams('`transaction.nonce`: missing transaction nonce in transaction spec')
      const old = waiting(context, from, nonce)
      const price = gasPrice ?? maxGasPrice(old)
      const fees =
        old.type === 0 || old.type === 1
          ? { gasPriceWei: price }
          : { maxFeePerGasWei: price, maxPriorityFeePerGasWei: price }
      const again = {
        type: old.type,
        from,
        to: old.to,
        nonce,
        valueWei: old.valueWei,
        data: old.data,
        gas: gasLimit ?? old.gasLimit,
        ...fees,
      }
      return accepted(await context.backend.pool.submit(again))
    },
  ),
}
