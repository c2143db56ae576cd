import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'

import { statetest } from '../../../src/cli/statetest.ts'
import { signTransaction } from '../../../src/model/signer.ts'
import { bytesToHex, hexToBytes } from '../../../src/primitives/hex.ts'
import { EMPTY_LIST_HASH, EMPTY_ROOT } from '../../../src/primitives/keccak.ts'
import { privateKeyToAddress } from '../../../src/primitives/secp256k1.ts'
import { temporaryFolder } from '../../support/checkout.ts'
import { account, asm } from '../../contract/engine-world.ts'

const folder = temporaryFolder('statetest')
afterAll(() => folder.remove())

const KEY = hexToBytes(`0x${'45'.repeat(32)}`)
const SENDER = privateKeyToAddress(KEY)
const CONTRACT = account(1)

interface Line {
  readonly file: string
  readonly name: string
  readonly fork: string
  readonly index: number
  readonly pass: boolean
  readonly stateRoot: string
  readonly logsHash: string
  readonly error?: string
}

async function run(...argv: string[]): Promise<{ exitCode: number; lines: Line[] }> {
  let text = ''
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    const exitCode = await statetest(argv)
    const lines = text.split('\n').filter(Boolean)
    return { exitCode, lines: lines.map((line) => JSON.parse(line) as Line) }
  } finally {
    out.mockRestore()
    err.mockRestore()
  }
}

function fixture(post: object): object {
  return {
    storing: {
      env: {
        currentCoinbase: account(2),
        currentGasLimit: '0xffffff',
        currentNumber: '0x1',
        currentTimestamp: '0x3e8',
        currentDifficulty: '0x20000',
        currentBaseFee: '0xa',
        currentRandom: '0x20000',
      },
      pre: {
        [SENDER]: { nonce: '0x0', balance: '0xde0b6b3a7640000', code: '0x', storage: {} },
        [CONTRACT]: {
          nonce: '0x1',
          balance: '0x0',
          code: bytesToHex(asm('0x00 CALLDATALOAD 0x01 SSTORE')),
          storage: { '0x01': '0x02' },
        },
      },
      transaction: {
        nonce: '0x0',
        gasPrice: '0xa',
        gasLimit: ['0x30d40', '0x5208'],
        to: CONTRACT,
        value: ['0x0'],
        data: ['0x', `0x${'00'.repeat(31)}07`],
        secretKey: bytesToHex(KEY),
      },
      post,
    },
  }
}

function write(name: string, post: object): string {
  const path = join(folder.path, name)
  writeFileSync(path, JSON.stringify(fixture(post)))
  return path
}

const variant = (hash: string, data: number, gas: number, more: object = {}): object => ({
  hash,
  logs: EMPTY_LIST_HASH,
  indexes: { data, gas, value: 0 },
  ...more,
})

