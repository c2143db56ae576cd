import { MerklePatriciaTrie, createMerkleProof } from '@ethereumjs/mpt'
import { describe, expect, it } from 'vitest'

import { bytesToHex } from '../../../src/primitives/hex.ts'
import { EMPTY_ROOT, keccak256 } from '../../../src/primitives/keccak.ts'
import type { Hash } from '../../../src/primitives/hex.ts'
import { verifyProof } from '../../../src/store/proof.ts'

async function oracleOf(count: number): Promise<MerklePatriciaTrie> {
  const oracle = new MerklePatriciaTrie()
  for (let i = 0; i < count; i++) {
    await oracle.put(keccak256(Uint8Array.of(i)), Uint8Array.of(i + 1, 1))
  }
  return oracle
}

describe('verifyProof', () => {
  it('believes what @ethereumjs/mpt proves of hashed keys', async () => {
    const oracle = await oracleOf(50)
    for (let i = 0; i < 60; i++) {
      const key = keccak256(Uint8Array.of(i))
      const proof = await createMerkleProof(oracle, key)
      const expected =
        i < 50 ? { kind: 'present', value: Uint8Array.of(i + 1, 1) } : { kind: 'absent' }
      expect(verifyProof(bytesToHex(oracle.root()) as Hash, key, proof)).toEqual(expected)
    }
  })

  it('is not deceived by any flipped bit, missing node or spare node', async () => {
    const oracle = await oracleOf(40)
    const root = bytesToHex(oracle.root()) as Hash
    const key = keccak256(Uint8Array.of(3))
    const proof = await createMerkleProof(oracle, key)
    expect(proof.length).toBeGreaterThan(1)
    for (const [index, node] of proof.entries()) {
      for (let bit = 0; bit < node.length * 8; bit += 7) {
        const flipped = node.slice()
        flipped[bit >> 3]! ^= 1 << (bit & 7)
        expect(verifyProof(root, key, proof.with(index, flipped)).kind).toBe('invalid')
      }
    }
    expect(verifyProof(root, key, proof.slice(0, -1))).toEqual({
      kind: 'invalid',
      detail: 'the proof ends too early',
    })
    expect(verifyProof(root, key, [...proof, proof[0]!])).toEqual({
      kind: 'invalid',
      detail: '1 nodes too many',
    })
    expect(verifyProof(root, key, []).kind).toBe('invalid')
    expect(verifyProof(EMPTY_ROOT, key, proof).kind).toBe('invalid')
  })

  it('takes no nodes for an absence in an empty trie', () => {
    expect(verifyProof(EMPTY_ROOT, Uint8Array.of(1), [])).toEqual({ kind: 'absent' })
  })
})
