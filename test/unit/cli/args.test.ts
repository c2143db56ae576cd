import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { parseArgs } from '../../../src/cli/args.ts'
import { loadSettings } from '../../../src/cli/load-settings.ts'
import { KEYS, longName } from '../../../src/cli/options.ts'
import { toNodeConfig, toServerConfig } from '../../../src/cli/to-config.ts'
import type { NodeConfig, ServerConfig } from '../../../src/node/config.ts'
import { parseAddress } from '../../../src/primitives/hex.ts'
import { DEFAULT_NODE_CONFIG, DEFAULT_SERVER_CONFIG } from '../../../src/node/defaults.ts'

const standard = DEFAULT_NODE_CONFIG.accounts

async function load(argv: readonly string[]) {
  const request = parseArgs(argv, '1.2.3')
  if (request.kind === 'bad') return request
  if (request.kind !== 'run') throw new Error(`not a run: ${request.kind}`)
  return loadSettings(request, {}, '/')
}

async function problemsOf(argv: readonly string[]): Promise<readonly string[]> {
  const loaded = await load(argv)
  return loaded.kind === 'bad' ? loaded.problems : []
}

async function settingsOf(argv: readonly string[]) {
  const loaded = await load(argv)
  if (loaded.kind === 'bad') throw new Error(loaded.problems.join('\n'))
  return loaded.settings
}

describe('flags of the node', () => {
  it.each<readonly [string, Partial<NodeConfig>]>([
    ['', {}],
    ['-a 3', { accounts: { ...standard, count: 3 } }],
    ['--accounts 0', { accounts: { ...standard, count: 0 } }],
    ['--balance 0.5', { accounts: { ...standard, balanceWei: 5n * 10n ** 17n } }],
    ['--balance 7', { accounts: { ...standard, balanceWei: 7n * 10n ** 18n } }],
    [
      "--derivation-path m/44'/60'/1'/0",
      { accounts: { ...standard, derivationPath: "m/44'/60'/1'/0/" } },
    ],
    [
      '--mnemonic-seed-unsafe 42',
      {
        accounts: {
          ...standard,
          mnemonic: 'pen brief eager pepper brass detect problem vital physical tent assume damp',
        },
      },
    ],
    ['-b 2', { mining: { kind: 'interval', intervalMs: 2000 } }],
    ['--block-time 0.5', { mining: { kind: 'interval', intervalMs: 500 } }],
    ['--blockTime 1', { mining: { kind: 'interval', intervalMs: 1000 } }],
    ['-b 1 --mixed-mining', { mining: { kind: 'mixed', intervalMs: 1000 } }],
    ['--no-mining', { mining: { kind: 'manual' } }],
    ['--no-mine', { mining: { kind: 'manual' } }],
    ['--order fifo', { order: 'fifo' }],
    ['--hardfork London', { hardfork: 'london' }],
    ['--hardfork latest', { hardfork: 'osaka' }],
    ['--hardfork spurious-dragon', { hardfork: 'spuriousDragon' }],
    ['--hardfork merge', { hardfork: 'paris' }],
    ['--network ethereum', {}],
    ['-n Monad', { network: 'monad:ten' }],
    ['--network monad:nine', { network: 'monad:nine' }],
    ['--chain-id 1337', { chainId: 1337n }],
    ['--chain-id 0x539', { chainId: 1337n }],
    [
      '--number 100 --timestamp 1700000000',
      { genesisNumber: 100n, genesisTimestamp: 1_700_000_000n },
    ],
    [
      '--init genesis.json --import chain.rlp',
      { genesisFile: 'genesis.json', importFile: 'chain.rlp' },
    ],
    ['--genesis genesis.json', { genesisFile: 'genesis.json' }],
    ['--slots-in-an-epoch 8', { slotsInAnEpoch: 8 }],
    ['--block-base-fee-per-gas 7', { baseFeeWei: 7n }],
    ['--base-fee 0', { baseFeeWei: 0n }],
    ['--gas-limit 40_000_000', { gasLimit: 40_000_000n }],
    ['--gas-price 5', { gasPriceWei: 5n }],
    ['--code-size-limit 50000', { codeSizeLimit: 50_000 }],
    ['--max-transactions 3', { maxBlockTransactions: 3 }],
    [
      `--balance 2 --fund-accounts 0x${'1a'.repeat(20)} 0x${'2b'.repeat(20)}:0.5`,
      {
        accounts: { ...standard, balanceWei: 2n * 10n ** 18n },
        fundedAccounts: new Map([
          [parseAddress(`0x${'1a'.repeat(20)}`), 2n * 10n ** 18n],
          [parseAddress(`0x${'2b'.repeat(20)}`), 5n * 10n ** 17n],
        ]),
      },
    ],
    ['--disable-code-size-limit', { codeSizeLimit: Infinity }],
    ['--disable-block-gas-limit', { disableBlockGasLimit: true }],
    ['--disable-min-priority-fee', { minPriorityFee: false }],
    ['--no-priority-fee', { minPriorityFee: false }],
    ['--enable-tx-gas-limit', { enforceTxGasCap: true }],
    ['--tx-gas-limit', { enforceTxGasCap: true }],
    ['--auto-impersonate', { autoImpersonate: true }],
    ['--auto-unlock', { autoImpersonate: true }],
    ['--disable-default-create2-deployer', { create2Deployer: false }],
    ['--no-create2', { create2Deployer: false }],
    ['--disable-pool-balance-checks', { poolBalanceChecks: false }],
    ['--data-dir .heddle', { dataDir: '.heddle' }],
    ['--datadir .heddle --dev.gaslimit 9000000', { dataDir: '.heddle', gasLimit: 9_000_000n }],
    ['--history 64', { keptStates: 64 }],
    ['--cache 64', { cacheMib: 64 }],
    ['--history', { keptStates: 256 }],
    ['--prune-history', { keptStates: 256 }],
    ['--prune-history 5', { keptStates: 5 }],
    ['--state x.json', { stateFile: 'x.json' }],
    ['--load-state x.json', { loadState: 'x.json' }],
    ['--dump-state x.json', { dumpState: 'x.json' }],
    ['-s 5', { stateIntervalMs: 5000 }],
    ['--preserve-historical-states', { historicalStates: true }],
    ['--engine ethereumjs --executor serial', { engine: 'ethereumjs', executor: 'serial' }],
    ['--executor block-stm --force-parallel', { executor: 'block-stm', forceParallel: true }],
    ['--engine WASM', { engine: 'wasm' }],
    ['--workers 2', { workers: 2 }],
    ['-j 3', { workers: 3 }],
    ['--max-bundle 9 --max-range 7', { maxBundle: 9, maxRange: 7 }],
    ['--threads 4', { workers: 4 }],
    ['--artefacts a,b', { artefactDirs: ['a', 'b'] }],
    [
      '--coinbase 0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
      { coinbase: '0x70997970c51812dc3a010c7d01b50e0d17dc79c8' as NodeConfig['coinbase'] },
    ],
  ])('%s', async (line, config) => {
    const settings = await settingsOf(line.split(' ').filter((word) => word !== ''))
    // This checkout's own foundry.toml adds nothing, so only what was given is set.
    expect(await toNodeConfig(settings)).toEqual(config)
  })

  it('takes a mnemonic, and makes one', async () => {
    const given = await toNodeConfig(await settingsOf(['-m', ' one  two three ']))
    expect(given.accounts?.mnemonic).toBe('one two three')
    const made = await toNodeConfig(await settingsOf(['--mnemonic-random']))
    expect(made.accounts?.mnemonic.split(' ')).toHaveLength(12)
    const long = await toNodeConfig(await settingsOf(['--mnemonic-random', '24']))
    expect(long.accounts?.mnemonic.split(' ')).toHaveLength(24)
  })

  it.each(['0', 'auto'])('takes %s workers for one a processor', async (count) => {
    const { workers } = await settingsOf(['--threads', count])
    expect(workers).toBeGreaterThan(0)
  })
})

