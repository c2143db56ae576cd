import { bigIntToBytes, bytesToBigInt } from '../primitives/bytes.ts'
import { type Address, hexToBytes } from '../primitives/hex.ts'
import { keccak256 } from '../primitives/keccak.ts'
import { encodeRlp, joinRlpList } from '../primitives/rlp.ts'
import {
  SECP256K1_HALF_N,
  privateKeyToAddress,
  recoverAddress,
  sign,
} from '../primitives/secp256k1.ts'
import type { DecodeOptions, DecodedTransaction } from './codec/transaction.ts'
import {
  decodeTransaction,
  encodeTransaction,
  signedDigest,
  signingHash,
  transactionHash,
} from './codec/transaction.ts'
import type { Decoded } from './codec/field.ts'
import type {
  Authorization,
  BlobSidecar,
  Signature,
  Transaction,
  TransactionFields,
} from './transaction.ts'

/** Reads a signed transaction and recovers its sender. The error names the field, or says that the signature is void. */
export function openTransaction(raw: Uint8Array, options?: DecodeOptions): Decoded<Transaction> {
  const decoded = decodeTransaction(raw, options)
  if (!decoded.ok) return decoded
  const sender = recoverSender(decoded.value)
  if (sender === undefined) return VOID
  return { ok: true, value: withSender(decoded.value, sender) }
}

const VOID = {
  ok: false,
  error: 'transaction: invalid signature: no sender can be recovered from it',
} as const

/**
 * Reads a transaction that this node stored, also an impersonated one. Without `sender` it is recovered.
 * Never for input from outside: anyone can write an impersonated transaction.
 */
export function openStoredTransaction(raw: Uint8Array, sender?: Address): Decoded<Transaction> {
  const decoded = decodeTransaction(raw, { form: 'block' })
  if (!decoded.ok) return decoded
  const known = sender ?? storedSender(decoded.value)
  return known === undefined ? VOID : { ok: true, value: withSender(decoded.value, known) }
}

/** The sender of a transaction that this node stored, also of an impersonated one; undefined when it has none. */
export function senderOfStored(raw: Uint8Array): Address | undefined {
  const decoded = decodeTransaction(raw, { form: 'block' })
  return decoded.ok ? storedSender(decoded.value) : undefined
}

/** @throws {RangeError} when the key is not 32 bytes in 1..n-1. */
export function signTransaction(
  fields: TransactionFields,
  privateKey: Uint8Array,
  sidecar?: BlobSidecar,
): Transaction {
  const { r, s, yParity } = sign(signingHash(fields), privateKey)
  const signature = { yParity, r: bytesToBigInt(r), s: bytesToBigInt(s) }
  return sealed(fields, signature, privateKeyToAddress(privateKey), sidecar)
}

/**
 * A transaction in `sender`'s name without its key. Its signature has the sender as r and 0 as s, which no key can make:
 * the hash is unique per sender, and the sender can be read back.
 */
export function impersonate(
  fields: TransactionFields,
  sender: Address,
  sidecar?: BlobSidecar,
): Transaction {
  return sealed(fields, { yParity: 0, r: BigInt(sender), s: 0n }, sender, sidecar)
}

/** Whether this node made the transaction without a key, by {@link impersonate}. */
export function isImpersonated(signature: Signature): boolean {
  return signature.s === 0n
}

/** EIP-7702: what the authority signs. 32 bytes. */
export function authorizationHash(
  authorization: Pick<Authorization, 'chainId' | 'address' | 'nonce'>,
): Uint8Array {
  const { chainId, address, nonce } = authorization
  const items = [bigIntToBytes(chainId), hexToBytes(address), bigIntToBytes(nonce)]
  return keccak256(
    joinRlpList(
      items.map((item) => encodeRlp(item)),
      AUTHORIZATION_MAGIC,
    ),
  )
}

const AUTHORIZATION_MAGIC = Uint8Array.of(5)

/** EIP-7702: whose code the authorisation sets; undefined when its signature is void (also for a high s). */
export function recoverAuthority(authorization: Authorization): Address | undefined {
  const { yParity, r, s } = authorization
  if (yParity > 1n || s > SECP256K1_HALF_N) return undefined
  return recoverAddress(
    authorizationHash(authorization),
    bigIntToBytes(r),
    bigIntToBytes(s),
    yParity === 0n ? 0 : 1,
  )
}

/** EIP-7702. @throws {RangeError} when the key is not 32 bytes in 1..n-1. */
export function signAuthorization(
  authorization: Pick<Authorization, 'chainId' | 'address' | 'nonce'>,
  privateKey: Uint8Array,
): Authorization {
  const { chainId, address, nonce } = authorization
  const { r, s, yParity } = sign(authorizationHash(authorization), privateKey)
  return {
    chainId,
    address,
    nonce,
    yParity: BigInt(yParity),
    r: bytesToBigInt(r),
    s: bytesToBigInt(s),
  }
}

function recoverSender(decoded: DecodedTransaction): Address | undefined {
  return recoverAddress(signedDigest(decoded), decoded.r, decoded.s, decoded.signature.yParity)
}

function storedSender(decoded: DecodedTransaction): Address | undefined {
  if (!isImpersonated(decoded.signature)) return recoverSender(decoded)
  const { r } = decoded.signature
  return r < 1n << 160n ? (`0x${r.toString(16).padStart(40, '0')}` as Address) : undefined
}

/** A decoded transaction with the sender that was recovered from its signature. */
export function withSender(decoded: DecodedTransaction, sender: Address): Transaction {
  const { fields, signature, raw, sidecar } = decoded
  // V8 adds to a copy slowly, ten times as slowly as it copies into what is begun.
  return { signature, sender, hash: transactionHash(raw), raw, sidecar, ...fields }
}

function sealed(
  fields: TransactionFields,
  signature: Signature,
  sender: Address,
  sidecar: BlobSidecar | undefined,
): Transaction {
  const raw = encodeTransaction(fields, signature)
  return { ...fields, signature, sender, hash: transactionHash(raw), raw, sidecar }
}
