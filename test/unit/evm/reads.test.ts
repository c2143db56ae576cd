import { describe, expect, it } from 'vitest'

import type { Switches } from '../../../src/evm/engine.ts'
import { loadWasmEngine } from '../../../src/evm/load.ts'
import { createAddress } from '../../../src/model/create-address.ts'
import type { ForkName } from '../../../src/model/fork.ts'
import { signAuthorization } from '../../../src/model/signer.ts'
import { concatBytes } from '../../../src/primitives/bytes.ts'
import { type Address, hexToBytes } from '../../../src/primitives/hex.ts'
import { privateKeyToAddress } from '../../../src/primitives/secp256k1.ts'
import { readRecord } from '../../../src/state/record-content.ts'
import {
  SAW_BALANCE,
  SAW_CODE,
  SAW_COVERED,
  SAW_EMPTY,
  SAW_LIFE,
  SAW_NONCE,
  SAW_NOT_COVERED,
} from '../../../src/state/record-layout.ts'
import {
  type Alloc,
  CHAIN_ID,
  OTHER,
  SENDER,
  type TestTransaction,
  TestWorld,
  account,
  asm,
  callOf,
} from '../../contract/engine-world.ts'
import { recordOf } from './differential/record-run.ts'

// What each instruction reads of an account: a parallel executor keeps an outcome for as long as exactly that stands.

const A = account(0xa)
const B = account(0xb)
const NOBODY = account(0xdead)
const KEY = hexToBytes(`0x${'09'.repeat(32)}`)
const AUTHORITY = privateKeyToAddress(KEY)
const delegatingTo = (address: Address): Uint8Array =>
  concatBytes(hexToBytes('0xef0100'), hexToBytes(address))

const engine = await loadWasmEngine()

interface Setting {
  readonly alloc?: Alloc
  readonly fork?: ForkName
  readonly switches?: Switches
}

/** The reads of an account, as the names of the record's bits. */
async function readsOf(
  address: Address,
  code: string,
  { alloc = {}, fork = 'osaka', switches }: Setting = {},
  tx: TestTransaction = {},
): Promise<string> {
  const all = { [OTHER]: { code: asm(code), balanceWei: 9n }, ...alloc }
  const world = new TestWorld(engine, all, fork)
  const whole = world.transaction(tx)
  const plain = { ...whole, type: 0, gasPriceWei: 9n, chainId: undefined } as typeof whole
  const record = await recordOf(world, fork === 'osaka' ? whole : plain, switches)
  const entry = readRecord(record!).accounts.find((one) => one.address === address)
  const names: readonly (readonly [number, string])[] = [
    [SAW_LIFE, 'life'],
    [SAW_NONCE, 'nonce'],
    [SAW_CODE, 'code'],
    [SAW_BALANCE, 'balance'],
    [SAW_EMPTY, 'empty'],
    [SAW_COVERED, 'covered'],
    [SAW_NOT_COVERED, 'not covered'],
  ]
  if (entry === undefined) return 'not there'
  return names.flatMap(([bit, name]) => ((entry.reads & bit) === 0 ? [] : [name])).join(', ')
}

const withAccounts = (accounts: Alloc): Setting => ({ alloc: accounts })

describe('a call with value', () => {
  const code = `${callOf(A, '0x01')} STOP`

  it('looks whether its target is empty (EIP-161), as far as it has to', async () => {
    expect(await readsOf(A, code)).toBe('nonce, code, empty')
    expect(await readsOf(A, code, withAccounts({ [A]: { nonce: 1n } }))).toBe('nonce, code')
    expect(await readsOf(A, code, withAccounts({ [A]: { code: asm('STOP') } }))).toBe('code')
  })
  it('looks at no more when the target was paid just before', async () => {
    expect(await readsOf(A, `${callOf(A, '0x01')} ${code}`)).toBe('nonce, code, empty')
  })
  it('reads whether its target is there before EIP-161', async () => {
    expect(await readsOf(A, code, { fork: 'tangerineWhistle' })).toBe('life, code')
    expect(await readsOf(A, `${callOf(A)} STOP`, { fork: 'frontier' })).toBe('life, code')
  })
  it('of a precompile reads no code, but whether it is empty', async () => {
    const sha256 = `0x${'00'.repeat(19)}02` as Address
    expect(await readsOf(sha256, `${callOf(sha256)} STOP`)).toBe('')
    expect(await readsOf(sha256, `${callOf(sha256, '0x01')} STOP`)).toBe('nonce, code, empty')
  })
})

