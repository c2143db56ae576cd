import { Interface } from 'ethers'
import { describe, expect, it } from 'vitest'

import type { Outcome } from '../../../src/evm/engine.ts'
import { loadWasmEngine } from '../../../src/evm/load.ts'
import { type Resources, networkRules } from '../../../src/model/network.ts'
import { signAuthorization } from '../../../src/model/signer.ts'
import { bytesToHex, hexToBytes } from '../../../src/primitives/hex.ts'
import { RecordedAccess, resourcesAt } from '../../../src/state/record.ts'
import {
  type Alloc,
  CHAIN_ID,
  OTHER,
  SENDER,
  TestWorld,
  type TestTransaction,
  account,
  asm,
  callOf,
  deploying,
  slot,
} from '../../contract/engine-world.ts'

const engine = await loadWasmEngine()
const [CONTRACT, THIRD, FRESH] = [account(3), account(4), account(5)]
const { limits } = networkRules('megaeth:rex5')
const KEY = hexToBytes(`0x${'11'.repeat(32)}`)
const PLENTY = 1_000_000_000n

function mega(alloc: Alloc = {}): TestWorld {
  const header = { gasLimit: 10_000_000_000n }
  return new TestWorld(engine, alloc, 'prague', header, 'megaeth:rex5')
}

function resourcesOf(outcome: Outcome): Resources {
  if (outcome.kind === 'rejected' || !(outcome.access instanceof RecordedAccess)) {
    throw new Error(outcome.kind)
  }
  const { memory, at } = outcome.access.record
  return resourcesAt(memory, at)
}

/** What a transaction comes to. */
async function counted(on: TestWorld, tx: TestTransaction): Promise<Resources> {
  return resourcesOf(await on.run({ gasLimit: PLENTY, ...tx }))
}

/** The same of code, beyond what the plainest transaction comes to: 150 bytes and an update. */
async function of(source: string, rest: Alloc = {}, tx: TestTransaction = {}) {
  const on = mega({ [CONTRACT]: { code: asm(source), balanceWei: 100n }, ...rest })
  const { dataBytes, kvUpdates, stateGrowth } = await counted(on, { to: CONTRACT, ...tx })
  return [dataBytes - 150, kvUpdates - 1, stateGrowth]
}

describe('what a transaction brings to MegaETH', () => {
  it('is 110 bytes, its data, and its sender’s account', async () => {
    expect(await counted(mega(), {})).toEqual({ dataBytes: 150, kvUpdates: 1, stateGrowth: 0 })
    expect(await counted(mega(), { data: new Uint8Array(7) })).toMatchObject({ dataBytes: 157 })
  })

  it('is its access list: 20 bytes an address and 32 a slot', async () => {
    const accessList = [
      { address: OTHER, storageKeys: [slot(1), slot(2)] },
      { address: THIRD, storageKeys: [] },
    ]
    expect(await counted(mega(), { accessList })).toMatchObject({ dataBytes: 150 + 2 * 20 + 64 })
  })

  it('is 101 bytes an authorisation and an account for each that is signed, whether it holds or not', async () => {
    const sign = (nonce: bigint) =>
      signAuthorization({ chainId: CHAIN_ID, address: THIRD, nonce }, KEY)
    const broken = { ...sign(0n), r: 0n }
    const authorizationList = [sign(0n), sign(5n), broken]
    expect(await counted(mega(), { authorizationList })).toEqual({
      dataBytes: 150 + 3 * 101 + 2 * 40,
      kvUpdates: 3,
      // Whoever signed was not there before.
      stateGrowth: 1,
    })
  })

  it('is not counted where no network does', async () => {
    const outcome = await new TestWorld(engine, {}).run({ valueWei: 1n })
    expect(resourcesOf(outcome)).toEqual({ dataBytes: 0, kvUpdates: 0, stateGrowth: 0 })
  })
})

