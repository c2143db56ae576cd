import { describe, expect, it } from 'vitest'

import type { Executable } from '../../../../src/evm/engine.ts'
import { loadEthereumjsEngine, loadWasmEngine } from '../../../../src/evm/load.ts'
import type { Observer } from '../../../../src/evm/observer.ts'
import type { ForkName } from '../../../../src/model/fork.ts'
import { hexToBytes } from '../../../../src/primitives/hex.ts'
import {
  type Alloc,
  OTHER,
  TestWorld,
  account,
  asm,
  callOf,
  deploying,
  slot,
} from '../../../contract/engine-world.ts'
import { isWithin, outcomeText, readsText } from './outcome-text.ts'

const A = account(0xa)
const B = account(0xb)
const NOBODY = account(0xdead)

const wasm = await loadWasmEngine()
const reference = await loadEthereumjsEngine()

interface Program {
  readonly name: string
  readonly code: Uint8Array
  /** Behind the intrinsic gas. */
  readonly upTo: number
  readonly callee?: Uint8Array
  /** Each limit, not some and the edges. */
  readonly every?: true
}

const sixteen = Array.from({ length: 16 }, (_, index) => `0x${index.toString(16).padStart(2, '0')}`)

/** Each charge of each instruction is met by some limit between nothing and all that a program needs. */
const PROGRAMS: readonly Program[] = [
  { name: 'arithmetic', code: asm('0x02 0x03 ADD 0x05 EQ POP 0x01 DUP1 POP POP'), upTo: 40 },
  { name: 'memory', code: asm('0x01 0x00 MSTORE 0x01 0x0400 MSTORE 0x2000 MLOAD POP'), upTo: 1200 },
  {
    name: 'storage',
    code: asm('0x01 SLOAD POP 0x07 0x01 SSTORE 0x00 0x01 SSTORE 0x05 0x02 SSTORE 0x00 0x02 SSTORE'),
    upTo: 30_000,
  },
  { name: 'transient', code: asm('0x01 0x01 TSTORE 0x01 TLOAD POP'), upTo: 230 },
  {
    name: 'logs',
    code: asm('0x20 0x00 LOG0 0x11 0x40 0x10 LOG1'),
    upTo: 1900,
  },
  {
    name: 'a call to a contract',
    code: asm(`${callOf(A)} POP 0x01 SLOAD POP`),
    callee: asm('0x01 0x01 SSTORE 0x00 0x00 RETURN'),
    upTo: 30_000,
  },
  { name: 'a call to nobody with value', code: asm(`${callOf(NOBODY, '0x01')} POP`), upTo: 40_000 },
  {
    name: 'a call that fails within',
    code: asm(`${callOf(A)} POP ${callOf(A)} POP`),
    callee: asm('INVALID'),
    upTo: 12_000,
  },
  {
    name: 'a creation',
    code: asm('0x600160005360016000f3 0x00 MSTORE 0x0a 0x16 0x00 CREATE POP'),
    upTo: 40_000,
  },
  {
    name: 'a precompile',
    code: asm(`0x20 0x00 0x20 0x00 0x00 0x02 GAS CALL POP`),
    upTo: 400,
  },
  { name: 'copies', code: asm('0x40 0x00 0x60 CALLDATACOPY 0x00 BALANCE POP'), upTo: 2800 },
  { name: 'destruction', code: asm(`${NOBODY} SELFDESTRUCT`), upTo: 34_000 },
  {
    name: 'a full stack',
    code: asm(Array.from({ length: 64 }, () => sixteen.join(' ')).join(' ')),
    upTo: 3100,
  },
  {
    // Counts down from 3: hashes 64 bytes, adds, compares, jumps.
    name: 'a loop of instructions that are done at once',
    code: hexToBytes(
      '0x60035b806000526040600020506001600201508060020150600190038060011115610002575b00',
    ),
    upTo: 420,
    every: true,
  },
  {
    name: 'memory that grows between instructions that are paid for together',
    code: asm('0x01 0x02 ADD 0x0400 MSTORE 0x03 0x20 0x0800 KECCAK256 POP POP 0x1000 MLOAD POP'),
    upTo: 560,
    every: true,
  },
  {
    name: 'a stack that runs out behind the gas',
    code: asm('0x01 0x02 ADD POP POP'),
    upTo: 20,
    every: true,
  },
  {
    name: 'an instruction that is not defined behind others',
    code: hexToBytes('0x6001600201500c'),
    upTo: 20,
    every: true,
  },
  {
    name: 'a jump to nowhere behind others',
    code: hexToBytes('0x60016002016103e757'),
    upTo: 40,
    every: true,
  },
  {
    name: 'more return data than there is behind others',
    code: asm('0x01 0x00 MSTORE 0x05 0x00 0x00 RETURNDATACOPY 0x01 POP'),
    upTo: 40,
    every: true,
  },
  {
    name: 'gas seen',
    code: asm('GAS 0x01 SSTORE GAS 0x00 MSTORE 0x20 0x00 RETURN'),
    upTo: 30_000,
  },
]

