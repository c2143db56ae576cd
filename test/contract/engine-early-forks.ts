import { expect, it } from 'vitest'

import type { Engine, Executable, Outcome } from '../../src/evm/engine.ts'
import { createAddress } from '../../src/model/create-address.ts'
import type { ForkName } from '../../src/model/fork.ts'
import { bytesToBigInt } from '../../src/primitives/bytes.ts'
import {
  type Alloc,
  OTHER,
  RETURN_TOP,
  SENDER,
  type TestTransaction,
  TestWorld,
  account,
  asm,
  callOf,
  deploying,
} from './engine-world.ts'

const A = account(0xa)
const NOBODY = account(0xdead)
const INTRINSIC = 21_000n

/** What a program takes behind the intrinsic gas: in Homestead, Tangerine Whistle and Spurious Dragon. */
const PRICES: readonly (readonly [source: string, gas: readonly [number, number, number]])[] = [
  [`${A} BALANCE`, [3 + 20, 3 + 400, 3 + 400]],
  [`${A} EXTCODESIZE`, [3 + 20, 3 + 700, 3 + 700]],
  [`0x00 0x00 0x00 ${A} EXTCODECOPY`, [12 + 20, 12 + 700, 12 + 700]],
  ['0x00 SLOAD', [3 + 50, 3 + 200, 3 + 200]],
  [`0x00 0x00 0x00 0x00 0x00 ${A} 0x00 CALL`, [21 + 40, 21 + 700, 21 + 700]],
  [`0x00 0x00 0x00 0x00 0x00 ${A} 0x00 CALLCODE`, [21 + 40, 21 + 700, 21 + 700]],
  [`0x00 0x00 0x00 0x00 ${A} 0x00 DELEGATECALL`, [18 + 40, 18 + 700, 18 + 700]],
  // Nothing is created by a call without value since EIP-161.
  [`0x00 0x00 0x00 0x00 0x00 ${NOBODY} 0x00 CALL`, [21 + 40 + 25_000, 21 + 700 + 25_000, 21 + 700]],
  // What was created is there, though it is empty.
  [
    '0x00 0x00 0x00 0x00 0x00 0x00 0x00 0x00 CREATE 0x00 CALL',
    [27 + 32_040, 27 + 32_700, 27 + 32_700],
  ],
  // The stipend comes back.
  [
    `0x00 0x00 0x00 0x00 0x01 ${NOBODY} 0x00 CALL`,
    [21 + 40 + 31_700, 21 + 700 + 31_700, 21 + 700 + 31_700],
  ],
  [
    `0x00 0x00 0x00 0x00 0x01 ${A} 0x00 CALL`,
    [21 + 40 + 6_700, 21 + 700 + 6_700, 21 + 700 + 6_700],
  ],
  // CALLCODE never creates.
  [
    `0x00 0x00 0x00 0x00 0x01 ${NOBODY} 0x00 CALLCODE`,
    [21 + 40 + 6_700, 21 + 700 + 6_700, 21 + 700 + 6_700],
  ],
  ['0x00 0x02 EXP', [6 + 10, 6 + 10, 6 + 10]],
  ['0xff 0x02 EXP', [6 + 20, 6 + 20, 6 + 60]],
  ['0x0100 0x02 EXP', [6 + 30, 6 + 30, 6 + 110]],
  [`0x01${'00'.repeat(31)} 0x02 EXP`, [6 + 330, 6 + 330, 6 + 1610]],
]
const FORKS = ['homestead', 'tangerineWhistle', 'spuriousDragon'] as const

/** Transactions of these forks name no chain. */
function legacy(world: TestWorld, tx: TestTransaction): Executable {
  return { ...world.transaction(tx), type: 0, gasPriceWei: 100n, chainId: undefined } as Executable
}

function gasBehind(outcome: Outcome): number {
  if (outcome.kind !== 'success') throw new Error(`ended with ${outcome.kind}`)
  return Number(outcome.gasUsed - INTRINSIC)
}

