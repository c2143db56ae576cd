import { describe, expect, it } from 'vitest'

import { FORKS, rulesAt } from '../../../src/model/fork.ts'
import { type GenesisFile, parseGenesisFile } from '../../../src/model/genesis-file.ts'
import { bytesToHex, parseAddress, slotOf } from '../../../src/primitives/hex.ts'

const schedule = {
  cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3338477 },
  prague: { target: 6, max: 9, baseFeeUpdateFraction: 5007716 },
  bpo1: { target: 10, max: 15, baseFeeUpdateFraction: 8346193 },
  bpo2: { target: 14, max: 21, baseFeeUpdateFraction: 11684671 },
}
const config = {
  chainId: 3503995874084926,
  homesteadBlock: 0,
  eip150Block: 3,
  eip155Block: 6,
  eip158Block: 6,
  byzantiumBlock: 9,
  constantinopleBlock: 12,
  petersburgBlock: 15,
  istanbulBlock: 18,
  berlinBlock: 24,
  londonBlock: 27,
  mergeNetsplitBlock: 36,
  shanghaiTime: 390,
  cancunTime: 420,
  pragueTime: 450,
  osakaTime: 480,
  bpo1Time: 510,
  bpo2Time: 540,
  terminalTotalDifficulty: 4732352,
  depositContractAddress: '0x00000000219AB540356cBB839Cbe05303d7705Fa',
  ethash: {},
  blobSchedule: schedule,
}
const file = {
  config,
  nonce: '0x42',
  timestamp: '0x5',
  extraData: '0x68697665636861696e',
  gasLimit: '0x5f5e100',
  difficulty: '131072',
  mixHash: `0x${'ab'.repeat(32)}`,
  coinbase: `0x${'cd'.repeat(20)}`,
  alloc: {
    [`0x${'11'.repeat(20)}`]: { balance: '0x10' },
    ['22'.repeat(20)]: {
      balance: '1000000000000000000000',
      nonce: '0x1',
      code: '0x6001',
      storage: { '0x01': '0x02', [`0x${'00'.repeat(31)}03`]: `0x${'00'.repeat(32)}` },
    },
  },
  number: '0x0',
  gasUsed: '0x0',
  parentHash: `0x${'00'.repeat(32)}`,
  baseFeePerGas: null,
}

