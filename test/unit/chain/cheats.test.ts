import { describe, expect, it } from 'vitest'

import type { ChangeSet } from '../../../src/state/access.ts'
import type { StateView } from '../../../src/state/view.ts'
import { USERS, devChain } from '../../support/dev-chain.ts'

const [alice, bob] = USERS as readonly [(typeof USERS)[0], (typeof USERS)[0]]

function setBalance(who: typeof alice, wei: bigint): ChangeSet {
  return { accounts: new Map([[who, { balanceWei: wei }]]), codes: new Map() }
}

function doubled(view: StateView): ChangeSet {
  return setBalance(alice, 2n * view.account(alice)!.balanceWei)
}

describe('cheats that wait for the same turn', () => {
  it('are one change, in which each sees those before it', async () => {
    const dev = devChain()
    let changes = 0
    dev.listen(({ kind }) => void (kind === 'changed' && changes++))
    await Promise.all([
      dev.change(() => setBalance(alice, 21n)),
      dev.change(doubled),
      dev.change(() => setBalance(bob, 7n)),
      dev.change(doubled),
    ])
    expect(changes).toBe(1)
    expect([alice, bob].map((who) => dev.view.account(who)?.balanceWei)).toEqual([84n, 7n])
  })

  it('are in their places among blocks, snapshots and what is taken back', async () => {
    const dev = devChain()
    const balances: unknown[] = []
    const held = async (): Promise<void> => {
      await dev.still(() => balances.push(dev.view.account(alice)?.balanceWei))
    }
    const first = dev.change(() => setBalance(alice, 1n))
    const snapshot = dev.snapshot()
    const second = dev.change(doubled)
    const mined = dev.mine()
    const third = dev.change(doubled)
    await Promise.all([first, second, mined, third, held()])
    expect(dev.chain.history.byNumber(0n)!.version).not.toBe(dev.chain.head.version)
    await Promise.all([dev.revert(await snapshot), dev.change(doubled), held()])
    expect(balances).toEqual([4n, 2n])
  })

  it('fail alone when one is wrong, and together when nothing may change', async () => {
    let isFull = false
    const dev = devChain({
      ready: () => (isFull ? Promise.reject(new Error('the disk is full')) : undefined),
    })
    const wrong = dev.change(() => {
      throw new Error('no such thing')
    })
    await Promise.all([
      expect(wrong).rejects.toThrow('no such thing'),
      dev.change(() => setBalance(alice, 5n)),
    ])
    isFull = true
    const refused = [1n, 2n].map((wei) => dev.change(() => setBalance(alice, wei)))
    await Promise.all(refused.map((each) => expect(each).rejects.toThrow('the disk is full')))
    isFull = false
    expect(dev.view.account(alice)?.balanceWei).toBe(5n)
  })
})
