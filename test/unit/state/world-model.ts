import { MerklePatriciaTrie } from '@ethereumjs/mpt'
import fc from 'fast-check'

import { bigIntToBytes } from '../../../src/primitives/bytes.ts'
import {
  type Address,
  type Hash,
  type Slot,
  bytesToHex,
  hexToBytes,
  slotOf,
} from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../../../src/primitives/keccak.ts'
import { encodeRlp } from '../../../src/primitives/rlp.ts'
import { type ChangeSet, emptyChangeSet } from '../../../src/state/access.ts'

/** Balances and slots of enough accounts for tries of several levels. */
export type Balances = ReadonlyMap<Address, BalanceEntry>
interface BalanceEntry {
  readonly balanceWei: bigint
  readonly slots: ReadonlyMap<Slot, bigint>
}

export const addresses = Array.from(
  { length: 40 },
  (_, i) => `0x${((i + 1) * 7919).toString(16).padStart(40, '0')}` as Address,
)

/** Pairs whose hashes agree in their first nine or ten nibbles: their leaves stand in their parents, being under 32 bytes. */
const closePairs = [247_476n, 515_151n, 597_456n, 1_382_749n, 268_005n, 645_179n]
export const slots = [...closePairs, 0n, 1n, 2n, 3n, 2n ** 256n - 1n].map(slotOf)

export interface Move {
  readonly address: Address
  readonly act: 'set' | 'destroy' | 'recreate'
  readonly balanceWei: bigint
  readonly slots: readonly (readonly [Slot, bigint])[]
}

const move: fc.Arbitrary<Move> = fc.record({
  address: fc.constantFrom(...addresses),
  act: fc.constantFrom('set', 'set', 'set', 'destroy', 'recreate'),
  balanceWei: fc.bigInt({ min: 0n, max: 3n }),
  slots: fc.array(fc.tuple(fc.constantFrom(...slots), fc.constantFrom(0n, 1n, 2n, 300n)), {
    maxLength: 6,
  }),
})

/** What a version changes; each account at most once. */
export const moves: fc.Arbitrary<Move[]> = fc.uniqueArray(move, {
  selector: ({ address }) => address,
  maxLength: 12,
})

/** The moves on a world, and as a change set. */
export function moved(
  before: Balances,
  list: readonly Move[],
): { after: Balances; changes: ChangeSet } {
  const after = new Map(before)
  const changes = emptyChangeSet()
  for (const { address, act, balanceWei, slots: written } of list) {
    const held = before.get(address)
    if (act === 'destroy') {
      changes.accounts.set(address, { life: 'destroyed' })
      after.delete(address)
      continue
    }
    const isFresh = held === undefined || act === 'recreate'
    const words = new Map(isFresh ? [] : held.slots)
    for (const [key, value] of written) {
      if (value === 0n) words.delete(key)
      else words.set(key, value)
    }
    after.set(address, { balanceWei, slots: words })
    const life = act === 'recreate' ? 'recreated' : held === undefined ? 'created' : undefined
    changes.accounts.set(address, {
      ...(life && { life }),
      balanceWei,
      slots: new Map(written),
    })
  }
  return { after, changes }
}

/** The root that @ethereumjs/mpt gives. */
export async function oracleRoot(world: Balances): Promise<Hash> {
  const trie = new MerklePatriciaTrie({ useKeyHashing: true })
  for (const [address, { balanceWei, slots: words }] of world) {
    const storage = new MerklePatriciaTrie({ useKeyHashing: true })
    for (const [key, value] of words) {
      await storage.put(hexToBytes(key), encodeRlp(bigIntToBytes(value)))
    }
    const code = hexToBytes(EMPTY_CODE_HASH)
    const fields = [new Uint8Array(0), bigIntToBytes(balanceWei), storage.root(), code]
    await trie.put(hexToBytes(address), encodeRlp(fields))
  }
  return bytesToHex(trie.root()) as Hash
}
