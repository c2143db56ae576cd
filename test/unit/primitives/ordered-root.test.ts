import { MerklePatriciaTrie } from '@ethereumjs/mpt'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { describe, expect, it } from 'vitest'

import { bigIntToBytes } from '../../../src/primitives/bytes.ts'
import { bytesToHex } from '../../../src/primitives/hex.ts'
import { EMPTY_ROOT } from '../../../src/primitives/keccak.ts'
import { encodeRlp } from '../../../src/primitives/rlp.ts'
import { orderedRoot } from '../../../src/primitives/ordered-root.ts'

describe('orderedRoot', () => {
  it('is the empty root for no items', () => {
    expect(orderedRoot([])).toBe(EMPTY_ROOT)
  })

  it.each([1, 2, 15, 16, 17, 127, 128, 129, 255, 256, 257, 600])('of %i items', async (count) => {
    const items = Array.from({ length: count }, (_, index) =>
      Uint8Array.from({ length: 1 + ((index * 7) % 150) }, (_, at) => (index + at) & 0xff),
    )
    const oracle = new MerklePatriciaTrie()
    for (const [index, item] of items.entries()) {
      await oracle.put(encodeRlp(bigIntToBytes(BigInt(index))), item)
    }
    expect(orderedRoot(items)).toBe(bytesToHex(oracle.root()))
  })

  it('of items that are hashed in several turns, and together with branches', async () => {
    const items = Array.from({ length: 300 }, (_, index) =>
      Uint8Array.from({ length: 1 + ((index * 397) % 3000) }, (_, at) => (index * 7 + at) & 0xff),
    )
    const oracle = new MerklePatriciaTrie()
    for (const [index, item] of items.entries()) {
      await oracle.put(encodeRlp(bigIntToBytes(BigInt(index))), item)
    }
    expect(orderedRoot(items)).toBe(bytesToHex(oracle.root()))
  })

  it('of small items, so that nodes of every length are named by themselves or by a hash', async () => {
    for (const count of [3, 130]) {
      for (let length = 1; length <= 20; length++) {
        const items = Array.from({ length: count }, (_, index) =>
          new Uint8Array(length).fill(index + 1),
        )
        const oracle = new MerklePatriciaTrie()
        for (const [index, item] of items.entries()) {
          await oracle.put(encodeRlp(bigIntToBytes(BigInt(index))), item)
        }
        expect(orderedRoot(items), `${count} of ${length} bytes`).toBe(bytesToHex(oracle.root()))
      }
    }
  })

  const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(0xa5)
  it.each<readonly [string, Uint8Array]>([
    ['a byte that stands for itself', Uint8Array.of(0x7f)],
    ['a byte that does not', Uint8Array.of(0x80)],
    ...[54, 55, 56, 255, 256, 65_535, 65_536].map(
      (length) => [`${length} bytes`, bytes(length)] as const,
    ),
  ])('of %s, alone and beside another', async (_, item) => {
    for (const items of [[item], [item, Uint8Array.of(1)]]) {
      const oracle = new MerklePatriciaTrie()
      for (const [index, each] of items.entries()) {
        await oracle.put(encodeRlp(bigIntToBytes(BigInt(index))), each)
      }
      expect(orderedRoot(items)).toBe(bytesToHex(oracle.root()))
    }
  })

  it('of 16 MiB, whose length has four bytes', () => {
    const item = bytes(2 ** 24)
    // A leaf whose path is rlp(0).
    const leaf = encodeRlp([Uint8Array.of(0x20, 0x80), item])
    expect(orderedRoot([item])).toBe(bytesToHex(keccak_256(leaf)))
  })

  it('tells the order', () => {
    const [a, b] = [Uint8Array.of(1, 2), Uint8Array.of(3, 4)]
    expect(orderedRoot([a, b])).not.toBe(orderedRoot([b, a]))
  })
})
