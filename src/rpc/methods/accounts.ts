import { concatBytes } from '../../primitives/bytes.ts'
import type { Address, Hex } from '../../primitives/hex.ts'
import { bytesToHex, hexToBytes, isHex } from '../../primitives/hex.ts'
import { keccak256 } from '../../primitives/keccak.ts'
import type { Backend, Json } from '../backend.ts'
import { LATEST } from '../codec/block-ref.ts'
import { callFields } from '../codec/call-fields.ts'
import { type Decoder, anything } from '../codec/decoder.ts'
import { bytesOut, hexOut, listOut, objectOut } from '../codec/encoder.ts'
import { address, bytes } from '../codec/scalar.ts'
import { encodeTransaction } from '../codec/transaction.ts'
import { type RpcError, badParam, serverError } from '../error.ts'
import { failureError, refusalError } from '../failure.ts'
import { type Context, type MethodTable, method, param } from '../method.ts'
import { typedDataDigest } from '../typed-data.ts'

const account = param('address', address)

/** Bytes as hex; other text is taken as its UTF-8, which wallets send to personal_sign. */
const message: Decoder<Uint8Array> = {
  schema: { oneOf: [bytes.schema, { type: 'string' }] },
  decode(value, path) {
    if (typeof value !== 'string') throw badParam(path, '0x-prefixed bytes or text', value)
    return isHex(value) && value.length % 2 === 0
      ? hexToBytes(value)
      : new TextEncoder().encode(value)
  },
}

/** EIP-191, version 0x45: what personal_sign and eth_sign sign. */
function personalDigest(data: Uint8Array): Uint8Array {
  const prefix = new TextEncoder().encode(`\x19Ethereum Signed Message:\n${data.length}`)
  return keccak256(concatBytes(prefix, data))
}

function signDigest({ accounts }: Backend, who: Address, digest: Uint8Array): Uint8Array {
  const signature = accounts.sign(who, digest)
  if (signature === undefined) throw unknownAccount(who)
  return signature
}

function unknownAccount(who: Address): RpcError {
  return serverError(`unknown account: ${who}`, { hint: 'this node has no key for it' })
}

async function signTyped({ backend }: Context, who: Address, typed: unknown): Promise<Uint8Array> {
  return signDigest(backend, who, await typedDataDigest(typed, 'typedData'))
}

/** The transaction that would be sent, signed with the key here. */
async function filled(context: Context, fields: Parameters<Backend['pool']['fill']>[0]) {
  const result = await context.backend.pool.fill(fields)
  if (result.kind === 'filled') return result.transaction
  if (result.kind === 'refused') throw refusalError(result.refusal)
  throw await failureError(context, result, LATEST)
}

const addressesOut = listOut(hexOut)
const transaction = param('transaction', callFields)
const filledOut = objectOut(
  'filled transaction',
  (one: Awaited<ReturnType<typeof filled>>): Json => ({
    raw: bytesToHex(one.raw),
    tx: encodeTransaction({ transaction: one, place: undefined }),
  }),
)
const typedData = param('typedData', anything)
const signTypedData = method([account, typedData], bytesOut, signTyped)

/** The node's own accounts, and what they sign. */
export const accounts: MethodTable = {
  eth_accounts: method([], addressesOut, ({ backend }): readonly Hex[] =>
    backend.accounts.addresses(),
  ),
  eth_requestAccounts: method([], addressesOut, ({ backend }): readonly Hex[] =>
    backend.accounts.addresses(),
  ),
  eth_sign: method([account, param('data', message)], bytesOut, ({ backend }, who, data) =>
    signDigest(backend, who, personalDigest(data)),
  ),
  personal_sign: method([param('data', message), account], bytesOut, ({ backend }, data, who) =>
    signDigest(backend, who, personalDigest(data)),
  ),
  eth_signTypedData: signTypedData,
  eth_signTypedData_v3: signTypedData,
  eth_signTypedData_v4: signTypedData,
  eth_signTransaction: method([transaction], bytesOut, async (context, fields) => {
    const { accounts: own } = context.backend
    if (fields.from !== undefined && !own.addresses().includes(fields.from)) {
      throw unknownAccount(fields.from)
    }
    return (await filled(context, fields)).raw
  }),
  eth_fillTransaction: method([transaction], filledOut, filled),
}
