import { MerklePatriciaTrie } from '@ethereumjs/mpt'
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

  it('tells the order', () => {
    const [a, b] = [Uint8Array.of(1, 2), Uint8Array.of(3, 4)]
    expect(orderedRoot([a, b])).not.toBe(orderedRoot([b, a]))
  })
})
