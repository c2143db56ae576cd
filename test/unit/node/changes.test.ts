import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'

import type { NodeConfig } from '../../../src/node/config.ts'
import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'

interface Entry {
  readonly blockNumber: string
  readonly blockHash: string
  readonly step: number
  readonly transactionIndex: string | null
  readonly transactionHash: string | null
  readonly kind: string
  readonly slot?: string
  readonly before?: unknown
  readonly after?: unknown
}

const open: HeddleNode[] = []
const folders: string[] = []
afterEach(async () => {
  for (const node of open.splice(0)) await node.close()
})
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

const KEEPER = `0x${'ab'.repeat(20)}`
/** Stores the second word of its input at the first; without input it destroys itself. */
const CODE = '0x36600757 33ff005b 6020 35 6000 35 55 00'.replaceAll(' ', '')
const PARENT_HASHES = '0x0000f90827f1c53a10cb7a02335b175320002935'
const word = (value: number) => value.toString(16).padStart(64, '0')

async function start(config: Partial<NodeConfig> = {}) {
  const node = await createNode({ workers: 1, artefactDirs: [], ...config })
  open.push(node)
  const ask = (method: string, ...params: unknown[]): Promise<unknown> =>
    node.request({ method, params })
  const [alice, bob] = node.accounts.map((account) => account.address)
  const send = (fields: object): Promise<string> =>
    ask('eth_sendTransaction', { from: alice, gas: '0x186a0', ...fields }) as Promise<string>
  const write = (slot: number, value: number): Promise<string> =>
    send({ to: KEEPER, data: `0x${word(slot)}${word(value)}` })
  const changes = (address: string, filter?: object): Promise<Entry[]> =>
    ask('heddle_getChanges', address, filter) as Promise<Entry[]>
  return { ask, send, write, changes, alice: alice!, bob: bob! }
}

/** Two writes of a slot in one block, one of another, blocks of nothing, and a cheat between. */
async function story(config: Partial<NodeConfig>) {
  const node = await start(config)
  const { ask, write } = node
  await ask('anvil_setCode', KEEPER, CODE)
  await ask('evm_setAutomine', false)
  const hashes = [await write(1, 10), await write(2, 7), await write(1, 20)]
  await ask('evm_mine')
  await ask('anvil_mine', '0x5')
  await ask('anvil_setStorageAt', KEEPER, '0x1', `0x${word(99)}`)
  hashes.push(await write(1, 100))
  await ask('evm_mine')
  await ask('anvil_mine', '0x3')
  return { ...node, hashes }
}

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'heddle-'))
  folders.push(made)
  return made
}

describe('heddle_getChanges', () => {
  for (const where of ['memory', 'a data folder']) {
    it(`says who changed a slot, in ${where}`, async () => {
      const config = where === 'memory' ? { recordedBlocks: 0 } : { dataDir: await folder() }
      const { changes, hashes } = await story(config)
      const found = await changes(KEEPER, { slot: '0x1' })
      expect(found).toMatchObject([
        { blockNumber: '0x1', step: 1, transactionIndex: '0x0', transactionHash: hashes[0] },
        { blockNumber: '0x1', step: 3, transactionIndex: '0x2', transactionHash: hashes[2] },
        { blockNumber: '0x7', step: 1, transactionIndex: '0x0', transactionHash: hashes[3] },
      ])
      // The cheat is in no block: it shows between the second and the third.
      expect(found.map(({ before, after }) => [Number(before), Number(after)])).toEqual([
        [0, 10],
        [10, 20],
        [99, 100],
      ])
      expect(new Set(found.map(({ kind, slot }) => `${kind} ${slot}`))).toEqual(
        new Set([`slot 0x${word(1)}`]),
      )
    })
  }

  it('keeps to the blocks that are asked about', async () => {
    const { changes } = await story({})
    const asked = async (fromBlock: string, toBlock: string): Promise<number> =>
      (await changes(KEEPER, { slot: '0x1', fromBlock, toBlock })).length
    expect(await asked('0x0', '0x6')).toBe(2)
    expect(await asked('0x2', '0x6')).toBe(0)
    expect(await asked('0x7', 'latest')).toBe(1)
    expect(await asked('earliest', '0xffff')).toBe(3)
    expect(await asked('0x8', '0x2')).toBe(0)
  })

  it('has all of an account without a slot', async () => {
    const { changes, alice, bob, send, ask } = await start()
    const hash = await send({ to: bob, value: '0x5' })
    const fresh = `0x${'cd'.repeat(20)}`
    await send({ to: fresh, value: '0x2' })
    expect(await changes(fresh)).toEqual([
      expect.objectContaining({ kind: 'exists', before: false, after: true, blockNumber: '0x2' }),
      expect.objectContaining({ kind: 'balance', before: '0x0', after: '0x2' }),
    ])
    const [payment] = await changes(bob)
    expect(payment).toMatchObject({ kind: 'balance', transactionHash: hash })
    expect(BigInt(payment!.after as string) - BigInt(payment!.before as string)).toBe(5n)
    const nonces = (await changes(alice)).filter(({ kind }) => kind === 'nonce')
    expect(nonces.map(({ before, after }) => [before, after])).toEqual([
      ['0x0', '0x1'],
      ['0x1', '0x2'],
    ])
    const { hash: second } = (await ask('eth_getBlockByNumber', '0x2', false)) as { hash: string }
    expect(nonces[1]!.blockHash).toBe(second)
  })

  it('has what the protocol does, in blocks of nothing too', async () => {
    const { changes, ask } = await start()
    await ask('anvil_mine', '0x3')
    const found = await changes(PARENT_HASHES)
    expect(found.map((it) => [it.blockNumber, it.step, it.transactionHash, it.kind])).toEqual([
      ['0x1', 0, null, 'slot'],
      ['0x2', 0, null, 'slot'],
      ['0x3', 0, null, 'slot'],
    ])
    const { parentHash } = (await ask('eth_getBlockByNumber', '0x3', false)) as {
      parentHash: string
    }
    expect(found[2]!.after).toBe(parentHash)
  })

  it('says that all storage went, where a slot is asked for', async () => {
    const { changes, ask, write, send } = await start({ hardfork: 'shanghai' })
    await ask('anvil_setCode', KEEPER, CODE)
    await write(1, 10)
    await send({ to: KEEPER })
    const found = await changes(KEEPER, { slot: '0x1' })
    expect(found.map(({ blockNumber, kind }) => [blockNumber, kind])).toEqual([
      ['0x1', 'slot'],
      ['0x2', 'wiped'],
    ])
    const kinds = (await changes(KEEPER, { fromBlock: '0x2' })).map(({ kind }) => kind)
    expect(kinds).toEqual(expect.arrayContaining(['wiped', 'exists', 'codeHash']))
  })

  it('refuses what is no address, no slot, and more blocks than it looks through', async () => {
    const { changes, ask } = await start({ genesisNumber: 200_000n })
    await expect(changes('0x12')).rejects.toThrow(/address/)
    await expect(changes(KEEPER, { slot: 'x' })).rejects.toThrow(/filter\.slot/)
    await ask('anvil_mine', '0x1')
    await expect(changes(KEEPER, { fromBlock: '0x0' })).rejects.toThrow(/spans 200002 blocks/)
    expect(await changes(KEEPER, { fromBlock: '0x30000' })).toEqual([])
  })
})
