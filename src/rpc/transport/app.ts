import type { RequestListener } from 'node:http'

import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'

import type { Backend } from '../backend.ts'
import type { Context } from '../method.ts'
import { addVerification } from '../verification/verification.ts'
import { addPage } from './page.ts'

export interface AppOptions {
  /** Of a request's body. */
  readonly maxBodyBytes: number
  /** The folder of a built web page, for browsers; without it they are greeted in plain text. */
  readonly pageFolder?: string | undefined
  /** What Prometheus reads. */
  readonly metrics?: (() => string) | undefined
}

/** Everything but JSON-RPC: health and metrics, the page for browsers, verification of contracts, and a greeting for who has none. */
export function createAppListener(
  context: Context,
  { pageFolder, metrics, maxBodyBytes }: AppOptions,
): RequestListener {
  const { backend } = context
  const app = new Hono({ strict: false })
  app.get('/health', (asked) => {
    const { failure } = backend.info()
    const blockNumber = Number(backend.chain.head().header.number)
    if (failure === undefined) return asked.json({ status: 'ok', blockNumber })
    return asked.json({ status: 'failing', blockNumber, reason: failure }, 503)
  })
  if (metrics !== undefined) {
    app.get('/metrics', (asked) =>
      asked.text(metrics(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
    )
  }
  addVerification(app, context, maxBodyBytes)
  if (pageFolder !== undefined) addPage(app, pageFolder)
  app.get('/', (asked) => {
    const host = asked.req.header('host') ?? '127.0.0.1:8545'
    return asked.text(greeting(backend, host), 200, { 'x-content-type-options': 'nosniff' })
  })
  app.notFound((asked) => {
    return asked.text('Nothing is here. JSON-RPC is answered by POST, on any path.\n', 404)
  })
  app.onError((_, asked) => asked.text('internal error\n', 500))
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
