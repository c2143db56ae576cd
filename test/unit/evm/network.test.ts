import { describe, expect, it } from 'vitest'

import type { Outcome } from '../../../src/evm/engine.ts'
import { loadWasmEngine } from '../../../src/evm/load.ts'
import type { Step } from '../../../src/evm/observer.ts'
import type { NetworkName } from '../../../src/model/fork.ts'
import { networkRules } from '../../../src/model/network.ts'
import { concatBytes } from '../../../src/primitives/bytes.ts'
import type { Address } from '../../../src/primitives/hex.ts'
import {
  type Alloc,
  BENEFICIARY,
  OTHER,
  RETURN_TOP,
  SENDER,
  TestWorld,
  type TestTransaction,
  account,
  asm,
  callOf,
  deploying,
  slot,
  word,
} from '../../contract/engine-world.ts'

const engine = await loadWasmEngine()
const MON = 10n ** 18n
const [CONTRACT, THIRD] = [account(3), account(4)]
const INTRINSIC = 21_000n
/** EIP-7702: code that names another account's. */
const delegation = (to: Address): Uint8Array =>
  concatBytes(Uint8Array.of(0xef, 1, 0), word(to).slice(12))

function world(network: NetworkName, alloc: Alloc = {}): TestWorld {
  const { fork } = networkRules(network)
  return new TestWorld(engine, alloc, fork, { gasLimit: 150_000_000n }, network)
}

/** What it runs for, without what a transaction costs at least. */
async function gasOf(on: TestWorld, tx: TestTransaction = {}): Promise<bigint> {
  const outcome = await on.run(
    { to: CONTRACT, gasLimit: 30_000_000n, ...tx },
    { switches: { measuresGas: true, skipGasCap: true } },
  )
  if (outcome.kind !== 'success') throw new Error(ended(outcome))
  return outcome.gasUsed - INTRINSIC
}

/** Of the code, by network. */
function running(network: NetworkName, source: string, rest: Alloc = {}): Promise<bigint> {
  return gasOf(world(network, { [CONTRACT]: { code: asm(source) }, ...rest }))
}

const ended = (outcome: Outcome): string =>
  outcome.kind === 'halt'
    ? outcome.reason
    : outcome.kind === 'rejected'
      ? outcome.rejection.kind
      : outcome.kind

describe('what a transaction pays for on Monad', () => {
  it('is its whole gas limit, and the beneficiary gets the tip of it', async () => {
    const on = world('monad:eight')
    const before = on.view.account(SENDER)!.balanceWei
    const outcome = await on.send({ gasLimit: 100_000n })
    expect(outcome).toMatchObject({ kind: 'success', gasUsed: 100_000n, gasRefunded: 0n })
    expect(before - on.view.account(SENDER)!.balanceWei).toBe(100_000n * 8n)
    expect(on.view.account(BENEFICIARY)!.balanceWei).toBe(100_000n)
  })

  it('is nothing less when slots are cleared', async () => {
    const storage = new Map([[slot(0), 1n]])
    const code = asm('0x00 0x00 SSTORE')
    const clearing = new TestWorld(engine, { [CONTRACT]: { code, storage } })
    const tx = { to: CONTRACT, gasLimit: 60_000n }
    expect((await clearing.run(tx)) as object).toMatchObject({ gasRefunded: 4_800n })
    const outcome = await world('monad:nine', { [CONTRACT]: { code, storage } }).run(tx)
    expect(outcome).toMatchObject({ gasUsed: 60_000n, gasRefunded: 0n })
    expect(await gasOf(world('monad:nine', { [CONTRACT]: { code, storage } }))).toBe(
      2n * 3n + 8_100n + 2_900n,
    )
  })

  it('is the limit too when it fails', async () => {
    const on = world('monad:nine', { [CONTRACT]: { code: asm('0x00 0x00 REVERT') } })
    expect(await on.run({ to: CONTRACT, gasLimit: 77_777n })).toMatchObject({
      kind: 'revert',
      gasUsed: 77_777n,
    })
  })
})

