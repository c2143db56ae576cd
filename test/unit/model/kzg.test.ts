import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { KZG_BACKENDS, type Kzg, type KzgName } from '../../../src/model/kzg-backends.ts'
import {
  loadKzg,
  verifyPointEvaluation,
  verifySidecar,
  versionedHash,
} from '../../../src/model/kzg.ts'
import type { BlobSidecar } from '../../../src/model/transaction.ts'
import { ZERO_HASH, bytesToHex, hexToBytes } from '../../../src/primitives/hex.ts'

interface Vectors {
  readonly commitment: string
  readonly versionedHash: string
  readonly proof: string
  readonly cellProofs: readonly string[]
  readonly point: { z: string; y: string; proof: string }
}
const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/blob.json', import.meta.url), 'utf8'),
) as Vectors

/** The blob of the vectors: word i holds i + 1. */
const blob = new Uint8Array(131_072)
for (let i = 0; i < 4_096; i++) new DataView(blob.buffer).setUint32(i * 32 + 28, i + 1)
const commitment = hexToBytes(vectors.commitment)
const hash = versionedHash(commitment)
const v0: BlobSidecar = {
  version: 0,
  blobs: [blob],
  commitments: [commitment],
  proofs: [hexToBytes(vectors.proof)],
}
const v1: BlobSidecar = { ...v0, version: 1, proofs: vectors.cellProofs.map(hexToBytes) }

// c-kzg is an optional dependency: its add-on may not have been built here.
function open(name: KzgName): Kzg | undefined {
  try {
    return loadKzg([name])
  } catch (error) {
    if (name === 'native') return undefined
    throw error
  }
}
const all = KZG_BACKENDS.map(open).filter((kzg) => kzg !== undefined)

describe.each(all)('KZG by $name', (kzg) => {
  it('commits to a blob and proves it', () => {
    expect(bytesToHex(kzg.blobToCommitment(blob))).toBe(vectors.commitment)
    expect(bytesToHex(kzg.computeProof(blob, commitment))).toBe(vectors.proof)
  })

  it('cuts a blob into 128 cells with their proofs', () => {
    // Of zeros: anything else takes the JavaScript one many seconds.
    const { cells, proofs } = kzg.computeCells(new Uint8Array(131_072))
    expect(cells.map(bytesToHex)).toEqual(Array(128).fill(`0x${'00'.repeat(2_048)}`))
    expect(proofs.map(bytesToHex)).toEqual(Array(128).fill(`0xc0${'00'.repeat(47)}`))
    if (kzg.name === 'javascript') return
    expect(kzg.computeCells(blob).proofs.map(bytesToHex)).toEqual(vectors.cellProofs)
  })

  it('verifies a sidecar of either version', () => {
    expect(verifySidecar(v0, [hash], kzg)).toBeUndefined()
    expect(verifySidecar(v1, [hash], kzg)).toBeUndefined()
  })

  it('refuses a blob, a proof or a commitment of another', () => {
    const other = blob.with(31, 9)
    const { proofs } = v1
    for (const bad of [
      { ...v0, blobs: [other] },
      { ...v0, proofs: [proofs[0]!] },
      { ...v0, proofs: [new Uint8Array(48).fill(7)] },
      { ...v0, blobs: [new Uint8Array(131_072).fill(0xff)] },
      { ...v1, blobs: [other] },
      { ...v1, proofs: [...proofs.slice(1), proofs[0]!] },
      { ...v1, proofs: proofs.with(5, new Uint8Array(48).fill(7)) },
    ]) {
      expect(verifySidecar(bad, [hash], kzg)).toContain('the proofs do not verify')
    }
    const junk = new Uint8Array(48).fill(7)
    const bad = { ...v0, commitments: [junk] }
    expect(verifySidecar(bad, [versionedHash(junk)], kzg)).toContain('the proofs do not verify')
  })

  it('evaluates points', () => {
    const [z, y, proof] = [vectors.point.z, vectors.point.y, vectors.point.proof].map(hexToBytes)
    expect(verifyPointEvaluation(commitment, z!, y!, proof!, kzg)).toBe(true)
    expect(verifyPointEvaluation(commitment, y!, z!, proof!, kzg)).toBe(false)
    const tooLarge = new Uint8Array(32).fill(0xff)
    expect(verifyPointEvaluation(commitment, tooLarge, y!, proof!, kzg)).not.toBe(true)
    const noPoint = new Uint8Array(48).fill(7)
    expect(verifyPointEvaluation(noPoint, z!, y!, proof!, kzg)).not.toBe(true)
    expect(verifyPointEvaluation(commitment, z!, y!, noPoint, kzg)).not.toBe(true)
  })

  it('says what it is', () => {
    expect(kzg.describe).toMatch(kzg.name === 'native' ? /c-kzg \(native\)/ : /slower/)
  })
})

describe('a sidecar', () => {
  it('has a versioned hash by EIP-4844', () => {
    expect(hash).toBe(vectors.versionedHash)
  })

  it.each([
    [v0, [], 'expected 0 blobs, got 1'],
    [{ ...v0, blobs: [blob, blob] }, [hash], 'expected 1 blobs, got 2'],
    [{ ...v0, commitments: [] }, [hash], 'expected 1 commitments, got 0'],
    [{ ...v0, proofs: [] }, [hash], 'expected 1 proofs, got 0'],
    [{ ...v1, proofs: v0.proofs }, [hash], 'expected 128 proofs, got 1'],
    [v0, [ZERO_HASH], 'commitment 0 does not match blobVersionedHashes[0]'],
  ] as const)('of the wrong shape is refused before any proof: %#', (sidecar, hashes, error) => {
    expect(verifySidecar(sidecar, hashes)).toContain(error)
  })
})

describe('loading', () => {
  it('falls back, and says why when nothing loads', () => {
    expect(loadKzg(['javascript']).name).toBe('javascript')
    expect(() => loadKzg([])).toThrow('no KZG implementation loads')
  })
})
