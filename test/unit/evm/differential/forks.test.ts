import { describe, expect, it } from 'vitest'

import type { Executable } from '../../../../src/evm/engine.ts'
import { loadEthereumjsEngine, loadWasmEngine } from '../../../../src/evm/load.ts'
import type { Observer } from '../../../../src/evm/observer.ts'
import { FORKS, type ForkName } from '../../../../src/model/fork.ts'
import { concatBytes } from '../../../../src/primitives/bytes.ts'
import { hexToBytes } from '../../../../src/primitives/hex.ts'
import {
  type Alloc,
  BENEFICIARY,
  OTHER,
  RETURN_TOP,
  SENDER,
  TestWorld,
  account,
  asm,
  callOf,
  deploying,
  slot,
} from '../../../contract/engine-world.ts'
import { isWithin, outcomeText, readsText } from './outcome-text.ts'

// Each rule at each fork, so that it is met where it begins and just before; with gas enough, and with just enough and one less than
// enough for each step.

const wasm = await loadWasmEngine()
const reference = await loadEthereumjsEngine()

const A = account(0xa)
const POOR = account(0xb)
const HUSK = account(0xc)
const DELEGATING = account(0xd)
const NOBODY = account(0xdead)

interface Case {
  readonly name: string
  readonly code: string
  readonly callee?: string
  /** Gas that a call asks for: so much more than each step needs is a limit, too. */
  readonly given?: number
  /** Only with gas enough, which is so much. */
  readonly ample?: number
}

const INIT = '0x600160005360016000f3 0x00 MSTORE'
const call = (code: string, to: string, value = '0x00', gas = 'GAS'): string =>
  `0x00 0x00 0x00 0x00 ${value} ${to} ${gas} ${code}`
const store = (...values: number[]): string =>
  values.map((value) => `0x0${value} 0x01 SSTORE`).join(' ')
const priced = (to: string, gas: string): string =>
  `0x20 0x00 0x20 0x00 0x00 ${to} ${gas} CALL ${RETURN_TOP}`
const twice = (source: string): string => `${source} ${source}`