describe('gas on Monad', () => {
  it('of a first access is 10,100 for an account and 8,100 for a slot, of a later one 100', async () => {
    for (const [network, accountGas, slotGas] of [
      ['monad:eight', 10_100n, 8_100n],
      ['monad:nine', 10_100n, 8_100n],
      ['monad:ten', 10_100n, 8_100n],
    ] as const) {
      expect(await running(network, `${THIRD} BALANCE ${THIRD} BALANCE`)).toBe(
        accountGas + 100n + 6n,
      )
      expect(await running(network, '0x07 SLOAD 0x07 SLOAD')).toBe(slotGas + 100n + 6n)
      expect(await running(network, callOf(THIRD))).toBe(accountGas + 15n + 3n + 2n)
      expect(await running(network, `${THIRD} SELFDESTRUCT`)).toBe(5_000n + accountGas + 3n)
    }
  })

  it('of a write is that of Ethereum beside the first access, before there are pages', async () => {
    expect(await running('monad:nine', '0x01 0x00 SSTORE')).toBe(6n + 8_100n + 20_000n)
    expect(await running('monad:nine', '0x01 0x00 SSTORE 0x01 0x01 SSTORE')).toBe(
      2n * (6n + 28_100n),
    )
  })

  it('of memory is half a word’s since MONAD_NINE, and memory ends at 8 MiB', async () => {
    expect(await running('monad:eight', '0x00 0x0fffe0 MSTORE')).toBe(
      3n + 6n + 3n * 32_768n + 32_768n ** 2n / 512n,
    )
    expect(await running('monad:nine', '0x00 0x0fffe0 MSTORE')).toBe(3n + 6n + 16_384n)
    expect(await running('monad:nine', '0x00 0x7fffe0 MSTORE')).toBe(3n + 6n + 131_072n)
    const beyond = world('monad:nine', { [CONTRACT]: { code: asm('0x00 0x7fffe1 MSTORE') } })
    expect(ended(await beyond.run({ to: CONTRACT, gasLimit: 30_000_000n }))).toBe('out of gas')
  })

  it('gives frames together no more than 8 MiB, and back what a frame had', async () => {
    const half = asm('0x00 0x3fffe0 MSTORE')
    const more = asm('0x00 0x3fffe1 MSTORE')
    const alloc = { [OTHER]: { code: half }, [THIRD]: { code: more } }
    const calling = (callee: Address) =>
      asm(`0x00 0x3fffe0 MSTORE ${callOf(callee)} ${callOf(callee)} ADD 0x00 SSTORE`)
    for (const [callee, calls] of [
      [OTHER, 2n],
      [THIRD, 0n],
    ] as const) {
      const on = world('monad:nine', { ...alloc, [CONTRACT]: { code: calling(callee) } })
      await on.send({ to: CONTRACT, gasLimit: 30_000_000n })
      expect(on.view.slot(CONTRACT, slot(0))).toBe(calls)
    }
  })

  it('of precompiles is two to five times Ethereum’s', async () => {
    const calling = (number: string) => `0x00 0x00 0x00 0x00 ${number} 0x0f4240 STATICCALL`
    const prices = async (network: NetworkName | undefined, number: string): Promise<bigint> => {
      const alloc = { [CONTRACT]: { code: asm(calling(number)) } }
      return gasOf(network === undefined ? new TestWorld(engine, alloc) : world(network, alloc))
    }
    for (const [number, factor] of [
      ['0x01', 2n],
      ['0x02', 1n],
      ['0x06', 2n],
      ['0x07', 5n],
      ['0x08', 5n],
    ] as const) {
      const beside = 100n + 6n * 3n
      const ethereum = (await prices(undefined, number)) - beside
      expect((await prices('monad:ten', number)) - beside, number).toBe(factor * ethereum)
    }
  })

  it('has P256VERIFY before Osaka', async () => {
    expect(await running('monad:eight', '0x00 0x00 0x00 0x00 0x0100 0x0f4240 STATICCALL')).toBe(
      7_018n,
    )
  })
})

