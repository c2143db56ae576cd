import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'

import { replay } from '../../src/cli/replay.ts'
import { hexToBytes } from '../../src/primitives/hex.ts'
import { keccakHash } from '../../src/primitives/keccak.ts'
import { temporaryFolder } from '../support/checkout.ts'
import { capture, linesOf } from './capture.ts'

type Json = Record<string, unknown>
type File = { block: Json & { transactions: Json[] }; pre: Record<string, Json>; codes: Json }

/** The first mainnet block with a transaction. */
const FIRST = join(import.meta.dirname, 'data', '46147.json')
const SENDER = '0xa1e4380a3b1f749673e270229993ee55f35663b4'
const HASHER = '0x5df9b87991262f6ba471f09758cde1c0fc1de734'

const folder = temporaryFolder('replay')
afterAll(folder.remove)

function altered(name: string, change: (file: File) => void): string {
  const file = JSON.parse(readFileSync(FIRST, 'utf8')) as File
  change(file)
  const path = join(folder.path, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, JSON.stringify(file))
  return path
}

/** The receiver runs this code: the block of the given number's hash goes to slot 0. */
function asksHash(file: File, number: number): void {
  const hex = number.toString(16).padStart(6, '0')
  const code = `0x62${hex}4060005500`
  const codeHash = keccakHash(hexToBytes(code))
  file.codes[codeHash] = code
  file.pre[HASHER] = { balance: '0x0', nonce: 0, code_hash: codeHash, storage: {} }
  file.block.transactions[0]!['gas'] = '0x186a0'
  file.block['gasLimit'] = '0x186a0'
  file.pre[SENDER]!['balance'] = '0xffffffffffffffffffff'
}

