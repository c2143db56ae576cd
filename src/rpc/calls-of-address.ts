import { setImmediate as nextTurn } from 'node:timers/promises'

import type { Block } from '../model/block.ts'
import { type Address, type Hash, hexToBytes } from '../primitives/hex.ts'
import type { Backend } from './backend.ts'
import type { TraceOptions } from './call-port.ts'
import { serverError } from './error.ts'
import { noStateError } from './failure.ts'
import type { Context } from './method.ts'
import { tracedJson } from './traces.ts'

/** What Geth's callTracer says of a call. */
export interface CallFrame {
  readonly type: string
  readonly from: string
  readonly to?: string
  readonly value?: string
  readonly input: string
  readonly output?: string
  readonly error?: string
  readonly calls?: readonly CallFrame[]
}

/** A transaction of a block, and every address that its calls are from or to. */
interface Appearance {
  readonly hash: Hash
  readonly addresses: ReadonlySet<string>
  /** Contracts that it created, with who created them. */
  readonly created: ReadonlyMap<string, string>
}

const CALLS: TraceOptions = { tracer: 'callTracer' }
/** Blocks of which it is remembered who appears in them. */
const REMEMBERED = 10_000
const remembered = new WeakMap<Backend, Map<Hash, readonly Appearance[]>>()

/** The calls of a mined transaction. @throws {RpcError} when there is none */
export async function callsOf(context: Context, hash: Hash): Promise<CallFrame> {
  const { chain, execution } = context.backend
  const number = chain.transaction(hash)?.place?.header.number
  if (number === undefined) throw serverError(`transaction not found: ${hash}`)
  const result = await execution.traceTransaction(hash, CALLS)
  const at = { kind: 'number', number: number - 1n } as const
  return (await tracedJson(context, result, at)) as unknown as CallFrame
}

export interface Search {
  readonly address: Address
  /** The block before or after which, itself not included; undefined: from the end of the chain. */
  readonly from: bigint | undefined
  /** How many transactions at least, if there are. */
  readonly size: number
  readonly direction: 'before' | 'after'
}

/** Transactions in which an address appears, newest first; whole blocks of them. `reachedEnd`: there are no more. */
export async function searchBlocks(
  context: Context,
  { address, from, size, direction }: Search,
): Promise<{ readonly hashes: readonly Hash[]; readonly reachedEnd: boolean }> {
  const { chain } = context.backend
  const head = chain.head().header.number
  const earliest = (await chain.block({ kind: 'tag', tag: 'earliest' }))!.block.header.number
  const step = direction === 'before' ? -1n : 1n
  const start = direction === 'before' ? head : earliest
  const begin = from === undefined ? start : from + step
  const found: Hash[] = []
  for (let number = begin; number <= head && number >= earliest; number += step) {
    if (found.length >= size) return { hashes: ordered(found, direction), reachedEnd: false }
    const located = await chain.block({ kind: 'number', number })
    if (located === undefined) continue
    const appearances = await appearancesIn(context, located.block)
    const hits = appearances.filter(({ addresses }) => addresses.has(address))
    const hashes = hits.map(({ hash }) => hash)
    found.push(...(direction === 'before' ? hashes.reverse() : hashes))
    if (appearances.length > 0) await nextTurn()
  }
  return { hashes: ordered(found, direction), reachedEnd: true }
}

function ordered(found: readonly Hash[], direction: Search['direction']): readonly Hash[] {
  return direction === 'before' ? found : found.toReversed()
}

/** Who created a contract that has code now, and in which transaction; undefined for others. */
export async function findCreator(
  context: Context,
  address: Address,
): Promise<{ readonly hash: Hash; readonly creator: string } | undefined> {
  const { chain, state } = context.backend
  const hasCode = async (number: bigint): Promise<boolean> =>
    ((await state.code(address, { kind: 'number', number }))?.length ?? 0) > 0
  let high = chain.head().header.number
  let low = (await chain.block({ kind: 'tag', tag: 'earliest' }))!.block.header.number
  if (!(await hasCode(high)) || (await hasCode(low))) return undefined
  // No code after `low`, code after `high`.
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    if (await hasCode(middle)) high = middle
    else low = middle
  }
  const located = await chain.block({ kind: 'number', number: high })
  for (const { hash, created } of await appearancesIn(context, located!.block)) {
    const creator = created.get(address)
    if (creator !== undefined) return { hash, creator }
  }
  // A cheat put it there.
  return undefined
}

/** How a contract came to be. */
export interface ContractCreation {
  readonly hash: Hash
  /** Who sent the transaction; `creator` is a contract when that one created it. */
  readonly sender: string
  readonly creator: string
  readonly initCode: Uint8Array
}

/** Of a contract that has code now and was created by a transaction that is kept; undefined for others. */
export async function creationOf(
  context: Context,
  address: Address,
): Promise<ContractCreation | undefined> {
  const found = await findCreator(context, address)
  if (found === undefined) return undefined
  const root = await callsOf(context, found.hash)
  const frame = creatingFrame(root, address)
  if (frame === undefined) return undefined
  return { ...found, sender: root.from, initCode: hexToBytes(frame.input) }
}

/** What failed created nothing; the last is what lasts. */
function creatingFrame(frame: CallFrame, address: Address): CallFrame | undefined {
  if (frame.error !== undefined) return undefined
  for (const call of frame.calls?.toReversed() ?? []) {
    const found = creatingFrame(call, address)
    if (found !== undefined) return found
  }
  return frame.type.startsWith('CREATE') && frame.to === address ? frame : undefined
}

async function appearancesIn(context: Context, block: Block): Promise<readonly Appearance[]> {
  if (block.transactions.length === 0) return []
  const known = remembered.get(context.backend) ?? new Map<Hash, readonly Appearance[]>()
  remembered.set(context.backend, known)
  const before = known.get(block.hash)
  if (before !== undefined) return before
  const at = { kind: 'number', number: block.header.number - 1n } as const
  const results = await context.backend.execution.traceBlock(block, CALLS)
  if (results === undefined) throw await noStateError(context, at)
  const appearances: Appearance[] = []
  for (const { txHash, result } of results) {
    const frame = (await tracedJson(context, result, at)) as unknown as CallFrame
    appearances.push(appearanceOf(txHash, frame))
  }
  known.set(block.hash, appearances)
  const [oldest] = known.keys()
  if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest)
  return appearances
}

function appearanceOf(hash: Hash, root: CallFrame): Appearance {
  const addresses = new Set<string>()
  const created = new Map<string, string>()
  const visit = (frame: CallFrame, isLasting: boolean): void => {
    const lasts = isLasting && frame.error === undefined
    addresses.add(frame.from)
    if (frame.to !== undefined) addresses.add(frame.to)
    if (frame.type.startsWith('CREATE') && lasts && frame.to !== undefined) {
      created.set(frame.to, frame.from)
    }
    for (const call of frame.calls ?? []) visit(call, lasts)
  }
  visit(root, true)
  return { hash, addresses, created }
}
