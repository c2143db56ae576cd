import type { RequestListener } from 'node:http'

import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'

import type { Backend } from '../backend.ts'
import { addPage } from './page.ts'

export interface AppOptions {
  /** The folder of a built web page, for browsers; without it they are greeted in plain text. */
  readonly pageFolder?: string | undefined
  /** What Prometheus reads. */
  readonly metrics?: (() => string) | undefined
}

/** Everything but POST: health and metrics, the page for browsers, and a greeting for who has none. */
export function createAppListener(
  backend: Backend,
  { pageFolder, metrics }: AppOptions,
): RequestListener {
  const app = new Hono()
  app.get('/health', (context) => {
    const { failure } = backend.info()
    const blockNumber = Number(backend.chain.head().header.number)
    if (failure === undefined) return context.json({ status: 'ok', blockNumber })
    return context.json({ status: 'failing', blockNumber, reason: failure }, 503)
  })
  if (metrics !== undefined) {
    app.get('/metrics', (context) =>
      context.text(metrics(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
    )
  }
  if (pageFolder !== undefined) addPage(app, pageFolder)
  app.get('/', (context) => {
    const host = context.req.header('host') ?? '127.0.0.1:8545'
    return context.text(greeting(backend, host), 200, { 'x-content-type-options': 'nosniff' })
  })
  app.notFound((context) => {
    return context.text('Nothing is here. JSON-RPC is answered by POST, on any path.\n', 404)
  })
  app.onError((_, context) => context.text('internal error\n', 500))
  const listen = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  return (incoming, outgoing) => void listen(incoming, outgoing)
}

function greeting(backend: Backend, host: string): string {
  const chainId = backend.chain.config.chainId
  return `${backend.info().clientVersion}: a local Ethereum dev chain. Chain id ${chainId}, block ${backend.chain.head().header.number}.

This address speaks JSON-RPC 2.0, by POST and by WebSocket:

  curl -s http://${host} -H 'content-type: application/json' \\
    -d '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}'

  MetaMask   add a network: RPC URL http://${host}, chain id ${chainId}
  viem       http('http://${host}') or webSocket('ws://${host}')
  Foundry    forge script ... --rpc-url http://${host}
  Hardhat    a network of type "http" with this URL

rpc_discover lists every method.
`
}
