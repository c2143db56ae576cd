import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

import { type RawData, type WebSocket, WebSocketServer } from 'ws'

import type { EventPort } from '../backend.ts'
import type { Dispatcher } from '../dispatch.ts'
import { Connection, type Link } from './connection.ts'
import { settle } from './settle.ts'

/** How often an open socket is asked whether the other side is there; one silent for a whole round is dropped. */
const PING_MS = 30_000
/** RFC 6455. */
const GOING_AWAY = 1001
/** How long a client that has all its answers may take to say goodbye. */
const FAREWELL_MS = 250

export interface SocketServer {
  /** Takes over an upgrade that was let in. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Tells every client that the node goes away, after what is on its way to them, for so long at most. */
  close(limitMs: number): Promise<void>
}

/** @param maxBytes of one message; a longer one ends the connection with code 1009 */
export function createSocketServer(
  dispatcher: Dispatcher,
  events: EventPort,
  maxBytes: number,
): SocketServer {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: maxBytes,
    perMessageDeflate: false,
  })
  const alive = new WeakSet<WebSocket>()
  const pinger = setInterval(() => {
    for (const socket of server.clients) {
      if (!alive.delete(socket)) socket.terminate()
      else socket.ping()
    }
  }, PING_MS)
  pinger.unref()

  server.on('connection', (socket) => {
    alive.add(socket)
    socket.on('pong', () => alive.add(socket))
    const connection = new Connection(linkOf(socket), dispatcher, events)
    socket.on('message', (data) => {
      alive.add(socket)
      connection.receive(textOf(data))
    })
    socket.on('close', () => connection.close())
    // A broken frame: ws answers with a close code itself.
    socket.on('error', () => connection.close())
  })

  return {
    upgrade(incoming, socket, head) {
      server.handleUpgrade(incoming, socket, head, (client) => {
        server.emit('connection', client, incoming)
      })
    },
    async close(limitMs) {
      clearInterval(pinger)
      for (const socket of server.clients) socket.close(GOING_AWAY)
      const isThrough = (): boolean =>
        [...server.clients].every(({ bufferedAmount }) => bufferedAmount === 0)
      await settle(isThrough, limitMs)
      await settle(() => server.clients.size === 0, Math.min(limitMs, FAREWELL_MS))
      for (const socket of server.clients) socket.terminate()
      server.close()
    },
  }
}

function linkOf(socket: WebSocket): Link {
  return {
    buffered: () => socket.bufferedAmount,
    send: (text, sent) => socket.send(text, () => sent()),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    drop: () => socket.terminate(),
  }
}

/** Text and binary messages alike: both are UTF-8. */
function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return data instanceof ArrayBuffer ? Buffer.from(data).toString('utf8') : data.toString('utf8')
}
