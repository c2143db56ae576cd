import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Block } from '../../model/block.ts'
import type { Address, Hash } from '../../primitives/hex.ts'
import type { Json } from '../backend.ts'
import type { TraceOptions, TraceResult } from '../call-port.ts'
import type { BlockRef } from '../block-ref.ts'
import { LATEST, blockNumberOrTag, blockRef } from '../codec/block-ref.ts'
import { callFields } from '../codec/call-fields.ts'
import { type Decoder, listOf, oneOrMany, fieldsOf, text } from '../codec/decoder.ts'
import { jsonOut, nullable } from '../codec/encoder.ts'
import { blockOverrides, stateOverrides } from '../codec/overrides.ts'
import { address, bytes, count, hash } from '../codec/scalar.ts'
import { badParam, invalidParams } from '../error.ts'
import type { CallStep } from '../inspect-port.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'
import { tracedJson, ranSteps } from '../traces.ts'

/** An entry of Parity's flat list of calls. */
interface Entry {
  readonly [key: string]: Json | undefined
  readonly action: { readonly [key: string]: Json }
  readonly result: { readonly [key: string]: Json } | null
  readonly traceAddress: readonly number[]
}
interface Traces {
  readonly [key: string]: Json | undefined
  readonly trace: readonly Entry[]
}

const OPCODE_GAS: TraceOptions = { tracer: 'opcodeGasTracer' }
const KINDS = ['trace', 'vmTrace', 'stateDiff']
const ONLY_CALLS: TraceOptions = { tracer: 'parityTracer', tracerConfig: { trace: true } }

/** `["trace", "stateDiff"]` */
const traceTypes: Decoder<TraceOptions> = {
  schema: { type: 'array', items: { enum: KINDS } },
  decode(value, path) {
    const wanted = listOf(text).decode(value, path)
    for (const [index, kind] of wanted.entries()) {
      if (!KINDS.includes(kind)) throw badParam(`${path}[${index}]`, KINDS.join(', '), kind)
    }
    return {
      tracer: 'parityTracer',
      tracerConfig: Object.fromEntries(wanted.map((kind) => [kind, true])),
    }
  },
}

const types = param('traceTypes', traceTypes)
const byNumber = param('block', blockNumberOrTag)
const anyBlockRef = param('block', blockRef)
const anyBlock = optional('block', blockRef, LATEST)
const transactionHash = param('transactionHash', hash)
const MAX_CALLS = 1_000

/** `[call, types]` */
const callAndTypes: Decoder<CallStep> = {
  schema: { type: 'array' },
  decode(value, path) {
    if (!Array.isArray(value) || value.length !== 2) {
      throw badParam(path, 'a call and a list of trace types', value)
    }
    const fields = callFields.decode(value[0], `${path}[0]`)
    return { call: { kind: 'fields', fields }, trace: traceTypes.decode(value[1], `${path}[1]`) }
  },
}

const filter = fieldsOf({
  fromBlock: blockNumberOrTag,
  toBlock: blockNumberOrTag,
  fromAddress: oneOrMany(address),
  toAddress: oneOrMany(address),
  mode: text,
  after: count(Number.MAX_SAFE_INTEGER),
  count: count(Number.MAX_SAFE_INTEGER),
})
type Filter = ReturnType<typeof filter.decode>

/** The list of a transaction that was mined; undefined when there is none. */
async function entriesOf(context: Context, wanted: Hash): Promise<readonly Json[] | undefined> {
  const place = context.backend.chain.transaction(wanted)?.place
  if (place === undefined) return undefined
  const result = await context.backend.execution.traceTransaction(wanted, ONLY_CALLS)
  const traces = await readTraces(context, result, parentOf(place.header.number))
  return traces.trace.map((entry) => ({
    ...entry,
    blockHash: place.hash,
    blockNumber: Number(place.header.number),
    transactionHash: wanted,
    transactionPosition: place.index,
  }))
}

