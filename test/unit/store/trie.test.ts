import { MerklePatriciaTrie } from '@ethereumjs/mpt'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { bytesToHex, hexToBytes } from '../../../src/primitives/hex.ts'
import { EMPTY_ROOT, keccak256, keccakHash } from '../../../src/primitives/keccak.ts'
import type { Codec } from '../../../src/store/encode.ts'
import { createMemoryKv } from '../../../src/store/memory-kv.ts'
import { nodeLoader, nodeWrites } from '../../../src/store/node-records.ts'
import {
  type NewNodes,
  type Trie,
  collectNew,
  emptyTrie,
  entriesOf,
  get,
  markStored,
  put,
  remove,
  rootHash,
  trieAt,
  update,
} from '../../../src/store/trie.ts'

const asIs: Codec<Uint8Array> = { encode: (value) => value, decode: (bytes) => bytes.slice() }
const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const empty = emptyTrie(asIs)

type Change = readonly [key: Uint8Array, value: Uint8Array | undefined]

/**
 * Few short keys, so that they meet, prefix each other and go again; long ones as the state has them.
 * Not the empty key: removing it empties the oracle.
 */
const shortKey = fc.uint8Array({ minLength: 1, maxLength: 3, max: 0x12 })
const hashedKey = fc.nat({ max: 40 }).map((n) => keccak256(Uint8Array.of(n)))
const value = fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 }), {
  nil: undefined,
  freq: 3,
})
const changesOf = (key: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Change[]> =>
  fc.array(fc.tuple(key, value), { maxLength: 60 })
const anyChanges = fc.oneof(changesOf(shortKey), changesOf(hashedKey))

async function oracleRoots(changes: readonly Change[]): Promise<string[]> {
  const oracle = new MerklePatriciaTrie()
  const roots: string[] = []
  for (const [key, to] of changes) {
    if (to === undefined) await oracle.del(key)
    else await oracle.put(key, to)
    roots.push(bytesToHex(oracle.root()))
  }
  return roots
}

function modelOf(changes: readonly Change[]): Map<string, Uint8Array> {
  const model = new Map<string, Uint8Array>()
  for (const [key, to] of changes) {
    if (to === undefined) model.delete(bytesToHex(key))
    else model.set(bytesToHex(key), to)
  }
  return model
}

function expectHolds(trie: Trie<Uint8Array>, changes: readonly Change[]): void {
  const model = modelOf(changes)
  for (const [key] of changes) expect(get(trie, key)).toEqual(model.get(bytesToHex(key)))
  const sorted = [...model].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const found = [...entriesOf(trie)].map(([key, held]) => [bytesToHex(key), held])
  expect(found).toEqual(sorted)
}

function newNodesOf(trie: Trie<Uint8Array>): NewNodes {
  const nodes: NewNodes = { entries: [], nodes: [] }
  collectNew(trie, nodes)
  return nodes
}

describe('a trie against @ethereumjs/mpt', () => {
  it('has the same root after each of many random changes', async () => {
    await fc.assert(
      fc.asyncProperty(anyChanges, async (changes) => {
        const expected = await oracleRoots(changes)
        let trie = empty
        for (const [index, change] of changes.entries()) {
          trie = update(trie, [change])
          expect(rootHash(trie)).toBe(expected[index])
        }
        expectHolds(trie, changes)
      }),
      { numRuns: 300 },
    )
  })

  it('has the same root when it is hashed only at the end, whatever the order', () => {
    fc.assert(
      fc.property(anyChanges, fc.nat(), (changes, seed) => {
        const model = [...modelOf(changes)].map(([key, to]) => [hexToBytes(key), to] as const)
        const turned = [...model.slice(seed % (model.length + 1)), ...model].toReversed()
        expect(rootHash(update(empty, turned))).toBe(rootHash(update(empty, changes)))
      }),
      { numRuns: 300 },
    )
  })

  it('lets several versions grow in turn from one parent, none of them noticing', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyChanges,
        fc.array(anyChanges, { minLength: 1, maxLength: 4 }),
        async (base, branches) => {
          const parent = update(empty, base)
          const children = branches.map(() => parent)
          const longest = Math.max(...branches.map((branch) => branch.length))
          for (let step = 0; step < longest; step++) {
            for (const [index, branch] of branches.entries()) {
              const change = branch[step]
              if (change === undefined) continue
              children[index] = update(children[index]!, [change])
              if (step % 2 === 0) rootHash(children[index]!)
            }
          }
          for (const [index, branch] of branches.entries()) {
            const all = [...base, ...branch]
            expect(rootHash(children[index]!)).toBe((await oracleRoots(all)).at(-1) ?? EMPTY_ROOT)
            expectHolds(children[index]!, all)
          }
          expectHolds(parent, base)
          expect(rootHash(parent)).toBe((await oracleRoots(base)).at(-1) ?? EMPTY_ROOT)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('is the same after it was written and reopened, over and over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyChanges, { maxLength: 4 }), async (rounds) => {
        const kv = createMemoryKv()
        const load = nodeLoader(kv)
        let trie = emptyTrie(asIs, load)
        const all: Change[] = []
        const roots: [root: ReturnType<typeof rootHash>, changes: Change[]][] = []
        for (const changes of rounds) {
          all.push(...changes)
          trie = update(trie, changes)
          const nodes = newNodesOf(trie)
          await kv.write(nodeWrites(nodes))
          markStored(nodes)
          expect(newNodesOf(trie).entries).toEqual([])
          expect(rootHash(trie)).toBe((await oracleRoots(all)).at(-1) ?? EMPTY_ROOT)
          roots.push([rootHash(trie), [...all]])
          trie = trieAt(rootHash(trie), asIs, load)
        }
        for (const [root, changes] of roots) expectHolds(trieAt(root, asIs, load), changes)
      }),
      { numRuns: 150 },
    )
  })
})