const INTRINSIC = 21_000
const FORKS: readonly ForkName[] = ['frontier', 'byzantium', 'istanbul', 'london', 'osaka']

const STIPEND = 2300
const EDGE_STEPS = 60

/** Some limits all over, and those at which an instruction has just enough, or what SSTORE must leave (EIP-2200). */
async function limitsOf(world: TestWorld, { upTo, every }: Program): Promise<number[]> {
  if (every === true) return Array.from({ length: upTo + 1 }, (_, limit) => limit)
  const step = Math.max(1, Math.floor(upTo / Number(process.env['SWEEP_LIMITS'] ?? 60)))
  const found = new Set<number>()
  for (let limit = 0; limit <= upTo; limit += step) found.add(limit)
  const ample = INTRINSIC + upTo + 100_000
  const spent = new Set<number>()
  const observer: Observer = { step: ({ gas }) => void spent.add(ample - INTRINSIC - Number(gas)) }
  await world.run(legacy(world, ample), { observer })
  const all = [...spent]
  for (const there of [...all.slice(0, EDGE_STEPS), ...all.slice(-EDGE_STEPS)]) {
    for (const more of [-1, 0, 1, STIPEND, STIPEND + 1, STIPEND + 2]) found.add(there + more)
  }
  return [...found].filter((limit) => limit >= 0).toSorted((x, y) => x - y)
}

function legacy(world: TestWorld, gasLimit: number): Executable {
  const tx = world.transaction({ to: OTHER, gasLimit: BigInt(gasLimit) })
  return { ...tx, type: 0, gasPriceWei: 100n, chainId: undefined } as Executable
}

describe.each(FORKS)('every gas limit, %s', (fork) => {
  it.each(PROGRAMS)('$name', async (program) => {
    const { code, callee } = program
    const alloc: Alloc = {
      [OTHER]: { code, balanceWei: 10n, storage: new Map([[slot(1), 3n]]) },
      [A]: { code: callee ?? deploying(asm('STOP')), storage: new Map([[slot(1), 3n]]) },
      [B]: { balanceWei: 1n },
    }
    const worlds = [wasm, reference].map((engine) => new TestWorld(engine, alloc, fork))
    for (const limit of await limitsOf(worlds[0]!, program)) {
      const gasLimit = INTRINSIC + limit
      const [got, wanted] = await Promise.all(
        worlds.map((world) => world.run(legacy(world, gasLimit))),
      )
      const label = `gas limit ${gasLimit}`
      expect(outcomeText(got!), label).toBe(outcomeText(wanted!))
      // The reference reads a slot before EIP-2200's check of the gas that is left, we after.
      const wantedReads = readsText(wanted!)
      expect(isWithin(readsText(got!), wantedReads), label).toBe(true)
      if (got?.kind === 'success') expect(readsText(got), label).toEqual(wantedReads)
    }
  })
})
