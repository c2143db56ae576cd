import { describe, expect, it, vi } from 'vitest'
import type { DevChain } from '../../../src/chain/dev-chain.ts'
import { openArchive, openChain } from '../../../src/chain/open-chain.ts'
import { verifyArchive } from '../../../src/chain/verify-archive.ts'
import { WriteBehind } from '../../../src/chain/write-behind.ts'
import type { Kv, KvWrite } from '../../../src/store/kv.ts'
import { createMemoryKv } from '../../../src/store/memory-kv.ts'
import { collectGarbage } from '../../support/gc.ts'
import { failingKv } from '../../support/failing-kv.ts'
import { USERS, devChain, executor, genesisAt, transfer } from '../../support/dev-chain.ts'

/** A store whose writes wait until they are let through. */
function slowKv(): {
  readonly kv: Kv
  readonly batches: (readonly KvWrite[])[]
  readonly pass: () => void
} {
  const kv = createMemoryKv()
  const batches: (readonly KvWrite[])[] = []
  const waiting: (() => void)[] = []
  return {
    batches,
    pass: () => waiting.splice(0).forEach((go) => go()),
    kv: {
      ...kv,
      async write(batch) {
        batches.push(batch)
        await new Promise<void>((resolve) => waiting.push(resolve))
        await kv.write(batch)
      },
    },
  }
}

const key = (name: string): Uint8Array => Buffer.from(name)
const put = (name: string, value: string): KvWrite => ({ key: key(name), value: key(value) })

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

describe('writing behind', () => {
  it('shows at once what is written later, and the newest of it', async () => {
    const { kv, pass } = slowKv()
    const behind = new WriteBehind(kv)
    behind.put([put('a', '1')])
    expect(behind.get(key('a'))).toEqual(key('1'))
    await Promise.resolve()
    behind.put([put('a', '2'), { key: key('b'), value: undefined }])
    pass()
    await expect.poll(() => kv.get(key('a'))).toEqual(new Uint8Array(key('1')))
    expect(behind.get(key('a'))).toEqual(key('2'))
    const flushed = behind.flush()
    pass()
    await flushed
    expect(behind.get(key('a'))).toEqual(new Uint8Array(key('2')))
    expect(behind.written).toBe(behind.taken)
  })

  it('writes together what came while it wrote, of several to one key the last', async () => {
    const { kv, batches, pass } = slowKv()
    const behind = new WriteBehind(kv)
    behind.put([put('a', '1')])
    await Promise.resolve()
    for (const value of ['2', '3', '4']) behind.put([put('a', value), put(value, value)])
    pass()
    await expect.poll(() => batches).toHaveLength(2)
    pass()
    await behind.flush()
    const written = batches[1]!.map((each) => [each.key, each.value!].map(textOf).join('='))
    expect(written.toSorted()).toEqual(['2=2', '3=3', '4=4', 'a=4'])
    expect(behind.written).toBe(behind.taken)
  })

  it('of what is put later makes the last of a slot, when nothing is written or something else is put', async () => {
    const kv = failingKv(createMemoryKv())
    const failures: unknown[] = []
    const behind = new WriteBehind(kv, (error) => failures.push(error))
    const made: string[] = []
    const later = (slot: number, value: string): void =>
      behind.putLater(slot, () => {
        made.push(value)
        behind.put([put('a', value)])
      })
    later(1, '1')
    later(1, '2')
    await behind.flush()
    expect(made).toEqual(['2'])
    later(1, '3')
    later(1, '4')
    later(2, '5')
    expect(made).toEqual(['2', '4'])
    behind.put([put('b', '6')])
    expect(made).toEqual(['2', '4', '5'])
    expect(behind.get(key('a'))).toEqual(key('5'))
    await behind.flush()
    expect(kv.get(key('a'))).toEqual(new Uint8Array(key('5')))

    let isReadable = false
    behind.putLater(1, () => {
      if (!isReadable) throw new Error('cannot be made')
      behind.put([put('a', '7')])
    })
    await expect(behind.flush()).rejects.toThrow('cannot be made')
    await expect(behind.ready()).rejects.toThrow('cannot be made')
    expect(failures.length).toBeGreaterThan(0)
    isReadable = true
    expect(await behind.recover()).toBe(true)
    await behind.flush()
    expect(kv.get(key('a'))).toEqual(new Uint8Array(key('7')))
  })

  it('writes a few of many cheats in a row, the newest always, also when blocks go and come between them', async () => {
    const { kv: inner, versions } = countingKv()
    const kv: Kv = {
      ...inner,
      async write(batch) {
        await new Promise(setImmediate)
        await inner.write(batch)
      },
    }
    const { chain, disk } = openChain(genesisAt('osaka'), executor, kv, { identity: 'test' })
    const dev = devChain({ chain, ready: () => disk.ready() })
    const cheat = (wei: number): Promise<void> =>
      dev.change(() => ({
        accounts: new Map([[USERS[1]!, { balanceWei: BigInt(wei) }]]),
        codes: new Map(),
      }))
    for (let wei = 1; wei <= 400; wei++) {
      await cheat(wei)
      if (wei % 100 === 50) {
        const id = await dev.snapshot()
        await dev.mine()
        await cheat(wei + 1000)
        await dev.revert(id)
      }
    }
    await disk.flush()
    const again = openChain(genesisAt('osaka'), executor, kv, { identity: 'test' })
    expect(again.chain.head.version.stateRoot).toBe(chain.head.version.stateRoot)
    expect(devChain({ chain: again.chain }).view.account(USERS[1]!)?.balanceWei).toBe(400n)
    expect(verifyArchive(openArchive(kv)).problems).toEqual([])
    expect(versions.size).toBeLessThan(100)
  })
})

