import type { BlockOverrides, CallFields } from '../../model/call.ts'
import { bytesToHex } from '../../primitives/hex.ts'
import type { Json } from '../backend.ts'
import type { TraceOptions } from '../call-port.ts'
import type { BlockRef } from '../block-ref.ts'
import { LATEST, blockRef } from '../codec/block-ref.ts'
import { callFields } from '../codec/call-fields.ts'
import { type Decoder, anything, asRecord, fieldsOf, listOf, mapped } from '../codec/decoder.ts'
import { jsonOut } from '../codec/encoder.ts'
import { blockOverrides, stateOverrides } from '../codec/overrides.ts'
import { count } from '../codec/scalar.ts'
import { traceCallOptions } from '../codec/trace-options.ts'
import type { CallStep, StepOutcome } from '../inspect-port.ts'
import { type MethodTable, method, optional, param } from '../method.ts'
import { revertMessage } from '../revert.ts'
import { ranSteps } from '../traces.ts'

const MAX_CALLS = 1_000

/** Erigon's and Reth's: calls that may pretend of their block. */
interface Bundle {
  readonly transactions: readonly CallFields[]
  readonly blockOverrides: BlockOverrides | undefined
}
const bundle: Decoder<Bundle> = mapped(
  fieldsOf({
    transactions: listOf(callFields, MAX_CALLS),
    blockOverride: blockOverrides,
    blockOverrides,
  }),
  (read) => ({
    transactions: read.transactions ?? [],
    blockOverrides: read.blockOverride ?? read.blockOverrides,
  }),
)
const bundles = param('bundles', listOf(bundle, MAX_CALLS))

interface Place {
  readonly at: BlockRef
  readonly before: number | undefined
}
/** Where the calls run: in a block, after its first `transactionIndex` transactions; -1 is after all of them. */
const place: Decoder<Place> = {
  schema: { type: 'object' },
  decode(value, path) {
    const { blockNumber, transactionIndex } = asRecord(value, path)
    const at =
      blockNumber === undefined ? LATEST : blockRef.decode(blockNumber, `${path}.blockNumber`)
    const isWhole =
      transactionIndex === undefined || transactionIndex === null || transactionIndex === -1
    const index = count(Number.MAX_SAFE_INTEGER)
    return {
      at,
      before: isWhole ? undefined : index.decode(transactionIndex, `${path}.transactionIndex`),
    }
  },
}
const context = optional('context', place, { at: LATEST, before: undefined })

function stepsOf(all: readonly Bundle[], trace?: TraceOptions): readonly CallStep[] {
  return all.flatMap(({ transactions, blockOverrides: pretended }) =>
    transactions.map((fields) => ({
      call: { kind: 'fields', fields },
      trace,
      blockOverrides: pretended,
    })),
  )
}

/** A list for each bundle. */
function perBundle(
  all: readonly Bundle[],
  outcomes: readonly StepOutcome[],
  show: (outcome: StepOutcome) => Json,
): Json {
  let next = 0
  return all.map(({ transactions }) => transactions.map(() => show(outcomes[next++]!)))
}

function callJson({ outcome, output, reason }: StepOutcome): Json {
  if (outcome === 'success') return { value: bytesToHex(output) }
  return { error: outcome === 'halt' ? (reason ?? 'halted') : revertMessage(output) }
}

/** Calls that see what those before them did. */
export const many: MethodTable = {
  eth_callMany: method(
    [bundles, context, optional('stateOverrides', stateOverrides), optional('timeout', anything)],
    jsonOut,
    async (rpc, all, { at, before }, states) => {
      const outcomes = await ranSteps(rpc, stepsOf(all), { at, before, stateOverrides: states })
      return perBundle(all, outcomes, callJson)
    },
  ),
  debug_traceCallMany: method(
    [bundles, context, optional('options', traceCallOptions, { options: {}, overrides: {} })],
    jsonOut,
    async (rpc, all, { at, before }, { options, overrides }) => {
      const outcomes = await ranSteps(rpc, stepsOf(all, options), { at, before, ...overrides })
      return perBundle(all, outcomes, ({ trace }) => trace as Json)
    },
  ),
}