/** The first forks' own rules: EIP-150, 158, 160, 161 and 170. The public suites begin with later ones. */
export function earlyForkCases(engine: Engine): void {
  const world = (fork: ForkName, alloc: Alloc): TestWorld => new TestWorld(engine, alloc, fork)
  const caller = (source: string): Alloc => ({
    [OTHER]: { code: asm(source), balanceWei: 9n },
    [A]: { balanceWei: 1n },
  })

  it.each(PRICES)('%s costs what it did (EIP-150, 160, 161)', async (source, gas) => {
    for (const [index, fork] of FORKS.entries()) {
      const there = world(fork, caller(source))
      expect(gasBehind(await there.run(legacy(there, { to: OTHER }))), fork).toBe(gas[index])
    }
  })

  it('takes for a destruction what its heir makes of it (EIP-150, 161)', async () => {
    // Half of the gas at most is given back for it, and 24,000.
    const paid = (gas: number): number => gas - Math.min(24_000, Math.floor((21_000 + gas) / 2))
    const cases: readonly [Alloc, readonly number[]][] = [
      [caller(`${A} SELFDESTRUCT`), [3, 5_003, 5_003]],
      [caller(`${NOBODY} SELFDESTRUCT`), [3, 30_003, 30_003]],
      [{ [OTHER]: { code: asm(`${NOBODY} SELFDESTRUCT`) } }, [3, 30_003, 5_003]],
    ]
    for (const [alloc, gas] of cases) {
      for (const [index, fork] of FORKS.entries()) {
        const there = world(fork, alloc)
        const outcome = await there.run(legacy(there, { to: OTHER }))
        expect(gasBehind(outcome), fork).toBe(paid(gas[index]!))
      }
    }
  })

  it('hands on all but a 64th of the gas, which it fails to before (EIP-150)', async () => {
    const wanting = `0x00 0x00 0x00 0x00 0x00 ${A} 0xffffffff CALL POP GAS ${RETURN_TOP}`
    const creating = `0xfe 0x00 MSTORE 0x01 0x1f 0x00 CREATE POP GAS ${RETURN_TOP}`
    const cases = [
      { source: wanting, spent: 21n + 700n },
      { source: creating, spent: 6n + 6n + 9n + 32_000n },
    ]
    for (const { source, spent } of cases) {
      const alloc = { [OTHER]: { code: asm(source) }, [A]: { code: asm('INVALID') } }
      const before = world('homestead', alloc)
      expect((await before.run(legacy(before, { to: OTHER }))).kind).toBe('halt')
      for (const gasLimit of [200_000n, 200_063n, 200_064n, 1_000_000n]) {
        const after = world('tangerineWhistle', alloc)
        const outcome = await after.run(legacy(after, { to: OTHER, gasLimit }))
        if (outcome.kind !== 'success') throw new Error(`ended with ${outcome.kind}`)
        const left = (gasLimit - INTRINSIC - spent) / 64n
        // POP and GAS itself.
        expect(bytesToBigInt(outcome.output)).toBe(left - 4n)
      }
    }
  })

  it('deploys code of any length until EIP-170', async () => {
    const deploy = async (fork: ForkName, length: number): Promise<string> => {
      const there = world(fork, {})
      const data = deploying(new Uint8Array(length))
      return (await there.run(legacy(there, { to: null, data, gasLimit: 9_000_000n }))).kind
    }
    expect(await deploy('tangerineWhistle', 24_577)).toBe('success')
    expect(await deploy('spuriousDragon', 24_576)).toBe('success')
    expect(await deploy('spuriousDragon', 24_577)).toBe('halt')
  })

  it('begins contracts at nonce 1 since EIP-161', async () => {
    for (const [fork, nonce] of [
      ['tangerineWhistle', 0n],
      ['spuriousDragon', 1n],
    ] as const) {
      const there = world(fork, {})
      await there.send(legacy(there, { to: null, data: deploying(asm('STOP')) }))
      expect(there.view.account(createAddress(SENDER, 0n))?.nonce, fork).toBe(nonce)
    }
  })

  it('makes empty accounts by touching them, and removes them since EIP-161', async () => {
    const touches = `${callOf(NOBODY)} POP ${callOf(A)}`
    const alloc = { [OTHER]: { code: asm(touches) }, [A]: {} }
    const before = world('tangerineWhistle', alloc)
    await before.send(legacy(before, { to: OTHER }))
    expect(before.view.account(NOBODY)).toBeDefined()
    expect(before.view.account(A)).toBeDefined()
    const after = world('spuriousDragon', alloc)
    await after.send(legacy(after, { to: OTHER }))
    expect(after.view.account(NOBODY)).toBeUndefined()
    expect(after.view.account(A)).toBeUndefined()
  })

  it('removes an empty account that a transaction sends nothing to (EIP-161)', async () => {
    for (const [fork, remains] of [
      ['tangerineWhistle', true],
      ['spuriousDragon', false],
    ] as const) {
      const there = world(fork, { [A]: {} })
      await there.send(legacy(there, { to: A }))
      expect(there.view.account(A) !== undefined, fork).toBe(remains)
    }
  })
}
