import { EMPTY_BYTES, padLeft } from '../../primitives/bytes.ts'
import { keccak256 } from '../../primitives/keccak.ts'
import { recoverPublicKey } from '../../primitives/secp256k1.ts'
import { padded } from './input.ts'

/** Digest, v (27 or 28), r and s, as words -> the signer's address as a word, or nothing. */
export function ecrecover(input: Uint8Array): Uint8Array {
  const data = padded(input, 128)
  const v = data[63]
  for (let at = 32; at < 63; at++) if (data[at] !== 0) return EMPTY_BYTES
  if (v !== 27 && v !== 28) return EMPTY_BYTES
  const key = recoverPublicKey(
    data.subarray(0, 32),
    data.subarray(64, 96),
    data.subarray(96),
    v === 27 ? 0 : 1,
  )
  return key === undefined ? EMPTY_BYTES : padLeft(keccak256(key).subarray(12), 32)
}