describe('pages of slots, since MONAD_TEN', () => {
  const COLD = 8_000n
  const [WRITE, GROWTH, BASE, PUSHES] = [2_800n, 17_000n, 100n, 6n]

  it('are warmed as one: 128 slots', async () => {
    expect(await running('monad:ten', '0x00 SLOAD 0x7f SLOAD')).toBe(COLD + 2n * BASE + PUSHES)
    expect(await running('monad:ten', '0x00 SLOAD 0x80 SLOAD')).toBe(2n * (COLD + BASE) + PUSHES)
    expect(await running('monad:nine', '0x00 SLOAD 0x7f SLOAD')).toBe(2n * (COLD + BASE) + PUSHES)
  })

  it('are warmed by an access list, with one of their slots', async () => {
    const on = world('monad:ten', { [CONTRACT]: { code: asm('0x10 SLOAD') } })
    const accessList = [{ address: CONTRACT, storageKeys: [slot(0x7f)] }]
    expect(await gasOf(on, { accessList })).toBe(2_400n + 1_900n + 3n + BASE)
  })

  it('are paid for at their first write, and for each slot that they grow by', async () => {
    const first = COLD + BASE + WRITE + GROWTH + PUSHES
    expect(await running('monad:ten', '0x01 0x00 SSTORE')).toBe(first)
    expect(await running('monad:ten', '0x01 0x00 SSTORE 0x01 0x7f SSTORE')).toBe(
      first + BASE + GROWTH + PUSHES,
    )
    expect(await running('monad:ten', '0x01 0x00 SSTORE 0x01 0x80 SSTORE')).toBe(2n * first)
  })

  it('cost nothing more for what changes nothing, or another value', async () => {
    const storage = new Map([[slot(0), 1n]])
    const of = (source: string) =>
      running('monad:ten', source, { [CONTRACT]: { code: asm(source), storage } })
    expect(await of('0x01 0x00 SSTORE')).toBe(COLD + BASE + PUSHES)
    expect(await of('0x02 0x00 SSTORE')).toBe(COLD + BASE + WRITE + PUSHES)
    expect(await of('0x02 0x00 SSTORE 0x03 0x00 SSTORE')).toBe(
      COLD + 2n * BASE + WRITE + 2n * PUSHES,
    )
  })

  it('do not grow by a slot in the place of one that was cleared', async () => {
    const storage = new Map([[slot(0), 1n]])
    const of = (source: string) =>
      running('monad:ten', source, { [CONTRACT]: { code: asm(source), storage } })
    const clearing = COLD + BASE + WRITE + PUSHES
    expect(await of('0x00 0x00 SSTORE')).toBe(clearing)
    expect(await of('0x00 0x00 SSTORE 0x01 0x01 SSTORE')).toBe(clearing + BASE + PUSHES)
    expect(await of('0x00 0x00 SSTORE 0x01 0x01 SSTORE 0x01 0x02 SSTORE')).toBe(
      clearing + 2n * (BASE + PUSHES) + GROWTH,
    )
    // Grown, shrunk and grown again: the most so far counts.
    expect(await of('0x01 0x01 SSTORE 0x00 0x01 SSTORE 0x01 0x02 SSTORE')).toBe(
      clearing + GROWTH + 2n * (BASE + PUSHES),
    )
  })

  it('are as they were when a call is taken back', async () => {
    const writer = asm('0x01 0x00 SSTORE 0x00 0x00 REVERT')
    // The contract's own storage, by a delegate that reverts.
    const source = `0x00 0x00 0x00 0x00 ${THIRD} 0x0186a0 DELEGATECALL 0x01 0x00 SSTORE`
    const call = 10_100n + 6n * 3n
    const reverted = COLD + BASE + WRITE + GROWTH + PUSHES + 6n
    const gas = await running('monad:ten', source, { [THIRD]: { code: writer } })
    expect(gas).toBe(call + reverted + COLD + BASE + WRITE + GROWTH + PUSHES)
  })

  it('have not shrunk by what was taken back', async () => {
    const clearing = asm('0x00 0x00 SSTORE 0x00 0x00 REVERT')
    const source = `0x00 0x00 0x00 0x00 ${THIRD} 0x0186a0 DELEGATECALL 0x01 0x01 SSTORE`
    const on = world('monad:ten', {
      [CONTRACT]: { code: asm(source), storage: new Map([[slot(0), 1n]]) },
      [THIRD]: { code: clearing },
    })
    const reverted = COLD + BASE + WRITE + PUSHES + 6n
    expect(await gasOf(on)).toBe(
      10_100n + 6n * 3n + reverted + COLD + BASE + WRITE + GROWTH + PUSHES,
    )
  })

  it('are written, and warm, when just the gas for it was left', async () => {
    const price = COLD + BASE + WRITE + GROWTH + PUSHES
    const hexOf = (gas: bigint) => `0x${gas.toString(16).padStart(8, '0')}`
    const source = (gas: bigint) =>
      `0x00 0x00 0x00 0x00 ${THIRD} ${hexOf(gas)} DELEGATECALL 0x01 0x01 SSTORE`
    const third = { [THIRD]: { code: asm('0x01 0x00 SSTORE') } }
    const call = 10_100n + 6n * 3n
    expect(await running('monad:ten', source(price), third)).toBe(
      call + price + BASE + GROWTH + PUSHES,
    )
    const names: string[] = []
    const observer = { step: ({ name, depth }: Step) => depth === 1 && names.push(name) }
    const short = { [CONTRACT]: { code: asm(source(price - 1n)) }, ...third }
    await world('monad:ten', short).run({ to: CONTRACT, gasLimit: 1_000_000n }, { observer })
    // It fails where it is.
    expect(names).toEqual(['PUSH1', 'PUSH1', 'SSTORE'])
    expect(await running('monad:ten', source(price - 1n), third)).toBe(call + 2n * price - 1n)
  })

  it('are the account’s own', async () => {
    const source = `0x00 SLOAD ${callOf(THIRD)} 0x01 SLOAD`
    const gas = await running('monad:ten', source, { [THIRD]: { code: asm('0x00 SLOAD') } })
    expect(gas).toBe(2n * (COLD + BASE + 3n) + 10_100n + 20n + BASE + 3n)
  })

  it('are found when there are more than the table had room for', async () => {
    const touch = Array.from(
      { length: 600 },
      (_, page) => `0x${(page * 128).toString(16).padStart(6, '0')} SLOAD POP`,
    )
    expect(
      await gasOf(
        world('monad:ten', { [CONTRACT]: { code: asm([...touch, ...touch].join(' ')) } }),
        { gasLimit: 30_000_000n },
      ),
    ).toBe(600n * (COLD + 2n * BASE + PUSHES + 4n))
  })
})