describe('get, put and remove', () => {
  it('leave the trie they are given as it was', () => {
    const one = put(empty, text('dog'), text('puppy'))
    const two = put(one, text('doge'), text('coin'))
    const three = remove(two, text('dog'))
    expect(get(empty, text('dog'))).toBeUndefined()
    expect(get(one, text('doge'))).toBeUndefined()
    expect(get(two, text('dog'))).toEqual(text('puppy'))
    expect(get(three, text('dog'))).toBeUndefined()
    expect(get(three, text('doge'))).toEqual(text('coin'))
  })

  it('give back the same trie when there is nothing to remove', () => {
    const trie = update(empty, [
      [text('dog'), text('puppy')],
      [text('doge'), text('coin')],
      [text('horse'), text('stallion')],
    ])
    for (const key of ['', 'do', 'dogs', 'doges', 'cat', 'horsf']) {
      expect(remove(trie, text(key))).toBe(trie)
    }
    expect(remove(empty, text('dog'))).toBe(empty)
  })

  it('hold the empty key too', () => {
    const other = put(empty, text('a'), text('1'))
    const both = put(other, text(''), text('2'))
    expect(get(both, text(''))).toEqual(text('2'))
    expect(get(both, text('a'))).toEqual(text('1'))
    expect(rootHash(remove(both, text('')))).toBe(rootHash(other))
    expect(rootHash(remove(both, text('a')))).toBe(rootHash(put(empty, text(''), text('2'))))
  })

  it('share what did not change', () => {
    let trie = empty
    for (let i = 0; i < 1000; i++) trie = put(trie, keccak256(Uint8Array.of(i, i >> 8)), text('x'))
    rootHash(trie)
    markStored(newNodesOf(trie))
    const changed = put(trie, keccak256(Uint8Array.of(7, 0)), text('y'))
    // A path of branches and a leaf: no more than the depth of the trie.
    expect(newNodesOf(changed).entries.length).toBeLessThan(6)
  })
})

