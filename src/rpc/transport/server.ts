import { type RequestListener, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

import type { Backend } from '../backend.ts'
import type { Dispatcher } from '../dispatch.ts'
import type { Context } from '../method.ts'
import { admit } from './access.ts'
import type { AppOptions } from './app.ts'
import { mayCompress } from './compression.ts'
import { type HttpOptions, createHttpListener } from './http.ts'
import { InFlight } from './in-flight.ts'
import { type IpcServer, serveIpc } from './ipc.ts'
import { PostSocket } from './post-socket.ts'
import { refuse } from './refuse.ts'
import { settle } from './settle.ts'
import { endWhereSilent } from './silence.ts'
import type { SocketServer } from './ws.ts'

export interface ServerOptions extends HttpOptions, AppOptions {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly ipcPath: string | undefined
  /** An idle connection is ended after so long, in milliseconds. */
  readonly keepAliveMs?: number | undefined
}

/** A server that listens. */
export interface Listening {
  readonly host: string
  readonly port: number
  /** Takes no more requests, answers those that came to the last byte, as far as that takes a moment, then ends every connection. */
  close(): Promise<void>
}

/** Unless said otherwise: longer than clients keep an idle connection, so that it is they who close it. */
const KEEP_ALIVE_MS = 75_000
/** How long closing waits for requests, and then for clients that take their answers. */
const GRACE_MS = 5_000

/**
 * HTTP and WebSocket on one port, and IPC beside them when a path is given.
 *
 * @throws {Error} with `code` EADDRINUSE, EACCES or the like when it cannot listen.
 */
export async function openServer(
  context: Context,
  plainDispatcher: Dispatcher,
  options: ServerOptions,
): Promise<Listening> {
  const { backend } = context
  const inFlight = new InFlight()
  const dispatcher = inFlight.counting(plainDispatcher)
  const sockets = lateSockets(backend, dispatcher, options)
  const listener = createHttpListener(dispatcher, lateApp(context, options), options)
  /** Answers that are not written yet. */
  const unwritten = new Set<ServerResponse>()
  const server = createServer((incoming, outgoing) => {
    unwritten.add(outgoing)
    outgoing.on('close', () => unwritten.delete(outgoing))
    listener(incoming, outgoing)
  })
  server.keepAliveTimeout = options.keepAliveMs ?? KEEP_ALIVE_MS
  server.on('timeout', endWhereSilent)
  let isClosing = false
  const plain = answerPlainPosts(server, dispatcher, options, () => isClosing)
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
        // What came before the word to close may not be read yet: a connection in one turn of the loop, its request in the next.
        await nextTurn()
        await nextTurn()
        // node:http's own close cuts what is not written yet.
        isClosing = true
        for (const one of plain) one.close()
        await inFlight.idle(GRACE_MS)
        // Answers are on their way to the sockets: a turn of the loop writes them.
        await nextTurn()
        const isWritten = (): boolean =>
          unwritten.size === 0 && [...plain].every((one) => one.isWritten)
        await Promise.all([
          settle(isWritten, GRACE_MS),
          sockets.close(GRACE_MS),
          ipc?.close(GRACE_MS),
        ])
        const closed = new Promise((resolve) => server.close(resolve))
        server.closeAllConnections()
        for (const one of plain) one.destroy()
        await closed
      },
    }
  } catch (error) {
    await sockets.close(0)
    server.close()
    server.closeAllConnections()
    throw error
  }
}

/**
 * Takes connections before node:http does, which gets those that it is needed for: by what they send, or because answers may go out as
 * gzip. @returns those that it did not get
 */
function answerPlainPosts(
  server: Server,
  dispatcher: Dispatcher,
  options: HttpOptions,
  isClosing: () => boolean,
): ReadonlySet<PostSocket> {
  const plain = new Set<PostSocket>()
  const parsers = server.listeners('connection')
  const handOver = (socket: Socket): void => {
    for (const parse of parsers) parse.call(server, socket)
  }
  server.removeAllListeners('connection')
  server.on('connection', (socket) => {
    if (isClosing()) return void socket.destroy()
    if (mayCompress(options.compression, socket.remoteAddress)) return handOver(socket)
    const one = new PostSocket(socket, dispatcher, {
      ...options,
      idleMs: server.keepAliveTimeout,
      handOver(it) {
        plain.delete(one)
        handOver(it)
      },
    })
    plain.add(one)
    socket.once('close', () => plain.delete(one))
  })
  return plain
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

/** `ws` takes 40 ms to load: it waits for the first WebSocket. */
function lateSockets(
  backend: Backend,
  dispatcher: Dispatcher,
  { maxBodyBytes }: ServerOptions,
): SocketServer {
  let server: Promise<SocketServer> | undefined
  let closed = false
  return {
    upgrade(incoming, socket, head) {
      server ??= import('./ws.ts').then(({ createSocketServer }) => {
        return createSocketServer(dispatcher, backend.events, maxBodyBytes)
      })
      void server.then((open) => {
        if (closed) socket.destroy()
        else open.upgrade(incoming, socket, head)
      })
    },
    async close(limitMs) {
      closed = true
      await (await server)?.close(limitMs)
    },
  }
}

/** hono, and undici's Request with it, take 60 ms to load: they wait for the first who looks in with a browser. */
function lateApp(context: Context, options: ServerOptions): () => Promise<RequestListener> {
  let listener: Promise<RequestListener> | undefined
  return () => {
    listener ??= import('./app.ts').then(({ createAppListener }) => {
      return createAppListener(context, options)
    })
    return listener
  }
}
