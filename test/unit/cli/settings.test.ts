import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { parseArgs } from '../../../src/cli/args.ts'
import { loadSettings } from '../../../src/cli/load-settings.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-settings-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function load(argv: readonly string[], variables: Record<string, string> = {}) {
  const request = parseArgs(argv, '1.2.3')
  if (request.kind !== 'run') throw new Error(`not a run: ${JSON.stringify(request)}`)
  return loadSettings(request, variables, folder)
}

async function write(name: string, content: string): Promise<void> {
  await writeFile(join(folder, name), content)
}

async function problemsOfFile(name: string, content: string): Promise<readonly string[]> {
  await write(name, content)
  const loaded = await load([])
  return loaded.kind === 'bad' ? loaded.problems : []
}

describe('a configuration file', () => {
  const typescript = `import { defineConfig, type HeddleConfig } from 'heddle'
const port: number = 9001
export default defineConfig({ port, balance: 5n, allowedHosts: ['a.b'], ipc: false } satisfies HeddleConfig)`

  it.each([
    ['heddle.config.ts', typescript],
    ['heddle.config.mts', typescript],
    ['heddle.config.mjs', `export default { port: 9001, balance: 5, allowedHosts: 'a.b' }`],
    ['heddle.config.js', `module.exports = { port: 9001, balance: '5', allowedHosts: ['a.b'] }`],
    [
      'heddle.config.json',
      `\uFEFF{"$schema": "x", "port": 9001, "balance": "5", "allowedHosts": ["a.b"]}`,
    ],
  ])('%s', async (name, content) => {
    await write(name, content)
    expect(await load([])).toEqual({
      kind: 'loaded',
      settings: { port: 9001, balance: 5n * 10n ** 18n, allowedHosts: ['a.b'] },
      file: name,
      notes: [],
    })
    expect(await readdir(folder)).toEqual([name])
  })

  it('may lie elsewhere; its paths start there', async () => {
    await mkdir(join(folder, 'sub'))
    await write('sub/my.json', '{"dataDir": "chain", "artefacts": ["out", "/abs"], "port": 9002}')
    const loaded = await load(['--config', 'sub/my.json'])
    expect(loaded).toMatchObject({
      kind: 'loaded',
      file: 'sub/my.json',
      settings: { artefacts: [expect.stringMatching(/sub.out$/), '/abs'], port: 9002 },
    })
    expect(await load([], { HEDDLE_CONFIG: 'sub/my.json' })).toMatchObject({ file: 'sub/my.json' })
  })

  it.each([
    [
      '{"port": "abc"}',
      ['heddle.config.json: port: expected an integer from 0 to 65535, got "abc"'],
    ],
    ['{"port": 1.5}', ['heddle.config.json: port: expected an integer from 0 to 65535, got 1.5']],
    ['{"port": null}', ['heddle.config.json: port: expected an integer from 0 to 65535, got null']],
    ['{"port": [1]}', ['heddle.config.json: port: expected an integer from 0 to 65535, got [1]']],
    ['{"quiet": "maybe"}', ['heddle.config.json: quiet: expected true or false, got "maybe"']],
    ['{"mnemonic": 5}', ['heddle.config.json: mnemonic: expected the words of a mnemonic, got 5']],
    [
      '{"allowedHosts": [5]}',
      ['heddle.config.json: allowedHosts: expected host names such as devnet.local, got [5]'],
    ],
    ['{"prt": 1}', ['heddle.config.json: prt: unknown setting, did you mean "port"?']],
    ['{"frobnicate": 1}', ['heddle.config.json: frobnicate: unknown setting']],
    [
      '{"baseFee": 1}',
      ['heddle.config.json: baseFee: unknown setting, it is called "blockBaseFeePerGas" here'],
    ],
    [
      '{"block-time": 1}',
      ['heddle.config.json: block-time: unknown setting, it is called "blockTime" here'],
    ],
    [
      '{"forkUrl": "x"}',
      [
        'heddle.config.json: forkUrl: expected the URL of a node, such as https://host/path, got "x"',
      ],
    ],
    [
      '{"blockTime": 1, "noMining": true}',
      ['heddle.config.json: noMining: cannot be used together with heddle.config.json: blockTime'],
    ],
    ['[]', ['heddle.config.json: expected an object with settings']],
    ['7', ['heddle.config.json: expected an object with settings']],
    ['{\n  "port": 1,\n}', ['heddle.config.json: not JSON at line 3, column 1']],
    ['', ['heddle.config.json: Unexpected end of JSON input']],
  ])('%s is refused', async (content, problems) => {
    expect(await problemsOfFile('heddle.config.json', content)).toEqual(problems)
  })

  it.each([
    ['export const port = 1', ['heddle.config.ts: expected a default export with settings']],
    ['export default 5', ['heddle.config.ts: expected a default export with settings']],
    [`throw new Error('boom\\nsecond line')`, ['heddle.config.ts: boom']],
  ])('%s is refused', async (content, problems) => {
    expect(await problemsOfFile('heddle.config.ts', content)).toEqual(problems)
  })

  it('is named when it does not parse', async () => {
    const problems = await problemsOfFile('heddle.config.ts', 'export default {')
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^heddle\.config\.ts: \S/)
  })

  it('is named when it is not there', async () => {
    const problems = ['nope.json: there is no such file']
    expect(await load(['--config', 'nope.json'])).toEqual({ kind: 'bad', problems })
  })

  it('must be the only one', async () => {
    await write('heddle.config.ts', 'export default {}')
    await write('heddle.config.json', '{}')
    expect(await load([])).toEqual({
      kind: 'bad',
      problems: ['heddle.config.ts and heddle.config.json are both here: keep one of them'],
    })
  })
})

