import { MerklePatriciaTrie } from '@ethereumjs/mpt'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { bigIntToBytes } from '../../../src/primitives/bytes.ts'
import {
  type Address,
  type Hash,
  bytesToHex,
  hexToBytes,
  slotOf,
} from '../../../src/primitives/hex.ts'
import {
  EMPTY_CODE_HASH,
  EMPTY_ROOT,
  keccak256,
  keccakHash,
} from '../../../src/primitives/keccak.ts'
import { decodeRlp, encodeRlp } from '../../../src/primitives/rlp.ts'
import { type AccountWrites, type ChangeSet, emptyChangeSet } from '../../../src/state/access.ts'
import { mergeChanges } from '../../../src/state/change-set.ts'
import { CodeStore } from '../../../src/state/codes.ts'
import { Overlay } from '../../../src/state/overlay.ts'
import {
  type Version,
  accountProof,
  accountsOf,
  applyChanges,
  emptyWorld,
  slotsOf,
  versionFromGenesis,
  viewOf,
} from '../../../src/state/world.ts'
import { verifyProof } from '../../../src/store/proof.ts'
import {
  type Model,
  addresses,
  allocOf,
  lookAt,
  lookAtModel,
  perform,
  slots,
  transactions,
} from './model.ts'

const [alice, bob] = addresses as [Address, Address]
const one = slotOf(1n)
const two = slotOf(2n)

function writesTo(address: Address, writes: AccountWrites): ChangeSet {
  return { accounts: new Map([[address, writes]]), codes: new Map() }
}

async function oracleRoot(model: Model): Promise<Hash> {
  const world = new MerklePatriciaTrie({ useKeyHashing: true })
  for (const [address, { nonce, balanceWei, code, storage }] of model) {
    const words = new MerklePatriciaTrie({ useKeyHashing: true })
    for (const [key, value] of storage) {
      await words.put(hexToBytes(key), encodeRlp(bigIntToBytes(value)))
    }
    const fields = [bigIntToBytes(nonce), bigIntToBytes(balanceWei), words.root(), keccak256(code)]
    await world.put(hexToBytes(address), encodeRlp(fields))
  }
  return bytesToHex(world.root()) as Hash
}

