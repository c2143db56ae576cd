import type { Hash } from '../../primitives/hex.ts'
import { keccakHash } from '../../primitives/keccak.ts'
import { type RlpData, type RlpItem, encodeRlp } from '../../primitives/rlp.ts'
import type { Header } from '../block.ts'
import {
  DecodeError,
  type Decoded,
  address,
  asBytes,
  asList,
  attempt,
  byteString,
  decodeFields,
  decodeList,
  encodeFields,
  fixedBytes,
  hash,
  tableOf,
  uint256,
  uint64,
} from './field.ts'

const HEADER = tableOf<Header>('header', [
  { name: 'parentHash', codec: hash },
  { name: 'ommersHash', codec: hash },
  { name: 'beneficiary', codec: address },
  { name: 'stateRoot', codec: hash },
  { name: 'transactionsRoot', codec: hash },
  { name: 'receiptsRoot', codec: hash },
  { name: 'logsBloom', codec: fixedBytes(256) },
  { name: 'difficulty', codec: uint256 },
  { name: 'number', codec: uint64 },
  { name: 'gasLimit', codec: uint64 },
  { name: 'gasUsed', codec: uint64 },
  { name: 'timestamp', codec: uint64 },
  { name: 'extraData', codec: byteString },
  { name: 'mixHash', codec: hash },
  { name: 'nonce', codec: fixedBytes(8) },
  { name: 'baseFeePerGasWei', codec: uint256 },
  { name: 'withdrawalsRoot', codec: hash },
  { name: 'blobGasUsed', codec: uint64 },
  { name: 'excessBlobGas', codec: uint64 },
  { name: 'parentBeaconBlockRoot', codec: hash },
  { name: 'requestsHash', codec: hash },
  { name: 'blockAccessListHash', codec: hash },
  { name: 'slotNumber', codec: uint64 },
])
/** How many fields a header has: up to London, London, Shanghai, Cancun, Prague, Amsterdam without and with EIP-7843. */
const LENGTHS: readonly number[] = [15, 16, 17, 20, 21, 22, 23]

/** Reads a header strictly; the error names the field. Fields of later forks are there when the encoding has them. */
export function decodeHeader(bytes: Uint8Array): Decoded<Header> {
  return attempt('header', () => headerOf(decodeList(bytes, 'header')))
}

/** @throws {DecodeError} */
export function headerOf(item: RlpData): Header {
  const items = asList(item, 'header')
  if (!LENGTHS.includes(items.length)) {
    throw new DecodeError(
      `header: expected ${LENGTHS.slice(0, -1).join(', ')} or ${LENGTHS.at(-1)} fields, got ${items.length}`,
    )
  }
  const extraData = asBytes(items[12]!, 'header field `extraData`')
  if (extraData.length > 32) {
    throw new DecodeError(
      `header field \`extraData\`: expected at most 32 bytes, got ${extraData.length}`,
    )
  }
  const record: Record<string, unknown> = {}
  decodeFields(HEADER, items, record)
  return record as unknown as Header
}

/** What a header's RLP list holds. A field of a later fork stands only if all before it do. */
export function headerItems(header: Header): RlpItem[] {
  let count = HEADER.length
  const values = header as unknown as Readonly<Record<string, unknown>>
  while (values[HEADER[count - 1]!.name] === undefined) count--
  return encodeFields(HEADER.slice(0, count), header)
}

export function encodeHeader(header: Header): Uint8Array {
  return encodeRlp(headerItems(header))
}

/** The block's hash. */
export function headerHash(header: Header): Hash {
  return keccakHash(encodeHeader(header))
}
