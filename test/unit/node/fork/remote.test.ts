import { afterEach, describe, expect, it } from 'vitest'

import { maskUrl } from '../../../../src/node/fork/mask-url.ts'
import { Remote, type RemoteOptions } from '../../../../src/node/fork/remote.ts'
import { type FaultyRemote, faultyRemote } from '../../../support/faulty-remote.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function server(): Promise<FaultyRemote> {
  const made = await faultyRemote(async (method, params) => `${method} ${params.join(' ')}`)
  open.push(() => made[Symbol.asyncDispose]())
  return made
}

function remoteOf(urls: readonly string[], options: Partial<RemoteOptions> = {}): Remote {
  const remote = new Remote({
    urls,
    headers: {},
    timeoutMs: 5_000,
    retries: 2,
    backoffMs: 1,
    computeUnitsPerSecond: Infinity,
    ...options,
  })
  open.push(() => remote.close())
  return remote
}

describe('asking a remote chain', () => {
  it('sends what is asked at once as one batch, and what is asked twice once', async () => {
    const there = await server()
    const remote = remoteOf([there.url])
    const answers = await Promise.all([
      remote.ask('a', [1]),
      remote.ask('b', []),
      remote.ask('a', [1]),
      remote.ask('a', [2]),
    ])
    expect(answers).toEqual(['a 1', 'b ', 'a 1', 'a 2'])
    expect(there.asked).toHaveLength(1)
    expect(there.asked[0]).toHaveLength(3)
    expect(await remote.ask('a', [1])).toBe('a 1')
    expect(there.asked).toHaveLength(2)
  })

  it('sends its headers', async () => {
    const there = await server()
    await remoteOf([there.url], { headers: { 'x-key': 'secret' } }).ask('a', [])
    expect(there.headers[0]).toMatchObject({ 'x-key': 'secret' })
  })

  it('makes batches as small as the remote wants them', async () => {
    const there = await server()
    const remote = remoteOf([there.url])
    there.fail(
      { kind: 'status', status: 413 },
      { kind: 'body', body: '{"id":null,"error":{"code":-32600,"message":"batch too large"}}' },
    )
    const answers = await Promise.all([1, 2, 3, 4].map((n) => remote.ask('a', [n])))
    expect(answers).toEqual(['a 1', 'a 2', 'a 3', 'a 4'])
    expect(there.asked.map((calls) => calls.length).slice(0, 2)).toEqual([4, 2])
  })

  it.each([
    ['5xx', { kind: 'status', status: 503 }],
    ['429', { kind: 'status', status: 429, headers: { 'retry-after': '0' } }],
    ['malformed JSON', { kind: 'body', body: '{"result": ' }],
    ['HTML', { kind: 'body', body: '<html>Bad gateway</html>' }],
    ['a dropped connection', { kind: 'drop' }],
    ['a complaint of JSON-RPC', { kind: 'error', code: -32_005, message: 'rate limit exceeded' }],
  ] as const)('tries again after %s', async (_, fault) => {
    const there = await server()
    const remote = remoteOf([there.url])
    there.fail(fault, fault)
    expect(await Promise.all([remote.ask('a', []), remote.ask('b', [])])).toEqual(['a ', 'b '])
    expect(there.asked).toHaveLength(3)
  })

  it.each([
    ['5xx', { kind: 'status', status: 503 }, /HTTP 503 \(asked 3 times\)/],
    ['429', { kind: 'status', status: 429 }, /too many requests/],
    ['malformed JSON', { kind: 'body', body: '{"result": ' }, /is not JSON-RPC: \{"result":/],
    ['a dropped connection', { kind: 'drop' }, /the connection was dropped/],
    ['401', { kind: 'status', status: 401 }, /HTTP 401$/],
    [
      'an answer to another',
      { kind: 'body', body: '{"id":9,"result":"0x1"}' },
      /to another request/,
    ],
  ] as const)('gives up after %s, and says who and why', async (_, fault, words) => {
    const there = await server()
    there.failAlways(fault)
    const asking = remoteOf([`${there.url}/v2/0123456789abcdef0123456789abcdef?key=0123`]).ask(
      'a',
      [],
    )
    await expect(asking).rejects.toThrow(words)
    await expect(asking).rejects.toThrow(`${there.url}/v2/…?key=…`)
    await expect(asking).rejects.not.toThrow(/0123456789abcdef/)
  })

  it('gives up on one that is too slow', async () => {
    const there = await server()
    there.failAlways({ kind: 'slow', ms: 400 })
    const remote = remoteOf([there.url], { timeoutMs: 50, retries: 0 })
    await expect(remote.ask('a', [])).rejects.toThrow(/no answer in 0.05 s$/)
  })

  it('gives up on one that is not there', async () => {
    const gone = await faultyRemote()
    await gone[Symbol.asyncDispose]()
    await expect(remoteOf([gone.url]).ask('a', [])).rejects.toThrow(/nothing listens there/)
  })

  it('asks the next endpoint before it waits, and stays with it', async () => {
    const [first, second] = [await server(), await server()]
    first.failAlways({ kind: 'status', status: 500 })
    const remote = remoteOf([first.url, second.url], { backoffMs: 60_000 })
    expect(await remote.ask('a', [])).toBe('a ')
    expect(await remote.ask('b', [])).toBe('b ')
    expect([first.asked.length, second.asked.length]).toEqual([1, 2])
    second.fail({ kind: 'drop' })
    first.failAlways(undefined)
    expect(await remote.ask('c', [])).toBe('c ')
    expect(first.asked).toHaveLength(2)
  })

  it("passes the remote's own errors on, without asking again", async () => {
    const there = await server()
    there.answer('a', () => {
      throw Object.assign(new Error('execution reverted: no'), { code: 3 })
    })
    const remote = remoteOf([there.url])
    const [refused, other] = await Promise.allSettled([remote.ask('a', []), remote.ask('b', [])])
    expect(refused).toMatchObject({
      reason: { fault: { code: 3, message: 'execution reverted: no' } },
    })
    expect(other).toMatchObject({ status: 'fulfilled', value: 'b ' })
    expect(there.asked).toHaveLength(1)
  })

  it('ends what is under way when it is closed', async () => {
    const there = await server()
    there.failAlways({ kind: 'status', status: 503 })
    const remote = remoteOf([there.url], { backoffMs: 60_000 })
    const asking = remote.ask('a', [])
    while (there.asked.length === 0) await new Promise((done) => setTimeout(done, 5))
    remote.close()
    await expect(asking).rejects.toThrow(/not asked any more/)
  })
})

describe('a URL as it is shown', () => {
  it.each([
    ['http://127.0.0.1:8545', 'http://127.0.0.1:8545'],
    ['https://eth.example.org/rpc', 'https://eth.example.org/rpc'],
    ['https://x.example/v2/abcdefghijklmnop1234', 'https://x.example/v2/…'],
    ['https://me:pass@x.example/?apikey=1&b=2', 'https://…@x.example/?apikey=…&b=…'],
    ['nonsense', 'a URL that cannot be read'],
  ])('%s', (url, shown) => {
    expect(maskUrl(url)).toBe(shown)
  })
})
