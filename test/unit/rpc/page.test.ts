import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createRpc } from '../../../src/rpc/rpc.ts'
import type { Listening } from '../../../src/rpc/transport/server.ts'
import { SERVE, wireBackend } from '../../support/rpc.ts'

const HTML = '<!doctype html><title>the page</title>'
const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

const folder = mkdtempSync(join(tmpdir(), 'heddle-page-'))
let server: Listening
let bare: Listening

beforeAll(async () => {
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), HTML)
  writeFileSync(join(folder, 'assets', 'main-1a.js'), 'run()')
  writeFileSync(join(folder, 'assets', 'main-1a.js.br'), brotliCompressSync('run()'))
  writeFileSync(join(folder, 'assets', 'main-1a.js.gz'), gzipSync('run()'))
  const rpc = createRpc(wireBackend())
  server = await rpc.serve({ ...SERVE, pageFolder: folder })
  bare = await rpc.serve({ ...SERVE, pageFolder: join(folder, 'nowhere') })
})

afterAll(async () => {
  await Promise.all([server.close(), bare.close()])
  rmSync(folder, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Buffer
}

function get(path: string, headers: Record<string, string> = {}, to = server): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = { port: to.port, host: '127.0.0.1', path, headers }
    const outgoing = request(asked, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          bytes: Buffer.concat(chunks),
        }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

describe('a browser', () => {
  it.each(['/', '/block/7', '/parallel?last=20'])('gets the page at %s', async (path) => {
    const answer = await get(path, BROWSER)
    expect(answer.status).toBe(200)
    expect(answer.bytes.toString()).toBe(HTML)
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    expect(answer.headers['vary']).toMatch(/accept\b/)
  })

  it('is told to run nothing inline, ask nobody else, and put it in no frame', async () => {
    const { headers } = await get('/', { ...BROWSER, host: 'localhost:8545' })
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).toContain("connect-src 'self' ws://localhost:8545 wss://localhost:8545")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
  })

  it('keeps the parts, whose names are of what is in them', async () => {
    const answer = await get('/assets/main-1a.js', { 'accept-encoding': 'gzip, br' })
    expect(answer.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'br',
    })
    expect(brotliDecompressSync(answer.bytes).toString()).toBe('run()')
    const plain = await get('/assets/main-1a.js')
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.bytes.toString()).toBe('run()')
  })

  it.each(['/assets/none.js', '/assets/../index.html', '/assets/%2e%2e/index.html', '/assets/'])(
    'finds nothing at %s',
    async (path) => {
      expect((await get(path, BROWSER)).status).not.toBe(500)
      const { status, bytes } = await get(path)
      expect(status).toBe(404)
      expect(bytes.toString()).not.toContain('the page')
    },
  )

  it('of another name is refused as for a call', async () => {
    expect((await get('/', { ...BROWSER, host: 'evil.example' })).status).toBe(403)
  })

  it('still gets health and metrics', async () => {
    expect((await get('/health', BROWSER)).headers['content-type']).toMatch(/json/)
    expect((await get('/metrics', BROWSER)).headers['content-type']).toMatch(/text\/plain/)
  })
})

describe('who is no browser, or has no page', () => {
  it('is greeted in plain text', async () => {
    const plain = await get('/', { accept: '*/*' })
    expect(plain.bytes.toString()).toContain('a local Ethereum dev chain')
    const unbuilt = await get('/', BROWSER, bare)
    expect(unbuilt.headers['content-type']).toMatch(/^text\/plain/)
    expect((await get('/block/7', BROWSER, bare)).status).toBe(404)
  })
})
