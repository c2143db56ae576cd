import { bigIntToFixedBytes, concatBytes } from '../../primitives/bytes.ts'
import type { Json } from '../backend.ts'
import { LATEST, blockRef } from '../codec/block-ref.ts'
import { callFields } from '../codec/call-fields.ts'
import { type Decoder, fieldsOf, listOf, mapped, oneOrMany, text } from '../codec/decoder.ts'
import { type Encoder, bytesOut } from '../codec/encoder.ts'
import { blockOverrides, stateOverrides } from '../codec/overrides.ts'
import { address, atLeastOne, count, hash } from '../codec/scalar.ts'
import { bundleOf, subject, transactionOrHash } from '../codec/subject.ts'
import { badParam, invalidParams, serverError } from '../error.ts'
import { type MethodTable, method, optional, param } from '../method.ts'
import {
  ACCESS_FORMATS,
  type AccessFormat,
  type BundleOptions,
  type Gate,
  type Profile,
} from '../profiler-port.ts'

/** Numbers in it are JSON numbers. */
function profileOut(title: string): Encoder<Profile> {
  return {
    schema: { title, type: 'object' },
    encode: (profile): Json => valueOf(profile) as Json,
  }
}

/** @throws {RpcError} when there is nothing to show */
function valueOf(profile: Profile): object {
  if (profile.kind === 'shown') return profile.value
  throw profile.kind === 'refused' ? invalidParams(profile.reason) : serverError(profile.reason)
}

interface Asserted {
  readonly profile: Profile
  readonly format: 'json' | 'abi'
}

/** As JSON, or as `abi.encode(bool pass, string message)` for who can read nothing else. */
const assertionOut: Encoder<Asserted> = {
  schema: { title: 'assertion', oneOf: [{ type: 'object' }, bytesOut.schema] },
  encode({ profile, format }): Json {
    const value = valueOf(profile)
    if (format === 'json') return value as Json
    const { pass, message } = value as { readonly pass: boolean; readonly message: string }
    const text = new TextEncoder().encode(message)
    const padded = new Uint8Array(Math.ceil(text.length / WORD) * WORD)
    padded.set(text)
    const words = [pass ? 1n : 0n, 2n * BigInt(WORD), BigInt(text.length)]
    return bytesOut.encode(
      concatBytes(...words.map((word) => bigIntToFixedBytes(word, WORD)), padded),
    )
  },
}

const WORD = 32

const assertionFormat: Decoder<Asserted['format']> = {
  schema: { enum: ['json', 'abi'] },
  decode(value, path) {
    if (value === 'json' || value === 'abi') return value
    throw badParam(path, 'json or abi', value)
  },
}

const MAX_CORES = 1024
const MAX_ORDERS = 1_000
const cores = oneOrMany(atLeastOne(MAX_CORES))

/** `4@8`, or `{ times: 4, cores: 8 }`. */
const speedup: Decoder<NonNullable<Gate['minSpeedup']>> = {
  schema: { title: 'times@cores', type: 'string', pattern: '^[0-9]+([.][0-9]+)?@[0-9]+$' },
  decode(value, path) {
    const [, times, on] = /^(\d{1,4}(?:\.\d{1,6})?)@(\d{1,4})$/.exec(String(value)) ?? []
    if (times === undefined || Number(on) < 1 || Number(on) > MAX_CORES) {
      throw badParam(path, `a speed-up at a number of cores from 1 to ${MAX_CORES}, as 4@8`, value)
    }
    return { times: Number(times), cores: Number(on) }
  },
}

const orders: Decoder<BundleOptions['orders']> = {
  schema: { title: 'given, all, or how many', oneOf: [{ type: 'string' }, { type: 'integer' }] },
  decode: (value, path) =>
    value === 'given' || value === 'all' ? value : atLeastOne(MAX_ORDERS).decode(value, path),
}

const accessFormat: Decoder<AccessFormat> = mapped(text, (value, path) => {
  const found = ACCESS_FORMATS.find((known) => known === value)
  if (found === undefined) throw badParam(path, `one of ${ACCESS_FORMATS.join(', ')}`, value)
  return found
})

const bundleOptions = fieldsOf({
  orders,
  workers: cores,
  setup: listOf(callFields),
  stateOverrides,
  blockOverrides,
})

const DEFAULT_CALLERS = 32
const MAX_CALLERS = 256
const DEFAULT_LAST = 200

/** Which variable orders transactions, where it is read and written, and what it costs. */
export const profiler: MethodTable = {
  parallel_getContention: method(
    [param('subject', subject)],
    profileOut('contention'),
    ({ backend }, wanted) => backend.profiler.contention(wanted),
  ),
  parallel_explain: method(
    [param('earlier', hash), param('later', hash)],
    profileOut('dependency'),
    ({ backend }, earlier, later) => backend.profiler.explain(earlier, later),
  ),
  parallel_compare: method(
    [
      param('subject', subject),
      optional('options', fieldsOf({ cores, policies: oneOrMany(text) }), {}),
    ],
    profileOut('comparison'),
    ({ backend }, wanted, options) =>
      backend.profiler.compare(wanted, { cores: options.cores, policies: options.policies }),
  ),
  parallel_simulateBundle: method(
    [
      param('transactions', listOf(callFields)),
      optional('block', blockRef, LATEST),
      optional('options', bundleOptions, {}),
    ],
    profileOut('bundle'),
    ({ backend }, transactions, at, options) =>
      backend.profiler.simulateBundle(bundleOf(transactions, at, options), {
        orders: options.orders ?? 'given',
        workers: options.workers,
      }),
  ),
  parallel_getAccessSet: method(
    [
      param('transaction', transactionOrHash),
      optional('block', blockRef, LATEST),
      optional('options', fieldsOf({ format: accessFormat }), {}),
    ],
    profileOut('access set'),
    ({ backend }, asked, at, { format = 'named' }) => backend.profiler.accessSet(asked(at), format),
  ),
  parallel_checkAccessList: method(
    [param('transaction', transactionOrHash), optional('block', blockRef, LATEST)],
    profileOut('access list'),
    ({ backend }, asked, at) => backend.profiler.checkAccessList(asked(at)),
  ),
  parallel_assertNoConflict: method(
    [
      param('subject', subject),
      optional(
        'options',
        fieldsOf({ allow: listOf(text), minSpeedup: speedup, format: assertionFormat }),
        {},
      ),
    ],
    assertionOut,
    async ({ backend }, wanted, { allow, minSpeedup, format = 'json' }) => ({
      format,
      profile: await backend.profiler.assertNoConflict(wanted, {
        // Without a wish of any kind nothing may conflict.
        allow: allow ?? (minSpeedup === undefined ? [] : undefined),
        minSpeedup,
      }),
    }),
  ),
  parallel_explainContract: method(
    [
      param('contract', address),
      optional(
        'options',
        fieldsOf({ callers: atLeastOne(MAX_CALLERS), last: count(Number.MAX_SAFE_INTEGER) }),
        {},
      ),
    ],
    profileOut('conflict matrix'),
    ({ backend }, contract, { callers = DEFAULT_CALLERS, last = DEFAULT_LAST }) =>
      backend.profiler.explainContract(contract, { callers, last }),
  ),
}
