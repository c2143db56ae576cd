import { bytesToBigInt } from '../../primitives/bytes.ts'
import { bytesToHex } from '../../primitives/hex.ts'
import type { Preimages } from './preimages.ts'

const MAX_DEPTH = 24
const ADDRESS_BYTES = 20

/** A slot of a contract without a layout, as far as hashes tell: `slot 3`, `slot 3[0xab..]`, `slot 3[0xab..][7]+1`, `slot 4[]+2`. */
export function shapeOf(preimages: Preimages, key: bigint): string {
  const found = preimages.before(key)
  if (found === undefined) return plain(key)
  return shapeAt(preimages, key, 0)
}

function shapeAt(preimages: Preimages, key: bigint, depth: number): string {
  const found = preimages.before(key)
  if (found === undefined || depth >= MAX_DEPTH) return plain(key)
  const { preimage, distance } = found
  const parent = shapeAt(preimages, preimage.parent, depth + 1)
  const index = preimage.key.length === 0 ? '[]' : `[${keyShape(preimage.key)}]`
  return `${parent}${index}${distance === 0n ? '' : `+${distance}`}`
}

function plain(key: bigint): string {
  return key < 1n << 64n ? `slot ${key}` : `slot 0x${key.toString(16).padStart(64, '0')}`
}

/** A word that is as short as a number or as long as an address is shown as that. */
function keyShape(key: Uint8Array): string {
  if (key.length !== 32) return bytesToHex(key)
  const value = bytesToBigInt(key)
  if (value < 1n << 64n) return String(value)
  const isAddress = value >> 160n === 0n
  return isAddress ? bytesToHex(key.subarray(32 - ADDRESS_BYTES)) : bytesToHex(key)
}
