import { padLeft } from '../../primitives/bytes.ts'
import type { Address } from '../../primitives/hex.ts'
import { ZERO_ADDRESS, bytesToAddress, hexToBytes } from '../../primitives/hex.ts'
import { recoverAddress } from '../../primitives/secp256k1.ts'
import { ADDRESS_BYTES, SIGNATURE_BYTES } from './protocol.ts'

/** A signature and what it signs, as transactions carry them: r and s without leading zeros. */
export interface SignedDigest {
  readonly digest: Uint8Array
  readonly r: Uint8Array
  readonly s: Uint8Array
  readonly yParity: 0 | 1
}

/** Signatures as one message. */
export function packSignatures(signatures: readonly SignedDigest[]): Uint8Array {
  const out = new Uint8Array(signatures.length * SIGNATURE_BYTES)
  for (const [index, { digest, r, s, yParity }] of signatures.entries()) {
    const at = index * SIGNATURE_BYTES
    out.set(digest, at)
    out.set(padLeft(r, 32), at + 32)
    out.set(padLeft(s, 32), at + 64)
    out[at + 96] = yParity
  }
  return out
}

/** Recovers what {@link packSignatures} packed; the answer's form is `RecoverAnswer`'s. */
export function recoverPacked(signatures: Uint8Array): Uint8Array {
  const count = signatures.length / SIGNATURE_BYTES
  const out = new Uint8Array(count * ADDRESS_BYTES)
  for (let index = 0; index < count; index++) {
    const at = index * SIGNATURE_BYTES
    const address = recoverAddress(
      signatures.subarray(at, at + 32),
      signatures.subarray(at + 32, at + 64),
      signatures.subarray(at + 64, at + 96),
      signatures[at + 96] === 1 ? 1 : 0,
    )
    if (address !== undefined) out.set(hexToBytes(address), index * ADDRESS_BYTES)
  }
  return out
}

/** Addresses of an answer; undefined where there is none. */
export function unpackAddresses(addresses: Uint8Array): (Address | undefined)[] {
  const out: (Address | undefined)[] = []
  for (let at = 0; at < addresses.length; at += ADDRESS_BYTES) {
    const address = bytesToAddress(addresses.subarray(at, at + ADDRESS_BYTES))
    out.push(address === ZERO_ADDRESS ? undefined : address)
  }
  return out
}
