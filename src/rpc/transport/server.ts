import { type Server, STATUS_CODES, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

import { Hono } from 'hono'

import type { Backend } from '../backend.ts'
import type { Dispatcher } from '../dispatch.ts'
import { admit } from './access.ts'
import { type HttpOptions, createHttpListener } from './http.ts'
import { type IpcServer, serveIpc } from './ipc.ts'
import { createSocketServer } from './ws.ts'

export interface ServerOptions extends HttpOptions {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly ipcPath: string | undefined
  /** Adds routes for GET: a web page beside the RPC. They come before the greeting on `/`. */
  readonly routes?: ((app: Hono) => void) | undefined
}

/** A server that listens. */
export interface Listening {
  readonly host: string
  readonly port: number
  /** Ends every connection at once and frees the port. */
  close(): Promise<void>
}

/** Longer than clients keep an idle connection, so that it is they who close it. */
const KEEP_ALIVE_MS = 75_000

/**
 * HTTP and WebSocket on one port, and IPC beside them when a path is given.
 *
 * @throws {Error} with `code` EADDRINUSE, EACCES or the like when it cannot listen.
 */
export async function openServer(
  backend: Backend,
  dispatcher: Dispatcher,
  options: ServerOptions,
): Promise<Listening> {
  const sockets = createSocketServer(dispatcher, backend.events, options.maxBodyBytes)
  const server = createServer(createHttpListener(dispatcher, createApp(backend, options), options))
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.on('upgrade', (incoming, socket, head) => {
    socket.on('error', () => socket.destroy())
    const verdict = admit(options, incoming.headers.host, incoming.headers.origin)
    if (verdict.kind === 'forbidden') refuse(socket, 403, verdict.reason)
    else sockets.upgrade(incoming, socket, head)
  })
  server.on('clientError', (_, socket) => refuse(socket, 400, 'this is no HTTP request'))
  try {
    const port = await listen(server, options)
    const ipc = await openIpc(backend, dispatcher, options)
    return {
      host: options.host,
      port,
      async close() {
        sockets.close()
        const closed = new Promise((resolve) => server.close(resolve))
        server.closeAllConnections()
        await Promise.all([closed, ipc?.close()])
      },
    }
  } catch (error) {
    sockets.close()
    server.close()
    server.closeAllConnections()
    throw error
  }
}

function listen(server: Server, { host, port }: ServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function openIpc(
  backend: Backend,
  dispatcher: Dispatcher,
  { ipcPath, maxBodyBytes }: ServerOptions,
): Promise<IpcServer | undefined> {
  if (ipcPath === undefined) return Promise.resolve(undefined)
  return serveIpc(ipcPath, dispatcher, backend.events, maxBodyBytes)
}

/** Everything but POST: the routes of others, and a greeting for who looks with a browser. */
function createApp(backend: Backend, { routes }: ServerOptions): Hono {
  const app = new Hono()
  routes?.(app)
  app.get('/', (context) => {
    const host = context.req.header('host') ?? '127.0.0.1:8545'
    return context.text(greeting(backend, host), 200, { 'x-content-type-options': 'nosniff' })
  })
  app.notFound((context) => {
    return context.text('Nothing is here. JSON-RPC is answered by POST, on any path.\n', 404)
  })
  app.onError((_, context) => context.text('internal error\n', 500))
  return app
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

/** An answer on a bare socket, and its end. */
function refuse(socket: Duplex, status: number, reason: string): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const text = `${reason}\n`
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n` +
      `content-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
}