describe('flags of the server', () => {
  it.each<readonly [string, Partial<ServerConfig>]>([
    ['', {}],
    ['-p 9545', { port: 9545 }],
    ['--port 0', { port: 0 }],
    ['--host 0.0.0.0', { host: '0.0.0.0' }],
    ['--hostname ::1 --http.port 9545', { host: '::1', port: 9545 }],
    ['--allow-origin http://localhost:3000', { allowOrigin: 'http://localhost:3000' }],
    ['--no-cors', { cors: false }],
    ['--no-request-size-limit', { maxBodyBytes: Infinity }],
    ['--allowed-hosts devnet.local,other', { allowedHosts: ['devnet.local', 'other'] }],
    ['--ipc', { ipcPath: '/tmp/anvil.ipc' }],
    ['--ipc /tmp/x.ipc', { ipcPath: '/tmp/x.ipc' }],
    ['--ipcpath /tmp/x.ipc', { ipcPath: '/tmp/x.ipc' }],
  ])('%s', async (line, config) => {
    const settings = await settingsOf(line.split(' ').filter((word) => word !== ''))
    expect(toServerConfig(settings)).toEqual({ ...DEFAULT_SERVER_CONFIG, ...config })
  })
})

describe('flags of the output', () => {
  it.each([
    ['-q', { quiet: true }],
    ['--quiet', { quiet: true }],
    ['--silent', { quiet: true }],
    ['--json', { json: true }],
    ['--color always', { color: 'always' }],
    ['-v', { verbosity: 1 }],
    ['-vvv', { verbosity: 3 }],
    ['-vvvvvvvv', { verbosity: 5 }],
    ['--verbosity 3 --gas-stats', { verbosity: 3, gasReport: true }],
    ['--disable-console-log', { disableConsoleLog: true }],
    ['--no-console-log', { disableConsoleLog: true }],
    ['--config-out out.json', { configOut: 'out.json' }],
  ])('%s', async (line, settings) => {
    expect(await settingsOf(line.split(' '))).toEqual(settings)
  })
})

