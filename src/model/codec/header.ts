import type { Hash } from '../../primitives/hex.ts'
import { keccakHash } from '../../primitives/keccak.ts'
import type { RlpData, RlpItem } from '../../primitives/rlp.ts'
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
import { HeaderWriter } from './header-writer.ts'

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

let last: { readonly header: Header; readonly bytes: Uint8Array } | undefined

/**
 * The RLP of {@link headerItems}, written field by field: every block is measured, hashed and stored, and empty blocks are
 * little else. Not to be written to: the last one is remembered.
 */
export function encodeHeader(header: Header): Uint8Array {
  if (last?.header !== header) last = { header, bytes: written(header) }
  return last.bytes
}

function written(header: Header): Uint8Array {
  const out = new HeaderWriter()
  out.hex(header.parentHash, 32)
  out.hex(header.ommersHash, 32)
  out.hex(header.beneficiary, 20)
  out.hex(header.stateRoot, 32)
  out.hex(header.transactionsRoot, 32)
  out.hex(header.receiptsRoot, 32)
  out.bytes(header.logsBloom)
  out.quantity(header.difficulty)
  out.quantity(header.number)
  out.quantity(header.gasLimit)
  out.quantity(header.gasUsed)
  out.quantity(header.timestamp)
  out.bytes(header.extraData)
  out.hex(header.mixHash, 32)
  out.bytes(header.nonce)
  writeLaterFields(header, out)
  return out.finish()
}

/** A field of a later fork stands only if all before it do. */
function writeLaterFields(header: Header, out: HeaderWriter): void {
  if (header.baseFeePerGasWei === undefined) return
  out.quantity(header.baseFeePerGasWei)
  if (header.withdrawalsRoot === undefined) return
  out.hex(header.withdrawalsRoot, 32)
  if (header.blobGasUsed === undefined || header.excessBlobGas === undefined) return
  out.quantity(header.blobGasUsed)
  out.quantity(header.excessBlobGas)
  if (header.parentBeaconBlockRoot === undefined) return
  out.hex(header.parentBeaconBlockRoot, 32)
  if (header.requestsHash === undefined) return
  out.hex(header.requestsHash, 32)
  if (header.blockAccessListHash === undefined) return
  out.hex(header.blockAccessListHash, 32)
  if (header.slotNumber !== undefined) out.quantity(header.slotNumber)
}

/** The block's hash. */
export function headerHash(header: Header): Hash {
  return keccakHash(encodeHeader(header))
}