describe('limits on Monad', () => {
  it('of code are 128 KiB, of init code twice that', async () => {
    const on = world('monad:nine')
    const creation = (bytes: number): TestTransaction => {
      const head = deploying(new Uint8Array(0)).slice()
      // PUSH3 in place of PUSH2.
      const size = [bytes >> 16, (bytes >> 8) & 255, bytes & 255]
      const code = Uint8Array.of(
        0x62,
        ...size,
        0x80,
        0x60,
        0x0d,
        0x60,
        0x00,
        0x39,
        0x60,
        0x00,
        0xf3,
      )
      expect(head.length).toBe(12)
      return { to: null, data: concatBytes(code, new Uint8Array(bytes)), gasLimit: 30_000_000n }
    }
    expect(ended(await on.run(creation(131_072)))).toBe('success')
    expect(ended(await on.run(creation(131_073)))).toBe('max code size exceeded')
    const init = (bytes: number) => ({
      to: null,
      data: new Uint8Array(bytes),
      gasLimit: 30_000_000n,
    })
    expect(ended(await on.run(init(262_144)))).toBe('success')
    expect(ended(await on.run(init(262_145)))).toBe('initCodeTooLarge')
    expect(ended(await new TestWorld(engine, {}).run(init(49_153)))).toBe('initCodeTooLarge')
  })

  it('of a transaction’s gas are 30 million, but for calls', async () => {
    const on = world('monad:ten')
    expect(ended(await on.run({ gasLimit: 30_000_000n }))).toBe('success')
    expect(ended(await on.run({ gasLimit: 30_000_001n }))).toBe('gasLimitAboveCap')
    const switches = { skipGasCap: true }
    expect(ended(await on.run({ gasLimit: 30_000_001n }, { switches }))).toBe('success')
  })

  it('leave out transactions with blobs', async () => {
    const blobVersionedHashes = [`0x01${'00'.repeat(31)}`] as never
    expect(ended(await world('monad:ten').run({ blobVersionedHashes }))).toBe('typeNotSupported')
    expect(ended(await new TestWorld(engine, {}).run({ blobVersionedHashes }))).toBe('success')
  })

  it('keep delegated accounts from creating contracts', async () => {
    const creator = asm('0x00 0x00 0x00 CREATE 0x00 SSTORE')
    const alloc = { [THIRD]: { code: creator }, [OTHER]: { code: delegation(THIRD) } }
    expect(ended(await world('monad:nine', alloc).run({ to: OTHER }))).toBe(
      'contract creation by a delegated account',
    )
    expect(ended(await world('monad:nine', alloc).run({ to: THIRD }))).toBe('success')
    expect(ended(await new TestWorld(engine, alloc).run({ to: OTHER }))).toBe('success')
  })
})