describe('a version after many transactions', () => {
  it('is what the plain model is, root and all; so are an overlay and the merged changes', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, transactions, async (before, block) => {
        const codes = new CodeStore()
        const model: Model = new Map()
        let base: Version = emptyWorld()
        for (const steps of before) {
          const changes = perform(model, steps)
          codes.add(changes.codes)
          base = applyChanges(base, changes)
        }
        const baseRoot = base.stateRoot
        const overlay = new Overlay(viewOf(base, codes))
        const merged = emptyChangeSet()
        let stepped = base
        for (const steps of block) {
          const changes = perform(model, steps)
          codes.add(changes.codes)
          stepped = applyChanges(stepped, changes)
          overlay.apply(changes)
          mergeChanges(merged, changes)
          expect(lookAt(viewOf(stepped, codes))).toEqual(lookAtModel(model))
          expect(lookAt(overlay)).toEqual(lookAtModel(model))
        }
        const expected = await oracleRoot(model)
        expect(stepped.stateRoot).toBe(expected)
        expect(applyChanges(base, merged).stateRoot).toBe(expected)
        expect(applyChanges(base, overlay.changes).stateRoot).toBe(expected)
        expect(versionFromGenesis(allocOf(model), codes).stateRoot).toBe(expected)
        expect(base.stateRoot).toBe(baseRoot)
        for (const address of addresses) {
          expect(viewOf(stepped, codes).hasStorage(address)).toBe(
            (model.get(address)?.storage.size ?? 0) > 0,
          )
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('applyChanges', () => {
  const start = versionFromGenesis(
    new Map([[alice, { balanceWei: 5n, nonce: 1n, storage: new Map([[one, 7n]]) }]]),
    new CodeStore(),
  )
  const see = (version: Version) => viewOf(version, new CodeStore())

  it('gives the same version for no change', () => {
    expect(applyChanges(start, emptyChangeSet())).toBe(start)
    expect(applyChanges(start, writesTo(alice, { balanceWei: 5n }))).toBe(start)
    expect(applyChanges(start, writesTo(bob, { life: 'destroyed' }))).toBe(start)
    expect(applyChanges(start, writesTo(bob, {}))).toBe(start)
    expect(applyChanges(start, writesTo(bob, { slots: new Map([[one, 0n]]) }))).toBe(start)
  })

  it('creates what had not been, empty if need be', () => {
    const version = applyChanges(start, writesTo(bob, { life: 'created' }))
    expect(see(version).account(bob)).toEqual({
      nonce: 0n,
      balanceWei: 0n,
      codeHash: EMPTY_CODE_HASH,
    })
    expect(see(start).account(bob)).toBeUndefined()
  })

  it('brings an account to life by a balance alone', () => {
    const version = applyChanges(start, writesTo(bob, { balanceWei: 1n }))
    expect(see(version).account(bob)?.balanceWei).toBe(1n)
  })

  it('destroys an account with its storage', () => {
    const gone = applyChanges(start, writesTo(alice, { life: 'destroyed' }))
    expect(see(gone).account(alice)).toBeUndefined()
    expect(see(gone).slot(alice, one)).toBe(0n)
    expect(gone.stateRoot).toBe(EMPTY_ROOT)
    const back = applyChanges(gone, writesTo(alice, { life: 'created', balanceWei: 1n }))
    expect(see(back).slot(alice, one)).toBe(0n)
    expect(see(back).hasStorage(alice)).toBe(false)
  })

  it('wipes the storage of a recreated account before its slots apply', () => {
    const changes = writesTo(alice, { life: 'recreated', slots: new Map([[two, 9n]]) })
    const version = applyChanges(start, changes)
    expect(see(version).slot(alice, one)).toBe(0n)
    expect(see(version).slot(alice, two)).toBe(9n)
    expect(see(version).account(alice)?.balanceWei).toBe(5n)
  })

  it('removes a slot that becomes zero', () => {
    const version = applyChanges(start, writesTo(alice, { slots: new Map([[one, 0n]]) }))
    expect(see(version).hasStorage(alice)).toBe(false)
    expect(accountProof(version, alice, []).storageHash).toBe(EMPTY_ROOT)
  })
})

describe('a genesis', () => {
  it('holds balances, code and full words', async () => {
    const code = Uint8Array.of(0x60, 0x00)
    const codes = new CodeStore()
    const version = versionFromGenesis(
      new Map([
        [alice, { balanceWei: 10n ** 22n, code, storage: new Map([[one, 2n ** 256n - 1n]]) }],
      ]),
      codes,
    )
    const model: Model = new Map([
      [
        alice,
        { nonce: 0n, balanceWei: 10n ** 22n, code, storage: new Map([[one, 2n ** 256n - 1n]]) },
      ],
    ])
    expect(version.stateRoot).toBe(await oracleRoot(model))
    expect(viewOf(version, codes).code(keccakHash(code))).toEqual(code)
  })

  it('keeps accounts that are empty', () => {
    const version = versionFromGenesis(new Map([[alice, { balanceWei: 0n }]]), new CodeStore())
    expect(viewOf(version, new CodeStore()).account(alice)).toBeDefined()
  })
})

describe('a view', () => {
  it('knows the empty code and names unknown code', () => {
    const view = viewOf(emptyWorld(), new CodeStore())
    expect(view.code(EMPTY_CODE_HASH)).toHaveLength(0)
    const hash = keccakHash(Uint8Array.of(1))
    expect(() => view.code(hash)).toThrow(`the code ${hash} is unknown`)
  })
})

describe('accountProof', () => {
  it('proves accounts, slots and absences', () => {
    const model: Model = new Map()
    for (const [index, address] of addresses.slice(0, 5).entries()) {
      const storage = new Map(slots.slice(0, index % 4).map((key, at) => [key, BigInt(at + 1)]))
      model.set(address, { nonce: 1n, balanceWei: BigInt(index), code: new Uint8Array(0), storage })
    }
    const version = versionFromGenesis(allocOf(model), new CodeStore())
    for (const address of addresses) {
      const proved = accountProof(version, address, slots)
      const known = model.get(address)
      const key = keccak256(hexToBytes(address))
      const verdict = verifyProof(version.stateRoot, key, proved.accountProof)
      expect(verdict.kind).toBe(known === undefined ? 'absent' : 'present')
      expect(proved.account?.balanceWei).toBe(known?.balanceWei)
      if (verdict.kind === 'present') {
        const fields = decodeRlp(verdict.value) as Uint8Array[]
        expect(bytesToHex(fields[2]!)).toBe(proved.storageHash)
      }
      for (const slot of proved.storageProof) {
        const value = known?.storage.get(slot.key)
        expect(slot.value).toBe(value ?? 0n)
        const hashed = keccak256(hexToBytes(slot.key))
        expect(verifyProof(proved.storageHash, hashed, slot.proof)).toEqual(
          value === undefined
            ? { kind: 'absent' }
            : { kind: 'present', value: encodeRlp(bigIntToBytes(value)) },
        )
      }
    }
  })
})

describe('accountsOf and slotsOf', () => {
  it('list everything by the order of hashes, with names', () => {
    const version = versionFromGenesis(
      new Map(
        addresses.map((address) => [address, { balanceWei: 1n, storage: new Map([[one, 3n]]) }]),
      ),
      new CodeStore(),
    )
    const entries = [...accountsOf(version)]
    expect(new Set(entries.map(({ address }) => address))).toEqual(new Set(addresses))
    const hashes = entries.map(({ addressHash }) => addressHash)
    expect(hashes).toEqual(hashes.toSorted())
    for (const { address, addressHash, leaf } of entries) {
      expect(keccakHash(hexToBytes(address!))).toBe(addressHash)
      expect([...slotsOf(leaf)]).toEqual([
        { keyHash: keccakHash(hexToBytes(one)), key: one, value: 3n },
      ])
    }
  })
})
