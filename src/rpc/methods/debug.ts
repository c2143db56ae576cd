import { encodeBlock } from '../../model/codec/block.ts'
import { encodeHeader } from '../../model/codec/header.ts'
import { encodeReceipt } from '../../model/codec/receipt.ts'
import type { Hash } from '../../primitives/hex.ts'
import type { Json, LocatedBlock } from '../backend.ts'
import type { TraceOptions } from '../call-port.ts'
import type { BlockRef } from '../block-ref.ts'
import { LATEST, blockNumberOrTag, blockRef } from '../codec/block-ref.ts'
import { callFields } from '../codec/call-fields.ts'
import { mapped } from '../codec/decoder.ts'
import { bytesOut, jsonOut, listOut, nullable } from '../codec/encoder.ts'
import { hash } from '../codec/scalar.ts'
import { traceCallOptions, traceOptions } from '../codec/trace-options.ts'
import { serverError } from '../error.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'
import { tracedJson } from '../traces.ts'

const block = param('block', blockRef)
const byNumber = param('block', blockNumberOrTag)
const byHash = param(
  'blockHash',
  mapped(hash, (value): BlockRef => ({ kind: 'hash', hash: value, requireCanonical: false })),
)
const transactionHash = param('transactionHash', hash)
const options = optional('options', traceOptions, {})

/** @throws {RpcError} Geth's "block ... not found": raw reads have no null. */
async function existing({ backend }: Context, ref: BlockRef): Promise<LocatedBlock> {
  const found = await backend.chain.block(ref)
  if (found !== undefined) return found
  const name = ref.kind === 'tag' ? ref.tag : ref.kind === 'hash' ? ref.hash : `#${ref.number}`
  throw serverError(`block ${name} not found`)
}

/** The block whose state a transaction's block ran on. */
function stateBefore({ backend }: Context, transaction: Hash): BlockRef {
  const number = backend.chain.transaction(transaction)?.place?.header.number
  return number === undefined ? LATEST : { kind: 'number', number: number - 1n }
}

async function traceBlock(context: Context, ref: BlockRef, how: TraceOptions): Promise<Json> {
  const { block: wanted } = await existing(context, ref)
  if (wanted.header.number === 0n) throw serverError('genesis is not traceable')
  const results = await context.backend.execution.traceBlock(wanted, how)
  if (results === undefined) {
    throw serverError('state not available: the parent of this block has no state here')
  }
  const traces: Json[] = []
  for (const { txHash, result } of results) {
    // As Geth has it: the other transactions' traces are worth having.
    if (result.kind === 'failedTracer') traces.push({ txHash, error: result.message })
    else traces.push({ txHash, result: await tracedJson(context, result, ref) })
  }
  return traces
}

/** Raw encodings and traces. */
export const debug: MethodTable = {
  debug_getRawBlock: method([block], bytesOut, async (context, ref) => {
    return encodeBlock((await existing(context, ref)).block)
  }),
  debug_getRawHeader: method([block], bytesOut, async (context, ref) => {
    return encodeHeader((await existing(context, ref)).block.header)
  }),
  debug_getRawReceipts: method([block], listOut(bytesOut), async (context, ref) => {
    const found = await existing(context, ref)
    if (found.pending) return []
    const receipts = context.backend.chain.receipts(found.block)
    return receipts.map(({ receipt }) => encodeReceipt(receipt))
  }),
  debug_getRawTransaction: method(
    [transactionHash],
    nullable(bytesOut),
    ({ backend }, wanted) => backend.chain.transaction(wanted)?.transaction.raw,
  ),
  debug_traceTransaction: method(
    [transactionHash, options],
    jsonOut,
    async (context, wanted, how) => {
      const result = await context.backend.execution.traceTransaction(wanted, how)
      return tracedJson(context, result, stateBefore(context, wanted))
    },
  ),
  debug_traceCall: method(
    [
      param('transaction', callFields),
      optional('block', blockRef, LATEST),
      optional('options', traceCallOptions, { options: {}, overrides: {} }),
    ],
    jsonOut,
    async (context, fields, at, how) => {
      const callContext = { at, ...how.overrides }
      const result = await context.backend.execution.traceCall(fields, callContext, how.options)
      return tracedJson(context, result, at)
    },
  ),
  debug_traceBlockByNumber: method([byNumber, options], jsonOut, traceBlock),
  debug_traceBlockByHash: method([byHash, options], jsonOut, traceBlock),
}
