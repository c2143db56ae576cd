import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'

import { predeploys } from '../../src/chain/predeploys.ts'
import { encodeBlock } from '../../src/model/codec/block.ts'
import { bytesToHex } from '../../src/primitives/hex.ts'
import { fixtureOf, mine, startChain, transfer, valid } from '../cli-tools/block-maker.ts'
import { type Ended, checkout, runIn, temporaryFolder } from '../support/checkout.ts'

/** The whole run against the built command, on small suites of our own making. */

const folder = temporaryFolder('conformance')
afterAll(folder.remove)

const chain = startChain('Prague')
const blocks = [
  await mine(chain, 14_010n, [transfer(0n)]),
  await mine(chain, 14_020n, [transfer(1n), transfer(2n)]),
]

function write(path: string, content: string | Uint8Array): void {
  const file = join(folder.path, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

function conform(suite: string, ...flags: readonly string[]): Promise<Ended> {
  const script = join(checkout, 'scripts', 'conformance.mjs')
  return runIn(folder.path, process.execPath, [script, folder.path, '--suite', suite, ...flags])
}

function genesisJson(): string {
  const { header } = chain.history.genesis.block
  const zeros = ['homestead', 'eip150', 'eip155', 'eip158', 'byzantium', 'constantinople']
  const forks = [...zeros, 'petersburg', 'istanbul', 'berlin', 'london', 'mergeNetsplit']
  const test = fixtureOf(chain, 'Prague', [])
  return JSON.stringify({
    config: {
      chainId: 1,
      ...Object.fromEntries(forks.map((fork) => [`${fork}Block`, 0])),
      ...Object.fromEntries(['shanghai', 'cancun', 'prague'].map((fork) => [`${fork}Time`, 0])),
    },
    gasLimit: `0x${header.gasLimit.toString(16)}`,
    timestamp: `0x${header.timestamp.toString(16)}`,
    difficulty: '0x0',
    alloc: test.pre,
  })
}

function exchange(method: string, params: unknown[], answer: object, note = 'a question'): string {
  const request = { jsonrpc: '2.0', id: 1, method, params }
  const lines = [`// ${note}`, `>> ${JSON.stringify(request)}`]
  return [...lines, `<< ${JSON.stringify({ jsonrpc: '2.0', id: 1, ...answer })}`, ''].join('\n')
}

describe('npm run conformance', () => {
  it('passes block tests that pass, and writes what it found', async () => {
    write(
      'block-tests/good.json',
      JSON.stringify({ two: fixtureOf(chain, 'Prague', blocks.map(valid)) }),
    )
    const { code, stdout } = await conform('block-tests', '--json', 'found.json')
    expect(stdout).toMatch(/^block-tests: 1 passed, 0 failed \(1 cases, [0-9.]+ s\)\n$/)
    expect(code).toBe(0)
    const found = JSON.parse(readFileSync(join(folder.path, 'found.json'), 'utf8')) as {
      suites: { name: string; passed: unknown[] }[]
    }
    expect(found.suites[0]).toMatchObject({ name: 'block-tests', ran: 1 })
    expect(found.suites[0]!.passed).toHaveLength(1)
  })

  it('fails with the name and the reason', async () => {
    const test = fixtureOf(chain, 'Prague', blocks.map(valid))
    write(
      'block-tests/bad.json',
      JSON.stringify({ late: { ...test, lastblockhash: test.genesisBlockHeader.hash } }),
    )
    const { code, stdout } = await conform('block-tests')
    expect(code).toBe(1)
    expect(stdout).toContain('block-tests: 1 passed, 1 failed')
    expect(stdout).toContain('FAILED bad.json late: last block: expected 0x')
  })

  it('fails when a file gives no case, or a suite has no file', async () => {
    write('state-tests/empty.json', '{}')
    const empty = await conform('state-tests')
    expect(empty.code).toBe(1)
    expect(empty.stdout).toContain('FAILED empty.json: no case in it')
    const none = await conform('mainnet-blocks')
    expect(none.code).toBe(1)
    expect(none.stdout).toContain('no fixture there')
  })

  it('replays blocks', async () => {
    const block = readFileSync(join(checkout, 'test', 'cli-tools', 'data', '46147.json'))
    write('mainnet-blocks/46147.json.gz', gzipSync(block))
    const { code, stdout } = await conform('mainnet-blocks')
    expect(stdout).toContain('mainnet-blocks: 1 passed, 0 failed')
    expect(code).toBe(0)
  })

  it('asks a node that runs on a genesis file and imported blocks', async () => {
    write('rpc/genesis.json', genesisJson())
    write('rpc/chain.rlp', Buffer.concat(blocks.map(encodeBlock)))
    const address = predeploys('prague', false)[0]!
    const last = blocks[1]!
    write('rpc/eth_blockNumber/head.io', exchange('eth_blockNumber', [], { result: '0x2' }))
    write(
      'rpc/eth_getCode/code.io',
      exchange('eth_getCode', [address.address, 'latest'], { result: bytesToHex(address.code) }),
    )
    write(
      'rpc/eth_call/loose.io',
      exchange('eth_gasPrice', [], { result: '0x123' }, 'speconly: only the shape'),
    )
    write(
      'rpc/eth_sendRawTransaction/send.io',
      exchange('eth_sendRawTransaction', [bytesToHex(transfer(3n).raw)], {
        result: transfer(3n).hash,
      }),
    )
    const good = await conform('rpc')
    expect(good.stdout).toContain('rpc: 4 passed, 0 failed')
    expect(good.code).toBe(0)
    write(
      'rpc/eth_getTransactionByHash/wrong.io',
      exchange('eth_getTransactionByHash', [last.transactions[0]!.hash], { result: null }),
    )
    const bad = await conform('rpc')
    expect(bad.code).toBe(1)
    expect(bad.stdout).toContain(
      'FAILED eth_getTransactionByHash/wrong.io: result: expected null, got {',
    )
  })

  it('says how it is used', async () => {
    const { code, stderr } = await conform('nothing')
    expect(code).toBe(2)
    expect(stderr).toContain('usage: npm run conformance')
  })
})
