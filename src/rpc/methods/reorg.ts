import { openTransaction } from '../../model/signer.ts'
import type { Transaction } from '../../model/transaction.ts'
import { hexToBytes, isHex } from '../../primitives/hex.ts'
import { callFields } from '../codec/call-fields.ts'
import { type Decoder, anything, asRecord, listOf } from '../codec/decoder.ts'
import { count } from '../codec/scalar.ts'
import { badParam, invalidParams } from '../error.ts'
import { done, refusalError, failureError } from '../failure.ts'
import { LATEST } from '../codec/block-ref.ts'
import { type Context, type MethodTable, optional, param } from '../method.ts'
import { setter } from './dialect.ts'

/** One request replaces no more blocks: it would hold the node up. */
const MAX_DEPTH = 10_000

interface Reorg {
  readonly depth: number
  /** What was sent, and in which of the new blocks it goes. */
  readonly pairs: readonly (readonly [sent: unknown, block: number])[]
}

const depth = count(MAX_DEPTH)

/** Anvil's `{depth, tx_block_pairs: [[raw or transaction, block], ...]}`, or the depth alone. */
const reorgOptions: Decoder<Reorg> = {
  schema: { oneOf: [depth.schema, { type: 'object' }] },
  decode(value, path) {
    if (typeof value !== 'object') return { depth: depth.decode(value, path), pairs: [] }
    const read = asRecord(value, path)
    const wanted = depth.decode(read['depth'], `${path}.depth`)
    const pairs = read['tx_block_pairs'] ?? read['txBlockPairs'] ?? []
    return { depth: wanted, pairs: readPairs(pairs, `${path}.tx_block_pairs`) }
  },
}

const pairList: Decoder<Reorg['pairs']> = { schema: { type: 'array' }, decode: readPairs }

function readPairs(value: unknown, path: string): Reorg['pairs'] {
  return listOf(anything)
    .decode(value, path)
    .map((pair, index) => {
      const at = `${path}[${index}]`
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw badParam(at, 'a transaction and a block', pair)
      }
      return [pair[0] as unknown, depth.decode(pair[1], `${at}[1]`)]
    })
}

async function transactionOf(context: Context, sent: unknown, path: string): Promise<Transaction> {
  if (isHex(sent)) {
    const opened = openTransaction(hexToBytes(sent))
    if (!opened.ok) throw invalidParams(`\`${path}\`: ${opened.error}`)
    return opened.value
  }
  const filled = await context.backend.pool.fill(callFields.decode(sent, path))
  switch (filled.kind) {
    case 'filled':
      return filled.transaction
    case 'refused':
      throw refusalError(filled.refusal)
    case 'revert':
    case 'halt':
    case 'rejected':
    case 'noState':
      throw await failureError(context, filled, LATEST)
  }
}

/** Anvil's way to have a chain reorganised. */
export const reorg: MethodTable = {
  ...setter(
    ['anvil_reorg'],
    [param('options', reorgOptions), optional('txBlockPairs', pairList, [])],
    async (context, options, more) => {
      if (options.depth === 0) throw invalidParams('`options.depth`: expected at least 1 block')
      const blocks: Transaction[][] = Array.from({ length: options.depth }, () => [])
      for (const [index, [sent, place]] of [...options.pairs, ...more].entries()) {
        const path = `txBlockPairs[${index}]`
        if (place >= options.depth) throw badParam(`${path}[1]`, `a block below the depth`, place)
        blocks[place]!.push(await transactionOf(context, sent, `${path}[0]`))
      }
      return done(await context.backend.control.reorg(blocks))
    },
  ),
}