describe('a value that is not covered, on Monad', () => {
  const price = { maxFeePerGasWei: 8n, maxPriorityFeePerGasWei: 1n, gasLimit: 100_000n }

  it('fails a transaction that can pay its fees', async () => {
    const on = world('monad:ten', { [SENDER]: { balanceWei: 800_000n } })
    const outcome = await on.send({ ...price, valueWei: 1n })
    expect(outcome).toMatchObject({
      kind: 'halt',
      reason: 'insufficient balance for transfer',
      gasUsed: 100_000n,
    })
    expect(on.view.account(SENDER)).toMatchObject({ nonce: 1n, balanceWei: 0n })
    expect(on.view.account(OTHER)).toBeUndefined()
    const ethereum = new TestWorld(engine, { [SENDER]: { balanceWei: 800_000n } })
    expect(ended(await ethereum.run({ ...price, valueWei: 1n }))).toBe('insufficientFunds')
  })

  it('fails a creation and a call of a precompile as well', async () => {
    const on = world('monad:ten', { [SENDER]: { balanceWei: 800_000n } })
    for (const to of [null, account(-0x10000 + 4), CONTRACT]) {
      expect(ended(await on.run({ ...price, to, valueWei: 1n }))).toBe(
        'insufficient balance for transfer',
      )
    }
  })

  it('looks at who sends, also where its code may be any', async () => {
    const on = world('monad:ten', { [SENDER]: { balanceWei: 100n * MON, code: delegation(THIRD) } })
    const outcome = await on.run({ to: THIRD }, { switches: { skipSenderCode: true } })
    if (outcome.kind === 'rejected') throw new Error(ended(outcome))
    expect(outcome.access.reads.get(SENDER)?.codeHash).toBe(on.view.account(SENDER)?.codeHash)
  })

  it('is another thing than fees that are not covered', async () => {
    const on = world('monad:ten', { [SENDER]: { balanceWei: 799_999n } })
    expect(await on.run(price)).toMatchObject({
      rejection: { kind: 'insufficientFunds', balanceWei: 799_999n, costWei: 800_000n },
    })
  })
})

describe('the reserve balance, on Monad', () => {
  const FEES = 100_000n * 8n
  const tx = { maxFeePerGasWei: 8n, maxPriorityFeePerGasWei: 1n, gasLimit: 100_000n }

  /** @param mayDip whether the sender was quiet for long */
  function keeping(balanceWei: bigint, mayDip: boolean, alloc: Alloc = {}): TestWorld {
    const on = world('monad:ten', { [SENDER]: { balanceWei }, ...alloc })
    on.env = { ...on.env, maySpendReserve: () => mayDip }
    return on
  }

  it('is what a sender may not go below, but for fees', async () => {
    const on = keeping(12n * MON, false)
    expect(ended(await on.run({ ...tx, valueWei: 2n * MON }))).toBe('success')
    const outcome = await on.send({ ...tx, valueWei: 2n * MON + 1n })
    expect(outcome).toMatchObject({
      kind: 'halt',
      reason: 'reserve balance violation',
      gasUsed: 100_000n,
    })
    expect(on.view.account(SENDER)).toMatchObject({ nonce: 1n, balanceWei: 12n * MON - FEES })
    expect(on.view.account(OTHER)).toBeUndefined()
  })

  it('is all of a smaller balance', async () => {
    const on = keeping(MON, false)
    expect(ended(await on.run({ ...tx, valueWei: 0n }))).toBe('success')
    expect(ended(await on.run({ ...tx, valueWei: 1n }))).toBe('reserve balance violation')
  })

  it('may be spent by a sender that was quiet', async () => {
    expect(ended(await keeping(MON, true).run({ ...tx, valueWei: MON - FEES }))).toBe('success')
  })

  it('is gone with fees that are more than it', async () => {
    const dear = {
      gasLimit: 1_000_000n,
      maxFeePerGasWei: 10n ** 13n + 1n,
      maxPriorityFeePerGasWei: 10n ** 13n - 6n,
    }
    expect(ended(await keeping(100n * MON, false).run(dear))).toBe('reserve balance violation')
    const exact = { ...dear, maxFeePerGasWei: 10n ** 13n }
    expect(
      ended(await keeping(100n * MON, false).run({ ...exact, maxPriorityFeePerGasWei: 0n })),
    ).toBe('success')
    expect(ended(await keeping(100n * MON, true).run(dear))).toBe('success')
  })

  it('counts what comes back in the same transaction', async () => {
    const back = asm('0x00 0x00 0x00 0x00 CALLVALUE CALLER GAS CALL')
    const on = keeping(MON, false, { [CONTRACT]: { code: back } })
    expect(ended(await on.run({ ...tx, to: CONTRACT, valueWei: 5n }))).toBe('success')
  })

  it('of a delegated account is not for its sender’s first transaction either', async () => {
    const on = keeping(MON, true, { [SENDER]: { balanceWei: MON, code: delegation(THIRD) } })
    expect(ended(await on.run({ ...tx, valueWei: 1n }))).toBe('reserve balance violation')
    expect(ended(await on.run(tx))).toBe('success')
  })

  it('of a delegated account is kept when others make it pay', async () => {
    const payer = asm(callOf(BENEFICIARY, '0x01'))
    const run = async (balanceWei: bigint) =>
      keeping(100n * MON, true, {
        [THIRD]: { code: payer },
        [OTHER]: { code: delegation(THIRD), balanceWei },
      }).run({ ...tx, to: OTHER })
    expect(ended(await run(10n * MON))).toBe('reserve balance violation')
    expect(ended(await run(10n * MON + 1n))).toBe('success')
    expect(ended(await run(5n))).toBe('reserve balance violation')
  })

  it('is no matter of contracts', async () => {
    const on = keeping(100n * MON, true, {
      [CONTRACT]: { code: asm(callOf(BENEFICIARY, '0x01')), balanceWei: 1n },
    })
    expect(ended(await on.run({ ...tx, to: CONTRACT }))).toBe('success')
  })

  it('is kept by checks of the balance, not by reads of it', async () => {
    const outcome = await keeping(12n * MON, false).run({ ...tx, valueWei: 1n })
    if (outcome.kind !== 'success') throw new Error(outcome.kind)
    expect(outcome.access.reads.get(SENDER)?.balance).toEqual({
      strength: 'atLeast',
      wei: 10n * MON + 1n,
      held: true,
    })
  })
})

