import type { Rules } from '../../model/fork.ts'
import { EMPTY_BYTES, padLeft } from '../../primitives/bytes.ts'
import { bytesToHex, hexToBytes } from '../../primitives/hex.ts'
import { keccak256 } from '../../primitives/keccak.ts'
import { recoverPublicKey } from '../../primitives/secp256k1.ts'
import { padded } from './input.ts'

/** Digest, v (27 or 28), r and s, as words -> the signer's address as a word, or nothing. */
export function ecrecover(input: Uint8Array, { tweaks }: Pick<Rules, 'tweaks'>): Uint8Array {
  const data = padded(input, 128)
  const v = data[63]
  for (let at = 32; at < 63; at++) if (data[at] !== 0) return EMPTY_BYTES
  if (v !== 27 && v !== 28) return EMPTY_BYTES
  if (tweaks?.signers !== undefined) {
    const signer = tweaks.signers[signatureKey(data.subarray(64), v)]
    if (signer !== undefined) return padLeft(hexToBytes(signer), 32)
  }
  const key = recoverPublicKey(
    data.subarray(0, 32),
    data.subarray(64, 96),
    data.subarray(96),
    v === 27 ? 0 : 1,
  )
  return key === undefined ? EMPTY_BYTES : padLeft(keccak256(key).subarray(12), 32)
}

/** As `tweaks.signers` names a signature. @param rs r and s, 64 bytes @param v 27 or 28 */
export function signatureKey(rs: Uint8Array, v: number): string {
  return bytesToHex(rs).slice(2) + v.toString(16)
}
