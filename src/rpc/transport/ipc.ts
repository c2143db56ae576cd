import { rm } from 'node:fs/promises'
import { type Server, type Socket, connect, createServer } from 'node:net'

import type { EventPort } from '../backend.ts'
import { type Dispatcher, errorText } from '../dispatch.ts'
import { invalidRequest } from '../error.ts'
import { Connection, type Link } from './connection.ts'
import { JsonSplitter } from './json-splitter.ts'
import { settle } from './settle.ts'

export interface IpcServer {
  /** Ends every client, after what is on its way to it, for so long at most, and removes the socket file. */
  close(limitMs: number): Promise<void>
}

/**
 * Listens on a Unix socket (a named pipe on Windows). A socket file that nobody listens on is replaced.
 *
 * @param maxBytes of one message; a longer one is refused and ends the connection
 * @throws {Error} when the path is in use or cannot be made.
 */
export async function serveIpc(
  path: string,
  dispatcher: Dispatcher,
  events: EventPort,
  maxBytes: number,
): Promise<IpcServer> {
  if (await isAnswered(path)) throw new Error(`another process listens on ${path}`)
  await removeSocket(path)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    attach(socket, dispatcher, events, maxBytes)
  })
  await listen(server, path)
  return {
    async close(limitMs) {
      await settle(() => [...sockets].every(({ writableLength }) => writableLength === 0), limitMs)
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      await removeSocket(path)
    },
  }
}

function attach(socket: Socket, dispatcher: Dispatcher, events: EventPort, maxBytes: number): void {
  const connection = new Connection(linkOf(socket), dispatcher, events)
  const splitter = new JsonSplitter(maxBytes)
  socket.on('data', (chunk) => {
    const messages = splitter.push(Buffer.from(chunk))
    if (messages === undefined) {
      socket.removeAllListeners('data')
      const refusal = invalidRequest(`request too large: over ${maxBytes} bytes`)
      socket.end(`${errorText(null, refusal)}\n`, () => socket.destroy())
      return
    }
    for (const message of messages) connection.receive(message)
  })
  socket.on('error', () => connection.close())
  socket.on('close', () => connection.close())
}

function linkOf(socket: Socket): Link {
  return {
    buffered: () => socket.writableLength,
    send: (text, sent) => void socket.write(`${text}\n`, () => sent()),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    drop: () => void socket.destroy(),
  }
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.on('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.on('error', () => resolve(false))
  })
}

/** Named pipes are no files. */
async function removeSocket(path: string): Promise<void> {
  if (process.platform !== 'win32') await rm(path, { force: true })
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
}