const CASES: readonly Case[] = [
  { name: 'powers', code: '0x00 0x02 EXP 0xff 0x02 EXP 0x0100 0x02 EXP' },
  { name: 'a call', code: call('CALL', A) },
  { name: 'a call that asks for so much', code: call('CALL', A, '0x00', '0x1000'), given: 0x1000 },
  { name: 'a call that asks for too much', code: call('CALL', A, '0x00', `0x${'ff'.repeat(8)}`) },
  { name: 'a call of nobody', code: call('CALL', NOBODY) },
  { name: 'a call of nobody with value', code: twice(call('CALL', NOBODY, '0x01')) },
  { name: 'a call of an empty account with value', code: twice(call('CALL', HUSK, '0x01')) },
  { name: 'a call with value that is not there', code: call('CALL', A, '0xff') },
  { name: 'nobody’s code called with value', code: call('CALLCODE', NOBODY, '0x01') },
  { name: 'a delegate call', code: `0x00 0x00 0x00 0x00 ${A} GAS DELEGATECALL` },
  {
    name: 'a static call',
    code: `${twice(`0x00 0x00 0x00 0x00 ${A} GAS STATICCALL`)} ${store(1)}`,
  },
  {
    name: 'a call with arguments and room for an answer',
    code: `0x41 0x80 0x21 0x40 0x00 ${A} GAS CALL`,
  },
  { name: 'a call of code that names other code', code: twice(call('CALL', DELEGATING)) },
  { name: 'a creation', code: `${INIT} 0x0a 0x16 0x00 CREATE` },
  { name: 'a salted creation', code: `${INIT} 0x07 0x2b 0x16 0x00 CREATE2` },
  { name: 'a creation with value that is not there', code: '0x41 0x00 0xff CREATE' },
  { name: 'a creation of code that begins with 0xef', code: deployed('0x60ef60005360016000f3') },
  { name: 'a creation of nothing beside 0xef', code: deployed('0x60ef60005360006000f3') },
  {
    name: 'a creation of code of 24,576 bytes',
    code: deployed('0x6160006000f3'),
    ample: 8_000_000,
  },
  {
    name: 'a creation of code of 24,577 bytes',
    code: deployed('0x6160016000f3'),
    ample: 8_000_000,
  },
  { name: 'a creation of code that cannot be paid for', code: deployed('0x6140006000f3') },
  { name: 'the longest init code', code: '0xc000 0x00 0x00 CREATE', ample: 500_000 },
  { name: 'init code that is too long', code: '0xc001 0x00 0x00 CREATE', ample: 500_000 },
  { name: 'a destruction for nobody', code: `${NOBODY} SELFDESTRUCT` },
  { name: 'a destruction for an empty account', code: `${HUSK} SELFDESTRUCT` },
  { name: 'a destruction for someone', code: `${A} SELFDESTRUCT` },
  { name: 'a destruction for itself', code: `${OTHER} SELFDESTRUCT` },
  {
    name: 'a destruction with nothing to leave, twice',
    code: `${callOf(POOR)} ${callOf(POOR)}`,
  },
  {
    name: 'a destruction of what was just created',
    code: deployed(`0x73${SENDER.slice(2)}ff`),
  },
  { name: 'the beneficiary’s balance', code: `${BENEFICIARY} BALANCE` },
  {
    name: 'the sender’s balance, its own, and that of who is called',
    code: `${SENDER} BALANCE ${OTHER} BALANCE`,
  },
  { name: 'balances', code: twice(`${A} BALANCE`) },
  { name: 'sizes of code', code: twice(`${A} EXTCODESIZE`) },
  { name: 'hashes of code', code: twice(`${A} EXTCODEHASH ${NOBODY} EXTCODEHASH`) },
  { name: 'copies of code', code: twice(`0x21 0x01 0x40 ${A} EXTCODECOPY`) },
  { name: 'copies of its own code', code: '0x21 0x00 0x40 CODECOPY 0x00 0x00 0xff CODECOPY' },
  { name: 'copies of data', code: '0x21 0x00 0x40 CALLDATACOPY 0x00 0x00 0xff CALLDATACOPY' },
  {
    name: 'copies of an answer',
    code: `${callOf(A)} 0x20 0x00 0x40 RETURNDATACOPY 0x21 0x00 0x40 RETURNDATACOPY`,
    callee: '0x20 0x00 RETURN',
  },
  {
    name: 'copies of memory',
    code: '0x21 0x80 0x00 MCOPY 0x21 0x00 0x0100 MCOPY 0x00 0x00 0x00 MCOPY',
  },
  { name: 'bytes stored', code: '0xffff 0x1f MSTORE8 0x01 0x20 MSTORE8 0x01 0x0400 MSTORE8' },
  {
    name: 'words loaded and stored',
    code: '0x01 0x00 MSTORE 0x01 0x01 MSTORE 0x40 MLOAD 0x3f MLOAD',
  },
  {
    name: 'hashes',
    code: '0x00 0x00 KECCAK256 0x21 0x00 KECCAK256 0x40 0x00 KECCAK256 0x40 0x01 KECCAK256 0x61 0x20 KECCAK256',
  },
  { name: 'a hash of two words that are there', code: '0x01 0x20 MSTORE 0x40 0x00 KECCAK256' },
  {
    name: 'logs',
    code: [0, 1, 2, 3, 4]
      .map((topics) => `${'0x07 '.repeat(topics)}0x21 0x0${topics} LOG${topics}`)
      .join(' '),
  },
  { name: 'slots loaded', code: '0x01 SLOAD 0x01 SLOAD 0x02 SLOAD 0x02 SLOAD' },
  ...[[3], [0], [4], [0, 0], [0, 3], [0, 4], [4, 3], [4, 0], [4, 5], [4, 0, 3], [0, 4, 0]].map(
    (values) => ({ name: `a slot of 3 set to ${values.join(', ')}`, code: store(...values) }),
  ),
  ...[[0], [1], [1, 0], [1, 2], [1, 0, 1]].map((values) => ({
    name: `an empty slot set to ${values.join(', ')}`,
    code: values.map((value) => `0x0${value} 0x09 SSTORE`).join(' '),
  })),
  {
    name: 'three slots cleared',
    code: [1, 2, 3].map((key) => `0x00 0x0${key} SSTORE`).join(' '),
  },
  // Enough is spent for all that is given back.
  { name: 'a slot cleared beside one that is new', code: '0x01 0x09 SSTORE 0x00 0x01 SSTORE' },
  { name: 'a slot that is stored to and loaded', code: '0x01 0x09 SSTORE 0x09 SLOAD' },
  { name: 'a slot of this transaction', code: '0x01 0x01 TSTORE 0x01 TLOAD 0x02 TLOAD' },
  {
    name: 'a slot of this transaction that is taken back',
    code: `0x05 0x01 TSTORE 0x00 0x00 0x00 0x00 ${A} GAS DELEGATECALL 0x01 TLOAD ${RETURN_TOP}`,
    callee: '0x07 0x01 TSTORE 0x00 0x00 REVERT',
  },
  { name: 'SHA-256 for its price', code: priced('0x02', '0x48') },
  { name: 'SHA-256 for one less', code: priced('0x02', '0x47') },
  { name: 'the identity for its price', code: priced('0x04', '0x12') },
  { name: 'the identity for one less', code: priced('0x04', '0x11') },
  {
    name: 'hashes of blocks that are known and not',
    code: ['0x03e8', '0x03e7', '0x02e8', '0x02e7', '0x0100000000000003e7']
      .map((number, slot) => `${number} BLOCKHASH 0x0${slot} SSTORE`)
      .join(' '),
  },
]

