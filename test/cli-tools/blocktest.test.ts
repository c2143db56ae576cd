import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

import { blockCases } from '../../src/cli/block-fixture.ts'
import { type BlockTestResult, blocktest, runBlockCase } from '../../src/cli/blocktest.ts'
import type { Block } from '../../src/model/block.ts'
import { DAO_ADDRESSES, DAO_REFUND_ADDRESS } from '../../src/model/dao.ts'
import { type Address, ZERO_HASH } from '../../src/primitives/hex.ts'
import { orderedRoot } from '../../src/primitives/ordered-root.ts'
import { temporaryFolder } from '../support/checkout.ts'
import {
  type TestJson,
  executor,
  fixtureOf,
  invalid,
  mine,
  rlpOf,
  spoiled,
  startChain,
  transfer,
  valid,
} from './block-maker.ts'
import { capture, linesOf } from './capture.ts'

const folder = temporaryFolder('blocktest')
afterAll(folder.remove)

async function run(test: TestJson): Promise<BlockTestResult> {
  const [first] = blockCases({ test })
  return runBlockCase(executor, first!)
}

/** Two blocks with a transfer each. */
async function twoBlocks(network: string, second = 14_020n): Promise<TestJson> {
  const chain = startChain(network)
  const blocks = [
    await mine(chain, 14_010n, [transfer(0n)]),
    await mine(chain, second, [transfer(1n)]),
  ]
  return fixtureOf(chain, network, blocks.map(valid))
}

describe('a block test', () => {
  it.each(['Frontier', 'Byzantium', 'London', 'Merge', 'Shanghai', 'Cancun', 'Prague', 'BPO2'])(
    'imports valid blocks of %s',
    async (network) => {
      const test = await twoBlocks(network)
      const result = await run(test)
      expect(result).toMatchObject({ pass: true, lastBlockHash: test.lastblockhash })
      expect(result.stateRoot).toMatch(/^0x[0-9a-f]{64}$/)
    },
  )

  it('follows a change of rules between two blocks', async () => {
    const test = await twoBlocks('ShanghaiToCancunAtTime15k', 15_000n)
    expect(await run(test)).toMatchObject({ pass: true })
    expect(await run({ ...test, network: 'Shanghai' })).toMatchObject({
      pass: false,
      error: expect.stringContaining('block 1: refused'),
    })
  })

  it("moves The DAO's ether in a block, and wants the mark in ten", async () => {
    const network = 'HomesteadToDaoAt5'
    const held = DAO_ADDRESSES[7]!
    const chain = startChain(network)
    const blocks: Block[] = []
    for (let n = 1n; n <= 16n; n++) {
      const pays = n === 4n ? [transfer(0n, 5n, 21_000n, held)] : []
      blocks.push(await mine(chain, 14_000n + 14n * n, pays))
    }
    const balanceAt = (at: Address, number: number) =>
      chain.view(chain.history.byHash(blocks[number - 1]!.hash)!.version!).account(at)?.balanceWei
    expect([balanceAt(held, 4), balanceAt(DAO_REFUND_ADDRESS, 4)]).toEqual([5n, undefined])
    expect([balanceAt(held, 5), balanceAt(DAO_REFUND_ADDRESS, 5)]).toEqual([0n, 5n])
    // As clients do it, the others are there from then on, empty.
    expect(DAO_ADDRESSES.every((address) => balanceAt(address, 5) === 0n)).toBe(true)
    const test = fixtureOf(chain, network, blocks.map(valid))
    expect(await run(test)).toMatchObject({ pass: true, lastBlockHash: test.lastblockhash })
    for (const number of [5, 14]) {
      const block = blocks[number - 1]!
      const plain = invalid(rlpOf(spoiled(block, { extraData: new Uint8Array(0) })), 'EXTRA_DATA')
      const before = blocks.slice(0, number - 1).map(valid)
      const lastblockhash = block.header.parentHash
      const unmarked = { ...test, blocks: [...before, plain], lastblockhash }
      expect(await run(unmarked)).toMatchObject({ pass: true })
    }
    expect(blocks[14]!.header.extraData).toEqual(new Uint8Array(0))
    const simple = await run({ ...test, network: 'Homestead' })
    expect(simple.error).toContain('block 4: refused, expected to be valid: stateRoot')
  })

  it('merges where the chain has the difficulty for it', async () => {
    const network = 'ArrowGlacierToParisAtDiffC0000'
    const chain = startChain(network, 0x20000n)
    const blocks: Block[] = []
    // 0x20000 each: the fifth ends it.
    for (let n = 1n; n <= 8n; n++) blocks.push(await mine(chain, 14_000n + 20n * n))
    expect(blocks.map(({ header }) => header.difficulty > 0n)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ])
    const test = fixtureOf(chain, network, blocks.map(valid))
    expect(await run(test)).toMatchObject({ pass: true, lastBlockHash: test.lastblockhash })
    const [early, late] = [blocks[4]!, blocks[5]!]
    const wrong = [
      [4, spoiled(early, { difficulty: 0n })],
      [4, spoiled(early, { difficulty: early.header.difficulty + 1n })],
      [5, spoiled(late, { difficulty: 0x20000n })],
    ] as const
    for (const [at, block] of wrong) {
      const refused = invalid(rlpOf(block), 'IMPORT_IMPOSSIBLE')
      const all = [...test.blocks.slice(0, at), refused, ...test.blocks.slice(at)]
      expect(await run({ ...test, blocks: all })).toMatchObject({ pass: true })
    }
  })

  it('refuses what is invalid, and the head stays', async () => {
    const chain = startChain('Cancun')
    const first = await mine(chain, 14_010n, [transfer(0n)])
    const second = await mine(chain, 14_020n, [transfer(1n)])
    const changes = [
      { stateRoot: ZERO_HASH },
      { gasUsed: 1n },
      { timestamp: 14_010n },
      { parentHash: ZERO_HASH, number: 7n },
      { excessBlobGas: 131_072n },
      { extraData: new Uint8Array(33) },
    ]
    const encodings = ['0x', '0xc0', rlpOf(second).slice(0, -2), `${rlpOf(second)}00`]
    const bad = [
      ...encodings.map((rlp) => invalid(rlp, 'BlockException.RLP')),
      ...changes.map((change) => invalid(rlpOf(spoiled(second, change)), 'BlockException.ANY')),
    ]
    const test = fixtureOf(chain, 'Cancun', [valid(first), ...bad, valid(second)])
    expect(await run(test)).toMatchObject({ pass: true, lastBlockHash: second.hash })
    const halted = { ...test, blocks: test.blocks.slice(0, -1), lastblockhash: first.hash }
    expect(await run(halted)).toMatchObject({ pass: true, lastBlockHash: first.hash })
  })

  it('refuses a block for a transaction that cannot be in it', async () => {
    const chain = startChain('Prague')
    const first = await mine(chain, 14_010n, [transfer(0n)])
    const early = transfer(1n)
    const block = spoiled(
      { ...first, transactions: [early] },
      { transactionsRoot: orderedRoot([early.raw]) },
    )
    const genesis = first.header.parentHash
    const test = { ...fixtureOf(chain, 'Prague', []), lastblockhash: genesis }
    const refused = { ...test, blocks: [invalid(rlpOf(block), 'TransactionException.NONCE')] }
    expect(await run(refused)).toMatchObject({ pass: true, lastBlockHash: genesis })
    expect(await run({ ...test, blocks: [valid(block)] })).toMatchObject({
      pass: false,
      error: expect.stringContaining('transaction 0: nonce too high'),
    })
  })

  it('takes a block that comes again for taken', async () => {
    const test = await twoBlocks('Cancun')
    const again = { ...test, blocks: [...test.blocks, ...test.blocks] }
    expect(await run(again)).toMatchObject({ pass: true, lastBlockHash: test.lastblockhash })
  })

  it('fails when a block is taken that should not be', async () => {
    const test = await twoBlocks('Cancun')
    test.blocks[1] = invalid(test.blocks[1]!.rlp, 'BlockException.INVALID_GASLIMIT')
    expect(await run(test)).toMatchObject({
      pass: false,
      error: 'block 1: imported, expected BlockException.INVALID_GASLIMIT',
    })
  })

  it('fails when the head or the genesis is another', async () => {
    const test = await twoBlocks('Cancun')
    expect(await run({ ...test, lastblockhash: ZERO_HASH })).toMatchObject({
      pass: false,
      error: expect.stringMatching(/^last block: expected 0x0+, got 0x/),
    })
    const genesis = { ...test, genesisBlockHeader: { hash: ZERO_HASH } }
    expect((await run(genesis)).error).toMatch(/^genesis: expected 0x0+, got 0x/)
  })

  it('fails, and does not throw, when the fixture is malformed or its fork unknown', async () => {
    const test = await twoBlocks('Cancun')
    expect(await run({ ...test, network: 'Nowhere' })).toMatchObject({
      pass: false,
      error: 'unknown fork Nowhere',
      lastBlockHash: ZERO_HASH,
    })
    expect((await run({ ...test, genesisRLP: '0xc0' })).error).toContain('genesisRLP: ')
    expect((await run({ ...test, pre: { '0x12': {} } })).pass).toBe(false)
  })
})