describe('variables', () => {
  it('set what flags set', async () => {
    const variables = {
      HEDDLE_PORT: '9003',
      HEDDLE_CHAIN_ID: '0x539',
      HEDDLE_BLOCK_TIME: '0.5',
      HEDDLE_BASE_FEE: '7',
      HEDDLE_QUIET: 'true',
      HEDDLE_NO_CORS: '0',
      HEDDLE_IPC: '/tmp/x',
      HEDDLE_DISABLE_DEFAULT_CREATE2_DEPLOYER: 'yes',
      HEDDLE_ACCOUNTS: '',
      PORT: '1',
    }
    expect(await load([], variables)).toEqual({
      kind: 'loaded',
      settings: {
        port: 9003,
        chainId: 1337n,
        blockTime: 500,
        blockBaseFeePerGas: 7n,
        quiet: true,
        noCors: false,
        ipc: '/tmp/x',
        disableDefaultCreate2Deployer: true,
      },
      file: undefined,
      notes: [],
    })
  })

  it('are named when they are bad', async () => {
    const variables = { HEDDLE_PORT: 'abc', HEDDLE_QUIET: 'perhaps', HEDDLE_FORK_URL: 'x' }
    expect(await load([], variables)).toEqual({
      kind: 'bad',
      problems: [
        'HEDDLE_PORT: expected an integer from 0 to 65535, got "abc"',
        'HEDDLE_QUIET: expected true or false, got "perhaps"',
        'HEDDLE_FORK_URL: expected the URL of a node, such as https://host/path, got "x"',
      ],
    })
  })

  it('are told about when nobody knows them', async () => {
    expect(await load([], { HEDDLE_PROT: '1' })).toMatchObject({
      kind: 'loaded',
      notes: ['HEDDLE_PROT is not a variable of heddle, did you mean "HEDDLE_PORT"?'],
    })
  })
})

describe('precedence', () => {
  it('is flags, then variables, then the file', async () => {
    await write('heddle.config.json', '{"port": 1, "accounts": 1, "order": "fifo"}')
    const variables = { HEDDLE_PORT: '2', HEDDLE_ACCOUNTS: '2' }
    const loaded = await load(['--port', '3'], variables)
    expect(loaded).toMatchObject({ settings: { port: 3, accounts: 2, order: 'fifo' } })
  })

  it('lets a later place choose the other of two ways', async () => {
    await write('heddle.config.json', '{"noMining": true, "mnemonic": "one two"}')
    const loaded = await load(['-b', '2', '--mnemonic-random'])
    expect(loaded).toMatchObject({ kind: 'loaded' })
    expect(loaded.kind === 'loaded' && loaded.settings).toEqual({
      blockTime: 2000,
      mnemonicRandom: 12,
    })
  })

  it('lets a variable switch off what the file switches on', async () => {
    await write('heddle.config.json', '{"quiet": true}')
    expect(await load([], { HEDDLE_QUIET: 'false' })).toMatchObject({ settings: { quiet: false } })
  })

  it('joins mixed mining and its block time from two places', async () => {
    await write('heddle.config.json', '{"blockTime": 2}')
    const loaded = await load(['--mixed-mining'])
    expect(loaded).toMatchObject({ settings: { blockTime: 2000, mixedMining: true } })
  })

  it('reports the problems of all places', async () => {
    await write('heddle.config.json', '{"port": "x"}')
    const loaded = await load(['--order', 'y'], { HEDDLE_ACCOUNTS: 'z' })
    expect(loaded.kind === 'bad' && loaded.problems).toEqual([
      'heddle.config.json: port: expected an integer from 0 to 65535, got "x"',
      'HEDDLE_ACCOUNTS: expected an integer from 0 to 100000, got "z"',
      '--order: expected one of fees, fifo, got "y"',
    ])
  })
})