describe('what a transaction writes on MegaETH', () => {
  it('is an account that gets wei, new or not', async () => {
    const on = mega({ [OTHER]: { balanceWei: 1n } })
    expect(await counted(on, { valueWei: 1n })).toEqual({
      dataBytes: 190,
      kvUpdates: 2,
      stateGrowth: 0,
    })
    expect(await counted(on, { valueWei: 1n, to: FRESH })).toMatchObject({ stateGrowth: 1 })
  })

  it('is a slot that is another in the end, once', async () => {
    expect(await of('0x01 0x00 SSTORE')).toEqual([40, 1, 1])
    expect(await of('0x01 0x00 SSTORE 0x02 0x00 SSTORE')).toEqual([40, 1, 1])
    expect(await of('0x01 0x00 SSTORE 0x00 0x00 SSTORE')).toEqual([0, 0, 0])
    expect(await of('0x00 0x00 SSTORE')).toEqual([0, 0, 0])
    const storage = new Map([[slot(0), 5n]])
    const held = (source: string) => of(source, { [CONTRACT]: { code: asm(source), storage } })
    expect(await held('0x06 0x00 SSTORE')).toEqual([40, 1, 0])
    expect(await held('0x00 0x00 SSTORE')).toEqual([40, 1, 0])
    expect(await held('0x06 0x00 SSTORE 0x05 0x00 SSTORE')).toEqual([0, 0, 0])
  })

  it('is a log: 32 bytes a topic, and its data', async () => {
    expect(await of('0x00 0x00 LOG0')).toEqual([0, 0, 0])
    expect(await of('0x01 0x02 0x28 0x00 LOG2')).toEqual([2 * 32 + 40, 0, 0])
  })

  it('is both accounts of a call with wei, the caller’s once a frame', async () => {
    expect(await of(callOf(THIRD))).toEqual([0, 0, 0])
    // The contract is not counted by the transaction, which sent it nothing.
    expect(await of(callOf(THIRD, '0x01'))).toEqual([80, 2, 1])
    expect(await of(`${callOf(THIRD, '0x01')} ${callOf(OTHER, '0x01')}`)).toEqual([120, 3, 2])
    expect(await of(callOf(THIRD, '0x01'), {}, { valueWei: 3n })).toEqual([80, 2, 1])
    // Twice the same account, by two frames.
    expect(
      await of(`CALLVALUE ISZERO 0x0007 JUMPI STOP JUMPDEST ${callOf(CONTRACT, '0x01')}`),
    ).toEqual([80, 2, 0])
  })

  it('is nothing of a call that is taken back, and the caller’s account is counted by the next', async () => {
    const failing = {
      [THIRD]: { code: asm('0x01 0x00 SSTORE 0x2a 0x00 0x00 LOG1 0x00 0x00 REVERT') },
    }
    expect(await of(callOf(THIRD, '0x01'), failing)).toEqual([0, 0, 0])
    expect(await of(`${callOf(THIRD, '0x01')} ${callOf(OTHER, '0x01')}`, failing)).toEqual([
      80, 2, 1,
    ])
  })

  it('is what a contract that is made comes to, with its code', async () => {
    // Nothing is deployed: the new account, and its creator’s.
    expect(await of('0x00 0x00 0x00 CREATE')).toEqual([80, 2, 1])
    const data = deploying(new Uint8Array(9))
    expect(await counted(mega(), { to: null, data })).toEqual({
      dataBytes: 150 + data.length + 40 + 9,
      kvUpdates: 2,
      stateGrowth: 1,
    })
  })

  it('is an heir that comes to life', async () => {
    expect(await of(`${FRESH} SELFDESTRUCT`)).toEqual([40, 1, 1])
    expect(await of(`${SENDER} SELFDESTRUCT`)).toEqual([0, 0, 0])
    const init = asm(`0x01 0x00 SSTORE ${SENDER} SELFDESTRUCT`)
    // What is gone with the transaction that made it is no growth.
    expect(await counted(mega(), { to: null, data: init })).toEqual({
      dataBytes: 150 + init.length + 40 + 40,
      kvUpdates: 3,
      stateGrowth: 0,
    })
  })

  it('is nothing but what it brought when it fails', async () => {
    expect(await of('0x01 0x00 SSTORE 0x00 0x00 REVERT')).toEqual([0, 0, 0])
    expect(await of('0x01 0x00 SSTORE INVALID')).toEqual([0, 0, 0])
  })
})

