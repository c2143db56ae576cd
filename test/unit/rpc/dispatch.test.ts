import { describe, expect, it } from 'vitest'

import type { RequestRecord } from '../../../src/rpc/dispatch.ts'
import { jsonOut } from '../../../src/rpc/codec/encoder.ts'
import { RpcError } from '../../../src/rpc/error.ts'
import { type MethodTable, method } from '../../../src/rpc/method.ts'
import { createRpc } from '../../../src/rpc/rpc.ts'
import { ALICE, type WireAnswer, wireBackend } from '../../support/rpc.ts'

const faults: unknown[] = []
const records: RequestRecord[] = []
const more: MethodTable = {
  test_bug: method([], jsonOut, () => {
    throw new TypeError('oops')
  }),
  test_slow: method([], jsonOut, async () => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    return 'slow'
  }),
}
const rpc = createRpc(wireBackend(), {
  methods: [more],
  onBug: (error) => faults.push(error),
  onRequest: (record) => records.push(record),
})

async function ask(message: unknown): Promise<WireAnswer> {
  const text = await rpc.handle(typeof message === 'string' ? message : JSON.stringify(message))
  return JSON.parse(text!) as WireAnswer
}
const call = (name: string, params?: unknown): Promise<WireAnswer> =>
  ask({ jsonrpc: '2.0', id: 1, method: name, params })

describe('single requests', () => {
  it('answers with the id it was asked with', async () => {
    for (const id of [1, 0, 'a', '', null, 1.5]) {
      expect(await ask({ jsonrpc: '2.0', id, method: 'eth_chainId' })).toEqual({
        jsonrpc: '2.0',
        id,
        result: '0x7a69',
      })
    }
  })

  it.each([
    ['{', -32700, null, /^parse error: /],
    ['', -32700, null, /^parse error: /],
    ['"x"', -32600, null, /expected an object/],
    ['null', -32600, null, /expected an object/],
    ['{}', -32600, null, /`jsonrpc`: expected "2.0", got nothing/],
    ['{"jsonrpc":"1.0","id":7,"method":"x"}', -32600, 7, /`jsonrpc`/],
    ['{"jsonrpc":"2.0","id":7}', -32600, 7, /`method`: expected a string/],
    ['{"jsonrpc":"2.0","id":{},"method":"eth_chainId"}', -32600, null, /`id`/],
    [
      '{"jsonrpc":"2.0","id":7,"method":"eth_chainId","params":{}}',
      -32602,
      7,
      /list of parameters/,
    ],
    ['[]', -32600, null, /^empty batch$/],
  ])('%s', async (text, code, id, message) => {
    const answer = await ask(text)
    expect(answer).toMatchObject({ jsonrpc: '2.0', id, error: { code } })
    expect(answer.error?.message).toMatch(message)
  })

  it('does not know methods of Object', async () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect((await call(name)).error?.code).toBe(-32601)
    }
  })

  it('says what an unknown method may have meant', async () => {
    expect((await call('eth_getBlockByNumer')).error).toEqual({
      code: -32601,
      message: 'the method eth_getBlockByNumer does not exist/is not available',
      data: { hint: 'did you mean eth_getBlockByNumber?' },
    })
    expect((await call('x'.repeat(1_000_000))).error?.message.length).toBeLessThan(200)
  })

  it('counts parameters', async () => {
    expect((await call('eth_getBalance', [])).error).toEqual({
      code: -32602,
      message: 'invalid params: `address`: missing, it is required',
    })
    expect((await call('eth_chainId', [1])).error).toEqual({
      code: -32602,
      message: 'too many arguments, want at most 0: got 1',
    })
    expect((await call('eth_getBalance', [ALICE, null, null])).result).toBe('0x21e19e0c9bab2400000')
  })

  it('takes one value for a list of it', async () => {
    expect((await call('evm_increaseTime', 5)).result).toBe(5)
  })

  it('does not answer notifications, and carries them out', async () => {
    const head = (await call('eth_blockNumber')).result
    expect(await rpc.handle('{"jsonrpc":"2.0","method":"evm_mine"}')).toBeUndefined()
    expect(await rpc.handle('{"jsonrpc":"2.0","method":"no_such"}')).toBeUndefined()
    expect((await call('eth_blockNumber')).result).toBe(`0x${(Number(head) + 1).toString(16)}`)
  })

  it('owns up to a bug, once, and tells the node', async () => {
    expect((await call('test_bug')).error).toEqual({
      code: -32603,
      message: 'internal error: oops',
    })
    expect(faults).toHaveLength(1)
    expect(faults[0]).toBeInstanceOf(TypeError)
  })

  it('reports each request', async () => {
    records.length = 0
    await call('eth_chainId')
    await call('eth_getBalance', ['0x'])
    expect(records.map(({ method: name, error }) => [name, error?.code])).toEqual([
      ['eth_chainId', undefined],
      ['eth_getBalance', -32602],
    ])
  })
})

describe('batches', () => {
  it('answers in order, though the first is the slowest', async () => {
    const text = await rpc.handle(
      JSON.stringify([
        { jsonrpc: '2.0', id: 'first', method: 'test_slow' },
        5,
        { jsonrpc: '2.0', method: 'eth_chainId' },
        { jsonrpc: '2.0', id: 'last', method: 'eth_chainId' },
      ]),
    )
    const answers = JSON.parse(text!) as WireAnswer[]
    expect(answers.map(({ id }) => id)).toEqual(['first', null, 'last'])
    expect(answers[1]?.error?.code).toBe(-32600)
  })

  it('is silent when all are notifications', async () => {
    expect(await rpc.handle('[{"jsonrpc":"2.0","method":"eth_chainId"}]')).toBeUndefined()
  })

  it('names its limit', async () => {
    const one = { jsonrpc: '2.0', id: 1, method: 'eth_chainId' }
    const answer = await ask(Array.from({ length: 1001 }, () => one))
    expect(answer.error).toMatchObject({
      code: -32600,
      message: 'batch too large: 1001 requests, this node takes 1000 (--max-batch)',
    })
  })
})

describe('in process', () => {
  it('returns and throws what the wire has', async () => {
    expect(await rpc.request({ method: 'eth_chainId' })).toBe('0x7a69')
    const refused = rpc.request({ method: 'eth_getBalance', params: ['0x12'] })
    await expect(refused).rejects.toBeInstanceOf(RpcError)
    await expect(refused).rejects.toMatchObject({ code: -32602 })
    await expect(rpc.request({ method: 5 } as never)).rejects.toMatchObject({ code: -32600 })
  })

  it('pushes to a client that subscribed', async () => {
    const messages: unknown[] = []
    const provider = rpc.connect((message) => messages.push(message))
    const id = await provider.request({ method: 'eth_subscribe', params: ['newHeads'] })
    expect(messages).toEqual([])
    await provider.request({ method: 'evm_mine' })
    expect(messages).toMatchObject([{ type: 'eth_subscription', data: { subscription: id } }])
    provider.close()
    await provider.request({ method: 'evm_mine' })
    expect(messages).toHaveLength(1)
  })
})