describe('gas on MegaETH', () => {
  const mega = (alloc: Alloc = {}): TestWorld =>
    new TestWorld(engine, alloc, 'prague', { gasLimit: 10_000_000_000n }, 'megaeth:rex5')
  /** What it runs for, beside 21,000 to compute and 39,000 to store. */
  const spent = async (source: string, tx: TestTransaction = {}): Promise<bigint> =>
    (await gasOf(mega({ [CONTRACT]: { code: asm(source) } }), tx)) - 39_000n

  it('is for storage too: of a transaction and its data', async () => {
    expect(await spent('STOP')).toBe(0n)
    const data = Uint8Array.of(0, 0, 1)
    // 4 and 16 to compute, 40 and 160 to store; the floor is a hundred times a token, and the 60,000 are in both.
    expect(await spent('GAS GAS GAS POP POP POP', { data: new Uint8Array(0) })).toBe(12n)
    expect(await spent('STOP', { data })).toBe(2n * 110n + 440n)
    expect(await spent('0x00 0x00 KECCAK256', { data })).toBe(2n * 110n + 440n)
    expect(await gasOf(mega(), { to: OTHER, gasLimit: 60_000n })).toBe(39_000n)
    expect(ended(await mega().run({ gasLimit: 59_999n }))).toBe('intrinsicGasTooLow')
  })

  it('of a log is ten times as much beside, for topics and data', async () => {
    expect(await spent('0x00 0x00 LOG0')).toBe(6n + 375n)
    expect(await spent('0x2a 0x00 0x00 LOG1')).toBe(9n + 750n + 3_750n)
    const exact = 6n + 3n + 375n + 32n * (8n + 80n)
    expect(await spent('0x20 0x00 LOG0')).toBe(exact)
    const on = mega({ [CONTRACT]: { code: asm('0x20 0x00 LOG0') } })
    const run = (gasLimit: bigint) => on.run({ to: CONTRACT, gasLimit })
    expect(ended(await run(60_000n + exact))).toBe('success')
    expect(ended(await run(60_000n + exact - 1n))).toBe('out of gas')
    // It fails where it is, and nothing is written.
    const names: string[] = []
    const observer = { step: ({ name }: Step) => names.push(name), log: () => names.push('a log') }
    await on.run({ to: CONTRACT, gasLimit: 60_000n + exact - 1n }, { observer })
    expect(names).toEqual(['PUSH1', 'PUSH1', 'LOG0'])
  })

  it('of a log by who is sent wei with no more than a stipend is paid by another, of 23,000', async () => {
    /** Sends a wei with no gas at all, and stores whether that went well. */
    const sending = asm(`0x00 0x00 0x00 0x00 0x01 ${THIRD} 0x00 CALL 0x00 SSTORE`)
    const went = async (receiver: string) => {
      const on = mega({
        [CONTRACT]: { code: sending, balanceWei: 10n },
        [THIRD]: { code: asm(receiver) },
      })
      await on.send({ to: CONTRACT, gasLimit: 1_000_000n })
      return on.view.slot(CONTRACT, slot(0)) === 1n
    }
    const log1 = '0x2a 0x00 0x00 LOG1'
    expect(await went(log1)).toBe(true)
    expect(await went('0x01 0x02 0x03 0x04 0x00 0x00 LOG4')).toBe(true)
    // 3,750 each: the seventh topic is beyond it, and what is left to run with does not pay for it.
    expect(await went('0x01 0x02 0x03 0x00 0x00 LOG3 0x01 0x02 0x03 0x00 0x00 LOG3')).toBe(false)
    expect(await went('0x00 0x00 LOG0 0x00 0x00 LOG0 0x00 0x00 LOG0 0x00 0x00 LOG0')).toBe(true)
    // It is no gas to run with.
    expect(await went('0x01 0x00 SSTORE')).toBe(false)
    expect(await went(`${log1} 0x00 0x2000 MSTORE`)).toBe(true)
    expect(await went(`${log1} 0x00 0x8000 MSTORE`)).toBe(false)
    // Through a proxy the library has it too, and what it used is gone.
    const delegating = `0x00 0x00 0x00 0x00 ${OTHER} GAS DELEGATECALL`
    const library = { [OTHER]: { code: asm('0x01 0x02 0x00 0x00 LOG2') } }
    const lists = { accessList: [{ address: OTHER, storageKeys: [] }] }
    const proxied = mega({
      [CONTRACT]: { code: sending, balanceWei: 10n },
      [THIRD]: { code: asm(delegating) },
      ...library,
    })
    await proxied.send({ to: CONTRACT, gasLimit: 1_000_000n, ...lists })
    expect(proxied.view.slot(CONTRACT, slot(0))).toBe(1n)
  })

  it('of what is left of that stipend is nobody’s', async () => {
    const alloc = (receiver: string): Alloc => ({
      [CONTRACT]: { code: asm(`${callOf(THIRD, '0x01')} POP`), balanceWei: 10n },
      [THIRD]: { code: asm(receiver) },
    })
    const gas = async (receiver: string) => gasOf(mega(alloc(receiver)), { gasLimit: 1_000_000n })
    const idle = await gas('STOP')
    expect(await gasOf(mega(alloc('STOP')), { gasLimit: 2_000_000n })).toBe(idle)
    // It covers what the receiver ran for too, and what is beyond it the caller pays.
    expect(await gas('0x2a 0x00 0x00 LOG1')).toBe(idle)
    const logs = (count: number) => '0x01 0x02 0x00 0x00 LOG2 '.repeat(count)
    const each = 4n * 3n + 375n * 3n + 2n * 3_750n
    expect(await gas(logs(2))).toBe(idle)
    expect((await gas(logs(4))) - idle).toBe(4n * each - 23_000n)
    // What is taken back has it as well; what halts loses the gas that it was given, and no more.
    expect(await gas('0x00 0x00 REVERT')).toBe(idle)
  })

  it('of deployed code is 10,000 a byte beside', async () => {
    const on = mega()
    const data = deploying(Uint8Array.of(0, 0, 0, 0))
    const gas = async (network: TestWorld) =>
      ((await network.run({ to: null, data, gasLimit: 5_000_000n })) as { gasUsed: bigint }).gasUsed
    const zeros = BigInt(data.filter((byte) => byte === 0).length)
    const calldata = 40n * zeros + 160n * (BigInt(data.length) - zeros)
    expect((await gas(on)) - (await gas(new TestWorld(engine, {}, 'prague')))).toBe(
      39_000n + calldata + 40_000n,
    )
  })

  it('keeps a fiftieth for the caller', async () => {
    const code = asm(`0x20 0x00 0x00 0x00 0x00 ${THIRD} GAS CALL 0x00 MLOAD 0x00 SSTORE`)
    const inner = asm(`GAS ${RETURN_TOP}`)
    const given = async (network: TestWorld): Promise<bigint> => {
      await network.send({ to: CONTRACT, gasLimit: 1_060_000n })
      return network.view.slot(CONTRACT, slot(0)) + 2n
    }
    const alloc = { [CONTRACT]: { code }, [THIRD]: { code: inner } }
    // 21,000 or 60,000 for the transaction; seven pushes and GAS, memory of a word, the cold account.
    const before = 3n * 6n + 2n + 3n + 2_600n
    const left = 1_000_000n - before
    expect(await given(mega(alloc))).toBe(left - (left * 2n) / 100n)
    const more = 1_039_000n - before
    expect(await given(new TestWorld(engine, alloc, 'prague'))).toBe(more - more / 64n)
  })
})