/** Stores ones in so many slots. */
const storing = (slots: number): string =>
  Array.from({ length: slots }, (_, n) => `0x01 0x${n.toString(16).padStart(4, '0')} SSTORE`).join(
    ' ',
  )

describe('limits of MegaETH beside gas', () => {
  const run = async (alloc: Alloc, tx: TestTransaction = {}) =>
    mega(alloc).run({ to: CONTRACT, gasLimit: 2n * PLENTY, ...tx })
  const ended = (outcome: Outcome) => ('reason' in outcome ? outcome.reason : outcome.kind)
  const { dataBytes } = limits!.transaction
  /** A transaction that leaves so many bytes of data to what it runs. */
  const leaving = (left: number) => ({ data: new Uint8Array(dataBytes - 150 - left) })
  /** Calls what follows, and returns what it reverts with, if it does. */
  const relay = `${callOf(THIRD)} POP RETURNDATASIZE 0x00 0x00 RETURNDATACOPY RETURNDATASIZE 0x00 RETURN`

  it('of data are 12.5 MiB, and of what comes back is all that was not used', async () => {
    expect(ended(await run({}, leaving(0)))).toBe('success')
    const outcome = await run({}, leaving(-1))
    expect(ended(outcome)).toBe('data size limit exceeded')
    // What it brought is paid for, at the floor.
    expect(outcome).toMatchObject({ gasUsed: 60_000n + 110n * BigInt(dataBytes - 149) })
    expect(resourcesOf(outcome)).toMatchObject({ dataBytes: dataBytes + 1, kvUpdates: 1 })
  })

  it('of new state are 1,000 slots and accounts', async () => {
    const at = async (slots: number) => run({ [CONTRACT]: { code: asm(storing(slots)) } })
    expect(resourcesOf(await at(1_000))).toMatchObject({ stateGrowth: 1_000, kvUpdates: 1_001 })
    const outcome = await at(1_001)
    expect(ended(outcome)).toBe('state growth limit exceeded')
    expect(resourcesOf(outcome)).toEqual({ dataBytes: 150, kvUpdates: 1, stateGrowth: 0 })
  })

  it('of what a call may use are 98 hundredths of what is left, and it is told of more', async () => {
    const calling = async (slots: number, before = 0) =>
      run({
        [CONTRACT]: { code: asm(`${storing(before)} ${relay}`) },
        [THIRD]: { code: asm(storing(slots)) },
      })
    expect(await calling(980)).toMatchObject({ kind: 'success', output: new Uint8Array(0) })
    const error = new Interface(['error MegaLimitExceeded(uint8 kind, uint64 limit)'])
    const told = async (outcome: Outcome) => {
      if (outcome.kind !== 'success') throw new Error(outcome.kind)
      return error.parseError(bytesToHex(outcome.output))?.args.toArray()
    }
    const outcome = await calling(981)
    expect(await told(outcome)).toEqual([3n, 980n])
    expect(resourcesOf(outcome)).toMatchObject({ stateGrowth: 0 })
    expect(await told(await calling(883, 100))).toEqual([3n, 882n])
    expect(resourcesOf(await calling(882, 100))).toMatchObject({ stateGrowth: 982 })
    const logging = (bytes: number) =>
      run(
        {
          [CONTRACT]: { code: asm(relay) },
          [THIRD]: { code: asm(`0x${bytes.toString(16).padStart(4, '0')} 0x00 LOG0`) },
        },
        leaving(1_000),
      )
    expect(await logging(980)).toMatchObject({ output: new Uint8Array(0) })
    expect(await told(await logging(981))).toEqual([0n, 980n])
  })

  it('of a constructor are the same', async () => {
    const init = (slots: number) => asm(storing(slots))
    // The account is new as well.
    expect(ended(await run({}, { to: null, data: init(999) }))).toBe('success')
    expect(ended(await run({}, { to: null, data: init(1_000) }))).toBe(
      'state growth limit exceeded',
    )
  })
})