describe('heddle statetest', () => {
  it('prints one line per test, fork and variant, and fails where a root differs', async () => {
    const wrong = write('wrong.json', {
      Cancun: [variant(EMPTY_ROOT, 0, 0), variant(EMPTY_ROOT, 1, 0)],
      Shanghai: [variant(EMPTY_ROOT, 1, 0)],
    })
    const first = await run(wrong)
    expect(first.exitCode).toBe(1)
    expect(first.lines.map(({ fork, index, pass }) => [fork, index, pass])).toEqual([
      ['Cancun', 0, false],
      ['Cancun', 1, false],
      ['Shanghai', 0, false],
    ])
    expect(first.lines[0]).toMatchObject({
      file: wrong,
      name: 'storing',
      logsHash: EMPTY_LIST_HASH,
    })
    const [zero, seven] = first.lines
    expect(zero!.stateRoot).not.toBe(seven!.stateRoot)
    const right = write('right.json', {
      Cancun: [variant(zero!.stateRoot, 0, 0), variant(seven!.stateRoot, 1, 0)],
    })
    expect((await run(right)).exitCode).toBe(0)
    const one = await run('--fork', 'shanghai', folder.path)
    expect(one.lines.map(({ fork, file }) => [fork, file])).toEqual([['Shanghai', wrong]])
  })

  it('reads the signed transaction where the fixture has it', async () => {
    const fields = { type: 0, chainId: 1n, nonce: 0n, gasLimit: 200_000n, to: CONTRACT } as const
    const signed = signTransaction(
      { ...fields, valueWei: 0n, data: hexToBytes(`0x${'00'.repeat(31)}07`), gasPriceWei: 10n },
      KEY,
    )
    const path = write('signed.json', {
      Cancun: [
        variant(EMPTY_ROOT, 1, 0),
        variant(EMPTY_ROOT, 0, 0, { txbytes: bytesToHex(signed.raw) }),
        variant(EMPTY_ROOT, 0, 0, { txbytes: '0xc0' }),
      ],
    })
    const { lines } = await run(path)
    expect(lines[1]!.stateRoot).toBe(lines[0]!.stateRoot)
    expect(lines[2]).toMatchObject({ pass: false, error: expect.stringContaining('rejected') })
  })

  it('passes a rejection that is expected, on the state as it was', async () => {
    const guess = await run(write('guess.json', { Cancun: [variant(EMPTY_ROOT, 1, 1)] }))
    const [{ stateRoot, error }] = guess.lines as [Line]
    expect(error).toContain('intrinsic gas too low')
    const expectException = 'TransactionException.INTRINSIC_GAS_TOO_LOW'
    const post = { Cancun: [variant(stateRoot, 1, 1, { expectException })] }
    expect((await run(write('rejected.json', post))).exitCode).toBe(0)
    const accepted = { Cancun: [variant(stateRoot, 1, 0, { expectException })] }
    const { lines } = await run(write('accepted.json', accepted))
    expect(lines[0]).toMatchObject({ pass: false, error: `accepted, expected ${expectException}` })
  })

  it('counts a fork that it does not know as a failure', async () => {
    const { exitCode, lines } = await run(
      write('later.json', { Later: [variant(EMPTY_ROOT, 0, 0)] }),
    )
    expect(exitCode).toBe(1)
    expect(lines[0]).toMatchObject({ pass: false, stateRoot: EMPTY_ROOT })
    expect(lines[0]!.error).toContain('unknown fork Later')
  })

  it.each([
    [['--engine', 'other', 'x.json']],
    [['--fork']],
    [['--speed', '9', 'x.json']],
    [[]],
    [['/nowhere/at/all.json']],
  ])('exits with 2: %j', async (argv) => {
    expect(await run(...argv)).toEqual({ exitCode: 2, lines: [] })
  })

  it('exits with 2 for a file that is no fixture, and runs the others', async () => {
    const broken = join(folder.path, 'broken.json')
    writeFileSync(broken, '{"a":')
    const other = join(folder.path, 'other.json')
    writeFileSync(other, '{"a":{}}')
    const good = write('good.json', { Cancun: [variant(EMPTY_ROOT, 0, 0)] })
    const { exitCode, lines } = await run(good, broken, other, good)
    expect(exitCode).toBe(2)
    expect(lines.map(({ file }) => file)).toEqual([good, good])
  })

  it('looks for fixtures in folders below, by any link to a file, and not in hidden ones', async () => {
    const deep = join(folder.path, 'deep')
    for (const name of ['.meta', 'a', 'folder.json']) {
      mkdirSync(join(deep, name), { recursive: true })
    }
    writeFileSync(join(deep, '.meta', 'index.json'), '{"root_hash":"0x"}')
    const good = write('deep/a/good.json', { Cancun: [variant(EMPTY_ROOT, 0, 0)] })
    symlinkSync(good, join(deep, 'link.json'))
    const found = await run(deep)
    expect(found.lines.map(({ file }) => file)).toEqual([good, join(deep, 'link.json')])
    expect(found.exitCode).toBe(1)
    symlinkSync(join(deep, 'nowhere'), join(deep, 'lost.json'))
    expect(await run(deep)).toEqual({ exitCode: 2, lines: found.lines })
  })

  it('takes a list of null for none', async () => {
    const path = join(folder.path, 'lists.json')
    const test = fixture({ Istanbul: [0, 1].map((data) => variant(EMPTY_ROOT, data, 0)) }) as {
      storing: { transaction: object }
    }
    Object.assign(test.storing.transaction, { accessLists: [null, []] })
    writeFileSync(path, JSON.stringify(test))
    const { lines } = await run(path)
    expect(lines[0]!.error).toMatch(/^state root: expected/)
    expect(lines[1]!.error).toContain('transaction type not supported: type 1')
  })
})
