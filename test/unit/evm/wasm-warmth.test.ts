import { describe, expect, it } from 'vitest'

import { loadEthereumjsEngine, loadWasmEngine } from '../../../src/evm/load.ts'
import { create2Address } from '../../../src/model/create-address.ts'
import { signAuthorization } from '../../../src/model/signer.ts'
import { EMPTY_BYTES, concatBytes } from '../../../src/primitives/bytes.ts'
import { hexToBytes } from '../../../src/primitives/hex.ts'
import { privateKeyToAddress } from '../../../src/primitives/secp256k1.ts'
import {
  type Alloc,
  CHAIN_ID,
  type TestTransaction,
  TestWorld,
  account,
  asm,
  callOf,
  slot,
  word,
} from '../../contract/engine-world.ts'

const A = account(0xa)
const B = account(0xb)
const C = account(0xc)
const KEY = hexToBytes(`0x${'09'.repeat(32)}`)
const AUTHORITY = privateKeyToAddress(KEY)
const EXTCODECOPY = Uint8Array.of(0x3c)
const engines = [await loadWasmEngine(), await loadEthereumjsEngine()]

/** What the engines say of one transaction: it must be the same. */
async function gasOf(alloc: Alloc, tx: TestTransaction): Promise<bigint> {
  const [ours, theirs] = await Promise.all(
    engines.map((engine) => new TestWorld(engine, alloc).send(tx)),
  )
  expect(ours).toMatchObject({ kind: theirs!.kind, gasUsed: theirs!.gasUsed })
  return ours!.gasUsed
}

// The second access of the same account: a cold one would cost 2500 more.
describe('what is warm after', () => {
  it('an access list: the accounts that it names, with slots and without', async () => {
    const alloc = { [A]: { code: asm(`${B} BALANCE ${C} BALANCE`) } }
    const cold = await gasOf(alloc, { to: A })
    const accessList = [
      { address: B, storageKeys: [] },
      { address: C, storageKeys: [slot(1)] },
    ]
    const warm = await gasOf(alloc, { to: A, accessList })
    expect(cold - warm).toBe(2n * 2_500n - 2n * 2_400n - 1_900n)
  })

  it('a self-destruct: the heir', async () => {
    const alloc = {
      [A]: { code: asm(`${callOf(B)} ${C} BALANCE`) },
      [B]: { code: asm(`${C} SELFDESTRUCT`) },
    }
    const other = { ...alloc, [B]: { code: asm(`${account(0xd)} SELFDESTRUCT`) } }
    expect((await gasOf(other, { to: A })) - (await gasOf(alloc, { to: A }))).toBe(2_500n)
  })

  it('a creation: what was created, also when it failed', async () => {
    for (const init of [EMPTY_BYTES, asm('0x00 0x00 REVERT')]) {
      const created = create2Address(A, word(0), init)
      const load = 'CALLDATASIZE 0x00 0x00 CALLDATACOPY 0x00 CALLDATASIZE 0x00 0x00'
      const after = (address: string): Uint8Array => asm(`${load} CREATE2 ${address} BALANCE`)
      const tx = { to: A, data: init }
      const warm = await gasOf({ [A]: { code: after(created) } }, tx)
      const cold = await gasOf({ [A]: { code: after(C) } }, tx)
      expect(cold - warm).toBe(2_500n)
    }
  })

  it('the beginning of a creation: what is created', async () => {
    // ADDRESS BALANCE STOP
    const own = await gasOf({}, { to: null, data: hexToBytes('0x303100') })
    const other = await gasOf({}, { to: null, data: asm(`${C} BALANCE`) })
    expect(other - own).toBeGreaterThan(2_500n)
  })

  it('the beginning at an account that delegates: whose code runs', async () => {
    const code = concatBytes(hexToBytes('0xef0100'), hexToBytes(B))
    const alloc = (address: string): Alloc => ({
      [A]: { code },
      [B]: { code: asm(`${address} BALANCE`) },
    })
    expect((await gasOf(alloc(C), { to: A })) - (await gasOf(alloc(B), { to: A }))).toBe(2_500n)
  })

  it('a call of an account that delegates: whose code ran', async () => {
    const authorization = signAuthorization({ chainId: CHAIN_ID, address: B, nonce: 0n }, KEY)
    const alloc = (address: string): Alloc => ({
      [A]: { code: asm(`${callOf(AUTHORITY)} ${address} BALANCE`) },
      [B]: { code: asm('STOP') },
    })
    const tx = { to: A, authorizationList: [authorization] }
    expect((await gasOf(alloc(C), tx)) - (await gasOf(alloc(B), tx))).toBe(2_500n)
  })
})

describe('the identity precompile, which is inside', () => {
  it('costs 15, and 3 a word', async () => {
    const identity = '0x0000000000000000000000000000000000000004'
    const calling = (size: string, callee: string): Alloc => ({
      [A]: { code: asm(`0x1000 MLOAD 0x00 0x00 ${size} 0x00 0x00 ${callee} GAS CALL`) },
    })
    const none = await gasOf(calling('0x00', identity), { to: A })
    expect((await gasOf(calling('0x41', identity), { to: A })) - none).toBe(9n)
    // Warm, as all precompiles are; another account without code is cold.
    const other = await gasOf(calling('0x00', C), { to: A })
    expect(other - none).toBe(2_500n - 15n)
  })
})

describe('what cannot be paid for', () => {
  it('is not read: EXTCODECOPY and CREATE2 with too little gas', async () => {
    const world = new TestWorld(engines[0]!, {
      [A]: { code: concatBytes(asm(`0x20 0x00 0x00 ${C}`), EXTCODECOPY) },
      [B]: { code: asm('0x00 0x20 0x00 0x00 CREATE2') },
    })
    const copy = await world.send({ to: A, gasLimit: 21_012n + 2_605n })
    expect(copy).toMatchObject({ kind: 'halt', reason: 'out of gas' })
    expect(copy.access.reads.has(C)).toBe(false)
    const created = create2Address(B, word(0), new Uint8Array(32))
    const creation = await world.send({ to: B, gasLimit: 21_012n + 32_010n })
    expect(creation).toMatchObject({ kind: 'halt', reason: 'out of gas' })
    expect(creation.access.reads.has(created)).toBe(false)
  })
})