describe('heddle replay', () => {
  it('executes a mainnet block, plain or compressed, and agrees with its header', async () => {
    const zipped = join(folder.path, 'block.json.gz')
    writeFileSync(zipped, gzipSync(readFileSync(FIRST)))
    const { code, stdout, stderr } = await capture(replay, '--runs=2', FIRST, zipped)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = linesOf(stdout)
    expect(lines.map((line) => line['file'])).toEqual([FIRST, zipped])
    for (const line of lines) {
      expect(line).toMatchObject({ number: 46147, txs: 1, gasUsed: '0x5208', pass: true })
      expect(line['parallelism']).toEqual({
        basis: 'modelled',
        dependent: 0,
        waves: 1,
        bound: 1,
        dependencies: [[]],
      })
      expect(line['executor']).toEqual({ name: 'serial', workers: 1, incarnations: 1, aborts: 0 })
      expect(line['ms']).toBeTypeOf('number')
      expect(line['receiptsRoot']).toMatch(/^0x[0-9a-f]{64}$/)
      expect(line['error']).toBeUndefined()
    }
  })

  it('prints a table when it is asked for one, with what failed by its file', async () => {
    const wrong = altered('wrong.json', ({ block }) => (block['gasUsed'] = '0x5209'))
    const { code, stdout } = await capture(replay, '--format=table', '--runs=1', FIRST, wrong)
    expect(code).toBe(1)
    const [head, first, second] = stdout.split('\n')
    expect(head?.trim().split(/\s+/)).toEqual(
      'block txs gas ms Mgas/s runs again waits bound executor'.split(' '),
    )
    expect(first?.trim().split(/\s+/).slice(0, 3)).toEqual(['46147', '1', '21,000'])
    expect(first).toMatch(/ 1 +0 +0 +1\.0x {2}serial, 1$/)
    expect(second).toBe('     46147 wrong.json: gasUsed: the header says 21001')
  })

  it('fails a block whose header says another gas or bloom, and goes on', async () => {
    const gas = altered('gas.json', ({ block }) => (block['gasUsed'] = '0x5209'))
    const bloom = altered('bloom.json', ({ block }) => {
      block['logsBloom'] = `0x01${'00'.repeat(255)}`
    })
    const { code, stdout } = await capture(replay, '--runs', '1', gas, bloom, FIRST)
    expect(code).toBe(1)
    const [first, second, third] = linesOf(stdout)
    expect(first).toMatchObject({ pass: false, error: 'gasUsed: the header says 21001' })
    expect(second).toMatchObject({ pass: false, error: 'logsBloom differs' })
    expect(third).toMatchObject({ pass: true })
  })

  it('compares the receipts root since Byzantium', async () => {
    const late = altered('late.json', ({ block }) => (block['number'] = '0x42ae50'))
    const { code, stdout } = await capture(replay, '--runs=1', late)
    expect(code).toBe(1)
    expect(linesOf(stdout)[0]!['error']).toMatch(/^receiptsRoot: the header says 0xfe2bf2a941ab/)
  })

  it('fails a block with a transaction that cannot be in it', async () => {
    const poor = altered('poor.json', ({ pre }) => (pre[SENDER]!['balance'] = '0x1'))
    const { code, stdout } = await capture(replay, poor)
    expect(code).toBe(1)
    expect(linesOf(stdout)[0]!['error']).toMatch(/^transaction 0: insufficient funds/)
  })

  it('reads hashes beside the block or where it is told, and fails where one is missing', async () => {
    const beside = altered('beside/block.json', (file) => asksHash(file, 46_140))
    const missing = await capture(replay, '--runs=1', beside)
    expect(missing.code).toBe(1)
    expect(linesOf(missing.stdout)[0]!['error']).toContain('the hash of block 46140')
    writeFileSync(
      join(folder.path, 'beside', 'block_hashes.json'),
      JSON.stringify({ 46140: `0x${'ab'.repeat(32)}` }),
    )
    const expected = (stdout: string): unknown => linesOf(stdout)[0]!['gasUsed']
    // 21000 for the transaction, 3 + 20 + 3 for the hash, 20000 for the slot.
    expect(expected((await capture(replay, '--runs=1', beside)).stdout)).toBe('0xa042')
    const apart = altered('apart/block.json', (file) => asksHash(file, 46_140))
    const hashes = join(folder.path, 'beside', 'block_hashes.json')
    const told = await capture(replay, '--runs=1', '--hashes', hashes, apart)
    expect(expected(told.stdout)).toBe('0xa042')
  })

  it('refuses code that is filed under the hash of another', async () => {
    const name = `0x${'c0'.repeat(32)}`
    const wrong = altered('wrong.json', (file) => (file.codes[name] = '0x00'))
    const { code, stderr } = await capture(replay, wrong)
    expect(code).toBe(2)
    expect(stderr).toContain(`codes.${name}: is not this code's hash`)
  })

  it('needs no hash of the parent, nor of blocks out of reach', async () => {
    const parent = altered('parent/block.json', (file) => asksHash(file, 46_146))
    const old = altered('old/block.json', (file) => asksHash(file, 40_000))
    const { stdout } = await capture(replay, '--runs=1', parent, old)
    // A zero in an empty slot costs 5000.
    expect(linesOf(stdout).map((line) => line['gasUsed'])).toEqual(['0xa042', '0x65aa'])
  })

  it('walks a folder, leaving the hashes out', async () => {
    const { code, stdout } = await capture(replay, '--runs=1', join(folder.path, 'apart'))
    expect(linesOf(stdout)).toHaveLength(1)
    expect(code).toBe(1)
  })

  it.each([
    [[], 'no file named'],
    [
      ['--executor', 'threads', FIRST],
      '--executor: expected one of serial, optimistic, block-stm, dag, bal, got threads',
    ],
    [['--engine=geth', FIRST], '--engine: expected ethereumjs or wasm'],
    [['--workers', '0', FIRST], '--workers: expected a number from 1 to 256, got 0'],
    [['--runs', '0', FIRST], '--runs: expected a number from 1 to 1000, got 0'],
    [['--runs'], '--runs: a value is missing'],
    [['--fork', 'Cancun', FIRST], 'unknown option --fork'],
    [['nowhere.json'], 'nowhere.json: no such file or folder'],
    [[join(import.meta.dirname, 'capture.ts')], 'capture.ts: Unexpected token'],
    [[join(import.meta.dirname, '..', '..', 'package.json')], 'block: expected an object'],
    [['--hashes', 'nowhere.json', FIRST], 'nowhere.json: ENOENT'],
  ])('refuses %j', async (argv, problem) => {
    const { code, stdout, stderr } = await capture(replay, ...argv)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(problem)
    expect(stderr).toMatch(/^heddle replay: /)
  })

  it('goes on after a file that it cannot read', async () => {
    const { code, stdout, stderr } = await capture(replay, '--runs=1', import.meta.filename, FIRST)
    expect(code).toBe(2)
    expect(linesOf(stdout)).toMatchObject([{ file: FIRST, pass: true }])
    expect(stderr).toContain(`${import.meta.filename}: Unexpected token`)
  })

  it('names the field of a malformed file', async () => {
    const path = altered('field.json', ({ block }) => {
      block.transactions[0]!['value'] = 'much'
    })
    const { code, stderr } = await capture(replay, path)
    expect(code).toBe(2)
    expect(stderr).toContain('block.transactions.0.value: expected a number')
  })

  it('explains itself', async () => {
    const { code, stdout } = await capture(replay, '--help')
    expect(code).toBe(0)
    expect(stdout).toContain('--hashes FILE')
  })
})
