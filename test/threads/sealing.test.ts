import { afterAll, describe, expect, it } from 'vitest'

import { LanePool } from '../../src/executor/lane/pool.ts'
import { type Address, slotOf } from '../../src/primitives/hex.ts'
import type { AccountWrites, ChangeSet } from '../../src/state/access.ts'
import { applyChanges, emptyWorld } from '../../src/state/world.ts'
import { SharedPass } from '../../src/store/seal-together.ts'

const WORKER = new URL('../../dist/executor/lane/worker.js', import.meta.url)
const ACCOUNTS = 12_000
/** None of the threads is given up because the machine has others to serve. */
const PATIENCE_MS = 60_000

const open: LanePool[] = []
async function threads(count: number): Promise<LanePool> {
  const pool = new LanePool(count, WORKER)
  open.push(pool)
  while (pool.free < count) await new Promise((resolve) => setImmediate(resolve))
  return pool
}
afterAll(() => Promise.all(open.map((it) => it.close())))

const addressOf = (i: number) => `0x${(i * 7919 + 1).toString(16).padStart(40, '0')}` as Address

/** Accounts, two of them with large storage. */
function round(seed: number): ChangeSet {
  const accounts = new Map<Address, AccountWrites>()
  for (let i = 0; i < ACCOUNTS; i += 1 + (seed % 3)) {
    accounts.set(addressOf(i), {
      ...(seed === 0 && { life: 'created' }),
      balanceWei: BigInt(seed * 1_000_000 + i + 1),
      ...(i < 2 && {
        slots: new Map(
          Array.from({ length: 3_000 }, (_, key) => [
            slotOf(BigInt(key * (i + 1))),
            BigInt((key * (seed + 1)) % 7),
          ]),
        ),
      }),
    })
  }
  return { accounts, codes: new Map() }
}

describe('a state hashed by lanes of the built worker', () => {
  for (const count of [1, 3]) {
    it(`is what one thread makes of it, with ${count} more`, async () => {
      const pool = await threads(count)
      let [together, alone] = [emptyWorld(), emptyWorld()]
      let helped = 0
      // On a machine that others use the other threads may come too late for some time.
      for (let seed = 0; seed < 12 || helped === 0; seed++) {
        together = applyChanges(together, round(seed))
        alone = applyChanges(alone, round(seed))
        const pass = new SharedPass(together.arena.fn, together.arena.memory, PATIENCE_MS)
        helped += pass.seal(together.root, (task) => pool.helpToSeal(task), 1_000) ?? NaN
        expect(together.stateRoot).toBe(alone.stateRoot)
        while (pool.free < count) await new Promise((resolve) => setImmediate(resolve))
      }
      expect(helped).toBeGreaterThan(0)
    })
  }

  it('is that also when its threads end in the midst of it, and afterwards', async () => {
    for (let at = 0; at < 6; at++) {
      const pool = await threads(1)
      let [together, alone] = [emptyWorld(), emptyWorld()]
      let isEnded = Promise.resolve()
      for (let seed = 0; seed < 3; seed++) {
        together = applyChanges(together, round(seed))
        alone = applyChanges(alone, round(seed))
        const call = (task: Parameters<LanePool['helpToSeal']>[0]): boolean => {
          const isCalled = pool.helpToSeal(task)
          if (seed === 1) isEnded = pool.replace()
          return isCalled
        }
        const pass = new SharedPass(together.arena.fn, together.arena.memory, 50)
        pass.seal(together.root, call, 1_000)
        expect(together.stateRoot).toBe(alone.stateRoot)
      }
      await isEnded
    }
  })

  it('starts no threads that were closed: a node that ends may have much to hash still', async () => {
    const pool = await threads(1)
    await pool.close()
    const version = applyChanges(emptyWorld(), round(0))
    version.arena.callSealer = (task) => pool.helpToSeal(task)
    expect(version.stateRoot).toBe(applyChanges(emptyWorld(), round(0)).stateRoot)
    for (let turn = 0; turn < 40; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 25))
      expect(pool.free).toBe(0)
    }
  })

  it('is handed over by a node that has threads, when much is new', async () => {
    const pool = await threads(1)
    const version = applyChanges(emptyWorld(), round(0))
    let calls = 0
    version.arena.callSealer = (task) => {
      calls++
      return pool.helpToSeal(task)
    }
    const alone = applyChanges(emptyWorld(), round(0))
    expect(version.stateRoot).toBe(alone.stateRoot)
    expect(calls).toBe(1)
    expect(version.arena.stats().nodesHashed).toBe(alone.arena.stats().nodesHashed)
    const small = applyChanges(version, {
      ...round(0),
      accounts: new Map([[addressOf(5), { nonce: 9n }]]),
    })
    expect(small.stateRoot).not.toBe(version.stateRoot)
    expect(calls).toBe(1)
  })
})
