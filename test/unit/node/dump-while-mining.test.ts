import { gunzipSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'
import { dumpCompressed } from '../../../src/node/dump/dump-files.ts'
import { keccakHash } from '../../../src/primitives/keccak.ts'
import type { Address } from '../../../src/primitives/hex.ts'
import { hexToBytes } from '../../../src/primitives/hex.ts'
import { temporaryFolder } from '../../support/checkout.ts'
import { devChain } from '../../support/dev-chain.ts'

const folder = temporaryFolder('dump-while-mining')
afterAll(() => folder.remove())

const STRANGER = '0x00000000000000000000000000000000000c0de5'

interface Dump {
  readonly best_block_number: number
  readonly accounts: Readonly<Record<string, { readonly balance: string }>>
  readonly blocks: readonly { readonly header: { readonly number: string } }[]
  readonly transactions: readonly unknown[]
}

const read = (hex: unknown): Dump =>
  JSON.parse(gunzipSync(hexToBytes(hex as `0x${string}`)).toString()) as Dump

/** So many that a dump of them takes many turns. */
const many = `0x${Buffer.from(
  JSON.stringify({
    accounts: Object.fromEntries(
      Array.from({ length: 20_000 }, (_, at) => [
        `0x${(at + 1_000).toString(16).padStart(40, '0')}`,
        { nonce: 0, balance: '0x1', code: '0x', storage: {} },
      ]),
    ),
  }),
).toString('hex')}`

async function withState(node: HeddleNode) {
  const ask = (method: string, ...params: unknown[]) => node.request({ method, params })
  const [from] = (await ask('eth_accounts')) as string[]
  await ask('anvil_loadState', many)
  const pay = () => ask('eth_sendTransaction', { from, to: STRANGER, value: '0x1' })
  for (let block = 0; block < 3; block++) await pay()
  return { ask, pay }
}

it.each([undefined, folder.path])(
  'a dump has the chain as it was when it was asked for, and blocks go on meanwhile (%s)',
  async (dataDir) => {
    await using node = await createNode({
      artefactDirs: [],
      workers: 1,
      ...(dataDir && { dataDir, cacheMib: 1 }),
    })
    const { ask, pay } = await withState(node)
    const before = read(await ask('anvil_dumpState'))
    expect(before).toMatchObject({ best_block_number: 3 })
    let isDumped = false
    const dumping = ask('anvil_dumpState').finally(() => (isDumped = true))
    // Blocks on it, and others in the place of some of its own.
    await pay()
    await ask('anvil_rollback', 3)
    await pay()
    await ask('anvil_setBalance', STRANGER, '0x99')
    await ask('anvil_mine', '0x5')
    expect(isDumped).toBe(false)
    expect(read(await dumping)).toEqual(before)
    const after = read(await ask('anvil_dumpState'))
    expect(after.accounts[STRANGER]!.balance).toBe('0x99')
    expect(after.blocks).toHaveLength(8)
  },
)

it('a dump of a chain in whose place another was loaded says so', async () => {
  await using node = await createNode({ artefactDirs: [], workers: 1 })
  const { ask } = await withState(node)
  const other = await createNode({ artefactDirs: [], workers: 1, genesisTimestamp: 5n })
  await other.request({ method: 'anvil_mine', params: ['0x9'] })
  const dump = await other.request({ method: 'anvil_dumpState' })
  await other.close()
  const dumping = ask('anvil_dumpState')
  const refused = expect(dumping).rejects.toMatchObject({
    message: expect.stringMatching(
      /the state cannot be dumped: another chain was loaded/,
    ) as string,
  })
  await ask('anvil_loadState', dump)
  await refused
})

it.each([10, 100_000])(
  'a dump of more than %s bytes, where no more are taken, says where a larger one goes',
  async (most) => {
    const dev = devChain()
    const wei = (at: number): bigint => BigInt(keccakHash(Uint8Array.of(at, at >> 8))) >> 64n
    const accounts = new Map(
      Array.from({ length: 10_000 }, (_, at) => {
        const address = keccakHash(Uint8Array.of(at, at >> 8, 1)).slice(0, 42) as Address
        return [address, { life: 'created' as const, balanceWei: wei(at) }]
      }),
    )
    await dev.change(() => ({ accounts, codes: new Map() }))
    const dumping = dumpCompressed(dev, { historicalStates: false }, most)
    await expect(dumping).rejects.toThrow(
      `the state is larger than ${most} bytes, compressed: start with --dump-state FILE`,
    )
    expect((await dev.mine()).header.number).toBe(1n)
  },
)
