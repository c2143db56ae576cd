import type { Recording } from './input.ts'
import { changedFields } from './names/name-book.ts'
import type { Field } from './names/slot-names.ts'
import type { Touch } from './touches.ts'

/**
 * What a hot slot is for, judged by its type and by how its values change. `counter`: by one each time. `accumulator`: by any amount, one
 * way. `reserve`: amounts that go up and down together, or against each other. `timestamp`: the block's time. `owner`: an address.
 */
export type Pattern =
  | 'counter'
  | 'accumulator'
  | 'reserve'
  | 'arrayLength'
  | 'timestamp'
  | 'owner'
  | 'unknown'

/** What to do about it; `inherent`: the contract's purpose orders its callers. */
export const CURES: Readonly<Record<Pattern, string>> = {
  counter:
    'derive the number from what the caller has, keep a part for each of several shards, or count by events',
  accumulator: 'keep a part for each account and add the parts up when the sum is needed',
  reserve: 'inherent',
  arrayLength:
    'keep a list for each owner or market, or find entries by a key in place of their number',
  timestamp:
    'keep the time with each account that it matters to, or let one transaction write it once in a while',
  owner: 'keep what changes hands apart from what every call reads',
  unknown: 'see the lines that read and write it',
}

const EARLIEST_TIME = 1_400_000_000n
const LATEST_TIME = 5_000_000_000n
const WORD = 256

/** How one field went from value to value. */
interface FieldHistory {
  readonly field: Field
  readonly steps: readonly bigint[]
  readonly values: readonly bigint[]
}

/** `fields` is what lies in the slot; empty when no layout tells. */
export function patternOf(
  recording: Recording,
  touches: readonly Touch[],
  fields: readonly Field[],
): Pattern {
  const writers = touches.filter(({ write }) => write !== 'none')
  const written = historiesOf(writers, fields.length === 0 ? [WHOLE] : fields)
  const amounts = written.filter((history) => !isTime(recording, writers, history))
  if (written.length > 0 && amounts.length === 0) return 'timestamp'
  const [busiest] = amounts.toSorted((a, b) => b.steps.length - a.steps.length)
  if (busiest === undefined) return 'unknown'
  const { field, steps } = busiest
  if (field.role === 'arrayLength') return 'arrayLength'
  if (/^(?:address|contract )/.test(field.type)) return 'owner'
  if (amounts.filter((history) => isMixed(history)).length >= 2) return 'reserve'
  if (amounts.some(rises) && amounts.some(falls)) return 'reserve'
  if (/reserve|liquidity/i.test(field.path) && isMixed(busiest)) return 'reserve'
  if (amounts.length < written.length && amounts.length === 1) return 'timestamp'
  if (steps.length < 2) return 'unknown'
  if (steps.every((step) => step === steps[0] && step * step === 1n)) return 'counter'
  return isMixed(busiest) ? 'unknown' : 'accumulator'
}

const WHOLE: Field = {
  path: '',
  variable: '',
  offset: 0,
  bytes: 32,
  type: 'uint256',
  role: 'value',
}

function historiesOf(writers: readonly Touch[], fields: readonly Field[]): readonly FieldHistory[] {
  return fields
    .map((field) => {
      const changes = writers.filter(
        ({ before, after }) => changedFields([field], before, after).length > 0,
      )
      const values = changes.map(({ after }) => valueIn(field, after ?? 0n))
      const steps = changes.map(({ before }, at) =>
        BigInt.asIntN(WORD, values[at]! - valueIn(field, before ?? 0n)),
      )
      return { field, steps, values }
    })
    .filter(({ steps }) => steps.length > 0)
}

function valueIn({ offset, bytes }: Field, word: bigint): bigint {
  return (word >> BigInt(offset * 8)) & ((1n << BigInt(bytes * 8)) - 1n)
}

/** Every value could be a time of today, and who wrote it had asked for the block's. */
function isTime(
  recording: Recording,
  writers: readonly Touch[],
  { values, field }: FieldHistory,
): boolean {
  if (!/^u?int/.test(field.type) || field.bytes < 4) return false
  if (values.some((value) => value < EARLIEST_TIME || value > LATEST_TIME)) return false
  return writers.some(({ tx }) => recording.transactions[tx]!.access.volatile.has('TIMESTAMP'))
}

function rises({ steps }: FieldHistory): boolean {
  return steps.every((step) => step > 0n)
}

function falls({ steps }: FieldHistory): boolean {
  return steps.every((step) => step < 0n)
}

function isMixed({ steps }: FieldHistory): boolean {
  return steps.some((step) => step > 0n) && steps.some((step) => step < 0n)
}
