import { type Socket, connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'

import { jsonOut } from '../../../src/rpc/codec/encoder.ts'
import { method } from '../../../src/rpc/method.ts'
import { type Rpc, createRpc } from '../../../src/rpc/rpc.ts'
import { readPostHead } from '../../../src/rpc/transport/post-head.ts'
import type { Listening } from '../../../src/rpc/transport/server.ts'
import { SERVE, wireBackend } from '../../support/rpc.ts'

const open: Listening[] = []
let release: () => void = () => undefined

async function serve(options: Partial<Parameters<Rpc['serve']>[0]> = {}): Promise<Listening> {
  const slow = method(
    [],
    jsonOut,
    () => new Promise<string>((resolve) => (release = () => resolve('slow'))),
  )
  const rpc = createRpc(wireBackend(), { methods: [{ test_slow: slow }] })
  const server = await rpc.serve({ ...SERVE, ...options })
  open.push(server)
  return server
}

afterEach(async () => {
  release()
  await Promise.all(open.splice(0).map((server) => server.close()))
})

function post(body: string, ...fields: string[]): string {
  const length = Buffer.byteLength(body)
  return [
    'POST / HTTP/1.1',
    'Host: localhost',
    `Content-Length: ${length}`,
    ...fields,
    '',
    body,
  ].join('\r\n')
}

function call(id: number | string, name = 'eth_chainId'): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method: name })
}

/** A client that keeps what it gets. */
function dial(port: number): Promise<{
  socket: Socket
  got: () => string
  until: (text: string) => Promise<void>
  ended: Promise<void>
}> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true }, () => {
      let text = ''
      let told: () => void = () => undefined
      socket.on('data', (piece) => {
        text += piece.toString()
        told()
      })
      socket.on('error', () => undefined)
      const ended = new Promise<void>((end) => {
        socket.on('end', () => end())
        socket.on('close', () => end())
      })
      const until = async (wanted: string): Promise<void> => {
        while (!text.includes(wanted)) await new Promise<void>((again) => (told = again))
      }
      resolve({ socket, got: () => text, until, ended })
    })
  })
}

/** The bodies of answers that stand one after another. */
function bodiesOf(text: string): string[] {
  const bodies: string[] = []
  let rest = Buffer.from(text)
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n')
    const head = rest.toString('latin1', 0, end)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
    bodies.push(rest.toString('utf8', end + 4, end + 4 + length))
    rest = rest.subarray(end + 4 + length)
  }
  return bodies
}

function idsOf(text: string): unknown[] {
  return bodiesOf(text).map((body) => (JSON.parse(body) as { id: unknown }).id)
}

describe('the head of a plain POST', () => {
  const plain = ['POST /any?x=1 HTTP/1.1', 'Host: a', 'content-LENGTH: 12']

  it('is read whatever else it says', () => {
    const head = { host: 'a', length: 12 }
    expect(readPostHead(plain.join('\r\n'))).toEqual(head)
    const more = ['Accept: */*', 'X-Odd!: \t a  b ', 'Empty:', 'Connection: Keep-Alive']
    expect(readPostHead([...plain, ...more].join('\r\n'))).toEqual(head)
  })

  it.each([
    ['another method', ['GET / HTTP/1.1', 'Host: a', 'Content-Length: 1']],
    ['another version', ['POST / HTTP/1.0', 'Host: a', 'Content-Length: 1']],
    ['no path', ['POST http://a/ HTTP/1.1', 'Host: a', 'Content-Length: 1']],
    ['no host', ['POST / HTTP/1.1', 'Content-Length: 1']],
    ['two hosts', [...plain, 'host: b']],
    ['no length', ['POST / HTTP/1.1', 'Host: a']],
    ['two lengths', [...plain, 'Content-Length: 12']],
    ['a length that is none', ['POST / HTTP/1.1', 'Host: a', 'Content-Length: +1']],
    ['chunks', [...plain, 'Transfer-Encoding: chunked']],
    ['a compressed body', [...plain, 'Content-Encoding: gzip']],
    ['a question first', [...plain, 'Expect: 100-continue']],
    ['a web page', [...plain, 'Origin: http://a']],
    ['an upgrade', [...plain, 'Connection: Upgrade']],
    ['an end', [...plain, 'Connection: close']],
    ['a folded line', [...plain, ' folded']],
    ['a space before the colon', [...plain, 'X : 1']],
    ['a bare line feed', [...plain, 'X: 1\nY: 2']],
    ['other bytes', [...plain, 'X: \u00e9']],
  ])('is not that of a request with %s', (_, lines) => {
    expect(readPostHead(lines.join('\r\n'))).toBeUndefined()
  })
})

