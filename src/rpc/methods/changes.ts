import { type Address, slotOf, toQuantity } from '../../primitives/hex.ts'
import type { Json } from '../backend.ts'
import { type BlockPoint, LATEST, blockNumberOrTag } from '../codec/block-ref.ts'
import { fieldsOf } from '../codec/decoder.ts'
import { jsonOut } from '../codec/encoder.ts'
import { address, slot } from '../codec/scalar.ts'
import { invalidParams } from '../error.ts'
import type { HistoryEntry } from '../inspect-port.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'
import { notRerun } from './parallel.ts'

/** Who asks about more blocks at once holds the node up. */
const MOST_BLOCKS = 100_000n
const EARLIEST = { kind: 'tag', tag: 'earliest' } as const
const historyFilter = fieldsOf({ slot, fromBlock: blockNumberOrTag, toBlock: blockNumberOrTag })

/** Who changed an account, or one slot of it: each change with its block and transaction, and the value before and after. */
async function getChanges(
  { backend: { inspect } }: Context,
  account: Address,
  { slot: key, fromBlock = EARLIEST, toBlock = LATEST }: ReturnType<typeof historyFilter.decode>,
): Promise<Json> {
  const numberOf = (point: BlockPoint): bigint =>
    point.kind === 'number' ? point.number : inspect.numberOf(point.tag)
  const [from, last, head] = [fromBlock, toBlock, LATEST].map(numberOf) as [bigint, bigint, bigint]
  const to = last < head ? last : head
  if (to - from >= MOST_BLOCKS) {
    throw invalidParams(`\`filter\`: spans ${to - from + 1n} blocks, at most ${MOST_BLOCKS}`)
  }
  const found = await inspect.historyOf({ address: account, slot: key }, from, to)
  if (found.kind === 'unknown') throw notRerun(found.why, { kind: 'number', number: found.block })
  return found.entries.map(entryJson)
}

function entryJson({ block, blockHash, step, transaction, change }: HistoryEntry): Json {
  return {
    blockNumber: toQuantity(block),
    blockHash,
    step,
    transactionIndex: transaction === undefined ? null : toQuantity(transaction.index),
    transactionHash: transaction?.hash ?? null,
    ...changeJson(change),
  }
}

function changeJson(change: HistoryEntry['change']): { readonly [field: string]: Json } {
  switch (change.kind) {
    case 'wiped':
      return { kind: change.kind }
    case 'slot':
      return { kind: change.kind, slot: change.slot, ...spread(change, slotOf) }
    case 'balance':
    case 'nonce':
      return { kind: change.kind, ...spread(change, toQuantity) }
    case 'exists':
    case 'codeHash':
      return { ...change }
  }
}

function spread(
  { before, after }: { readonly before: bigint; readonly after: bigint },
  show: (value: bigint) => string,
): { readonly before: string; readonly after: string } {
  return { before: show(before), after: show(after) }
}

/** The history of accounts and slots. */
export const changes: MethodTable = {
  heddle_getChanges: method(
    [param('address', address), optional('filter', historyFilter, {})],
    jsonOut,
    getChanges,
  ),
}
