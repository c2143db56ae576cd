import { openTransaction } from '../../model/signer.ts'
import type { Transaction } from '../../model/transaction.ts'
import { type Address, ZERO_ADDRESS, hexToBytes, isHex } from '../../primitives/hex.ts'
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

async function transactionOf(
  context: Context,
  sent: unknown,
  path: string,
  nonceOf: (sender: Address) => Promise<bigint>,
): Promise<Transaction> {
  if (isHex(sent)) {
    const opened = openTransaction(hexToBytes(sent))
    if (!opened.ok) throw invalidParams(`\`${path}\`: ${opened.error}`)
    return opened.value
  }
  const fields = callFields.decode(sent, path)
  const nonce = fields.nonce ?? (await nonceOf(fields.from ?? ZERO_ADDRESS))
  const filled = await context.backend.pool.fill({ ...fields, nonce })
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

/** The new blocks' transactions; nonces count from the block that they follow. */
async function blocksOf(
  context: Context,
  depth: number,
  pairs: Reorg['pairs'],
): Promise<readonly (readonly Transaction[])[]> {
  const blocks: Transaction[][] = Array.from({ length: depth }, () => [])
  const next = new Map<Address, bigint>()
  const { chain, state } = context.backend
  const before = chain.head().header.number - BigInt(depth)
  const nonceOf = async (sender: Address): Promise<bigint> => {
    const known = next.get(sender)
    if (known !== undefined) return known
    // With so few blocks the chain itself refuses.
    const number = before < 0n ? 0n : before
    return (await state.nonce(sender, { kind: 'number', number })) ?? 0n
  }
  const placed = pairs.map(([sent, place], index) => ({
    sent,
    place,
    path: `txBlockPairs[${index}]`,
  }))
  for (const { place, path } of placed) {
    if (place >= depth) throw badParam(`${path}[1]`, `a block below the depth`, place)
  }
  for (const { sent, place, path } of placed.toSorted((a, b) => a.place - b.place)) {
    const transaction = await transactionOf(context, sent, `${path}[0]`, nonceOf)
    const { sender, nonce } = transaction
    const expected = await nonceOf(sender)
    if (nonce !== expected) {
      throw invalidParams(
        `\`${path}[0]\`: it has nonce ${nonce}, the next of ${sender} there is ${expected}`,
      )
    }
    next.set(sender, nonce + 1n)
    blocks[place]!.push(transaction)
  }
  return blocks
}

/** Anvil's way to have a chain reorganised. */
export const reorg: MethodTable = {
  ...setter(
    ['anvil_reorg'],
    [param('options', reorgOptions), optional('txBlockPairs', pairList, [])],
    async (context, options, more) => {
      if (options.depth === 0) throw invalidParams('`options.depth`: expected at least 1 block')
      const blocks = await blocksOf(context, options.depth, [...options.pairs, ...more])
      return done(await context.backend.control.reorg(blocks))
    },
  ),
}
