import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type DependencyGraph, dependencyGraph } from '../../../src/analysis/graph.ts'
import type { RecordedTransaction } from '../../../src/analysis/input.ts'
import type { Executable, Outcome } from '../../../src/evm/engine.ts'
import { loadWasmEngine } from '../../../src/evm/load.ts'
import { createAddress } from '../../../src/model/create-address.ts'
import { concatBytes } from '../../../src/primitives/bytes.ts'
import type { Address } from '../../../src/primitives/hex.ts'
import { Overlay } from '../../../src/state/overlay.ts'
import {
  BENEFICIARY,
  type TestTransaction,
  TestWorld,
  account,
  asm,
  deploying,
  slot,
  word,
} from '../../contract/engine-world.ts'

/**
 * What a dependency promises: a transaction is right on every beginning of the block that holds all it depends on. So each one runs on
 * each of those, on the real engine, and must do what it did in order.
 */

const engine = await loadWasmEngine()

const COUNTER = account(0xc0)
/** Sends what it has to the account in its call data, if it has as much as the second word. */
const PURSE = account(0xc1)
/** Writes down its own balance, and another's. */
const WATCHER = account(0xc2)
/** Creates a contract; its address comes from its own nonce. */
const FACTORY = account(0xc3)
/** Writes down the code hash and the size of an account. */
const INSPECTOR = account(0xc4)
const FRESH = [account(0xf0), account(0xf1)]
const SENDERS = [account(1), account(2), account(3), account(4)]
/** As rich as a few transactions cost: what it gets in the block decides what it can do. */
const POOR = SENDERS[3]!

const child = deploying(asm('0x00 SLOAD 0x01 ADD 0x00 SSTORE'))
const CODES: Readonly<Record<Address, string>> = {
  [COUNTER]:
    '0x00 CALLDATALOAD DUP1 SLOAD 0x01 ADD 0x00 CALLDATALOAD SSTORE 0x20 CALLDATALOAD SLOAD POP',
  [PURSE]: '0x00 0x00 0x00 0x00 0x20 CALLDATALOAD 0x00 CALLDATALOAD GAS CALL POP',
  [WATCHER]: 'SELFBALANCE 0x01 SSTORE 0x00 CALLDATALOAD BALANCE 0x02 SSTORE',
  [FACTORY]: 'CALLDATASIZE 0x00 0x00 CALLDATACOPY CALLDATASIZE 0x00 0x00 CREATE',
  [INSPECTOR]:
    '0x00 CALLDATALOAD EXTCODEHASH 0x01 SSTORE 0x00 CALLDATALOAD EXTCODESIZE 0x02 SSTORE',
}

function worldOf(): TestWorld {
  const alloc = Object.fromEntries(
    Object.entries(CODES).map(([address, source]) => [
      address,
      {
        code: asm(source),
        balanceWei: address === PURSE ? 20n : 0n,
        storage: new Map([[slot(1), 1n]]),
      },
    ]),
  )
  const rich = Object.fromEntries(SENDERS.map((sender) => [sender, { balanceWei: 10n ** 18n }]))
  return new TestWorld(engine, { ...alloc, ...rich, [POOR]: { balanceWei: 12_000_000n } })
}

/** What the factory makes first, once it has made it: when called it counts. */
const CHILD = createAddress(FACTORY, 0n)
const someone = fc.constantFrom(...FRESH, ...SENDERS, PURSE, BENEFICIARY, CHILD)
const step: fc.Arbitrary<TestTransaction> = fc
  .record({
    sender: fc.constantFrom(...SENDERS),
    valueWei: fc.constantFrom(0n, 0n, 1n, 7n, 9_000_000n),
  })
  .chain((base) =>
    fc
      .oneof(
        fc.record({ to: someone, gasLimit: fc.constant(60_000n) }),
        fc.record({ to: fc.constant(CHILD) }),
        fc.record({
          to: fc.constant(COUNTER),
          data: fc.tuple(fc.nat(2), fc.nat(2)).map(([a, b]) => concatBytes(word(a), word(b))),
        }),
        fc.record({
          to: fc.constant(PURSE),
          data: fc
            .tuple(someone, fc.constantFrom(1n, 8n, 25n))
            .map(([to, wei]) => concatBytes(word(to), word(wei))),
        }),
        fc.record({ to: fc.constant(WATCHER), data: someone.map(word) }),
        fc.record({ to: fc.constant(INSPECTOR), data: someone.map(word) }),
        fc.record({ to: fc.constant(FACTORY), data: fc.constant(child) }),
      )
      .map((fields) => ({ gasLimit: 200_000n, ...base, ...fields, maxFeePerGasWei: 8n })),
  )

interface Ran {
  readonly tx: Executable
  readonly outcome: Exclude<Outcome, { kind: 'rejected' }>
}

/** Those of the steps that can be in the block, and the states before each and after all. */
async function runBlock(steps: readonly TestTransaction[]) {
  const world = worldOf()
  const states: Overlay[] = [world.view]
  const ran: Ran[] = []
  for (const fields of steps) {
    const view = states.at(-1)!
    const tx = {
      ...world.transaction(fields),
      nonce: view.account(fields.sender!)?.nonce ?? 0n,
    } as Executable
    const outcome = await engine.transact(tx, world.env, view)
    if (outcome.kind === 'rejected') continue
    const next = new Overlay(view)
    next.apply(outcome.access.writes)
    states.push(next)
    ran.push({ tx, outcome })
  }
  return { world, states, ran }
}

function graphOf(world: TestWorld, ran: readonly Ran[]): DependencyGraph {
  const transactions = ran.map(({ tx, outcome }): RecordedTransaction => ({
    sender: tx.sender,
    to: tx.to,
    nonce: tx.nonce,
    gasUsed: Number(outcome.gasUsed),
    access: outcome.access,
  }))
  const all = [...SENDERS, ...FRESH, BENEFICIARY, ...(Object.keys(CODES) as Address[])]
  const balancesWei = new Map(
    all.map((address) => [address, world.view.account(address)?.balanceWei ?? 0n]),
  )
  return dependencyGraph({ transactions, beneficiary: BENEFICIARY, balancesWei })
}

/** What must be the same: all but where balances stood, for those move by deltas. */
function effectOf({ outcome }: Pick<Ran, 'outcome'>) {
  const { kind, gasUsed, output, access } = outcome
  const slots = [...access.writes.accounts].map(([address, writes]) => [
    address,
    writes.nonce,
    writes.codeHash,
    [...(writes.slots ?? [])],
  ])
  const written = slots.filter(([, nonce, code, list]) => {
    return nonce !== undefined || code !== undefined || (list as unknown[]).length > 0
  })
  return { kind, gasUsed, output, written }
}

describe('a transaction is right on every beginning of the block that holds what it depends on', () => {
  it('for any block of transfers, counters, purses, watchers, inspectors and creations', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 10 }), async (steps) => {
        const { world, states, ran } = await runBlock(steps)
        const graph = graphOf(world, ran)
        for (const [tx, serial] of ran.entries()) {
          const before = graph.from.subarray(graph.first[tx], graph.first[tx + 1])
          const needed = before.reduce((max, from) => Math.max(max, from + 1), 0)
          for (let length = needed; length < tx; length++) {
            const outcome = await engine.transact(serial.tx, world.env, states[length]!)
            if (outcome.kind === 'rejected') {
              throw new Error(`${tx} on ${length}: ${JSON.stringify(outcome.rejection, text)}`)
            }
            expect(effectOf({ outcome }), `${tx} on the first ${length}`).toEqual(effectOf(serial))
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})

function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
