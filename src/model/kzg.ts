import { createHash } from 'node:crypto'

import { type Hash, bytesToHash } from '../primitives/hex.ts'
import { CELLS_PER_BLOB } from './codec/sidecar.ts'
import { KZG_BACKENDS, type Kzg, type KzgName, openKzg } from './kzg-backends.ts'
import type { BlobSidecar } from './transaction.ts'

/** The first of `names` that loads here. @throws {Error} when none does, with each one's reason. */
export function loadKzg(names: readonly KzgName[] = KZG_BACKENDS): Kzg {
  const reasons: string[] = []
  for (const name of names) {
    try {
      return openKzg(name)
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new Error(`no KZG implementation loads\n${reasons.join('\n')}`)
}

let active: Kzg | undefined

/** The implementation in use; the first call loads it, which takes the native one 2 s. */
export function currentKzg(): Kzg {
  active ??= loadKzg()
  return active
}

const VERSION_KZG = 1

/** EIP-4844: what a blob transaction says of a commitment, SHA-256 with the first byte replaced by the version. */
export function versionedHash(commitment: Uint8Array): Hash {
  const digest = createHash('sha256').update(commitment).digest()
  digest[0] = VERSION_KZG
  return bytesToHash(digest)
}

/**
 * What is wrong with a blob transaction's sidecar, of either version; undefined when it proves all blobs.
 * @param hashes the transaction's blobVersionedHashes
 */
export function verifySidecar(
  sidecar: BlobSidecar,
  hashes: readonly Hash[],
  kzg?: Kzg,
): string | undefined {
  const { version, blobs, commitments, proofs } = sidecar
  const wantedProofs = hashes.length * (version === 0 ? 1 : CELLS_PER_BLOB)
  const shape =
    wrongCount('blobs', blobs.length, hashes.length) ??
    wrongCount('commitments', commitments.length, hashes.length) ??
    wrongCount('proofs', proofs.length, wantedProofs)
  if (shape !== undefined) return shape
  for (const [index, commitment] of commitments.entries()) {
    if (versionedHash(commitment) !== hashes[index]) {
      return `blob sidecar: commitment ${index} does not match blobVersionedHashes[${index}]`
    }
  }
  return proves(sidecar, kzg ?? currentKzg())
    ? undefined
    : 'blob sidecar: invalid: the proofs do not verify the blobs against the commitments'
}

function wrongCount(what: string, got: number, wanted: number): string | undefined {
  return got === wanted ? undefined : `blob sidecar: expected ${wanted} ${what}, got ${got}`
}

function proves({ version, blobs, commitments, proofs }: BlobSidecar, kzg: Kzg): boolean {
  try {
    return version === 0
      ? kzg.verifyBlobProofs(blobs, commitments, proofs)
      : kzg.verifyCellProofs(blobs, commitments, proofs)
  } catch {
    return false // not a point of the curve, or a blob's word above the field's modulus
  }
}

/**
 * The point evaluation precompile's check: whether the value at `z` is `y`; undefined when an argument is no point or no scalar.
 * @param commitment 48 bytes @param z 32 bytes @param y 32 bytes @param proof 48 bytes
 */
export function verifyPointEvaluation(
  commitment: Uint8Array,
  z: Uint8Array,
  y: Uint8Array,
  proof: Uint8Array,
  kzg?: Kzg,
): boolean | undefined {
  const active = kzg ?? currentKzg() // a failure to load is not the argument's fault
  try {
    return active.verifyPointEvaluation(commitment, z, y, proof)
  } catch {
    return undefined
  }
}