describe('other words', () => {
  it('prints the version and help', () => {
    expect(parseArgs(['-V'], '1.2.3')).toEqual({ kind: 'print', text: 'heddle 1.2.3\n' })
    for (const words of [['--help'], ['-h'], ['help'], ['doctor', '--help']]) {
      const request = parseArgs(words, '1.2.3')
      const text = request.kind === 'print' ? request.text : ''
      expect(text).toContain('Usage: heddle [command] [options]')
      expect(text).toContain('-p, --port <number>')
      expect(text).toContain('heddle --port 9545 --accounts 3')
    }
  })

  it('shows no flag in help that is refused', () => {
    const request = parseArgs(['--help'], '1.2.3')
    const text = request.kind === 'print' ? request.text : ''
    expect(text).not.toContain('--memory-limit')
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })

  it('knows the doctor, before and after its flags', () => {
    for (const words of [
      ['doctor', '--port', '1'],
      ['--port', '1', 'doctor'],
    ]) {
      expect(parseArgs(words, '1.2.3')).toEqual({
        kind: 'doctor',
        flags: [['port', '1']],
        configFile: undefined,
        notes: [],
      })
    }
  })

  it('leaves the words of a tool to the tool', () => {
    expect(parseArgs(['replay', '--help', 'x'], '1.2.3')).toEqual({
      kind: 'tool',
      name: 'replay',
      argv: ['--help', 'x'],
    })
  })

  it('names the configuration file', () => {
    expect(parseArgs(['--config', 'x.json'], '1.2.3')).toMatchObject({ configFile: 'x.json' })
  })

  it('takes flags of Anvil that change nothing here, and says so', () => {
    expect(parseArgs(['--steps-tracing', '--print-logs'], '1.2.3')).toMatchObject({
      kind: 'run',
      notes: [
        '--steps-tracing: step traces are always available here',
        '--print-logs: console.log lines are printed anyway',
      ],
    })
    expect(parseArgs(['--tracing'], '1.2.3')).toMatchObject({
      notes: ['--tracing: step traces are always available here'],
    })
  })
})

const integer = (range: string, got: string) => `expected an integer from ${range}, got ${got}`
const url = 'expected the URL of a node, such as https://host/path'

