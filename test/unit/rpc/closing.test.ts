import { mkdtempSync, rmSync } from 'node:fs'
import { type Socket, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'

import { createRpc } from '../../../src/rpc/rpc.ts'
import { SERVE, wireBackend } from '../../support/rpc.ts'

/** More than a socket of the system holds. */
const CODE_BYTES = 24 * 1024 * 1024
const BODY = `{"jsonrpc":"2.0","id":1,"method":"eth_getCode","params":["0x${'11'.repeat(20)}","latest"]}`
const HEAD = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n`

const folder = mkdtempSync(join(tmpdir(), 'heddle-closing-'))
const ipcPath = join(folder, 'node.ipc')
afterAll(() => rmSync(folder, { recursive: true }))

async function serve() {
  const backend = wireBackend()
  let asked = 0
  const code = async (): Promise<Uint8Array> => {
    asked++
    return new Uint8Array(CODE_BYTES)
  }
  const rpc = createRpc({ ...backend, state: { ...backend.state, code } })
  const server = await rpc.serve({ ...SERVE, ipcPath })
  return { server, asked: () => asked }
}

/** Asks, reads nothing until the server closes, then all. */
async function readLate(
  dial: (port: number) => Socket,
  ask: string,
  isAnswer: (text: string) => boolean,
): Promise<string> {
  const { server, asked } = await serve()
  const socket = dial(server.port)
  await new Promise((resolve) => socket.once('connect', resolve))
  const pieces: Buffer[] = []
  socket.pause()
  socket.on('data', (piece: Buffer) => pieces.push(piece))
  const ended = new Promise((resolve) => socket.once('close', resolve))
  socket.write(ask)
  await expect.poll(asked).toBe(1)
  const closed = server.close()
  // What fits is in the system's buffers by then; the rest waits in the server.
  await new Promise((resolve) => setTimeout(resolve, 50))
  socket.resume()
  await Promise.all([closed, ended])
  const text = Buffer.concat(pieces).toString('latin1')
  expect(isAnswer(text)).toBe(true)
  return text
}

const byPort = (port: number): Socket => connect(port, '127.0.0.1')
const http = (text: string): boolean => text.startsWith('HTTP/1.1 200 ')

it.each([
  ['a plain POST', byPort, `${HEAD}\r\n${BODY}`, http],
  ['a page', byPort, `${HEAD}Origin: http://localhost\r\n\r\n${BODY}`, http],
  ['IPC', () => connect(ipcPath), `${BODY}\n`, (text: string) => text.startsWith('{')],
])('closing sends an answer that is begun to its end: %s', async (_, dial, ask, isAnswer) => {
  const text = await readLate(dial, ask, isAnswer)
  const body = text.slice(text.indexOf('{')).trim()
  expect(body.length).toBeGreaterThan(2 * CODE_BYTES)
  expect(body.slice(-4)).toBe('00"}')
})

it('closing answers what came before it, and was not read yet', async () => {
  const { server } = await serve()
  const socket = connect(server.port, '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  let got = ''
  socket.on('data', (piece: Buffer) => (got += piece.toString()))
  const ended = new Promise((resolve) => socket.once('close', resolve))
  const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
  socket.write(HEAD.replace(String(BODY.length), String(body.length)) + `\r\n${body}`)
  await Promise.all([server.close(), ended])
  expect(got).toContain('"result":"0x7a69"')
})

it('closing sends an answer that is begun to its end: WebSocket', async () => {
  const { server, asked } = await serve()
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}`)
  await new Promise((resolve) => socket.once('open', resolve))
  const answer = new Promise<string>((resolve) =>
    socket.once('message', (data: Buffer) => resolve(data.toString('latin1'))),
  )
  const ended = new Promise((resolve) => socket.once('close', resolve))
  socket.send(BODY)
  socket.pause()
  await expect.poll(asked).toBe(1)
  const closed = server.close()
  await new Promise((resolve) => setTimeout(resolve, 50))
  socket.resume()
  expect((await answer).slice(-4)).toBe('00"}')
  expect(await ended).toBe(1001)
  await closed
})
