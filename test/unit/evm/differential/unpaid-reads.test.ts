import { describe, expect, it } from 'vitest'

import type { Outcome } from '../../../../src/evm/engine.ts'
import { loadWasmEngine } from '../../../../src/evm/load.ts'
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
