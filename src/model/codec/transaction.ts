import { EMPTY_BYTES, bigIntToBytes, concatBytes } from '../../primitives/bytes.ts'
import type { Hash } from '../../primitives/hex.ts'
import { keccak256, keccakHash } from '../../primitives/keccak.ts'
import { type RlpData, type RlpItem, encodeRlp, joinRlpList } from '../../primitives/rlp.ts'
import type {
  BlobSidecar,
  LegacyFields,
  Signature,
  TransactionFields,
  TransactionType,
} from '../transaction.ts'
import {
  type Decoded,
  DecodeError,
  attempt,
  decodeFields,
  decodeList,
  encodeFields,
  uint256,
  uint8,
} from './field.ts'
import { decodeSidecar, sidecarItems } from './sidecar.ts'
import { SIGNED_FIELDS } from './transaction-fields.ts'

const TYPE_BYTES: Readonly<Record<TransactionType, Uint8Array>> = {
  0: EMPTY_BYTES,
  1: Uint8Array.of(1),
  2: Uint8Array.of(2),
  3: Uint8Array.of(3),
  4: Uint8Array.of(4),
}

/** Records that are copied and filled in: V8 is slow to grow one by one field after another. */
const BLANKS: Readonly<Record<TransactionType, Readonly<Record<string, unknown>>>> = {
  0: blankOf(0),
  1: blankOf(1),
  2: blankOf(2),
  3: blankOf(3),
  4: blankOf(4),
}

function blankOf(type: TransactionType): Record<string, unknown> {
  const names = SIGNED_FIELDS[type].map(({ name }) => name)
  return { type, chainId: undefined, ...Object.fromEntries(names.map((name) => [name, undefined])) }
}

/** A transaction as it was read: nothing is known yet about who signed it. */
export interface DecodedTransaction {
  readonly fields: TransactionFields
  readonly signature: Signature
  readonly sidecar: BlobSidecar | undefined
  /** The EIP-2718 encoding as blocks hold it: without a sidecar. */
  readonly raw: Uint8Array
  /** The encoded fields that the signature covers, as they stand in `raw`. */
  readonly signedItems: Uint8Array
  /** r and s as they stand in `raw`: at most 32 bytes each, without leading zeros. */
  readonly r: Uint8Array
  readonly s: Uint8Array
}

export interface DecodeOptions {
  /** `block`: a blob transaction with its sidecar is refused. Default `network`: both forms are read. */
  readonly form?: 'block' | 'network' | undefined
}

/**
 * Reads a transaction of type 0 to 4 strictly: canonical RLP, canonical integers, exact sizes (EIP-155, 2718, 2930, 1559, 4844, 7594, 7702).
 * Its byte strings are views into `raw`. The error names the field. The signature is not verified.
 */
export function decodeTransaction(
  raw: Uint8Array,
  options: DecodeOptions = {},
): Decoded<DecodedTransaction> {
  return attempt('transaction', () => decode(raw, options))
}

function decode(raw: Uint8Array, options: DecodeOptions): DecodedTransaction {
  const first = raw[0]
  if (first === undefined) throw new DecodeError('transaction: there are no bytes')
  if (first >= 0xc0) return decodeLegacy(raw)
  if (first > 0x7f) {
    throw new DecodeError('transaction: expected an RLP list or a type byte, got an RLP string')
  }
  if (!isTyped(first)) {
    throw new DecodeError(
      `transaction: type ${first} is not supported: expected 1 to 4 or an RLP list`,
    )
  }
  const items = decodeList(raw.subarray(1), 'transaction')
  const body = items[0]
  if (first !== 3 || body === undefined || body instanceof Uint8Array) {
    return decodeTyped(first, items, raw)
  }
  if (options.form === 'block') {
    throw new DecodeError('transaction: a blob sidecar has no place here')
  }
  const sidecar = decodeSidecar(items)
  const block = enveloped(3, body)
  return { ...decodeTyped(3, decodeList(block.subarray(1), 'transaction'), block), sidecar }
}

function isTyped(type: number): type is 1 | 2 | 3 | 4 {
  return type >= 1 && type <= 4
}

function decodeTyped(
  type: 1 | 2 | 3 | 4,
  items: readonly RlpData[],
  raw: Uint8Array,
): DecodedTransaction {
  const table = SIGNED_FIELDS[type]
  expectItems(items, table.length + 3)
  const record = { ...BLANKS[type] }
  decodeFields(table, items, record)
  const [v, r, s] = items.slice(table.length) as [RlpData, RlpData, RlpData]
  const yParity = uint8.decode(v, 'transaction field `yParity`')
  if (yParity > 1n) {
    throw new DecodeError(`transaction field \`yParity\`: expected 0 or 1, got ${yParity}`)
  }
  return finish(record, raw, items, table.length, yParity === 0n ? 0 : 1, r, s)
}

function decodeLegacy(raw: Uint8Array): DecodedTransaction {
  const items = decodeList(raw, 'transaction')
  const table = SIGNED_FIELDS[0]
  expectItems(items, table.length + 3)
  const [v, r, s] = items.slice(table.length) as [RlpData, RlpData, RlpData]
  const { chainId, yParity } = splitV(uint256.decode(v, 'transaction field `v`'))
  const record = { ...BLANKS[0], chainId }
  decodeFields(table, items, record)
  return finish(record, raw, items, table.length, yParity, r, s)
}

