import { EMPTY_BYTES, bigIntToBytes, concatBytes } from '../../primitives/bytes.ts'
import { hexToBytes } from '../../primitives/hex.ts'
import {
  type RlpData,
  type RlpItem,
  encodeRlp,
  joinRlpList,
  rlpLength,
} from '../../primitives/rlp.ts'
import { BLOOM_BYTES } from '../bloom.ts'
import type { Log, Receipt } from '../receipt.ts'
import type { TransactionType } from '../transaction.ts'
import {
  DecodeError,
  type Decoded,
  type FieldCodec,
  address,
  addressOrNull,
  asBytes,
  asList,
  attempt,
  byteString,
  decodeList,
  hash,
  listOf,
  recordOf,
  uint256,
  uint64,
  uint8,
} from './field.ts'

const logs: FieldCodec<readonly Log[]> = listOf(
  recordOf<Log>([
    { name: 'address', codec: address },
    { name: 'topics', codec: listOf(hash) },
    { name: 'data', codec: byteString },
  ]),
)

const SUCCESS = Uint8Array.of(1)

/** A receipt as the receipts trie holds it (EIP-2718): status or pre-Byzantium state root, cumulative gas, bloom, logs. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const encoded = encodeRlp([
    outcomeBytes(receipt),
    bigIntToBytes(receipt.cumulativeGasUsed),
    receipt.logsBloom,
    logs.encode(receipt.logs),
  ])
  return receipt.type === 0 ? encoded : concatBytes(Uint8Array.of(receipt.type), encoded)
}

function outcomeBytes({ outcome }: Receipt): Uint8Array {
  if ('stateRoot' in outcome) return hexToBytes(outcome.stateRoot)
  return outcome.success ? SUCCESS : EMPTY_BYTES
}

/** A block's receipts with all that the model holds of them; what the trie's encoding leaves out too. For this node's own store. */
export function encodeStoredReceipts(receipts: readonly Receipt[]): Uint8Array {
  let room = 0
  for (const receipt of receipts) {
    room += receipt.logs.length === 0 ? LOGLESS_ROOM : rlpLength(storedItem(receipt))
  }
  const out = new Uint8Array(room)
  let end = 0
  for (const receipt of receipts) {
    end = receipt.logs.length === 0 ? putLogless(out, end, receipt) : putItem(out, end, receipt)
  }
  return joinRlpList([out.subarray(0, end)])
}

/** What a receipt without logs takes at most: a head of two bytes, and its fields. */
const LOGLESS_ROOM = 2 + 160

/** Writes the same as `putItem`, of a receipt without logs, without making an item of it. @returns the end */
function putLogless(out: Uint8Array, start: number, receipt: Receipt): number {
  const { outcome, contractAddress, blobGasUsed, blobGasPriceWei } = receipt
  const first = start + 1
  let at = putSmall(out, first, receipt.type)
  at = putSmall(out, at, outcome.success ? 1 : 0)
  at =
    'stateRoot' in outcome ? putBytes(out, at, hexToBytes(outcome.stateRoot)) : putSmall(out, at, 0)
  at = putNumber(out, at, receipt.cumulativeGasUsed)
  out[at++] = EMPTY_STRING
  out[at++] = EMPTY_LIST
  at = putNumber(out, at, receipt.gasUsed)
  at = putNumber(out, at, receipt.effectiveGasPriceWei)
  at =
    contractAddress === null ? putSmall(out, at, 0) : putBytes(out, at, hexToBytes(contractAddress))
  if (blobGasUsed !== undefined && blobGasPriceWei !== undefined) {
    at = putNumber(out, putNumber(out, at, blobGasUsed), blobGasPriceWei)
  }
  const length = at - first
  if (length < 56) {
    out[start] = EMPTY_LIST + length
    return at
  }
  out.copyWithin(first + 1, first, at)
  out[start] = EMPTY_LIST + 56
  out[first] = length
  return at + 1
}

function putItem(out: Uint8Array, at: number, receipt: Receipt): number {
  const encoded = encodeRlp(storedItem(receipt))
  out.set(encoded, at)
  return at + encoded.length
}

