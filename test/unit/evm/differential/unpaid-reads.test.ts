import { describe, expect, it } from 'vitest'

import type { Outcome } from '../../../../src/evm/engine.ts'
import { loadWasmEngine } from '../../../../src/evm/load.ts'
import type { Observer } from '../../../../src/evm/observer.ts'
import { concatBytes } from '../../../../src/primitives/bytes.ts'
import { hexToBytes } from '../../../../src/primitives/hex.ts'
import { OTHER, TestWorld, account, asm, slot } from '../../../contract/engine-world.ts'

// The reference reads accounts before they are paid for, so that it cannot tell: EIP-7928's rules are checked here.

const wasm = await loadWasmEngine()
const TARGET = account(0x77)
const DELEGATE = account(0x78)
const delegation = concatBytes(Uint8Array.of(0xef, 0x01, 0x00), hexToBytes(DELEGATE))

function run(source: string, gas: number, code?: Uint8Array): Promise<Outcome> {
  const target = code === undefined ? { balanceWei: 1n } : { code }
  const alloc = { [OTHER]: { code: asm(source), balanceWei: 5n }, [TARGET]: target }
  const world = new TestWorld(wasm, alloc)
  return world.run({ to: OTHER, gasLimit: BigInt(21_000 + gas) })
}

function readsOf(outcome: Outcome) {
  return outcome.kind === 'rejected' ? new Map() : outcome.access.reads
}

/** What comes before the instruction costs 3 for each push. */
const FIRST_ACCESS = 2600
const CALL = '0x00 0x00 0x00 0x00'
const INSTRUCTIONS = [
  { name: 'BALANCE', source: `${TARGET} BALANCE`, cost: 3 + FIRST_ACCESS },
  { name: 'EXTCODEHASH', source: `${TARGET} EXTCODEHASH`, cost: 3 + FIRST_ACCESS },
  { name: 'EXTCODESIZE', source: `${TARGET} EXTCODESIZE`, cost: 3 + FIRST_ACCESS },
  {
    name: 'EXTCODECOPY',
    source: `0x00 0x00 0x00 ${TARGET} EXTCODECOPY`,
    cost: 12 + FIRST_ACCESS,
  },
  { name: 'CALL', source: `${CALL} 0x00 ${TARGET} 0x00 CALL`, cost: 21 + FIRST_ACCESS },
  {
    name: 'CALL with value',
    source: `${CALL} 0x01 ${TARGET} 0x00 CALL`,
    cost: 21 + FIRST_ACCESS + 9000,
  },
  { name: 'CALLCODE', source: `${CALL} 0x00 ${TARGET} 0x00 CALLCODE`, cost: 21 + FIRST_ACCESS },
  { name: 'DELEGATECALL', source: `${CALL} ${TARGET} 0x00 DELEGATECALL`, cost: 18 + FIRST_ACCESS },
  { name: 'STATICCALL', source: `${CALL} ${TARGET} 0x00 STATICCALL`, cost: 18 + FIRST_ACCESS },
  { name: 'SELFDESTRUCT', source: `${TARGET} SELFDESTRUCT`, cost: 3 + 5000 + FIRST_ACCESS },
]

describe('what cannot be paid for is not read', () => {
  it.each(INSTRUCTIONS)('$name', async ({ source, cost }) => {
    const unpaid = await run(source, cost - 1)
    expect(unpaid.kind).toBe('halt')
    expect(readsOf(unpaid).has(TARGET)).toBe(false)
    const paid = await run(source, cost)
    expect(paid.kind).toBe('success')
    expect(readsOf(paid).has(TARGET)).toBe(true)
  })
  it('the code that an account delegates to', async () => {
    const source = `${CALL} 0x00 ${TARGET} 0x00 CALL`
    const cost = 21 + 2 * FIRST_ACCESS
    const unpaid = await run(source, cost - 1, delegation)
    expect(readsOf(unpaid).has(TARGET)).toBe(true)
    expect(readsOf(unpaid).has(DELEGATE)).toBe(false)
    expect(readsOf(await run(source, cost, delegation)).has(DELEGATE)).toBe(true)
  })
  it('a slot', async () => {
    expect(readsOf(await run('0x01 SLOAD', 3 + 2099)).get(OTHER)?.slots).toBeUndefined()
    expect(
      readsOf(await run('0x01 SLOAD', 3 + 2100))
        .get(OTHER)
        ?.slots?.has(slot(1)),
    ).toBe(true)
    // EIP-2200: more than the stipend must be left.
    expect(readsOf(await run('0x01 0x01 SSTORE', 6 + 2300)).get(OTHER)?.slots).toBeUndefined()
  })
})

/** Each asks for more than its base price, which is what it costs in all. */
const PRICED = [
  ...INSTRUCTIONS.filter(({ name }) => name !== 'SELFDESTRUCT'),
  { name: 'SLOAD', source: '0x01 SLOAD', cost: 3 + 2100 },
  { name: 'SSTORE', source: '0x01 0x01 SSTORE', cost: 6 + 22_100 },
  { name: 'EXP', source: '0x0100 0x02 EXP', cost: 6 + 10 + 100 },
  { name: 'KECCAK256', source: '0x21 0x00 KECCAK256', cost: 6 + 30 + 12 + 6 },
  {
    name: 'KECCAK256 of two words',
    source: '0x40 MLOAD 0x40 0x00 KECCAK256',
    cost: 3 + 3 + 9 + 6 + 30 + 12,
  },
  { name: 'MLOAD', source: '0x00 MLOAD', cost: 3 + 3 + 3 },
  { name: 'MSTORE', source: '0x00 0x00 MSTORE', cost: 6 + 3 + 3 },
  { name: 'MSTORE8', source: '0x00 0x00 MSTORE8', cost: 6 + 3 + 3 },
  { name: 'CALLDATACOPY', source: '0x21 0x00 0x00 CALLDATACOPY', cost: 9 + 3 + 6 + 6 },
  { name: 'MCOPY', source: '0x21 0x00 0x00 MCOPY', cost: 9 + 3 + 6 + 6 },
  { name: 'LOG1', source: '0x07 0x01 0x00 LOG1', cost: 9 + 750 + 8 + 3 },
  { name: 'CREATE', source: '0x01 0x00 0x00 CREATE', cost: 9 + 32_000 + 2 + 3 },
  { name: 'CREATE2', source: '0x00 0x01 0x00 0x00 CREATE2', cost: 12 + 32_000 + 2 + 6 + 3 },
]

describe('what cannot be paid for ends the frame, not what comes after it', () => {
  it.each(PRICED)('$name', async ({ name, source, cost }) => {
    const alloc = { [OTHER]: { code: asm(`${source} JUMPDEST`), balanceWei: 5n } }
    const lastOf = async (gas: number): Promise<string | undefined> => {
      let last: string | undefined
      const observer: Observer = {
        step(step) {
          if (step.depth === 0) last = step.name
        },
      }
      const tx = { to: OTHER, gasLimit: BigInt(21_000 + gas) }
      const target = { [TARGET]: { balanceWei: 1n } }
      await new TestWorld(wasm, { ...alloc, ...target }).run(tx, { observer })
      return last
    }
    const opcode = name.split(' ')[0]
    expect(await lastOf(cost - 1)).toBe(opcode)
    expect(await lastOf(cost)).not.toBe(opcode)
  })
})
