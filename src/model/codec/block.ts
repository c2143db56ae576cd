import type { Hash } from '../../primitives/hex.ts'
import { keccakHash } from '../../primitives/keccak.ts'
import {
  type RlpData,
  decodeRlp,
  decodeRlpStream,
  encodeRlp,
  joinRlpList,
  rlpLength,
  rlpListLength,
  rlpStringHead,
} from '../../primitives/rlp.ts'
import type { Block, Header } from '../block.ts'
import { openTransaction } from '../signer.ts'
import type { Transaction } from '../transaction.ts'
import { DecodeError, type Decoded, asList, attempt } from './field.ts'
import { encodeHeader, headerItems, headerOf } from './header.ts'
import { encodeWithdrawal, withdrawal } from './withdrawal.ts'

/** Makes a transaction of the encoding that a block holds; `index` is its place in the block. */
export type OpenTransaction = (raw: Uint8Array, index: number) => Decoded<Transaction>

const openFromOutside: OpenTransaction = (raw) => openTransaction(raw, { form: 'block' })

/**
 * Reads a block strictly and opens its transactions; the error names the field. Hashes and roots in the header are not compared.
 * @param open how senders are found; by default they are recovered, and an impersonated transaction is an error
 */
export function decodeBlock(
  bytes: Uint8Array,
  open: OpenTransaction = openFromOutside,
): Decoded<Block> {
  return attempt('block', () => blockOf(decodeRlp(bytes), open))
}

/** The blocks that stand one after another in a chain export, until the first that is malformed. */
export function* decodeBlocks(
  bytes: Uint8Array,
  open: OpenTransaction = openFromOutside,
): Generator<Decoded<Block>> {
  const items = decodeRlpStream(bytes)
  for (let index = 0; ; index++) {
    const next = attempt(`block ${index}`, () => {
      const item = items.next()
      return item.done === true ? undefined : blockOf(item.value, open)
    })
    if (!next.ok) {
      yield next
      return
    }
    if (next.value === undefined) return
    yield { ok: true, value: next.value }
  }
}

function blockOf(item: RlpData, open: OpenTransaction): Block {
  const items = asList(item, 'block')
  if (items.length !== 3 && items.length !== 4) {
    throw new DecodeError(`block: expected 3 or 4 items, got ${items.length}`)
  }
  const header = headerOf(items[0]!)
  const transactions = asList(items[1]!, 'block field `transactions`').map((child, index) => {
    const label = `block field \`transactions\`[${index}]`
    if (child instanceof Uint8Array && (child[0] ?? 0xff) > 0x7f) {
      throw new DecodeError(`${label}: expected a list or a type byte`)
    }
    const opened = open(child instanceof Uint8Array ? child : encodeRlp(child), index)
    if (!opened.ok) throw new DecodeError(`${label}: ${opened.error}`)
    return opened.value
  })
  const ommers = asList(items[2]!, 'block field `ommers`').map(headerOf)
  const withdrawals =
    items[3] === undefined
      ? undefined
      : asList(items[3], 'block field `withdrawals`').map((child, index) =>
          withdrawal.decode(child, `block field \`withdrawals\`[${index}]`),
        )
  return {
    hash: keccakHash(encodeHeader(header)),
    header,
    transactions,
    ommers,
    withdrawals,
    sizeBytes: rlpLength(item),
  }
}

/** A block's RLP: [header, transactions, ommers, withdrawals since Shanghai]. */
export function encodeBlock(
  block: Pick<Block, 'header' | 'transactions' | 'ommers' | 'withdrawals'>,
): Uint8Array {
  const parts = [
    encodeHeader(block.header),
    joinRlpList(block.transactions.flatMap(asBlockItem)),
    encodeRlp(block.ommers.map(headerItems)),
  ]
  if (block.withdrawals !== undefined) {
    parts.push(joinRlpList(block.withdrawals.map(encodeWithdrawal)))
  }
  return joinRlpList(parts)
}

/** The length of {@link encodeBlock}'s result, in bytes. @param headerBytes of the header's encoding, where it is known */
export function blockSize(
  block: Pick<Block, 'header' | 'transactions' | 'ommers' | 'withdrawals'>,
  headerBytes: number = encodeHeader(block.header).length,
): number {
  const { transactions, ommers, withdrawals } = block
  let payload = headerBytes + rlpLength(ommers.map(headerItems))
  let body = 0
  for (const tx of transactions) body += tx.type === 0 ? tx.raw.length : rlpLength(tx.raw)
  payload += rlpListLength(body)
  if (withdrawals !== undefined)
    payload += rlpLength(withdrawals.map((it) => withdrawal.encode(it)))
  return rlpListLength(payload)
}

/** In a block a typed transaction is a string, a legacy one stands as it is (EIP-2718). */
function asBlockItem(tx: Transaction): readonly Uint8Array[] {
  return tx.type === 0 ? [tx.raw] : [rlpStringHead(tx.raw.length), tx.raw]
}

/** What a header says of its ommers. */
export function ommersHash(ommers: readonly Header[]): Hash {
  return keccakHash(encodeRlp(ommers.map(headerItems)))
}