const EMPTY_STRING = 0x80
const EMPTY_LIST = 0xc0

/** @param value below 128 */
function putSmall(out: Uint8Array, at: number, value: number): number {
  out[at] = value === 0 ? EMPTY_STRING : value
  return at + 1
}

function putNumber(out: Uint8Array, at: number, value: bigint): number {
  return value < 128n ? putSmall(out, at, Number(value)) : putBytes(out, at, bigIntToBytes(value))
}

/** @param bytes at most 55, and not one that stands for itself */
function putBytes(out: Uint8Array, at: number, bytes: Uint8Array): number {
  out[at] = EMPTY_STRING + bytes.length
  out.set(bytes, at + 1)
  return at + 1 + bytes.length
}

function storedItem(receipt: Receipt): RlpItem {
  const items: RlpItem[] = [
    bigIntToBytes(BigInt(receipt.type)),
    receipt.outcome.success ? SUCCESS : EMPTY_BYTES,
    'stateRoot' in receipt.outcome ? hexToBytes(receipt.outcome.stateRoot) : EMPTY_BYTES,
    bigIntToBytes(receipt.cumulativeGasUsed),
    receipt.logs.length === 0 ? EMPTY_BYTES : receipt.logsBloom,
    logs.encode(receipt.logs),
    bigIntToBytes(receipt.gasUsed),
    bigIntToBytes(receipt.effectiveGasPriceWei),
    addressOrNull.encode(receipt.contractAddress),
  ]
  if (receipt.blobGasUsed !== undefined && receipt.blobGasPriceWei !== undefined) {
    items.push(bigIntToBytes(receipt.blobGasUsed), bigIntToBytes(receipt.blobGasPriceWei))
  }
  return items
}

/** Reads what {@link encodeStoredReceipts} wrote. The error names the receipt and the field. */
export function decodeStoredReceipts(bytes: Uint8Array): Decoded<readonly Receipt[]> {
  return attempt('receipts', () =>
    decodeList(bytes, 'receipts').map((item, index) => storedReceipt(item, `receipt ${index}`)),
  )
}

function storedReceipt(item: RlpData, label: string): Receipt {
  const items = asList(item, label)
  if (items.length !== 9 && items.length !== 11) {
    throw new DecodeError(`${label}: expected 9 or 11 items, got ${items.length}`)
  }
  const field = <T>(at: number, codec: FieldCodec<T>, name: string): T =>
    codec.decode(items[at]!, `${label} field \`${name}\``)
  const success = field(1, uint8, 'success') === 1n
  const stateRoot = asBytes(items[2]!, `${label} field \`stateRoot\``)
  const bloom = field(4, byteString, 'logsBloom')
  if (bloom.length !== 0 && bloom.length !== BLOOM_BYTES) {
    throw new DecodeError(`${label} field \`logsBloom\`: expected 0 or 256 bytes`)
  }
  return {
    type: receiptType(field(0, uint8, 'type'), label),
    outcome:
      stateRoot.length === 0 ? { success } : { stateRoot: field(2, hash, 'stateRoot'), success },
    cumulativeGasUsed: field(3, uint64, 'cumulativeGasUsed'),
    logsBloom: bloom.length === 0 ? new Uint8Array(BLOOM_BYTES) : bloom,
    logs: field(5, logs, 'logs'),
    gasUsed: field(6, uint64, 'gasUsed'),
    effectiveGasPriceWei: field(7, uint256, 'effectiveGasPrice'),
    contractAddress: field(8, addressOrNull, 'contractAddress'),
    ...(items.length === 11 && {
      blobGasUsed: field(9, uint64, 'blobGasUsed'),
      blobGasPriceWei: field(10, uint256, 'blobGasPrice'),
    }),
  }
}

function receiptType(type: bigint, label: string): TransactionType {
  if (type <= 4n) return Number(type) as TransactionType
  throw new DecodeError(`${label} field \`type\`: expected 0 to 4, got ${type}`)
}