describe('a disk that is full', () => {
  it('ends the making of blocks, is told of once, and takes nothing from what can be read', async () => {
    const kv = failingKv(createMemoryKv())
    kv.fillAfter(2)
    const failures: unknown[] = []
    const onFailure = (error: unknown): void => void failures.push(error)
    const { chain, disk } = openChain(genesisAt('osaka'), executor, kv, {
      identity: 'test',
      onFailure,
    })
    await disk.flush()
    const dev = devChain({ chain, ready: () => disk.ready() })
    const tx = transfer(0, 0n)
    dev.submit(tx)
    await dev.mine()
    await disk.flush()
    const durable = chain.head.block
    dev.submit(transfer(0, 1n))
    await dev.mine()
    await expect(disk.flush()).rejects.toThrow(/no space left/)
    const head = chain.head.block

    dev.submit(transfer(0, 2n))
    await expect(dev.mine()).rejects.toThrow(/no space left/)
    await expect(dev.mineReady()).rejects.toThrow(/no space left/)
    await expect(dev.change(() => ({ accounts: new Map(), codes: new Map() }))).rejects.toThrow(
      /no space left/,
    )
    expect(failures).toHaveLength(1)
    expect(chain.head.block).toEqual(head)
    expect(chain.history.byNumber(head.header.number)?.block).toEqual(head)
    expect(chain.history.place(tx.hash)?.record.block.hash).toBe(durable.hash)
    expect(dev.view.account(USERS[0]!)?.nonce).toBe(2n)

    const again = openChain(genesisAt('osaka'), executor, kv, { identity: 'test' })
    expect(again.chain.head.block).toEqual(durable)
    expect(devChain({ chain: again.chain }).view.account(USERS[0]!)?.nonce).toBe(1n)
  })

  it('is written again from where it stopped when there is room: blocks go on, and nothing is lost', async () => {
    const kv = failingKv(createMemoryKv())
    const onFailure = vi.fn<(error: unknown) => void>()
    const onRecovered = vi.fn<() => void>()
    const told = { onFailure, onRecovered }
    const options = { identity: 'test', keptStates: 4 }
    const { chain, disk } = openChain(genesisAt('osaka'), executor, kv, { ...options, ...told })
    const dev = devChain({ chain, ready: () => disk.ready() })
    for (let round = 0, nonce = 0n; round < 6; round++) {
      for (let block = 0; block < 40; block++, nonce++) {
        dev.submit(transfer(0, nonce))
        await dev.mine()
      }
      await collectGarbage()
      // The deletion of states that are no longer kept may be what fails.
      kv.fillAfter(round % 3)
      const mined: Promise<unknown>[] = []
      for (let block = 0; block < 3; block++, nonce++) {
        dev.submit(transfer(0, nonce))
        mined.push(dev.mine())
      }
      await Promise.allSettled(mined)
      await expect(disk.flush()).rejects.toThrow(/no space left/)
      await expect(dev.mine()).rejects.toThrow(/no space left/)
      kv.empty()
      await dev.mine()
      await disk.flush()
      nonce = dev.view.account(USERS[0]!)!.nonce
      const { archive, codes } = openArchive(kv)
      expect(verifyArchive({ archive, codes })).toMatchObject({
        headHash: chain.head.block.hash,
        problems: [],
        isChanged: false,
      })
      expect(onRecovered).toHaveBeenCalledTimes(round + 1)
    }
  })
})

describe('states that are not kept', () => {
  it('go from the disk, those of blocks taken back too; what empty blocks share with kept ones stays', async () => {
    const { kv, versions } = countingKv()
    const options = { identity: 'test', keptStates: 40 }
    const open = async (work: (dev: DevChain) => Promise<void>): Promise<void> => {
      const { chain, disk } = openChain(genesisAt('paris'), executor, kv, options)
      await work(devChain({ chain, ready: () => disk.ready() }))
      await disk.flush()
    }
    const pay = async (dev: DevChain, nonce: bigint): Promise<void> => {
      dev.submit(transfer(0, nonce))
      await dev.mine()
    }
    // A run of blocks with one state, of which the first ones are no longer kept.
    await open(async (dev) => {
      await pay(dev, 0n)
      for (let block = 0; block < 50; block++) await dev.mine()
    })
    await collectGarbage()
    await open(async (dev) => {
      const shared = dev.chain.head.version.stateRoot
      for (let nonce = 1n; nonce < 21n; nonce++) {
        await pay(dev, nonce)
        await collectGarbage()
        const id = await dev.snapshot()
        await pay(dev, nonce + 1n)
        await dev.revert(id)
      }
      expect(dev.chain.history.byNumber(50n)?.version?.stateRoot).toBe(shared)
      expect(dev.chain.history.byNumber(30n)?.version).toBeUndefined()
    })
    await collectGarbage()
    await open(async (dev) => {
      const { head, history } = dev.chain
      // One block more was there and was taken back.
      const first = head.block.header.number - 38n
      for (const record of history.range(first, head.block.header.number)) {
        expect(dev.chain.view(record.version!).account(USERS[0]!)).toBeDefined()
        expect(record.version!.stateRoot).toBe(record.block.header.stateRoot)
      }
      expect(versions.size).toBeLessThan(100)
    })
  })
})

/** A store of which the test knows how many states are in it. */
function countingKv(): { readonly kv: Kv; readonly versions: ReadonlySet<string> } {
  const inner = createMemoryKv()
  const versions = new Set<string>()
  const kv: Kv = {
    ...inner,
    async write(batch) {
      await inner.write(batch)
      for (const { key: at, value } of batch) {
        if (at[0] !== 0x72) continue
        if (value === undefined) versions.delete(String(at))
        else versions.add(String(at))
      }
    },
  }
  return { kv, versions }
}