describe('plain POSTs', () => {
  it('are answered in order, however they are cut into pieces', async () => {
    const { port } = await serve()
    const notified = JSON.stringify({ jsonrpc: '2.0', method: 'eth_chainId' })
    const request: fc.Arbitrary<{ ids: readonly unknown[]; text: string }> = fc.oneof(
      fc.nat(99).map((id) => ({ ids: [id], text: post(call(id)) })),
      fc.nat(99).map((id) => ({ ids: [id], text: post(call(id, 'web3_sha3')) })),
      fc.constant({ ids: ['é'], text: post(call('é'), 'Accept: */*') }),
      fc.constant({ ids: [], text: post(notified) }),
    )
    const requests = fc.array(request, { minLength: 1, maxLength: 6 })
    const cuts = fc.array(fc.nat(400), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(requests, cuts, async (asked, lengths) => {
        const { socket, got, ended } = await dial(port)
        let rest = Buffer.from(asked.map(({ text }) => text).join(''))
        for (const length of lengths) {
          socket.write(rest.subarray(0, length))
          rest = rest.subarray(length)
          await new Promise((resolve) => setImmediate(resolve))
        }
        socket.end(rest)
        await ended
        const text = got().replaceAll(/HTTP\/1.1 204 No Content\r\n(?:.+\r\n)*\r\n/g, '')
        expect(idsOf(text)).toEqual(asked.flatMap(({ ids }) => ids))
      }),
      { numRuns: 60 },
    )
  })

  it('share a connection with whatever else comes', async () => {
    const { port } = await serve()
    const { socket, got, until, ended } = await dial(port)
    socket.write(post(call(1)))
    await until('"id":1')
    const body = call(2)
    const chunked = `POST / HTTP/1.1\r\nHost: a.localhost\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
    socket.write(chunked + post(call(3)))
    await until('"id":3')
    socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    await ended
    expect(got()).toMatch(/"id":1[^]*"id":2[^]*"id":3[^]*a local Ethereum dev chain/)
  })

  it('are checked for their host like all requests', async () => {
    const { port } = await serve()
    const { socket, got, ended } = await dial(port)
    socket.end(post(call(1)).replace('localhost', 'evil.example'))
    await ended
    expect(got()).toMatch(/^HTTP\/1.1 403 /)
  })

  it('that are too large are told so', async () => {
    const { port } = await serve({ maxBodyBytes: 100 })
    const { socket, got, until } = await dial(port)
    socket.write(post(call(1)))
    await until('"id":1')
    socket.write(post(call(2).padEnd(101)))
    await until('request too large')
    expect(got()).not.toContain('"id":2')
    socket.destroy()
  })

  it('that end early are told so', async () => {
    const { port } = await serve()
    const { socket, got, ended } = await dial(port)
    socket.end(post(call(1)).slice(0, -1))
    await ended
    expect(got()).toMatch(/^HTTP\/1.1 400 [^]*the request ends before its body does/)
  })

  it('wait for the answer to the one before', async () => {
    const { port } = await serve()
    const { socket, got, until } = await dial(port)
    socket.write(post(call(1, 'test_slow')) + post(call(2)))
    const other = await dial(port)
    other.socket.write(post(call(3)))
    await other.until('"id":3')
    expect(got()).toBe('')
    release()
    await until('"id":2')
    expect(idsOf(got())).toEqual([1, 2])
    socket.destroy()
    other.socket.destroy()
  })

  it('that were begun are answered when the server closes, and no others', async () => {
    const server = await serve()
    const busy = await dial(server.port)
    const idle = await dial(server.port)
    idle.socket.write(post(call(1)))
    await idle.until('"id":1')
    busy.socket.write(post(call(2, 'test_slow')) + post(call(3)))
    const other = await dial(server.port)
    other.socket.write(post(call(4)))
    await other.until('"id":4')
    const closed = server.close()
    await idle.ended
    release()
    await closed
    await busy.ended
    expect(idsOf(busy.got())).toEqual([2])
    expect(busy.got()).toContain('Connection: close')
  })
})

describe('an idle connection', () => {
  const SHORT_MS = 50
  // Longer than a pause of the machine between an answer and the next request, which would end it.
  const LONG_MS = 2_000
  // Node's own adds a second.
  const [PLAIN_MS, NODE_MS] = [LONG_MS + 150, LONG_MS + 1_450]
  const get = 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const kinds: [string, string, string, number][] = [
    ['a plain POST', post(call(1)), '"id":1', PLAIN_MS],
    ['node:http', get, '200 OK', NODE_MS],
  ]

  it.each(kinds)('is ended after %s, in time', async (_, request, answer) => {
    const { port } = await serve({ keepAliveMs: SHORT_MS })
    const { socket, until, ended } = await dial(port)
    socket.write(request)
    await until(answer)
    await ended
    socket.destroy()
  })

  it.each(kinds)(
    'is none when a request came while the process stood still, after %s',
    async (_, request, answer, pauseMs) => {
      const { port } = await serve({ keepAliveMs: LONG_MS })
      const { socket, got, until, ended } = await dial(port)
      socket.write(request)
      await until(answer)
      // The server has seen the end of its own answer then.
      await nextTurn()
      socket.write(post(call(2)))
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs)
      await Promise.race([until('"id":2'), ended])
      expect(got()).toContain('"id":2')
      socket.destroy()
    },
  )
})
