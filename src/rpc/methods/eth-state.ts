import type { Address, Slot } from '../../primitives/hex.ts'
import { bytesToHex, slotOf, toQuantity } from '../../primitives/hex.ts'
import type { AccountProof, Json } from '../backend.ts'
import type { BlockRef } from '../block-ref.ts'
import { LATEST, blockRef } from '../codec/block-ref.ts'
import { type Decoder, listOf, mapOf, mapped } from '../codec/decoder.ts'
import { bytesOut, objectOut, quantityOut, wordOut } from '../codec/encoder.ts'
import { address, slot } from '../codec/scalar.ts'
import { CODE, RpcError } from '../error.ts'
import { stateAt } from '../failure.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'

const who = param('address', address)
const at = optional('block', blockRef, LATEST)
const MAX_KEYS = 1024

/** A key of eth_getProof is answered as it was asked: 32 bytes as such, shorter ones as a quantity. */
interface ProofKey {
  readonly slot: Slot
  readonly shown: string
}
const proofKey: Decoder<ProofKey> = {
  schema: slot.schema,
  decode(value, path) {
    const key = slot.decode(value, path)
    const whole = typeof value === 'string' && value.length === 66
    return { slot: key, shown: whole ? key : toQuantity(BigInt(key)) }
  },
}

interface ShownProof {
  readonly address: Address
  readonly proof: AccountProof
  readonly keys: readonly ProofKey[]
}

const proofOut = objectOut(
  'account proof',
  ({ address: account, proof, keys }: ShownProof): Json => ({
    address: account,
    accountProof: proof.accountProof.map(bytesToHex),
    balance: toQuantity(proof.balanceWei),
    codeHash: proof.codeHash,
    nonce: toQuantity(proof.nonce),
    storageHash: proof.storageHash,
    storageProof: proof.storageProof.map((entry, index) => ({
      key: keys[index]!.shown,
      value: toQuantity(entry.value),
      proof: entry.proof.map(bytesToHex),
    })),
  }),
)

const accountOut = objectOut('account', (proof: AccountProof): Json => ({
  nonce: toQuantity(proof.nonce),
  balance: toQuantity(proof.balanceWei),
  storageRoot: proof.storageHash,
  codeHash: proof.codeHash,
}))

const accountInfoOut = objectOut(
  'account info',
  (info: { balanceWei: bigint; nonce: bigint; code: Uint8Array }): Json => ({
    balance: toQuantity(info.balanceWei),
    nonce: toQuantity(info.nonce),
    code: bytesToHex(info.code),
  }),
)

type Values = ReadonlyMap<Address, readonly bigint[]>
const valuesOut = objectOut('storage values', (values: Values): Json =>
  Object.fromEntries([...values].map(([account, words]) => [account, words.map(slotOf)])),
)

const slotsByAddress = mapped(mapOf(address, listOf(slot)), (wanted) => {
  let total = 0
  for (const slots of wanted.values()) total += slots.length
  if (total === 0) throw new RpcError(CODE.invalidParams, 'empty request')
  if (total > MAX_KEYS) {
    throw new RpcError(CODE.invalidParams, `too many slots (max ${MAX_KEYS}): got ${total}`)
  }
  return wanted
})

async function storageValues(
  context: Context,
  wanted: ReadonlyMap<Address, readonly Slot[]>,
  ref: BlockRef,
): Promise<Values> {
  const { state } = context.backend
  const out = new Map<Address, readonly bigint[]>()
  for (const [account, slots] of wanted) {
    const read = slots.map((key) => stateAt(context, ref, state.slot(account, key, ref)))
    out.set(account, await Promise.all(read))
  }
  return out
}

/** Reads of the state after a block: the latest, when none is named. */
export const ethState: MethodTable = {
  eth_getBalance: method([who, at], quantityOut, (context, account, ref) =>
    stateAt(context, ref, context.backend.state.balance(account, ref)),
  ),
  eth_getTransactionCount: method([who, at], quantityOut, (context, account, ref) =>
    stateAt(context, ref, context.backend.state.nonce(account, ref)),
  ),
  eth_getCode: method([who, at], bytesOut, (context, account, ref) =>
    stateAt(context, ref, context.backend.state.code(account, ref)),
  ),
  eth_getStorageAt: method([who, param('slot', slot), at], wordOut, (context, account, key, ref) =>
    stateAt(context, ref, context.backend.state.slot(account, key, ref)),
  ),
  eth_getStorageValues: method([param('requests', slotsByAddress), at], valuesOut, storageValues),
  eth_getProof: method(
    [who, optional('storageKeys', listOf(proofKey, MAX_KEYS), []), at],
    proofOut,
    async (context, account, keys, ref) => {
      const slots = keys.map((key) => key.slot)
      const read = context.backend.state.proof(account, slots, ref)
      return { address: account, keys, proof: await stateAt(context, ref, read) }
    },
  ),
  eth_getAccount: method([who, at], accountOut, (context, account, ref) =>
    stateAt(context, ref, context.backend.state.proof(account, [], ref)),
  ),
  eth_getAccountInfo: method([who, at], accountInfoOut, async (context, account, ref) => {
    const { state } = context.backend
    return {
      balanceWei: await stateAt(context, ref, state.balance(account, ref)),
      nonce: await stateAt(context, ref, state.nonce(account, ref)),
      code: await stateAt(context, ref, state.code(account, ref)),
    }
  }),
}
