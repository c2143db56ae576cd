import { request } from 'node:http'
import { type Socket, connect } from 'node:net'
import { gzipSync } from 'node:zlib'

import { afterEach, describe, expect, it } from 'vitest'

import { createRpc } from '../../../src/rpc/rpc.ts'
import type { Listening } from '../../../src/rpc/transport/server.ts'
import { SERVE, type WireAnswer, wireBackend } from '../../support/rpc.ts'

const CHAIN_ID = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
const open: Listening[] = []

async function serve(options: Partial<Parameters<ReturnType<typeof createRpc>['serve']>[0]> = {}) {
  const server = await createRpc(wireBackend()).serve({ ...SERVE, ...options })
  open.push(server)
  return server
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** With any header: fetch does not let Host be set. */
function send(
  port: number,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string },
): Promise<Answer> {
  const { method = 'POST', path = '/', headers = {}, body } = options
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', method, path, headers }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** What a bare socket gets back for `text`, until the server ends it. */
function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(text))
    let got = ''
    socket.on('data', (chunk) => (got += chunk.toString()))
    socket.on('close', () => resolve(got))
    socket.on('error', () => undefined)
  })
}

describe('requests over HTTP', () => {
  it('are answered on any path, whatever the content type', async () => {
    const { port } = await serve()
    for (const headers of [
      {},
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/json' },
    ]) {
      const answer = await send(port, { path: '/some/where', headers, body: CHAIN_ID })
      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toBe('application/json')
      expect(JSON.parse(answer.body)).toEqual({ jsonrpc: '2.0', id: 1, result: '0x7a69' })
    }
  })

  it('that fail are a 200 all the same', async () => {
    const { port } = await serve()
    for (const body of ['{', '', '[]', '{"jsonrpc":"2.0","id":1,"method":"nope"}']) {
      const answer = await send(port, { body })
      expect(answer.status).toBe(200)
      expect((JSON.parse(answer.body) as WireAnswer).error?.code).toBeLessThan(-32000)
    }
  })

  it('without an id get 204', async () => {
    const { port } = await serve()
    const answer = await send(port, { body: '{"jsonrpc":"2.0","method":"eth_chainId"}' })
    expect([answer.status, answer.body]).toEqual([204, ''])
  })

  it('may be as large as the limit and no larger', async () => {
    const { port } = await serve({ maxBodyBytes: 1000 })
    const fits = await send(port, { body: CHAIN_ID.padEnd(1000) })
    expect((JSON.parse(fits.body) as WireAnswer).result).toBe('0x7a69')
    for (const size of [1001, 10_000, 1_000_000]) {
      const answer = await send(port, { body: ' '.repeat(size) }).catch(() => undefined)
      // A client that writes on long after our answer may see the connection end first.
      if (answer === undefined && size > 16_000) continue
      expect(answer?.status).toBe(200)
      expect((JSON.parse(answer!.body) as WireAnswer).error).toEqual({
        code: -32600,
        message: 'request too large: this node takes 1000 bytes (--max-body)',
      })
    }
  })

  it('subscribe nowhere', async () => {
    const { port } = await serve()
    const body = '{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}'
    const answer = JSON.parse((await send(port, { body })).body) as WireAnswer
    expect(answer.error?.code).toBe(-32601)
    expect(answer.error?.message).toMatch(/^notifications not supported/)
  })
})

describe('who looks in with a browser', () => {
  it('is told what this is', async () => {
    const { port } = await serve()
    const answer = await send(port, { method: 'GET' })
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^text\/plain/)
    expect(answer.body).toContain('a local Ethereum dev chain. Chain id 31337')
    expect(answer.body).toContain(`http://127.0.0.1:${port}`)
    expect((await send(port, { method: 'HEAD' })).status).toBe(200)
    expect((await send(port, { method: 'GET', path: '/nope' })).status).toBe(404)
    expect((await send(port, { method: 'PUT', body: 'x' })).status).toBe(404)
  })
})

