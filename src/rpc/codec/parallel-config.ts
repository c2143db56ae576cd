import type { FaultPlan, ParallelConfig } from '../parallel-port.ts'
import { badParam, invalidParams } from '../error.ts'
import { type Decoder, asRecord, boolean, fieldsOf, listOf, oneOf, text } from './decoder.ts'
import { atLeastOne, count } from './scalar.ts'

/** As `fieldsOf`, but a member that it does not know is refused: a setting that is misspelt would be one that is not made. */
function settingsOf<T>(inner: Decoder<T>): Decoder<T> {
  const known = Object.keys(inner.schema['properties'] ?? {})
  return {
    schema: { ...inner.schema, additionalProperties: false },
    decode(value, path) {
      for (const name of Object.keys(asRecord(value, path))) {
        if (known.includes(name)) continue
        throw invalidParams(`\`${path}.${name}\`: not known here; there are ${known.join(', ')}`)
      }
      return inner.decode(value, path)
    },
  }
}

const part: Decoder<number> = {
  schema: { type: 'number', minimum: 0, maximum: 1 },
  decode(value, path) {
    if (typeof value === 'number' && value >= 0 && value <= 1) return value
    throw badParam(path, 'a number from 0 to 1', value)
  },
}

const MOST_FORCED = 10_000
const MOST_LANES = 64
const MOST_DELAY_US = 1_000_000
const MOST_STEPS = 1_000_000

const forcedAbort: Decoder<{ readonly transaction: number; readonly incarnation: number }> = {
  ...settingsOf(fieldsOf({ transaction: count(1_000_000), incarnation: count(1_000) })),
  decode(value, path) {
    const read = settingsOf(
      fieldsOf({ transaction: count(1_000_000), incarnation: count(1_000) }),
    ).decode(value, path)
    if (read.transaction === undefined) {
      throw invalidParams(`\`${path}.transaction\`: missing, it is required`)
    }
    return { transaction: read.transaction, incarnation: read.incarnation ?? 0 }
  },
}

const failure = settingsOf(
  fieldsOf({
    lane: count(MOST_LANES - 1),
    step: atLeastOne(MOST_STEPS),
    at: oneOf(
      'claimed',
      'executed',
      'published',
      'taken',
      'merging',
      'again',
      'merged',
      'given',
      'validated',
    ),
    fault: oneOf('throw', 'exit', 'hang'),
  }),
)

const faults: Decoder<FaultPlan> = settingsOf(
  fieldsOf({
    delays: part,
    delayUs: count(MOST_DELAY_US),
    aborts: part,
    abort: listOf(forcedAbort, MOST_FORCED),
    failure,
  }),
)

/** What `parallel_setConfig` takes: what is left out stays. */
export const parallelConfig: Decoder<ParallelConfig> = settingsOf(
  fieldsOf({
    executor: text,
    workers: atLeastOne(MOST_LANES),
    forceParallel: boolean,
    record: count(100_000),
    seed: count(2 ** 31 - 1),
    faults,
  }),
)