function parentOf(number: bigint): BlockRef {
  return { kind: 'number', number: number - 1n }
}

/** A tracer's result. @throws {RpcError} */
async function readTraces(context: Context, result: TraceResult, at: BlockRef): Promise<Traces> {
  return (await tracedJson(context, result, at)) as unknown as Traces
}

interface Traced {
  readonly txHash: Hash
  readonly traces: Traces
}

/** Genesis has none. @throws {RpcError} when the state that it ran on is not kept. */
async function tracesOf(
  context: Context,
  block: Block,
  options: TraceOptions,
): Promise<readonly Traced[]> {
  if (block.header.number === 0n || block.transactions.length === 0) return []
  const results = await context.backend.execution.traceBlock(block, options)
  const at = parentOf(block.header.number)
  const out: Traced[] = []
  if (results === undefined) await readTraces(context, { kind: 'noState' }, at)
  for (const { txHash, result } of results ?? []) {
    out.push({ txHash, traces: await readTraces(context, result, at) })
  }
  return out
}

async function blockEntries(context: Context, block: Block): Promise<readonly Entry[]> {
  const traced = await tracesOf(context, block, ONLY_CALLS)
  return traced.flatMap(({ txHash, traces }, position) =>
    traces.trace.map((entry) => ({
      ...entry,
      blockHash: block.hash,
      blockNumber: Number(block.header.number),
      transactionHash: txHash,
      transactionPosition: position,
    })),
  )
}

async function filtered(context: Context, wanted: Filter): Promise<Json> {
  const matches = matcherOf(wanted)
  const first = await numberOf(context, wanted.fromBlock ?? { kind: 'tag', tag: 'earliest' })
  const last = await numberOf(context, wanted.toBlock ?? LATEST)
  if (first > last) {
    throw invalidParams('`filter`: fromBlock cannot be greater than toBlock')
  }
  const head = context.backend.chain.head().header.number
  if (last > head) {
    throw invalidParams(`\`filter.toBlock\`: there is no block ${last}; the head is block ${head}`)
  }
  let toSkip = wanted.after ?? 0
  const limit = wanted.count ?? Number.POSITIVE_INFINITY
  const found: Json[] = []
  for (let number = first; number <= last && found.length < limit; number++) {
    const located = await context.backend.chain.block({ kind: 'number', number })
    if (located === undefined || located.block.transactions.length === 0) continue
    for (const entry of await blockEntries(context, located.block)) {
      if (!matches(entry) || toSkip-- > 0 || found.length >= limit) continue
      found.push(entry)
    }
    // Others get their answers between blocks.
    await nextTurn()
  }
  return found
}

/** @throws {RpcError} when there is no such block. */
async function numberOf({ backend }: Context, ref: BlockRef): Promise<bigint> {
  if (ref.kind === 'number') return ref.number
  const mined = ref.kind === 'tag' && ref.tag === 'pending' ? LATEST : ref
  return (await backend.chain.block(mined))!.block.header.number
}

function matcherOf({ fromAddress, toAddress, mode = 'union' }: Filter): (entry: Entry) => boolean {
  if (mode !== 'union' && mode !== 'intersection') {
    throw badParam('filter.mode', 'union or intersection', mode)
  }
  const senders = addressSet(fromAddress)
  const receivers = addressSet(toAddress)
  return ({ action, result }) => {
    const sent = senders?.has((action['from'] ?? action['address']) as Address)
    const to = action['to'] ?? action['refundAddress'] ?? result?.['address']
    const received = receivers?.has(to as Address)
    if (sent === undefined) return received ?? true
    if (received === undefined) return sent
    return mode === 'union' ? sent || received : sent && received
  }
}

/** An empty list is no condition. */
function addressSet(list: readonly Address[] | undefined): ReadonlySet<Address> | undefined {
  return list === undefined || list.length === 0 ? undefined : new Set(list)
}