describe('the Host header', () => {
  it.each([
    ['127.0.0.1:8545', 200],
    ['localhost', 200],
    ['LOCALHOST:8545', 200],
    ['app.localhost:1', 200],
    ['[::1]:8545', 200],
    ['192.168.1.7', 200],
    ['node.test:8545', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost.evil.example:8545', 403],
  ])('%j: %i', async (host, status) => {
    const { port } = await serve({ allowedHosts: ['Node.test'] })
    const answer = await send(port, { headers: { host }, body: CHAIN_ID })
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.body).toContain('--allowed-hosts')
  })

  it('means nothing when every host is allowed', async () => {
    const { port } = await serve({ allowedHosts: ['*'] })
    const headers = { host: 'any.example' }
    expect((await send(port, { headers, body: CHAIN_ID })).status).toBe(200)
  })
})

describe('CORS', () => {
  const origin = 'http://dapp.example'

  it('lets every origin in by default', async () => {
    const { port } = await serve()
    const answer = await send(port, { headers: { origin }, body: CHAIN_ID })
    expect(answer.headers['access-control-allow-origin']).toBe('*')
    const preflight = await send(port, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-headers': 'content-type,x-trace' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'POST, GET, OPTIONS',
      'access-control-allow-headers': 'content-type,x-trace',
    })
  })

  it('lets one origin in when it is named, and extensions and itself', async () => {
    const { port } = await serve({ allowOrigin: origin })
    const own = await send(port, { headers: { origin }, body: CHAIN_ID })
    expect(own.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'origin' })
    for (const [from, status] of [
      ['http://other.example', 403],
      ['null', 403],
      ['chrome-extension://abcdef', 200],
      [`http://127.0.0.1:${port}`, 200],
    ] as const) {
      const answer = await send(port, { headers: { origin: from }, body: CHAIN_ID })
      expect(answer.status, from).toBe(status)
    }
  })

  it('carries out nothing for a page when it is off', async () => {
    const { port } = await serve({ cors: false })
    const refused = await send(port, { headers: { origin }, body: CHAIN_ID })
    expect(refused.status).toBe(403)
    expect(refused.body).toContain('--allow-origin')
    const answer = await send(port, { body: CHAIN_ID })
    expect(answer.status).toBe(200)
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe('what is no HTTP', () => {
  it('gets a 400 and an end', async () => {
    const { port } = await serve()
    expect(await sendRaw(port, 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 Bad Request/)
    expect(await sendRaw(port, '\u0016\u0003\u0001\u0002\u0000\u0001')).toMatch(/^HTTP\/1\.1 400/)
  })
})

describe('the end', () => {
  it('comes at once, with connections open', async () => {
    const server = await serve()
    const idle = connect(server.port, '127.0.0.1')
    await new Promise((resolve) => idle.on('connect', resolve))
    const gone = new Promise((resolve) => idle.on('close', resolve))
    await send(server.port, { headers: { connection: 'keep-alive' }, body: CHAIN_ID })
    await server.close()
    await gone
    await expect(send(server.port, { body: CHAIN_ID })).rejects.toThrow()
  })

  it('leaves a port that is taken alone', async () => {
    const { port } = await serve()
    await expect(serve({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('compression', () => {
  const gzip = { 'accept-encoding': 'gzip, deflate' }
  const many = JSON.stringify(
    Array.from({ length: 100 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'eth_chainId' })),
  )
  const encoding = async (port: number, headers: Record<string, string>, body = many) =>
    (await send(port, { headers, body })).headers['content-encoding']

  it('is for who asks for it, and for answers that gain', async () => {
    const { port } = await serve({ compression: 'always' })
    expect(await encoding(port, gzip)).toBe('gzip')
    expect(await encoding(port, {})).toBeUndefined()
    expect(await encoding(port, { 'accept-encoding': 'gzip;q=0, br' })).toBeUndefined()
    expect(await encoding(port, gzip, CHAIN_ID)).toBeUndefined()
  })

  it('is left out on this machine unless told otherwise', async () => {
    const { port } = await serve()
    expect(await encoding(port, gzip)).toBeUndefined()
  })

  it('is undone by fetch, and taken in requests', async () => {
    const { port } = await serve({ compression: 'always' })
    const url = `http://127.0.0.1:${port}`
    const headers = { 'content-encoding': 'gzip' }
    const ask = async (body: string | Uint8Array<ArrayBuffer>): Promise<unknown> =>
      (await fetch(url, { method: 'POST', headers, body })).json()
    expect(await ask(new Uint8Array(gzipSync(many)))).toHaveLength(100)
    expect(await ask('no gzip')).toMatchObject({ id: null, error: { code: -32600 } })
  })

  it('does not let a small body become a large one', async () => {
    const { port } = await serve({ maxBodyBytes: 10_000 })
    const bomb = new Uint8Array(gzipSync(' '.repeat(1_000_000)))
    expect(bomb.length).toBeLessThan(10_000)
    const answer = await fetch(`http://127.0.0.1:${port}`, {
      method: 'POST',
      headers: { 'content-encoding': 'gzip' },
      body: bomb,
    })
    expect(await answer.json()).toMatchObject({ error: { code: -32600 } })
  })
})

describe('what operators ask', () => {
  it('/health says that it runs, and why it does not make blocks', async () => {
    const { port } = await serve()
    const well = await fetch(`http://127.0.0.1:${port}/health`)
    expect([well.status, await well.json()]).toEqual([200, { status: 'ok', blockNumber: 0 }])
    const backend = wireBackend()
    const about = backend.info()
    const failing = { ...backend, info: () => ({ ...about, failure: 'the disk is full' }) }
    const server = await createRpc(failing).serve(SERVE)
    open.push(server)
    const ill = await fetch(`http://127.0.0.1:${server.port}/health`)
    expect([ill.status, await ill.json()]).toEqual([
      503,
      { status: 'failing', blockNumber: 0, reason: 'the disk is full' },
    ])
  })

  it('/metrics counts requests by method, and what is no method together', async () => {
    const { port } = await serve()
    const failing = '{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":[7]}'
    const unknown = '{"jsonrpc":"2.0","id":1,"method":"a\\"b"}'
    for (const body of [CHAIN_ID, CHAIN_ID, failing, unknown]) await send(port, { body })
    const metrics = await fetch(`http://127.0.0.1:${port}/metrics`)
    expect(metrics.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    const lines = (await metrics.text()).split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        '# TYPE heddle_rpc_requests_total counter',
        'heddle_rpc_requests_total{method="eth_chainId"} 2',
        'heddle_rpc_errors_total{method="eth_chainId"} 0',
        'heddle_rpc_errors_total{method="eth_getBalance"} 1',
        'heddle_rpc_requests_total{method="unknown"} 1',
        'heddle_head_block 0',
        'heddle_pool_transactions{state="pending"} 0',
      ]),
    )
    const sample = /^[a-z_]+(?:\{[a-z_]+="(?:[^"\\]|\\.)*"(?:,[a-z_]+="(?:[^"\\]|\\.)*")*\})? \S+$/
    expect(
      lines.filter((line) => line !== '' && !/^# (?:HELP|TYPE) /.test(line) && !sample.test(line)),
    ).toEqual([])
  })
})

describe('closing', () => {
  it('finishes what was asked, and takes nothing more', async () => {
    const backend = wireBackend()
    let resolve: ((wei: bigint) => void) | undefined
    const promise = new Promise<bigint>((fulfil) => (resolve = fulfil))
    const state = { ...backend.state, balance: () => promise }
    const server = await createRpc({ ...backend, state }).serve(SERVE)
    const body = `{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x${'11'.repeat(20)}"]}`
    const asked = send(server.port, { body })
    await expect.poll(() => resolve).toBeDefined()
    expect(await send(server.port, { body: CHAIN_ID })).toMatchObject({ status: 200 })
    const closed = server.close()
    await expect
      .poll(() => send(server.port, { body: CHAIN_ID }).catch(() => 'refused'))
      .toBe('refused')
    resolve?.(7n)
    expect(JSON.parse((await asked).body)).toMatchObject({ result: '0x7' })
    await closed
  })
})