// The official vectors of ethereum/tests (TrieTests/trietest.json, trieanyorder.json, trietest_secureTrie.json).
describe('official edge cases', () => {
  const root = (entries: Record<string, string>): string =>
    rootHash(
      update(
        empty,
        Object.entries(entries).map(([key, to]) => [read(key), read(to)]),
      ),
    )
  const read = (item: string): Uint8Array => (item.startsWith('0x') ? hexToBytes(item) : text(item))

  it('the empty trie', () => {
    expect(rootHash(empty)).toBe(EMPTY_ROOT)
    expect(root({})).toBe('0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421')
  })

  it('singleItem', () => {
    expect(root({ A: 'a'.repeat(50) })).toBe(
      '0xd23786fb4a010da3ce639d66d5e904a11dbc02746d1ce25029e53290cabf28ab',
    )
  })

  it('dogs', () => {
    expect(root({ doe: 'reindeer', dog: 'puppy', dogglesworth: 'cat' })).toBe(
      '0x8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3',
    )
  })

  it('puppy', () => {
    expect(root({ do: 'verb', horse: 'stallion', doge: 'coin', dog: 'puppy' })).toBe(
      '0x5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84',
    )
  })

  it('foo', () => {
    expect(root({ foo: 'bar', food: 'bass' })).toBe(
      '0x17beaa1648bafa633cda809c90c04af50fc8aed3cb40d16efbddee6fdf63c4c3',
    )
  })

  it('smallValues, whose nodes are embedded', () => {
    expect(root({ be: 'e', dog: 'puppy', bed: 'd' })).toBe(
      '0x3f67c7a47520f79faa29255d2d3c084a7a6df0453116ed7232ff10277a8be68b',
    )
  })

  it('testy and hex', () => {
    expect(root({ test: 'test', te: 'testy' })).toBe(
      '0x8452568af70d8d140f58d941338542f645fcca50094b20f3c3d8c3df49337928',
    )
    expect(root({ '0x0045': '0x0123456789', '0x4500': '0x9876543210' })).toBe(
      '0x285505fcabe84badc8aa310e2aae17eddc7d120aabec8a476902c8184b3a3503',
    )
  })

  it('a root under 32 bytes is hashed, stored and found by its hash', async () => {
    const kv = createMemoryKv()
    const trie = put(empty, text('a'), text('b'))
    const nodes = newNodesOf(trie)
    expect(nodes.entries).toHaveLength(1)
    const [hash, encoding] = nodes.entries[0]!
    expect(encoding.length).toBeLessThan(32)
    expect(bytesToHex(hash)).toBe(rootHash(trie))
    expect(keccakHash(encoding)).toBe(rootHash(trie))
    await kv.write(nodeWrites(nodes))
    const reopened = trieAt(rootHash(trie), asIs, nodeLoader(kv))
    expect(get(reopened, text('a'))).toEqual(text('b'))
    expect(rootHash(put(reopened, text('aa'), text('c')))).toBe(
      rootHash(put(trie, text('aa'), text('c'))),
    )
  })
})

describe('a stored trie', () => {
  it('says which node is missing', () => {
    const root = keccakHash(text('nowhere'))
    expect(() =>
      get(
        trieAt(root, asIs, () => undefined),
        text('a'),
      ),
    ).toThrow(`the trie node ${root} is missing`)
  })

  it('refuses what is no node', () => {
    const root = keccakHash(text('x'))
    for (const encoding of ['0x', '0x80', '0xc0', '0xc3010203', '0xc24001', '0xc20001', '0xc3']) {
      const trie = trieAt(root, asIs, () => hexToBytes(encoding))
      expect(() => get(trie, text('a')), encoding).toThrow('a trie node cannot be read')
    }
  })

  it('hands each new leaf over with its key', () => {
    const trie = update(empty, [
      [text('do'), text('verb')],
      [text('dog'), text('puppy')],
      [text('horse'), text('stallion')],
    ])
    const leaves: string[] = []
    collectNew(trie, { entries: [], nodes: [] }, (held, key) => {
      leaves.push(`${Buffer.from(key).toString()}=${Buffer.from(held).toString()}`)
    })
    expect(leaves.toSorted()).toEqual(['do=verb', 'dog=puppy', 'horse=stallion'])
  })
})