async function oneStep(context: Context, step: CallStep, more: Parameters<typeof ranSteps>[2]) {
  const [ran] = await ranSteps(context, [step], more)
  return ran!.trace as Json
}

/** Parity's traces. What does not exist is null. */
export const trace: MethodTable = {
  trace_transaction: method([transactionHash], nullable(jsonOut), entriesOf),
  /** By its place in the tree of calls, as Parity has it: `[]` is the transaction itself. */
  trace_get: method(
    [transactionHash, param('traceAddress', listOf(count(Number.MAX_SAFE_INTEGER)))],
    nullable(jsonOut),
    async (context, wanted, path) => {
      const entries = (await entriesOf(context, wanted)) as readonly Entry[] | undefined
      return entries?.find(({ traceAddress }) => traceAddress.join() === path.join())
    },
  ),
  trace_block: method([byNumber], nullable(jsonOut), async (context, ref) => {
    const found = await context.backend.chain.block(ref)
    if (found === undefined || found.pending) return undefined
    return blockEntries(context, found.block)
  }),
  trace_filter: method([param('filter', filter)], jsonOut, filtered),
  trace_replayTransaction: method(
    [transactionHash, types],
    nullable(jsonOut),
    async (context, wanted, how) => {
      const place = context.backend.chain.transaction(wanted)?.place
      if (place === undefined) return undefined
      const result = await context.backend.execution.traceTransaction(wanted, how)
      return tracedJson(context, result, parentOf(place.header.number))
    },
  ),
  trace_replayBlockTransactions: method(
    [byNumber, types],
    nullable(jsonOut),
    async (context, ref, how) => {
      const found = await context.backend.chain.block(ref)
      if (found === undefined || found.pending) return undefined
      const traced = await tracesOf(context, found.block, how)
      return traced.map(({ txHash, traces }) => ({ ...traces, transactionHash: txHash }))
    },
  ),
  trace_call: method(
    [
      param('transaction', callFields),
      types,
      anyBlock,
      optional('stateOverrides', stateOverrides),
      optional('blockOverrides', blockOverrides),
    ],
    jsonOut,
    (context, fields, how, at, states, pretended) =>
      oneStep(
        context,
        { call: { kind: 'fields', fields }, trace: how },
        { at, stateOverrides: states, blockOverrides: pretended },
      ),
  ),
  trace_callMany: method(
    [param('calls', listOf(callAndTypes, MAX_CALLS)), anyBlock],
    jsonOut,
    async (context, steps, at) =>
      (await ranSteps(context, steps, { at })).map((ran) => ran.trace as Json),
  ),
  trace_rawTransaction: method(
    [param('transaction', bytes), types, anyBlock],
    jsonOut,
    (context, raw, how, at) => oneStep(context, { call: { kind: 'raw', raw }, trace: how }, { at }),
  ),
  /** Reth's: how often each instruction ran, and for how much gas. */
  trace_transactionOpcodeGas: method(
    [transactionHash],
    nullable(jsonOut),
    async (context, wanted) => {
      const place = context.backend.chain.transaction(wanted)?.place
      if (place === undefined) return undefined
      const result = await context.backend.execution.traceTransaction(wanted, OPCODE_GAS)
      const opcodeGas = await tracedJson(context, result, parentOf(place.header.number))
      return { transactionHash: wanted, opcodeGas }
    },
  ),
  trace_blockOpcodeGas: method([anyBlockRef], nullable(jsonOut), async (context, ref) => {
    const found = await context.backend.chain.block(ref)
    if (found === undefined || found.pending) return undefined
    const { hash: blockHash, header } = found.block
    const traced = await tracesOf(context, found.block, OPCODE_GAS)
    const transactions = traced.map(({ txHash, traces }) => ({
      transactionHash: txHash,
      opcodeGas: traces as unknown as Json,
    }))
    return { blockHash, blockNumber: Number(header.number), transactions }
  }),
}