describe('heddle blocktest', () => {
  it('prints a line for each test of a folder and fails when one does', async () => {
    const good = await twoBlocks('Cancun')
    mkdirSync(join(folder.path, 'deep'), { recursive: true })
    const path = join(folder.path, 'deep', 'b.json')
    writeFileSync(path, JSON.stringify({ good, bad: { ...good, lastblockhash: ZERO_HASH } }))
    writeFileSync(
      join(folder.path, 'a.json'),
      JSON.stringify({ london: await twoBlocks('London') }),
    )
    const all = await capture(blocktest, folder.path)
    expect(all.code).toBe(1)
    expect(
      linesOf(all.stdout).map(({ name, fork, index, pass }) => ({ name, fork, index, pass })),
    ).toEqual([
      { name: 'london', fork: 'London', index: 0, pass: true },
      { name: 'good', fork: 'Cancun', index: 0, pass: true },
      { name: 'bad', fork: 'Cancun', index: 0, pass: false },
    ])
    const london = await capture(blocktest, '--fork', 'london', folder.path)
    expect(london.code).toBe(0)
    expect(linesOf(london.stdout)).toHaveLength(1)
    const none = await capture(blocktest, '--fork=Osaka', path)
    expect(none).toMatchObject({ code: 0, stdout: '' })
    expect(none.stderr).toContain('no test of osaka there')
  })

  it.each([
    [[], 'no file named'],
    [['--fork', 'Nowhere', 'x'], '--fork: unknown fork Nowhere'],
    [['--workers', 'two', 'x'], '--workers: expected a number from 1 to 256, got two'],
    [['nowhere'], 'nowhere: no such file or folder'],
    [[join(import.meta.dirname, '..', '..', 'package.json')], 'package.json: name: expected'],
  ])('refuses %j', async (argv, problem) => {
    const { code, stdout, stderr } = await capture(blocktest, ...argv)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(problem)
  })
})
