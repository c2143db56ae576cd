import fc from 'fast-check'

import { type DependencyGraph, dependencyGraph } from '../../../src/analysis/graph.ts'
import type { RecordedTransaction, Recording } from '../../../src/analysis/input.ts'
import { type Work, workOf } from '../../../src/analysis/simulate/policy.ts'
import type { AccessList } from '../../../src/model/transaction.ts'
import { type Address, type Hex, type Slot, slotOf } from '../../../src/primitives/hex.ts'
import type { AccountReads, AccountWrites, VolatileRead } from '../../../src/state/access.ts'

/** Blocks made by hand: what transactions read and wrote, without code behind it. */

export const someone = (n: number): Address =>
  `0x${(0xa000 + n).toString(16).padStart(40, '0')}` as Address
/** Whose slots they are, unless a test says otherwise. */
export const CONTRACT = someone(0xc0)

export interface Made {
  readonly sender?: number
  readonly to?: Address
  readonly selector?: Hex
  readonly gas?: number
  readonly ms?: number
  /** Slots of `CONTRACT` that are read, and those that are read and written. */
  readonly reads?: readonly number[]
  readonly writes?: readonly number[]
  /** What is written; else one more than was there. */
  readonly values?: Readonly<Record<number, bigint>>
  /** Besides, of any account. */
  readonly accounts?: Readonly<Record<Address, { reads?: AccountReads; writes?: AccountWrites }>>
  readonly volatile?: readonly VolatileRead[]
  readonly declared?: AccessList
}

/** Runs the transactions in order over slots that are zero at first. Each has a sender of its own unless told. */
export function recordingOf(
  made: readonly Made[],
  rest: Omit<Recording, 'transactions'> = {},
): Recording {
  const held = new Map<number, bigint>()
  return { ...rest, transactions: made.map((one, at) => transactionOf(one, at, held)) }
}

function transactionOf(made: Made, at: number, held: Map<number, bigint>): RecordedTransaction {
  const reads = new Map<Slot, bigint>()
  const writes = new Map<Slot, bigint>()
  for (const slot of [...(made.reads ?? []), ...(made.writes ?? [])]) {
    reads.set(slotOf(BigInt(slot)), held.get(slot) ?? 0n)
  }
  for (const slot of made.writes ?? []) {
    const value = made.values?.[slot] ?? (held.get(slot) ?? 0n) + 1n
    writes.set(slotOf(BigInt(slot)), value)
    held.set(slot, value)
  }
  const others = Object.entries(made.accounts ?? {}) as [
    Address,
    { reads?: AccountReads; writes?: AccountWrites },
  ][]
  return {
    sender: someone(made.sender ?? 0x1000 + at),
    to: made.to ?? CONTRACT,
    selector: made.selector,
    nonce: 0n,
    gasUsed: made.gas ?? 10,
    ms: made.ms,
    declared: made.declared,
    access: {
      reads: new Map([
        [CONTRACT, { life: true, slots: reads }],
        ...others.map(([address, account]) => [address, account.reads ?? {}] as const),
      ]),
      writes: {
        accounts: new Map([
          ...(writes.size > 0 ? [[CONTRACT, { slots: writes }] as const] : []),
          ...others.flatMap(([address, account]) =>
            account.writes === undefined ? [] : [[address, account.writes] as const],
          ),
        ]),
        codes: new Map(),
      },
      volatile: new Set(made.volatile),
      precision: 'exact',
    },
  }
}

/** Costs in gas. */
export function costsOf({ transactions }: Recording): Float64Array {
  return Float64Array.from(transactions, ({ gasUsed }) => gasUsed)
}

export function workIn(recording: Recording): Work {
  return workOf(recording, dependencyGraph(recording), costsOf(recording))
}

/** Edges as `from>to:slot`, in order. */
export function edgesOf(graph: DependencyGraph): readonly string[] {
  return Array.from(graph.to, (to, edge) => {
    const location = graph.touches.locations[graph.location[edge]!]!
    const where = location.kind === 'slot' ? BigInt(location.key) : location.kind
    return `${graph.from[edge]}>${to}:${where}`
  })
}

const SLOTS = 5
const slots = fc.uniqueArray(fc.nat(SLOTS - 1), { maxLength: 3 })

/** Small blocks in which there is much to conflict over. */
export const madeBlock: fc.Arbitrary<readonly Made[]> = fc.array(
  fc.record({
    sender: fc.nat(4),
    gas: fc.integer({ min: 1, max: 9 }),
    reads: slots,
    writes: slots,
    selector: fc.constantFrom<Hex>('0x00000001', '0x00000002'),
  }),
  { maxLength: 14 },
)