describe('limits on MegaETH', () => {
  const mega = (code: Uint8Array, alloc: Alloc = {}): TestWorld =>
    new TestWorld(
      engine,
      { [CONTRACT]: { code }, ...alloc },
      'prague',
      { gasLimit: 10_000_000_000n },
      'megaeth:rex5',
    )
  const to = CONTRACT
  const gasLimit = 400_000_000n
  /** So many times over 26 gas, after this. */
  const loop = (rounds: number, before = ''): Uint8Array => {
    const head = asm(`${before} 0x${rounds.toString(16).padStart(8, '0')}`)
    const at = `0x${head.length.toString(16).padStart(4, '0')}`
    return concatBytes(
      head,
      asm('JUMPDEST 0x01'),
      Uint8Array.of(0x90, 0x03),
      asm(`DUP1 ${at} JUMPI`),
    )
  }
  const ROUND = 1n + 3n + 3n + 3n + 3n + 3n + 10n

  it('of compute gas are 200 million, and what is beyond is not paid for', async () => {
    expect(ended(await mega(loop(7_600_000)).run({ to, gasLimit }))).toBe('success')
    const outcome = await mega(loop(7_700_000)).run({ to, gasLimit })
    expect(outcome).toMatchObject({
      kind: 'halt',
      reason: 'compute gas limit exceeded',
      gasUsed: 200_039_000n,
    })
    expect(ROUND * 7_600_000n).toBeLessThan(200_000_000n)
    expect(ROUND * 7_700_000n).toBeGreaterThan(200_000_000n)
  })

  it.each([
    ['the time', 'TIMESTAMP POP'],
    ['the block’s number', 'NUMBER POP'],
    ['the base fee', 'BASEFEE POP'],
    ['a blob’s hash', '0x00 BLOBHASH POP'],
    ['the beneficiary', `${BENEFICIARY} BALANCE POP`],
    ['the beneficiary by a call', `${callOf(BENEFICIARY)} POP`],
  ])('of what is computed after %s was seen are 20 million', async (_, source) => {
    expect(ended(await mega(loop(765_000, source)).run({ to, gasLimit }))).toBe('success')
    const outcome = await mega(loop(775_000, source)).run({ to, gasLimit })
    expect(ended(outcome)).toBe('volatile data access out of gas')
    expect(ended(await mega(loop(775_000, '0x00 POP')).run({ to, gasLimit }))).toBe('success')
  })

  it('hold from the gas after the last that there is', async () => {
    const code = (rounds: number, more: number) =>
      concatBytes(loop(rounds, 'TIMESTAMP POP'), new Uint8Array(more).fill(0x5b))
    const run = (rounds: number, more: number) => mega(code(rounds, more)).run({ to, gasLimit })
    // A jump destination is one gas; the time is seen after two.
    const least = (await run(1, 0)) as { gasUsed: bigint }
    const rounds = 760_000
    const more = 60_000n + 2n + 20_000_000n - (least.gasUsed + 26n * BigInt(rounds - 1))
    expect(ended(await run(rounds, Number(more)))).toBe('success')
    expect(ended(await run(rounds, Number(more) + 1))).toBe('volatile data access out of gas')
  })

  it('hold for the callers of who saw it, whatever became of it', async () => {
    const seer = { [THIRD]: { code: asm('TIMESTAMP 0x00 0x00 REVERT') } }
    const code = loop(775_000, `${callOf(THIRD)} POP`)
    expect(ended(await mega(code, seer).run({ to, gasLimit }))).toBe(
      'volatile data access out of gas',
    )
  })

  it('of new state are 1,000 slots and accounts', async () => {
    const storing = (slots: number) =>
      asm(
        Array.from(
          { length: slots },
          (_, n) => `0x01 0x${n.toString(16).padStart(4, '0')} SSTORE`,
        ).join(' '),
      )
    const on = mega(storing(1_000))
    expect(ended(await on.run({ to, gasLimit }))).toBe('success')
    expect(ended(await on.run({ to, gasLimit, valueWei: 1n }))).toBe('success')
    const outcome = await mega(storing(1_001)).send({ to, gasLimit })
    expect(outcome).toMatchObject({ kind: 'halt', reason: 'state growth limit exceeded' })
    expect(outcome.gasUsed).toBe(60_000n + 1_001n * (22_100n + 6n))
  })
})