function parse(value: unknown): GenesisFile {
  const parsed = parseGenesisFile(JSON.stringify(value))
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

describe('a genesis file', () => {
  const genesis = parse(file)

  it('gives the header its fields', () => {
    const { header } = genesis
    expect(header).toMatchObject({
      number: 0n,
      gasLimit: 100_000_000n,
      timestamp: 5n,
      beneficiary: parseAddress(file.coinbase),
      difficulty: 131_072n,
      mixHash: file.mixHash,
      baseFeePerGasWei: undefined,
    })
    expect(bytesToHex(header.extraData)).toBe(file.extraData)
    expect(bytesToHex(header.nonce)).toBe('0x0000000000000042')
  })

  it('gives accounts balance, nonce, code and storage', () => {
    expect(genesis.alloc.size).toBe(2)
    expect(genesis.alloc.get(parseAddress(`0x${'11'.repeat(20)}`))).toEqual({ balanceWei: 16n })
    expect(genesis.alloc.get(parseAddress(`0x${'22'.repeat(20)}`))).toEqual({
      balanceWei: 10n ** 21n,
      nonce: 1n,
      code: Uint8Array.of(0x60, 1),
      storage: new Map([[slotOf(1n), 2n]]),
    })
  })

  it.each([
    [0n, 0n, 'homestead', undefined],
    [3n, 30n, 'tangerineWhistle', undefined],
    [6n, 60n, 'spuriousDragon', undefined],
    [17n, 170n, 'petersburg', undefined],
    [26n, 260n, 'berlin', undefined],
    [35n, 350n, 'london', undefined],
    [36n, 360n, 'paris', undefined],
    [39n, 390n, 'shanghai', undefined],
    [42n, 420n, 'cancun', 6],
    [45n, 450n, 'prague', 9],
    [48n, 480n, 'osaka', 9],
    [51n, 510n, 'osaka', 15],
    [54n, 540n, 'osaka', 21],
  ] as const)('schedules block %i at %i as %s', (number, timestamp, fork, maxBlobs) => {
    const rules = rulesAt(genesis.config, number, timestamp)
    expect([rules.fork, rules.blob?.max]).toEqual([fork, maxBlobs])
  })

  it('names the chain and the deposit contract', () => {
    expect(genesis.config.chainId).toBe(3503995874084926n)
    expect(genesis.config.depositContract).toBe('0x00000000219ab540356cbb839cbe05303d7705fa')
    expect(FORKS).toEqual(expect.arrayContaining(genesis.config.forks.map((it) => it.fork)))
  })

  it('needs little: a chain id, a gas limit and an alloc', () => {
    const small = parse({ config: { chainId: 1 }, gasLimit: 1, alloc: {} })
    expect(small.config.forks).toEqual([{ fork: 'frontier', atBlock: 0n }])
    expect(small.header).toMatchObject({ difficulty: 0n, timestamp: 0n })
  })

  it('merges at once when the terminal difficulty is zero', () => {
    const { mergeNetsplitBlock: _, ...rest } = config
    const forks = (terminalTotalDifficulty: unknown) =>
      parse({ ...file, config: { ...rest, terminalTotalDifficulty } }).config.forks
    const paris = { fork: 'paris', atBlock: 0n }
    expect(forks(5)).not.toContainEqual(paris)
    expect(forks(5.875e22)).not.toContainEqual(paris)
    const zero = { homesteadBlock: 0, eip150Block: 0, eip155Block: 0, eip158Block: 0 }
    const all = { ...zero, byzantiumBlock: 0, constantinopleBlock: 0, istanbulBlock: 0 }
    const dev = { chainId: 1, ...all, berlinBlock: 0, londonBlock: 0, terminalTotalDifficulty: 0 }
    const parsed = parse({ ...file, config: { ...dev, shanghaiTime: 0 } }).config
    expect(parsed.forks).toContainEqual(paris)
    expect(rulesAt(parsed, 0n, 0n).fork).toBe('shanghai')
  })

  const account = (value: unknown) => ({ ...file, alloc: { ['11'.repeat(20)]: value } })
  const configured = (change: object) => ({ ...file, config: { ...config, ...change } })

  it.each([
    ['[]', 'genesis: the file: expected an object, got []'],
    ['{', 'genesis: not JSON: '],
    [{}, 'genesis: config: expected an object, got nothing'],
    [{ ...file, config: { ...config, chainId: null } }, 'config.chainId: expected a number'],
    [
      configured({ chainId: -1 }),
      'config.chainId: expected a number, in decimal or 0x-prefixed hex, got -1',
    ],
    [configured({ londonBlock: 'x' }), 'config.londonBlock: expected a number'],
    [
      configured({ londonBlock: 20 }),
      'config.londonBlock: expected at least config.berlinBlock (24), got 20',
    ],
    [
      configured({ berlinBlock: null }),
      'config.berlinBlock: missing, though config.londonBlock comes',
    ],
    [configured({ pragueTime: null }), 'config.pragueTime: missing, though config.osakaTime comes'],
    [
      configured({ cancunTime: 380 }),
      'config.cancunTime: expected at least config.shanghaiTime (390)',
    ],
    [configured({ mergeNetsplitBlock: 20 }), 'config.mergeNetsplitBlock: expected at least'],
    [configured({ verkleTime: 0 }), 'config.verkleTime: this fork is not known'],
    [
      configured({ eip155Block: 5 }),
      'config.eip155Block: expected the same block as config.eip158',
    ],
    [
      configured({ daoForkBlock: 'x', daoForkSupport: true }),
      'config.daoForkBlock: expected a number',
    ],
    [
      configured({ depositContractAddress: '0x1' }),
      'config.depositContractAddress: expected an address',
    ],
    [configured({ blobSchedule: [] }), 'config.blobSchedule: expected an object'],
    [configured({ blobSchedule: {} }), 'config.blobSchedule.bpo1: expected an object, got nothing'],
    [
      configured({ blobSchedule: { ...schedule, cancun: { target: 1 } } }),
      'config.blobSchedule.cancun.max',
    ],
    [
      configured({ blobSchedule: { ...schedule, cancun: { ...schedule.cancun, target: 7 } } }),
      'config.blobSchedule.cancun.target: expected at most `max`, got 7',
    ],
    [
      configured({
        blobSchedule: { ...schedule, cancun: { ...schedule.cancun, baseFeeUpdateFraction: 0 } },
      }),
      'config.blobSchedule.cancun.baseFeeUpdateFraction: expected more than zero',
    ],
    [{ ...file, gasLimit: undefined }, 'gasLimit: expected a number'],
    [{ ...file, gasLimit: '0x10000000000000000' }, 'gasLimit: expected a number below 2^64'],
    [{ ...file, extraData: '0x1' }, 'extraData: expected 0x-prefixed bytes, got "0x1"'],
    [
      { ...file, extraData: `0x${'00'.repeat(33)}` },
      'extraData: expected at most 32 bytes, got 33',
    ],
    [{ ...file, mixHash: '0x' }, 'mixHash: expected a hash of 32 bytes, got "0x"'],
    [{ ...file, nonce: '0x10000000000000000' }, 'nonce: expected a number below 2^64'],
    [{ ...file, coinbase: 'miner' }, 'coinbase: expected an address of 20 bytes, got "miner"'],
    [{ ...file, gasUsed: '0x1' }, 'gasUsed: expected zero'],
    [{ ...file, parentHash: `0x${'11'.repeat(32)}` }, 'parentHash: expected zero'],
    [{ ...file, alloc: undefined }, 'alloc: expected an object, got nothing'],
    [{ ...file, alloc: { '0x12': {} } }, 'alloc.0x12: expected an address'],
    [
      { ...file, alloc: { ['aa'.repeat(20)]: {}, ['AA'.repeat(20)]: {} } },
      `genesis: alloc.${'AA'.repeat(20)}: this account is there twice`,
    ],
    [account(5), `alloc.${'11'.repeat(20)}: expected an object, got 5`],
    [account({ balance: '-1' }), '.balance: expected a number'],
    [account({ balance: 1e21 }), '.balance: expected a number'],
    [account({ nonce: '0xzz' }), '.nonce: expected a number'],
    [account({ code: '6001' }), '.code: expected 0x-prefixed bytes'],
    [account({ storage: { x: '0x1' } }), '.storage.x: expected a key of at most 32 bytes'],
    [account({ storage: { '0x1': [] } }), '.storage.0x1: expected a number'],
  ])('that is malformed is refused by name: %#', (value, error) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    const parsed = parseGenesisFile(text)
    expect(parsed.ok ? 'accepted' : parsed.error).toContain(error)
  })
})
