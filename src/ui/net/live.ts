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

/** Blocks may come by the hundred in a second; what is shown of them follows at this pace. */
const PACE_MS = 250

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
let wasSetBack = false

function hear(wire: WireHead): void {
  const next = headOf(wire)
  // Not the child of what was last: blocks were taken back, and what was asked by number may be another's.
  const isKnown = newest === undefined || next.hash === newest.hash
  if (!isKnown && next.parentHash !== newest?.hash) wasSetBack = true
  newest = next
  timer ??= setTimeout(publish, head === undefined ? 0 : PACE_MS)
}

function publish(): void {
  timer = undefined
  head = newest
  for (const listener of listeners) listener()
  const all = wasSetBack
  wasSetBack = false
  void queries.invalidateQueries(all ? {} : { queryKey: ['live'], predicate: mayChange })
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
  socket.subscribe(['newHeads'], (wire) => hear(wire as WireHead))
  // Who was away may have missed anything, and it may be another chain by now: an unknown parent says so.
  socket.onState(() => {
    if (socket.state === 'open') void catchUp()
  })
  // Another tool may have gone back to a snapshot meanwhile, which no subscription tells.
  window.addEventListener('focus', () => void catchUp())
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