function expectItems(items: readonly RlpData[], count: number): void {
  if (items.length !== count) {
    throw new DecodeError(`transaction: expected ${count} fields, got ${items.length}`)
  }
}

/** EIP-155: 27 and 28 name no chain; 35 + 2 * chainId + yParity does. */
function splitV(v: bigint): { chainId: bigint | undefined; yParity: 0 | 1 } {
  if (v === 27n || v === 28n) return { chainId: undefined, yParity: v === 27n ? 0 : 1 }
  if (v < 35n) {
    throw new DecodeError(`transaction field \`v\`: expected 27, 28 or at least 35, got ${v}`)
  }
  return { chainId: (v - 35n) >> 1n, yParity: (v - 35n) % 2n === 0n ? 0 : 1 }
}

function finish(
  record: Record<string, unknown>,
  raw: Uint8Array,
  items: readonly RlpData[],
  signedCount: number,
  yParity: 0 | 1,
  rItem: RlpData,
  sItem: RlpData,
): DecodedTransaction {
  const signature: Signature = {
    yParity,
    r: uint256.decode(rItem, 'transaction field `r`'),
    s: uint256.decode(sItem, 'transaction field `s`'),
  }
  // The table's walk has shown that both are strings of at most 32 bytes in one buffer.
  const start = itemStart(items[0] as Uint8Array)
  const end = itemStart(items[signedCount] as Uint8Array)
  return {
    fields: record as unknown as TransactionFields,
    signature,
    sidecar: undefined,
    raw,
    signedItems: new Uint8Array(raw.buffer, start, end - start),
    r: rItem as Uint8Array,
    s: sItem as Uint8Array,
  }
}

/** Where the encoding of a short string begins, from the view of its payload. */
function itemStart(payload: Uint8Array): number {
  const bare = payload.length === 1 && payload[0]! < 0x80
  return bare ? payload.byteOffset : payload.byteOffset - 1
}

/** The digest that a decoded transaction's signature signs. */
export function signedDigest(decoded: DecodedTransaction): Uint8Array {
  const { fields, signedItems } = decoded
  if (fields.type !== 0) return keccak256(joinRlpList([signedItems], TYPE_BYTES[fields.type]))
  if (fields.chainId === undefined) return keccak256(joinRlpList([signedItems]))
  return keccak256(joinRlpList([signedItems, encodeRlp(bigIntToBytes(fields.chainId)), TWO_ZEROS]))
}

/** EIP-155 signs the chain id with an empty r and s. */
const TWO_ZEROS = Uint8Array.of(0x80, 0x80)

/** The digest to sign for these fields (EIP-155 when a legacy transaction names a chain). 32 bytes. */
export function signingHash(fields: TransactionFields): Uint8Array {
  const items = encodeFields(SIGNED_FIELDS[fields.type], fields)
  if (fields.type === 0 && fields.chainId !== undefined) {
    items.push(bigIntToBytes(fields.chainId), EMPTY_BYTES, EMPTY_BYTES)
  }
  return keccak256(enveloped(fields.type, items))
}

/** The EIP-2718 encoding as blocks hold it: without a sidecar. */
export function encodeTransaction(fields: TransactionFields, signature: Signature): Uint8Array {
  return enveloped(fields.type, signedFields(fields, signature))
}

/** The encoding of a transaction that nobody signed: `v`, `r` and `s` are zero. What eth_simulateV1 hashes. */
export function encodeUnsigned(fields: TransactionFields): Uint8Array {
  const items = encodeFields(SIGNED_FIELDS[fields.type], fields)
  return enveloped(fields.type, [...items, EMPTY_BYTES, EMPTY_BYTES, EMPTY_BYTES])
}

/** The encoding in which transactions travel: a blob transaction with its sidecar (EIP-4844, EIP-7594), others as in blocks. */
export function encodeNetworkTransaction(
  fields: TransactionFields,
  signature: Signature,
  sidecar: BlobSidecar | undefined,
): Uint8Array {
  if (fields.type !== 3 || sidecar === undefined) return encodeTransaction(fields, signature)
  const items = [signedFields(fields, signature), ...sidecarItems(sidecar)]
  return enveloped(3, items)
}

/** EIP-2718 */
function enveloped(type: TransactionType, items: readonly RlpItem[]): Uint8Array {
  return type === 0 ? encodeRlp(items) : concatBytes(TYPE_BYTES[type], encodeRlp(items))
}

function signedFields(fields: TransactionFields, signature: Signature): RlpItem[] {
  const items = encodeFields(SIGNED_FIELDS[fields.type], fields)
  items.push(
    bigIntToBytes(legacyOrParity(fields, signature)),
    bigIntToBytes(signature.r),
    bigIntToBytes(signature.s),
  )
  return items
}

function legacyOrParity(fields: TransactionFields, signature: Signature): bigint {
  return fields.type === 0 ? signatureV(fields, signature) : BigInt(signature.yParity)
}

/** The `v` of a legacy transaction: 27 or 28, or 35 + 2 * chainId + yParity (EIP-155). */
export function signatureV(fields: LegacyFields, signature: Signature): bigint {
  const base = fields.chainId === undefined ? 27n : 35n + fields.chainId * 2n
  return base + BigInt(signature.yParity)
}

/** @param raw the encoding as blocks hold it, without a sidecar */
export function transactionHash(raw: Uint8Array): Hash {
  return keccakHash(raw)
}
