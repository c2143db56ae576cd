import type { Address, Hash } from '../primitives/hex.ts'
import { hexToBytes } from '../primitives/hex.ts'
import { bigIntToFixedBytes } from '../primitives/bytes.ts'
import type { KvWrite } from '../store/kv.ts'
import type { Place } from './archive.ts'

/** Keys and small values of a chain on disk. */

/** First bytes of keys; those of states are lower case. */
export const HEAD_KEY: Uint8Array = Uint8Array.of(0x4d) // M
export const BODY = 0x42 // B
export const RECEIPTS = 0x52 // R
/** Change sets. */
export const CHANGES = 0x43 // C
/** Block hash, and what names the state, if there is one. */
export const STATE = 0x53 // S
export const HASH = 0x48 // H
export const TRANSACTION = 0x54 // T
const NONCE = 0x4e // N

/** Of the values under `STATE`. */
export const HASH_BYTES = 32

export function stateWrite(at: number, hash: Hash, reference: Uint8Array | undefined): KvWrite {
  const value = new Uint8Array(HASH_BYTES + (reference?.length ?? 0))
  value.set(hexToBytes(hash))
  if (reference !== undefined) value.set(reference, HASH_BYTES)
  return { key: atKey(STATE, at), value }
}

export function prefixed(prefix: number, rest: Uint8Array): Uint8Array {
  const key = new Uint8Array(rest.length + 1)
  key[0] = prefix
  key.set(rest, 1)
  return key
}

export function atKey(prefix: number, at: number): Uint8Array {
  const key = new DataView(new ArrayBuffer(5))
  key.setUint8(0, prefix)
  key.setUint32(1, at)
  return new Uint8Array(key.buffer)
}

export function nonceKey(sender: Address, nonce: bigint): Uint8Array {
  const key = new Uint8Array(29)
  key[0] = NONCE
  key.set(hexToBytes(sender), 1)
  key.set(bigIntToFixedBytes(nonce, 8), 21)
  return key
}

export function numberBytes(at: number): Uint8Array {
  return bigIntToFixedBytes(BigInt(at), 4)
}

export function placeBytes(at: number, index: number): Uint8Array {
  const place = new DataView(new ArrayBuffer(8))
  place.setUint32(0, at)
  place.setUint32(4, index)
  return new Uint8Array(place.buffer)
}

export function placeIn(bytes: Uint8Array | undefined): Place | undefined {
  if (bytes === undefined) return undefined
  const place = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { at: place.getUint32(0), index: place.getUint32(4) }
}
