import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { AnswerReader } from '../../../scripts/bench/connection.mjs'
import { RpcClient } from '../../../scripts/bench/rpc.mjs'

type Question = { id: number; method: string; params: unknown[] }

let server: Server | undefined
let client: RpcClient | undefined

afterEach(async () => {
  client?.close()
  server?.close()
  server?.closeAllConnections()
  if (server?.listening === true) await once(server, 'close')
})

async function serve(
  answer: (question: Question) => unknown,
  options: { isChunked?: boolean; status?: number } = {},
): Promise<RpcClient> {
  server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const question: unknown = JSON.parse(Buffer.concat(pieces).toString())
    const isBatch = Array.isArray(question)
    const answers = (isBatch ? question : [question])
      .toReversed()
      .map((one: Question) => answer(one))
    const text = JSON.stringify(isBatch ? answers : answers[0])
    response.statusCode = options.status ?? 200
    if (options.isChunked === true) {
      for (let at = 0; at < text.length; at += 7) response.write(text.slice(at, at + 7))
      response.end()
    } else {
      response.setHeader('content-length', Buffer.byteLength(text))
      response.end(text)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  client = new RpcClient((server.address() as AddressInfo).port)
  return client
}

const echo = ({ id, method, params }: Question): unknown => ({ id, result: [method, ...params] })

describe('the client of the bench', () => {
  it.each([false, true])('reads an answer of a server (chunked: %s)', async (isChunked) => {
    const rpc = await serve(echo, { isChunked })
    expect(await rpc.call('eth_call', 'ä', 1)).toEqual(['eth_call', 'ä', 1])
    expect(await rpc.call('again')).toEqual(['again'])
  })

  it('puts the answers of a batch in the order of its calls, over many batches', async () => {
    const rpc = await serve(echo)
    const calls = Array.from({ length: 250 }, (_, index) => ['m', [index]] as const)
    expect(await rpc.batch(calls)).toEqual(calls.map(([method, [index]]) => [method, index]))
  })

  it('answers several callers on one connection in turn', async () => {
    const rpc = await serve(echo)
    const answers = await Promise.all([rpc.call('a'), rpc.call('b'), rpc.call('c')])
    expect(answers).toEqual([['a'], ['b'], ['c']])
  })

  it('names the method of an error, in a batch too', async () => {
    const rpc = await serve(({ id }) => ({ id, error: { code: -32000, message: 'nonce too low' } }))
    await expect(rpc.call('eth_send')).rejects.toThrow('eth_send: nonce too low (-32000)')
    await expect(rpc.batch([['eth_send', []]])).rejects.toThrow('eth_send: nonce too low')
  })

  it('says when an answer is missing from a batch, or the batch is refused', async () => {
    const lossy = await serve(() => ({ id: 99, result: 1 }))
    await expect(lossy.batch([['eth_send', []]])).rejects.toThrow('no answer in the batch')
  })

  it('tells an HTTP status and a server that is gone', async () => {
    const rpc = await serve(echo, { status: 413 })
    await expect(rpc.call('m')).rejects.toThrow('HTTP 413')
    await expect(new RpcClient(1).call('m')).rejects.toThrow('ECONNREFUSED')
  })
})

describe('an answer that comes in pieces', () => {
  const whole = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody')

  it('is whole with its last byte, wherever it is cut', () => {
    for (let cut = 1; cut < whole.length; cut++) {
      const reader = new AnswerReader()
      expect(reader.push(whole.subarray(0, cut))).toBeUndefined()
      expect(reader.push(whole.subarray(cut))).toBe('body')
      expect(reader.closes).toBe(false)
    }
  })

  it('is read chunk by chunk, wherever it is cut', () => {
    const chunked = Buffer.from(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nbod\r\n1\r\ny\r\n0\r\n\r\n',
    )
    for (let cut = 1; cut < chunked.length; cut++) {
      const reader = new AnswerReader()
      expect(reader.push(chunked.subarray(0, cut))).toBeUndefined()
      expect(reader.push(chunked.subarray(cut))).toBe('body')
      expect(reader.closes).toBe(true)
    }
  })

  it.each([
    ['no HTTP', 'SSH-2.0-x\r\n\r\n', 'not an HTTP/1.1 answer'],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\n', 'without its length'],
    [
      'no chunk size',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      'without its size',
    ],
  ])('is refused with %s', (_, text, message) => {
    expect(() => new AnswerReader().push(Buffer.from(text))).toThrow(message)
  })
})
