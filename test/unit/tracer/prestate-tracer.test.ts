import { describe, expect, it } from 'vitest'

import { createAddress } from '../../../src/model/create-address.ts'
import { hexToBytes, slotOf } from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../../src/primitives/keccak.ts'
import type { ChangeSet } from '../../../src/state/access.ts'
import { BENEFICIARY, SENDER, addressOf, createRig, tracerOf } from './rig.ts'

type State = Readonly<Record<string, Readonly<Record<string, unknown>>>>
interface Diff {
  readonly pre: State
  readonly post: State
}

const A = addressOf('aa')
const B = addressOf('bb')
const C = addressOf('cc')
const tracer = 'prestateTracer'
const diffMode = { tracer, tracerConfig: { diffMode: true } }
const slot = slotOf
const hashOf = (code: string): string => keccakHash(hexToBytes(code))
const SENDER_BALANCE = `0x${(1000n * 10n ** 18n).toString(16)}`

describe('prestateTracer', () => {
  it('shows what was touched as it was before', async () => {
    // A: load slot 1, store slot 2, read B's balance, call C
    const code = `0x60015450600960025573${B.slice(2)}31505f5f5f5f5f73${C.slice(2)}5af100` as const
    const rig = createRig({
      [A]: { code, nonce: 1n, balanceWei: 4n, slots: { [slot(1n)]: 5n, [slot(3n)]: 6n } },
      [B]: { balanceWei: 8n },
      [C]: { code: '0x00' },
    })
    expect(await rig.trace({ to: A, valueWei: 2n }, { tracer })).toEqual({
      [SENDER]: { balance: SENDER_BALANCE },
      [A]: {
        balance: '0x4',
        nonce: 1,
        code,
        codeHash: hashOf(code),
        storage: { [slot(1n)]: slot(5n), [slot(2n)]: slot(0n) },
      },
      [B]: { balance: '0x8' },
      [C]: { balance: '0x0', code: '0x00', codeHash: hashOf('0x00') },
    })
  })

  it('leaves out accounts that were not there, unless asked', async () => {
    const rig = createRig()
    const plain = await rig.trace<State>({ to: A, valueWei: 1n }, { tracer })
    expect(Object.keys(plain)).toEqual([SENDER])
    const all = await rig.trace<State>(
      { to: B, valueWei: 1n },
      { tracer, tracerConfig: { includeEmpty: true } },
    )
    expect(all[B]).toEqual({ balance: '0x0' })
    expect(Object.keys(all)).toEqual([SENDER, B, BENEFICIARY].toSorted())
  })

  it('leaves out code and storage when asked', async () => {
    const code = '0x5f545000'
    const rig = createRig({ [A]: { code, slots: { [slot(0n)]: 1n } } })
    const tracerConfig = { disableCode: true, disableStorage: true }
    const state = await rig.trace<State>({ to: A }, { tracer, tracerConfig })
    expect(state[A]).toEqual({ balance: '0x0', codeHash: hashOf(code) })
  })

  it('shows an account that only a delegation leads to', async () => {
    const rig = createRig({ [A]: { code: `0xef0100${B.slice(2)}` }, [B]: { code: '0x00' } })
    const state = await rig.trace<State>({ to: A }, { tracer })
    expect(state[A]).toMatchObject({ code: `0xef0100${B.slice(2)}` })
    expect(state[B]).toMatchObject({ code: '0x00' })
  })
})

