import { expect, it } from 'vitest'

import type { Engine } from '../../src/evm/engine.ts'
import { createAddress } from '../../src/model/create-address.ts'
import { signAuthorization } from '../../src/model/signer.ts'
import { concatBytes, equalBytes } from '../../src/primitives/bytes.ts'
import { type Address, type Hash, hexToBytes } from '../../src/primitives/hex.ts'
import { privateKeyToAddress } from '../../src/primitives/secp256k1.ts'
import {
  BASE_FEE_WEI,
  CHAIN_ID,
  OTHER,
  RETURN_TOP,
  RICH,
  SENDER,
  TestWorld,
  account,
  asm,
  callOf,
  deploying,
  slot,
  word,
} from './engine-world.ts'

const A = account(0xa)
const B = account(0xb)
const KEY = hexToBytes(`0x${'07'.repeat(32)}`)
const AUTHORITY: Address = privateKeyToAddress(KEY)

export function forkCases(engine: Engine): void {
  it('keeps a contract that destroys itself, but for its balance (EIP-6780)', async () => {
    const code = asm(`${B} SELFDESTRUCT`)
    const alloc = { [A]: { code, balanceWei: 9n, storage: new Map([[slot(1), 1n]]) } }
    const world = new TestWorld(engine, alloc)
    const outcome = await world.send({ to: A })
    expect(outcome.access.writes.accounts.get(A)).toEqual({ balanceWei: 0n })
    expect(world.view.account(B)?.balanceWei).toBe(9n)
    expect(world.view.slot(A, slot(1))).toBe(1n)
  })

  it('destroyed it before Cancun', async () => {
    const code = asm(`${B} SELFDESTRUCT`)
    const alloc = { [A]: { code, balanceWei: 9n, storage: new Map([[slot(1), 1n]]) } }
    const world = new TestWorld(engine, alloc, 'shanghai')
    const outcome = await world.send({ to: A })
    expect(outcome.access.writes.accounts.get(A)).toEqual({ life: 'destroyed' })
    expect(world.view.account(A)).toBeUndefined()
    expect(world.view.slot(A, slot(1))).toBe(0n)
    expect(world.view.account(B)?.balanceWei).toBe(9n)
  })

  it('destroys what was created in the same transaction', async () => {
    const world = new TestWorld(engine, {})
    const data = asm(`0x01 0x00 SSTORE ${B} SELFDESTRUCT`)
    const outcome = await world.send({ to: null, data, valueWei: 9n })
    expect(outcome.kind).toBe('success')
    expect(outcome.access.writes.accounts.get(createAddress(SENDER, 0n))).toBeUndefined()
    expect(world.view.account(B)?.balanceWei).toBe(9n)
  })

  it('removes an empty account that is touched (EIP-161)', async () => {
    const code = asm(`${callOf(B)} STOP`)
    const world = new TestWorld(engine, { [A]: { code }, [B]: { balanceWei: 0n } })
    expect(world.view.account(B)).toBeDefined()
    const outcome = await world.send({ to: A })
    expect(outcome.access.writes.accounts.get(B)).toEqual({ life: 'destroyed' })
  })

  it('makes listed slots warm (EIP-2930)', async () => {
    const world = new TestWorld(engine, { [A]: { code: asm('0x01 SLOAD') } })
    const cold = await world.send({ to: A })
    const accessList = [{ address: A, storageKeys: [slot(1)] }]
    const warm = await world.send({ to: A, accessList })
    expect(cold.gasUsed).toBe(21_000n + 3n + 2_100n)
    expect(warm.gasUsed).toBe(21_000n + 2_400n + 1_900n + 3n + 100n)
  })

  it('lets code run for an account that signed so (EIP-7702)', async () => {
    const code = asm(`CALLER 0x00 SSTORE SELFBALANCE ${RETURN_TOP}`)
    const world = new TestWorld(engine, { [A]: { code }, [AUTHORITY]: { balanceWei: 5n } })
    const authorization = signAuthorization({ chainId: CHAIN_ID, address: A, nonce: 0n }, KEY)
    const outcome = await world.send({ to: AUTHORITY, authorizationList: [authorization] })
    expect(outcome).toMatchObject({ kind: 'success', output: word(5) })
    const authority = world.view.account(AUTHORITY)
    expect(authority?.nonce).toBe(1n)
    const indicator = concatBytes(hexToBytes('0xef0100'), hexToBytes(A))
    expect(equalBytes(world.view.code(authority!.codeHash), indicator)).toBe(true)
    expect(world.view.slot(AUTHORITY, slot(0))).toBe(BigInt(SENDER))
    expect(world.view.slot(A, slot(0))).toBe(0n)
    // An account that exists gets half of the 25000 back.
    expect(outcome.gasRefunded).toBe(12_500n)
    // And it may still send.
    const sent = await world.send({ sender: AUTHORITY, to: OTHER }, LENT)
    expect(sent.kind).toBe('success')
  })

  it('brings an account to life by its first authorisation, which gives nothing back', async () => {
    const world = new TestWorld(engine, { [A]: { code: asm('STOP') } })
    const authorization = signAuthorization({ chainId: CHAIN_ID, address: A, nonce: 0n }, KEY)
    const outcome = await world.send({ authorizationList: [authorization] })
    expect(outcome.gasRefunded).toBe(0n)
    expect(world.view.account(AUTHORITY)).toMatchObject({ nonce: 1n, balanceWei: 0n })
  })

  it('passes over authorisations that do not hold', async () => {
    const world = new TestWorld(engine, { [A]: { code: asm('STOP') } })
    const good = { chainId: CHAIN_ID, address: A, nonce: 0n }
    const authorizationList = [
      signAuthorization({ ...good, nonce: 1n }, KEY),
      signAuthorization({ ...good, chainId: 5n }, KEY),
      { ...signAuthorization(good, KEY), yParity: 2n },
    ]
    const outcome = await world.send({ authorizationList })
    expect(outcome.kind).toBe('success')
    expect(outcome.access.writes.accounts.get(AUTHORITY)).toBeUndefined()
  })

  it('shows and charges blobs (EIP-4844)', async () => {
    const hashes = [1, 2].map((n) => `0x01${n.toString(16).padStart(62, '0')}` as Hash)
    const code = asm(
      `0x01 BLOBHASH 0x00 SSTORE 0x02 BLOBHASH 0x01 SSTORE BLOBBASEFEE ${RETURN_TOP}`,
    )
    const header = { excessBlobGas: 20_000_000n }
    const world = new TestWorld(engine, { [A]: { code } }, 'osaka', header)
    const tx = { to: A, blobVersionedHashes: hashes, maxFeePerBlobGasWei: 1_000n }
    const outcome = await world.send(tx)
    // e ** (20,000,000 / 5,007,716), rounded down.
    const blobFeeWei = 54n
    expect(outcome.output).toEqual(word(blobFeeWei))
    expect(world.view.slot(A, slot(0))).toBe(BigInt(hashes[1]!))
    expect(world.view.slot(A, slot(1))).toBe(0n)
    const gasWei = outcome.gasUsed * (BASE_FEE_WEI + 1n)
    const paidWei = gasWei + 2n * 131_072n * blobFeeWei
    expect(world.view.account(SENDER)?.balanceWei).toBe(RICH - paidWei)
  })

  it('tells blocks apart by their fork', async () => {
    const push0 = concatBytes(Uint8Array.of(0x5f), asm('0x00 SSTORE'))
    const paris = new TestWorld(engine, { [A]: { code: push0 } }, 'paris')
    expect((await paris.send({ to: A })).kind).toBe('halt')
    const shanghai = new TestWorld(engine, { [A]: { code: push0 } }, 'shanghai')
    expect((await shanghai.send({ to: A })).kind).toBe('success')
  })

  it('answers block values', async () => {
    const names = 'TIMESTAMP NUMBER COINBASE PREVRANDAO GASLIMIT BASEFEE CHAINID GASPRICE'.split(
      ' ',
    )
    const source = names.map((name, i) => `${name} 0x0${i} SSTORE`).join(' ')
    const code = asm(`${source} 0x03e7 BLOCKHASH 0x08 SSTORE 0x03e8 BLOCKHASH 0x09 SSTORE`)
    const world = new TestWorld(engine, { [A]: { code } })
    const { header } = world.env
    await world.send({ to: A })
    expect(names.map((_, i) => world.view.slot(A, slot(i)))).toEqual([
      header.timestamp,
      header.number,
      BigInt(header.beneficiary),
      BigInt(header.mixHash),
      header.gasLimit,
      header.baseFeePerGasWei,
      CHAIN_ID,
      BASE_FEE_WEI + 1n,
    ])
    expect(world.view.slot(A, slot(8))).toBe(BigInt(world.env.blockHash(999n)!))
    expect(world.view.slot(A, slot(9))).toBe(0n)
  })

  it('runs transactions of Amsterdam, whose gas is the draft’s', async () => {
    const code = asm('0x01 0x00 SSTORE')
    const world = new TestWorld(engine, { [A]: { code }, [OTHER]: { balanceWei: 1n } }, 'amsterdam')
    for (let i = 0; i < 2; i++) expect((await world.send({ valueWei: 1n })).kind).toBe('success')
    expect(world.view.account(OTHER)?.balanceWei).toBe(3n)
    const outcome = await world.send({ to: A })
    expect(outcome.access.writes.accounts.get(A)).toEqual({ slots: new Map([[slot(0), 1n]]) })
    expect(await world.run({ gasLimit: 10_000n })).toMatchObject({ kind: 'rejected' })
  })

  it('runs init code of every fork since Homestead', async () => {
    for (const fork of [
      'homestead',
      'byzantium',
      'istanbul',
      'berlin',
      'paris',
      'prague',
    ] as const) {
      const world = new TestWorld(engine, {}, fork)
      const { nonce, gasLimit, data, sender } = world.transaction({ data: deploying(asm('STOP')) })
      const legacy = { type: 0, nonce, gasLimit, data, sender, chainId: undefined } as const
      const outcome = await world.run({ ...legacy, to: null, valueWei: 0n, gasPriceWei: 10n })
      expect([fork, outcome.kind]).toEqual([fork, 'success'])
    }
  })
}

const LENT = { switches: { skipBalance: true } }