describe('bad flags', () => {
  it.each([
    ['--prot 1', ['unknown option --prot, did you mean "--port"?']],
    ['--frob', ['unknown option --frob']],
    ['--chainid=5', ['unknown option --chainid, did you mean "--chain-id"?']],
    ['-x', ['unknown option -x']],
    ['--port', ['--port: a value is missing']],
    ['doctr', ['unknown command "doctr", did you mean "doctor"?']],
    ['doctor now', ['unexpected argument "now"']],
    ['--port 1 replay', ['replay comes first: heddle replay ...']],
    ['--port abc', [`--port: ${integer('0 to 65535', '"abc"')}`]],
    ['--port 65536', [`--port: ${integer('0 to 65535', '"65536"')}`]],
    ['--port -1', [`--port: ${integer('0 to 65535', '"-1"')}`]],
    ['--port 1.5', [`--port: ${integer('0 to 65535', '"1.5"')}`]],
    ['-p 1e3', [`--port: ${integer('0 to 65535', '"1e3"')}`]],
    ['--accounts many', [`--accounts: ${integer('0 to 100000', '"many"')}`]],
    ['--chain-id 0', [`--chain-id: ${integer('1 to 18446744073709551615', '"0"')}`]],
    ['--gas-limit 0', [`--gas-limit: ${integer('1 to 18446744073709551615', '"0"')}`]],
    ['--balance -1', ['--balance: expected an amount of ether such as 10000 or 0.5, got "-1"']],
    ['-b 0', ['--block-time: expected seconds from 0.001 to 2147483, got "0"']],
    ['-b soon', ['--block-time: expected seconds from 0.001 to 2147483, got "soon"']],
    ['-b 1 --no-mining', ['--no-mining: cannot be used together with --block-time']],
    ['--mixed-mining', ['--mixed-mining: needs a block time too (--block-time)']],
    ['--order random', ['--order: expected one of fees, fifo, got "random"']],
    ['--color blue', ['--color: expected one of auto, always, never, got "blue"']],
    ['--mnemonic-random 13', ['--mnemonic-random: expected one of 12, 15, 18, 21, 24, got "13"']],
    ['-m x --mnemonic-random', ['--mnemonic-random: cannot be used together with --mnemonic']],
    [
      '--derivation-path 44/60',
      [`--derivation-path: expected a derivation path such as m/44'/60'/0'/0/, got "44/60"`],
    ],
    [
      '--fund-accounts 0x12:5',
      [
        '--fund-accounts: expected addresses, each with its ether, such as 0x52908400098527886E0F7030069857D2E4169EE7:10, got "0x12:5"',
      ],
    ],
    [
      '--chain-type op',
      ["--chain-type: the chain is of Ethereum's type; --network says whose rules change it"],
    ],
    ['--coinbase 0x12', ['--coinbase: expected a 20-byte address, got "0x12"']],
    ['--host 127.0.0.1,::1', ['--host: expected one IP address or host name, got "127.0.0.1,::1"']],
    ['--engine geth', ['--engine: expected one of ethereumjs, wasm, got "geth"']],
    [
      '--executor magic',
      ['--executor: expected one of serial, optimistic, block-stm, dag, bal, got "magic"'],
    ],
    ['--fork-url here', [`--fork-url: ${url}, got "here"`]],
    ['-f http://a --rpc-url b', [`--fork-url: ${url}, got "http://a\\nb"`]],
    [
      '--fork-block-number x',
      ['--fork-block-number: expected a block number, such as 19000000 or -5, got "x"'],
    ],
    [
      '--fork-transaction-hash 0x1',
      ['--fork-transaction-hash: expected a 32-byte hash, got "0x1"'],
    ],
    [
      '--fork-header nothing',
      ['--fork-header: expected a header such as "Authorization: Bearer key", got "nothing"'],
    ],
    [
      '--fork-state-by-number',
      [
        '--fork-state-by-number: state is asked for by hash, and by number where the remote does not know hashes',
      ],
    ],
    ['--cache 0', [`--cache: ${integer('1 to 1024', '"0"')}`]],
    ['--history 0', [`--history: ${integer('1 to 2147483647', '"0"')}`]],
    ['-s 0', ['--state-interval: expected seconds from 0.001 to 2147483, got "0"']],
    [
      '--transaction-block-keeper 5',
      [
        '--transaction-block-keeper: this node keeps every block; --history limits the states that it keeps',
      ],
    ],
    ['--celo', ["--celo: Celo's rules are not here; --network says whose are"]],
    [
      '-n optimism',
      [
        '--network: expected one of ethereum, monad, megaeth, monad:eight, monad:nine, monad:ten, megaeth:rex5, got "optimism"',
      ],
    ],
    [
      '--port x --accounts y',
      [`--accounts: ${integer('0 to 100000', '"y"')}`, `--port: ${integer('0 to 65535', '"x"')}`],
    ],
  ])('%s', async (line, problems) => {
    expect(await problemsOf(line.split(' '))).toEqual(problems)
  })

  it('names every fork when it does not know one', async () => {
    expect(await problemsOf(['--hardfork', 'bpo1'])).toEqual([
      '--hardfork: expected latest or one of frontier, homestead, tangerineWhistle, spuriousDragon, ' +
        'byzantium, constantinople, petersburg, istanbul, muirGlacier, berlin, london, arrowGlacier, ' +
        'grayGlacier, paris, shanghai, cancun, prague, osaka, amsterdam, got "bpo1"',
    ])
  })

  it('knows every setting by a flag of the same name', () => {
    for (const key of KEYS) {
      const flag = `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
      const request = parseArgs([flag], '1.2.3')
      const missing = { kind: 'bad', problems: [`${flag}: a value is missing`] }
      if (request.kind === 'bad') expect(request).toEqual(missing)
      else expect(request).toMatchObject({ kind: 'run', flags: [[key, expect.anything()]] })
    }
  })
})

describe('any words', () => {
  it('are read or refused in lines, never thrown at', async () => {
    const flags = KEYS.map((key) => `--${longName(key)}`)
    const word = fc.oneof(
      fc.constantFrom(...flags, '--', '-', '--config', '-abp', 'doctor', '--state', '--=', '-v'),
      fc.string(),
      fc.integer().map(String),
      fc.constantFrom(
        '1e999',
        '0x',
        '-0',
        '__proto__',
        'constructor',
        '🦊',
        '\u0000',
        '1_',
        '99'.repeat(99),
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (words) => {
        const request = parseArgs(words, '1.2.3')
        if (request.kind === 'bad') expect(request.problems.join('')).not.toMatch(/\n|error:/)
        if (request.kind !== 'run' && request.kind !== 'doctor') return
        const loaded = await loadSettings({ ...request, configFile: undefined }, {}, '/')
        if (loaded.kind === 'bad') expect(loaded.problems.join('')).not.toContain('\n')
      }),
      { numRuns: 300 },
    )
  })
})
