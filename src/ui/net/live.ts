import {
  type Query,
  QueryClient,
  type UseQueryResult,
  keepPreviousData,
  useQuery,
} from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'

import { ask, socket } from './client.ts'
import type { ConnectionState } from './socket.ts'

/** The newest block's header, as `newHeads` tells it and as far as the page looks at it. */
export interface Head {
  readonly number: bigint
  readonly hash: string
  readonly parentHash: string
  /** Seconds since 1970. */
  readonly timestamp: bigint
  readonly gasUsed: bigint
  readonly gasLimit: bigint
  /** Absent before London. */
  readonly baseFeeWei: bigint | undefined
}

type WireHead = Readonly<
  Record<'number' | 'hash' | 'parentHash' | 'timestamp' | 'gasUsed' | 'gasLimit', string>
> & { readonly baseFeePerGas?: string }

/** Blocks are told of at this pace, and looked at more slowly when they come by the dozen: each look costs the node time. */
const PACE_MS = 250
const STREAM_PACE_MS = 1_000
/** So many blocks since the last look are a stream. */
const STREAM = 3n

/**
 * What the page asked, by key. Keys that begin with `live` are asked again when a block came; the others are of what does not
 * change, until the chain is set back.
 */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 120_000,
      retry: false,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      // Whether this machine is online does not matter to a node on it.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always', retry: false },
  },
})

let head: Head | undefined
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setTimeout> | undefined
let newest: Head | undefined
let publishedAt = -Infinity

function hear(wire: WireHead): void {
  newest = headOf(wire)
  timer ??= setTimeout(publish, 0)
}

function publish(): void {
  const since = (newest?.number ?? 0n) - (head?.number ?? 0n)
  const waitMs = since < STREAM ? 0 : publishedAt + STREAM_PACE_MS - performance.now()
  if (waitMs > 0) {
    timer = setTimeout(publish, waitMs)
    return
  }
  timer = undefined
  publishedAt = performance.now()
  const before = head
  head = newest
  for (const listener of listeners) listener()
  void askAgain(before, head)
}

async function askAgain(before: Head | undefined, now: Head | undefined): Promise<void> {
  const all = before !== undefined && now !== undefined && (await isSetBack(before, now))
  await queries.invalidateQueries(all ? {} : { queryKey: ['live'], predicate: mayChange })
}

/** Whether blocks were taken back, and what was asked by number may be another's. Not every block between is told of. */
async function isSetBack(before: Head, now: Head): Promise<boolean> {
  if (now.hash === before.hash || now.parentHash === before.hash) return false
  if (now.number <= before.number) return true
  const [still] = await ask<readonly { readonly hash: string }[]>(
    'heddle_listBlocks',
    `0x${before.number.toString(16)}`,
    1,
  ).catch(() => [])
  return still?.hash !== before.hash
}

/** A query's `meta.isSettled` says of its answer that no block will change it. */
function mayChange({ meta, state }: Query): boolean {
  const isSettled = meta?.['isSettled'] as ((data: unknown) => boolean) | undefined
  return isSettled?.(state.data) !== true
}

function headOf(wire: WireHead): Head {
  return {
    number: BigInt(wire.number),
    hash: wire.hash,
    parentHash: wire.parentHash,
    timestamp: BigInt(wire.timestamp),
    gasUsed: BigInt(wire.gasUsed),
    gasLimit: BigInt(wire.gasLimit),
    baseFeeWei: wire.baseFeePerGas === undefined ? undefined : BigInt(wire.baseFeePerGas),
  }
}

/** Follows the chain for as long as the page is open. */
export function followChain(): void {
  socket.subscribe(['newHeads', { paceMs: PACE_MS }], (wire) => hear(wire as WireHead))
  // Who was away may have missed anything, and it may be another chain by now: an unknown parent says so.
  socket.onState(() => {
    if (socket.state === 'open') void catchUp().then(askFailedAgain)
  })
  // Another tool may have gone back to a snapshot meanwhile, which no subscription tells.
  window.addEventListener('focus', () => void catchUp())
  document.addEventListener('visibilitychange', () => {
    socket.rest(document.hidden)
    if (!document.hidden) void catchUp()
  })
}

/** What was under way when the connection was lost. */
function askFailedAgain(): Promise<void> {
  return queries.refetchQueries({
    type: 'active',
    predicate: ({ state }) => state.status === 'error',
  })
}

async function catchUp(): Promise<void> {
  try {
    hear(await ask<WireHead>('eth_getBlockByNumber', 'latest', false))
  } catch {
    // Lost again: it is asked when the connection is there.
  }
}

/** Everything is asked again: after what changes the state without a block. */
export async function refresh(): Promise<void> {
  // Going back to a snapshot is no news to who follows new blocks.
  await catchUp()
  await queries.invalidateQueries()
}

/** The newest block, at the pace of the page; undefined until the first is heard of. */
export function useHead(): Head | undefined {
  return useSyncExternalStore(listen, () => head)
}

function listen(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether the node answers. */
export function useConnection(): ConnectionState {
  return useSyncExternalStore(socket.onState, () => socket.state)
}

/**
 * What may change with a block. It is asked once however many show it, and again when a block came or the window is looked at again.
 *
 * @param key names the question and what it is about: `['balance', address]`; the same key is the same answer
 */
export function useLive<T>(key: readonly unknown[], load: () => Promise<T>): UseQueryResult<T> {
  return useQuery({
    queryKey: ['live', ...key],
    queryFn: load,
    refetchOnWindowFocus: 'always',
    placeholderData: keepPreviousData,
  })
}

/** What a hash names, or a number below the head: asked once, and again only when the chain was set back. */
export function useFixed<T>(key: readonly unknown[], load: () => Promise<T>): UseQueryResult<T> {
  return useQuery({ queryKey: ['fixed', ...key], queryFn: load })
}
