import { MerklePatriciaTrie, verifyMerkleProof } from '@ethereumjs/mpt'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { hexToBytes } from '../../../src/primitives/hex.ts'
import { EMPTY_ROOT, keccak256 } from '../../../src/primitives/keccak.ts'
import type { Codec } from '../../../src/store/encode.ts'
import { createMemoryKv } from '../../../src/store/memory-kv.ts'
import { nodeLoader, nodeWrites } from '../../../src/store/node-records.ts'
import { proofOf, verifyProof } from '../../../src/store/proof.ts'
import {
  type NewNodes,
  collectNew,
  emptyTrie,
  get,
  put,
  rootHash,
  trieAt,
  update,
} from '../../../src/store/trie.ts'

const asIs: Codec<Uint8Array> = { encode: (value) => value, decode: (bytes) => bytes.slice() }
const empty = emptyTrie(asIs)

const entries = (key: fc.Arbitrary<Uint8Array>) =>
  fc.array(fc.tuple(key, fc.uint8Array({ minLength: 1, maxLength: 40 })), {
    minLength: 1,
    maxLength: 60,
  })
const hashedKey = fc.nat({ max: 80 }).map((n) => keccak256(Uint8Array.of(n)))
const shortKey = fc.uint8Array({ minLength: 1, maxLength: 3, max: 0x12 })

describe('proofOf', () => {
  it('is believed by @ethereumjs/mpt, for values and for absences', async () => {
    await fc.assert(
      fc.asyncProperty(entries(hashedKey), hashedKey, async (items, asked) => {
        const trie = update(empty, items)
        const root = hexToBytes(rootHash(trie))
        for (const key of [asked, items[0]![0]]) {
          const proved = await verifyMerkleProof(key, proofOf(trie, key), { root })
          expect(proved ?? undefined).toEqual(get(trie, key))
        }
      }),
      { numRuns: 150 },
    )
  })

  it('is believed by verifyProof, also with embedded nodes and keys that prefix each other', () => {
    fc.assert(
      fc.property(fc.oneof(entries(hashedKey), entries(shortKey)), shortKey, (items, asked) => {
        const trie = update(empty, items)
        for (const key of [asked, ...items.map(([held]) => held)]) {
          const value = get(trie, key)
          expect(verifyProof(rootHash(trie), key, proofOf(trie, key))).toEqual(
            value === undefined ? { kind: 'absent' } : { kind: 'present', value },
          )
        }
      }),
      { numRuns: 300 },
    )
  })

  it('is the same from a trie on disk', async () => {
    const kv = createMemoryKv()
    let trie = empty
    for (let i = 0; i < 100; i++) trie = put(trie, keccak256(Uint8Array.of(i)), Uint8Array.of(i))
    const nodes: NewNodes = { entries: [], nodes: [] }
    collectNew(trie, nodes)
    await kv.write(nodeWrites(nodes))
    const stored = trieAt(rootHash(trie), asIs, nodeLoader(kv))
    for (let i = 0; i < 120; i++) {
      const key = keccak256(Uint8Array.of(i))
      expect(proofOf(stored, key)).toEqual(proofOf(trie, key))
    }
  })

  it('is empty for an empty trie', () => {
    expect(proofOf(empty, Uint8Array.of(1))).toEqual([])
    expect(verifyProof(EMPTY_ROOT, Uint8Array.of(1), [])).toEqual({ kind: 'absent' })
  })
})

describe('verifyProof', () => {
  it('believes what @ethereumjs/mpt proves of hashed keys', async () => {
    const oracle = new MerklePatriciaTrie()
    let trie = empty
    for (let i = 0; i < 50; i++) {
      await oracle.put(keccak256(Uint8Array.of(i)), Uint8Array.of(i + 1, 1))
      trie = put(trie, keccak256(Uint8Array.of(i)), Uint8Array.of(i + 1, 1))
    }
    const { createMerkleProof } = await import('@ethereumjs/mpt')
    for (let i = 0; i < 60; i++) {
      const key = keccak256(Uint8Array.of(i))
      const proof = await createMerkleProof(oracle, key)
      const expected =
        i < 50 ? { kind: 'present', value: Uint8Array.of(i + 1, 1) } : { kind: 'absent' }
      expect(verifyProof(rootHash(trie), key, proof)).toEqual(expected)
    }
  })

  it('is not deceived by any flipped bit, missing node or spare node', () => {
    let trie = empty
    for (let i = 0; i < 40; i++) trie = put(trie, keccak256(Uint8Array.of(i)), Uint8Array.of(i + 1))
    const root = rootHash(trie)
    const key = keccak256(Uint8Array.of(3))
    const proof = proofOf(trie, key)
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
})