describe('value that no balance could ever cover', () => {
  const all = `0x${'ff'.repeat(32)}`

  it('is a look at what the balance falls short of', async () => {
    expect(await readsOf(OTHER, callOf(A, all))).toBe('code, not covered')
  })
  it('is a look at the balance itself after something was paid', async () => {
    expect(await readsOf(OTHER, `${callOf(A, '0x01')} ${callOf(A, all)}`)).toBe(
      'code, balance, covered',
    )
  })
})

describe('a self-destruct', () => {
  const code = `${A} SELFDESTRUCT`

  it('looks whether its heir is empty when there is something to leave', async () => {
    expect(await readsOf(A, code)).toBe('nonce, code, empty')
    expect(await readsOf(A, code, withAccounts({ [A]: { code: asm('STOP') } }))).toBe('code')
    const poor = withAccounts({ [OTHER]: { code: asm(code) } })
    expect(await readsOf(A, code, poor)).toBe('')
  })
  it('reads whether its heir is there before EIP-161', async () => {
    expect(await readsOf(A, code, { fork: 'tangerineWhistle' })).toBe('life')
    expect(await readsOf(A, code, { fork: 'homestead' })).toBe('')
  })
  it('reads its own balance and life', async () => {
    expect(await readsOf(OTHER, code)).toBe('life, code, balance')
  })
})

describe('a creation', () => {
  it('reads that nothing is in its place', async () => {
    const created = createAddress(OTHER, 0n)
    expect(await readsOf(created, '0x00 0x00 0x00 CREATE')).toBe('life, nonce, code')
    const first = createAddress(SENDER, 0n)
    expect(await readsOf(first, 'STOP', {}, { to: null })).toBe('life, nonce, code')
  })
  it('reads its creator’s nonce, and whether its balance covers the value', async () => {
    expect(await readsOf(OTHER, '0x00 0x00 0x00 CREATE')).toBe('nonce, code')
    expect(await readsOf(OTHER, '0x00 0x00 0x01 CREATE')).toBe('nonce, code, covered')
    expect(await readsOf(OTHER, '0x00 0x00 0xff CREATE')).toBe('code, not covered')
  })
})

describe('code that names other code (EIP-7702)', () => {
  const alloc = { [A]: { code: delegatingTo(B) }, [B]: { code: asm('STOP') } }

  it('is read, and the other too, by a call and by a transaction', async () => {
    for (const address of [A, B]) {
      expect(await readsOf(address, callOf(A), { alloc })).toBe('code')
      expect(await readsOf(address, 'STOP', { alloc }, { to: A })).toBe('code')
    }
  })
  it('is what the sender may have', async () => {
    const sender = { [SENDER]: { balanceWei: 10n ** 20n, code: delegatingTo(B) } }
    expect(await readsOf(SENDER, 'STOP', { alloc: sender })).toBe('life, nonce, code, covered')
  })
  it('is set where code, nonce and life are as they should be', async () => {
    const sign = (nonce: bigint) => signAuthorization({ chainId: CHAIN_ID, address: B, nonce }, KEY)
    const set = { authorizationList: [sign(0n)] }
    expect(await readsOf(AUTHORITY, 'STOP', {}, set)).toBe('life, nonce, code')
    const passedOver = { authorizationList: [sign(3n)] }
    expect(await readsOf(AUTHORITY, 'STOP', {}, passedOver)).toBe('nonce, code')
  })
})

describe('what looks at an account', () => {
  it.each([
    [`${A} BALANCE`, 'balance'],
    [`${A} EXTCODESIZE`, 'code'],
    [`0x01 0x00 0x00 ${A} EXTCODECOPY`, 'code'],
    [`${A} EXTCODEHASH`, 'nonce, code, empty'],
    [callOf(A), 'code'],
  ])('%s', async (code, wanted) => {
    expect(await readsOf(A, code)).toBe(wanted)
  })
  it('SLOAD and SSTORE read whether the account is there', async () => {
    expect(await readsOf(OTHER, '0x01 SLOAD')).toBe('life, code')
    expect(await readsOf(OTHER, '0x01 0x01 SSTORE')).toBe('life, code')
  })
  it('a transfer reads no more of its target than that it has no code', async () => {
    expect(await readsOf(NOBODY, 'STOP', {}, { to: NOBODY, valueWei: 1n })).toBe('code')
  })
})

describe('a sender who is lent what it lacks', () => {
  const poor = { [SENDER]: { balanceWei: 1n } }
  const switches = { skipBalance: true }

  it('has its balance read', async () => {
    expect(await readsOf(SENDER, 'STOP', { alloc: poor, switches })).toBe(
      'life, nonce, code, balance, not covered',
    )
  })
  it('but not when it lacks nothing', async () => {
    expect(await readsOf(SENDER, 'STOP', { switches })).toBe('life, nonce, code, covered')
  })
})