/** Creates by the init code, which is in hexadecimal and at most 32 bytes long. */
function deployed(init: string): string {
  const size = (init.length - 2) / 2
  const at = 32 - size
  const byte = (number: number): string => `0x${number.toString(16).padStart(2, '0')}`
  return `${init} 0x00 MSTORE ${byte(size)} ${byte(at)} 0x00 CREATE`
}

const AMPLE = 200_000

function legacy(world: TestWorld, gasLimit: number): Executable {
  const tx = world.transaction({ to: OTHER, gasLimit: BigInt(gasLimit) })
  return { ...tx, type: 0, gasPriceWei: 100n, chainId: undefined } as Executable
}

/** For each step just enough and one less. */
async function limitsOf(world: TestWorld, { given = 0, ample }: Case): Promise<number[]> {
  if (ample !== undefined) return []
  const found = new Set<number>()
  const observer: Observer = {
    step({ gas, depth }) {
      if (depth > 0) return
      const before = AMPLE - Number(gas)
      found.add(before - 1).add(before)
      if (given > 0) found.add(before + given - 1).add(before + given)
    },
  }
  await world.run(legacy(world, AMPLE), { observer })
  return [...found].filter((limit) => limit >= 21_000)
}

/** What the reference said of each case at the last fork, with gas enough. */
const told = new Map<string, string>()

const SAME: ReadonlySet<ForkName> = new Set(['muirGlacier', 'arrowGlacier', 'grayGlacier'])
const since = FORKS.indexOf((process.env['FORKS_SINCE'] ?? 'frontier') as ForkName)
const TESTED = FORKS.slice(since).filter((fork) => fork !== 'amsterdam' && !SAME.has(fork))

describe.each(TESTED)('rules of %s', (fork) => {
  it.each(CASES)('$name', async (one) => {
    const alloc: Alloc = {
      [OTHER]: {
        code: asm(`${one.code} STOP`),
        balanceWei: 10n,
        storage: new Map([1, 2, 3].map((key) => [slot(key), 3n])),
      },
      [A]: { code: asm(one.callee ?? 'STOP'), balanceWei: 1n },
      [POOR]: { code: asm(`${NOBODY} SELFDESTRUCT`) },
      [HUSK]: { balanceWei: 0n },
      [DELEGATING]: { code: concatBytes(hexToBytes('0xef0100'), hexToBytes(A)) },
    }
    const [ours, theirs] = [wasm, reference].map((engine) => new TestWorld(engine, alloc, fork))
    const compare = async (limit: number): Promise<string> => {
      const got = await ours!.run(legacy(ours!, limit))
      const wanted = await theirs!.run(legacy(theirs!, limit))
      expect(outcomeText(got), `gas limit ${limit}`).toBe(outcomeText(wanted))
      // The reference reads a slot before EIP-2200's check of the gas that is left, we after.
      expect(isWithin(readsText(got), readsText(wanted)), `gas limit ${limit}`).toBe(true)
      if (got.kind === 'success') expect(readsText(got)).toEqual(readsText(wanted))
      return outcomeText(wanted)
    }
    const text = await compare(one.ample ?? AMPLE)
    // A fork that changed nothing here has nothing new at the edges.
    if (told.get(one.name) === text) return
    told.set(one.name, text)
    for (const limit of await limitsOf(ours!, one)) await compare(limit)
  })

  it('a transaction to code that names other code', async () => {
    const alloc: Alloc = {
      [A]: { code: asm('0x01 0x00 SSTORE') },
      [DELEGATING]: { code: concatBytes(hexToBytes('0xef0100'), hexToBytes(A)) },
    }
    const [got, wanted] = await Promise.all(
      [wasm, reference].map((engine) => {
        const world = new TestWorld(engine, alloc, fork)
        return world.run({ ...legacy(world, AMPLE), to: DELEGATING } as Executable)
      }),
    )
    expect(outcomeText(got!)).toBe(outcomeText(wanted!))
  })

  it.each([
    ['that deploys', deploying(asm('STOP'))],
    ['of what begins with 0xef', deploying(Uint8Array.of(0xef))],
    ['that deploys nothing', asm('STOP')],
  ])('a transaction that creates, %s', async (_, data) => {
    const worlds = [wasm, reference].map((engine) => new TestWorld(engine, {}, fork))
    for (const gasLimit of [53_000, 53_400, 53_700, 54_000, 60_000]) {
      const [got, wanted] = await Promise.all(
        worlds.map((world) =>
          world.run({ ...legacy(world, gasLimit), to: null, data } as Executable),
        ),
      )
      expect(outcomeText(got!), `gas limit ${gasLimit}`).toBe(outcomeText(wanted!))
    }
  })
})
