import { createClient, createTransport } from 'viem'

import { parallelActions } from '../../client/viem.ts'
import { openSocket } from './socket.ts'

const { protocol, host } = window.location

/** The page's one connection: to where it came from. */
export const socket = openSocket(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}`)

/** What `subscribeParallel` of the client asks of a transport. */
function subscribe({ params, onData }: Subscribing): Promise<{ unsubscribe: () => Promise<void> }> {
  const end = socket.subscribe(params, (result) => onData({ result }))
  return Promise.resolve({ unsubscribe: async () => end() })
}

interface Subscribing {
  readonly params: readonly unknown[]
  readonly onData: (data: { readonly result: unknown }) => void
}

/**
 * viem's client over that connection, with `parallelActions`. viem's own actions are functions of it: `getBlock(client, …)` from
 * `viem/actions`, so that a page carries only those that it uses.
 */
export const client = createClient({
  transport: () =>
    createTransport(
      {
        key: 'page',
        name: 'the page',
        type: 'webSocket',
        retryCount: 0,
        request: (({ method, params }: { method: string; params?: unknown }) =>
          socket.request(method, params)) as never,
      },
      { subscribe },
    ),
}).extend(parallelActions())

/** Any method by its name: for those that viem has no action for. @throws what the node answered */
export async function ask<T>(method: string, ...params: readonly unknown[]): Promise<T> {
  return (await socket.request(method, params)) as T
}