describe('prestateTracer in diff mode', () => {
  it('shows a transfer', async () => {
    const rig = createRig({ [A]: { balanceWei: 5n } })
    const { pre, post } = await rig.trace<Diff>({ to: A, valueWei: 2n }, diffMode)
    expect(pre).toEqual({ [SENDER]: { balance: SENDER_BALANCE }, [A]: { balance: '0x5' } })
    expect(post).toEqual({
      [SENDER]: { balance: expect.any(String), nonce: 1 },
      [A]: { balance: '0x7' },
      [BENEFICIARY]: { balance: expect.any(String) },
    })
  })

  it('shows slots that were set, changed and cleared, and no others', async () => {
    // slot 1: 0 -> 7, slot 2: 5 -> 6, slot 3: 9 -> 0, slot 4 is only loaded, slot 5: 1 -> 1
    const code = '0x600760015560066002555f60035560045450600160055500'
    const rig = createRig({
      [A]: {
        code,
        slots: { [slot(2n)]: 5n, [slot(3n)]: 9n, [slot(4n)]: 4n, [slot(5n)]: 1n },
      },
    })
    const { pre, post } = await rig.trace<Diff>({ to: A }, diffMode)
    expect(pre[A]?.['storage']).toEqual({ [slot(2n)]: slot(5n), [slot(3n)]: slot(9n) })
    expect(post[A]).toEqual({ storage: { [slot(1n)]: slot(7n), [slot(2n)]: slot(6n) } })
  })

  it('shows a cleared slot as a change without a value after', async () => {
    const rig = createRig({ [A]: { code: '0x5f5f5500', slots: { [slot(0n)]: 1n } } })
    const { pre, post } = await rig.trace<Diff>({ to: A }, diffMode)
    expect(pre[A]?.['storage']).toEqual({ [slot(0n)]: slot(1n) })
    expect(post[A]).toEqual({})
  })

  it('leaves out accounts and slots that came back to what they were', async () => {
    // A calls B, which stores and reverts
    const rig = createRig({
      [A]: { code: `0x5f5f5f5f5f73${B.slice(2)}5af100`, balanceWei: 1n },
      [B]: { code: '0x60016001555f5ffd' },
    })
    const { pre, post } = await rig.trace<Diff>({ to: A }, diffMode)
    expect(Object.keys(pre)).toEqual([SENDER])
    expect(Object.keys(post).toSorted()).toEqual([SENDER, BENEFICIARY].toSorted())
  })

  it('shows a creation after and not before', async () => {
    const rig = createRig()
    const created = createAddress(SENDER, 0n)
    // stores 3 in slot 0, deploys the byte 00
    const data = hexToBytes('0x60035f5560015ff3')
    const { pre, post } = await rig.trace<Diff>({ data, valueWei: 1n }, diffMode)
    expect(pre[created]).toBeUndefined()
    expect(post[created]).toEqual({
      balance: '0x1',
      nonce: 1,
      code: '0x00',
      codeHash: hashOf('0x00'),
      storage: { [slot(0n)]: slot(3n) },
    })
  })

  it('shows an account that was destroyed before and not after', async () => {
    const code = `0x73${B.slice(2)}ff` as const
    const rig = createRig({ [A]: { code, nonce: 1n, balanceWei: 6n } }, 'shanghai')
    const { pre, post } = await rig.trace<Diff>({ to: A }, diffMode)
    expect(pre[A]).toEqual({ balance: '0x6', nonce: 1, code, codeHash: hashOf(code) })
    expect(post[A]).toBeUndefined()
    expect(post[B]).toEqual({ balance: '0x6' })
    const later = createRig({ [A]: { code, nonce: 1n, balanceWei: 6n } })
    const kept = await later.trace<Diff>({ to: A }, diffMode)
    expect(kept.post[A]).toEqual({ balance: '0x0' })
  })

  it('shows a change of code by its bytes and hash', async () => {
    const before = `0xef0100${B.slice(2)}` as const
    const rig = createRig({ [A]: { code: before, nonce: 1n } })
    const view = { ...rig, transaction: rig.complete({ to: C }) }
    const outcome = await rig.transact({ to: C })
    // As an authorisation of the zero address leaves it (EIP-7702), which needs a signature.
    const writes: ChangeSet = { accounts: new Map(), codes: new Map() }
    writes.accounts.set(A, { codeHash: EMPTY_CODE_HASH, nonce: 2n })
    const access = { ...outcome.access, writes }
    const { pre, post } = tracerOf(diffMode, view).result({ ...outcome, access }) as Diff
    expect(pre[A]).toEqual({ balance: '0x0', code: before, codeHash: hashOf(before), nonce: 1 })
    expect(post[A]).toEqual({ code: '0x', codeHash: EMPTY_CODE_HASH, nonce: 2 })
  })
})
