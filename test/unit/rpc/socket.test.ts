import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { type Socket, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'

import { createRpc } from '../../../src/rpc/rpc.ts'
import { JsonSplitter } from '../../../src/rpc/transport/json-splitter.ts'
import type { Listening } from '../../../src/rpc/transport/server.ts'
import { SERVE, type WireAnswer, type WireBackend, wireBackend } from '../../support/rpc.ts'

const open: Listening[] = []
const folder = mkdtempSync(join(tmpdir(), 'heddle-rpc-'))

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

afterAll(() => rmSync(folder, { recursive: true }))

async function serve(
  options: Partial<Parameters<ReturnType<typeof createRpc>['serve']>[0]> = {},
  backend: WireBackend = wireBackend(),
): Promise<Listening> {
  const server = await createRpc(backend).serve({ ...SERVE, ...options })
  open.push(server)
  return server
}

/** A client that keeps what it receives, in order. */
class Client {
  readonly socket: WebSocket
  readonly messages: WireAnswer[] = []
  readonly closed: Promise<number>
  #wake: (() => void) | undefined

  constructor(port: number, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers })
    this.closed = new Promise((resolve) => this.socket.on('close', resolve))
    this.socket.on('message', (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString()) as WireAnswer)
      this.#wake?.()
    })
    this.socket.on('error', () => undefined)
  }

  async ready(): Promise<this> {
    await new Promise((resolve, reject) => {
      this.socket.once('open', resolve)
      this.socket.once('error', reject)
    })
    return this
  }

  /** The first `count` messages. */
  async first(count: number): Promise<readonly WireAnswer[]> {
    while (this.messages.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.messages.slice(0, count)
  }

  call(id: number, method: string, ...params: unknown[]): void {
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
  }
}

describe('WebSocket', () => {
  it('answers on the port of HTTP, text and binary', async () => {
    const { port } = await serve()
    const client = await new Client(port).ready()
    client.call(1, 'eth_chainId')
    client.socket.send(Buffer.from('[{"jsonrpc":"2.0","id":2,"method":"eth_chainId"}]'))
    const [one, batch] = await client.first(2)
    expect(one).toEqual({ jsonrpc: '2.0', id: 1, result: '0x7a69' })
    expect(batch).toEqual([{ jsonrpc: '2.0', id: 2, result: '0x7a69' }])
  })

  it('tells a bad message, and stays open', async () => {
    const { port } = await serve()
    const client = await new Client(port).ready()
    client.socket.send('{"jsonrpc"')
    client.call(2, 'eth_chainId')
    const [bad, good] = await client.first(2)
    expect(bad).toMatchObject({ id: null, error: { code: -32700 } })
    expect(good).toMatchObject({ id: 2, result: '0x7a69' })
  })

  it('pushes heads, logs and transactions to who asked, until told not to', async () => {
    const backend = wireBackend()
    const { port } = await serve({}, backend)
    const client = await new Client(port).ready()
    const stranger = await new Client(port).ready()
    client.call(1, 'eth_subscribe', 'newHeads')
    const [{ result: id } = { result: undefined }] = await client.first(1)
    expect(id).toMatch(/^0x[0-9a-f]{32}$/)
    client.call(2, 'evm_mine')
    const messages = await client.first(3)
    const pushed = messages.find((message) => 'method' in message)
    expect(pushed).toMatchObject({
      jsonrpc: '2.0',
      method: 'eth_subscription',
      params: {
        subscription: id,
        result: { number: '0x1', parentHash: backend.chain.head().header.parentHash },
      },
    })
    stranger.call(1, 'eth_unsubscribe', id)
    expect((await stranger.first(1))[0]?.result).toBe(false)
    client.call(3, 'eth_unsubscribe', id)
    client.call(4, 'evm_mine')
    client.call(5, 'eth_chainId')
    await client.first(6)
    expect(client.messages.filter((message) => 'method' in message)).toHaveLength(1)
    expect(stranger.messages).toHaveLength(1)
  })

  it('names the subscription before what it pushes, in a batch too', async () => {
    const { port } = await serve()
    const client = await new Client(port).ready()
    client.socket.send(
      JSON.stringify([
        { jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] },
        { jsonrpc: '2.0', id: 2, method: 'evm_mine' },
      ]),
    )
    const [answers, pushed] = await client.first(2)
    expect(answers).toMatchObject([{ id: 1 }, { id: 2, result: '0x0' }])
    expect(pushed).toMatchObject({ method: 'eth_subscription' })
  })

  it('tells of heads at a pace: the first at once, then the newest of those that came', async () => {
    const { port } = await serve()
    const client = await new Client(port).ready()
    client.call(1, 'eth_subscribe', 'newHeads', { paceMs: 1500 })
    await client.first(1)
    // Together, so that no pause of the machine comes between them.
    const mines = Array.from({ length: 5 }, (_, at) => ({ id: at + 2, method: 'evm_mine' }))
    client.socket.send(JSON.stringify(mines.map((mine) => ({ jsonrpc: '2.0', ...mine }))))
    const messages = await client.first(4)
    const heads = messages.filter((message) => 'method' in message)
    expect(heads).toMatchObject([
      { params: { result: { number: '0x1' } } },
      { params: { result: { number: '0x5' } } },
    ])
  })

  it('refuses what it cannot follow', async () => {
    const { port } = await serve()
    const client = await new Client(port).ready()
    client.call(1, 'eth_subscribe', 'blocks')
    client.call(2, 'eth_subscribe', 'logs', { topics: ['0x1'] })
    client.call(3, 'eth_subscribe')
    for (const answer of await client.first(3)) expect(answer.error?.code).toBe(-32602)
  })

  it('is refused to strange hosts and pages', async () => {
    const { port } = await serve({ allowOrigin: 'http://dapp.example' })
    await expect(new Client(port, { host: 'evil.example' }).ready()).rejects.toThrow('403')
    await expect(new Client(port, { origin: 'http://evil.example' }).ready()).rejects.toThrow('403')
    await new Client(port, { origin: 'http://dapp.example' }).ready()
  })

  it('ends on a message over the limit, and the server lives', async () => {
    const { port } = await serve({ maxBodyBytes: 1000 })
    const client = await new Client(port).ready()
    client.socket.send('x'.repeat(2000))
    expect(await client.closed).toBe(1009)
    const next = await new Client(port).ready()
    next.call(1, 'eth_chainId')
    expect((await next.first(1))[0]?.result).toBe('0x7a69')
  })

  it('is ended by the server, which says that it goes away', async () => {
    const server = await serve()
    const client = await new Client(server.port).ready()
    client.call(1, 'eth_subscribe', 'newHeads')
    await client.first(1)
    await server.close()
    expect(await client.closed).toBe(1001)
  })
})

describe('IPC', () => {
  const path = join(folder, 'node.ipc')

  function converse(text: string, answers: number): Promise<readonly WireAnswer[]> {
    return new Promise((resolve, reject) => {
      const socket: Socket = connect(path, () => socket.write(text))
      let got = ''
      socket.on('error', reject)
      socket.on('data', (chunk) => {
        got += chunk.toString()
        const lines = got.split('\n').filter((line) => line !== '')
        if (!got.endsWith('\n') || lines.length < answers) return
        socket.destroy()
        resolve(lines.map((line) => JSON.parse(line) as WireAnswer))
      })
    })
  }

  it('takes messages framed by newlines or not at all, and tells what is none', async () => {
    await serve({ ipcPath: path })
    const one = (id: number) => `{"jsonrpc":"2.0","id":${id},"method":"eth_chainId"}`
    const answers = await converse(`${one(1)}\n${one(2)}${one(3)}\nnonsense\n[${one(4)}]`, 5)
    const ids = answers.flat().map((answer) => answer.id ?? answer.error?.code)
    expect(new Set(ids)).toEqual(new Set([1, 2, 3, 4, -32700]))
  })

  it('pushes', async () => {
    await serve({ ipcPath: path })
    const subscribe = '{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}'
    const mine = '{"jsonrpc":"2.0","id":2,"method":"evm_mine"}'
    const answers = await converse(`[${subscribe},${mine}]`, 2)
    expect(answers[1]).toMatchObject({ method: 'eth_subscription' })
  })

  it('leaves no file, and takes over a dead one', async () => {
    const server = await serve({ ipcPath: path })
    await expect(serve({ ipcPath: path })).rejects.toThrow('another process listens')
    await server.close()
    expect(existsSync(path)).toBe(false)
  })

  it('cuts messages wherever the chunks end', () => {
    const text = ' {"a":"}\\"{["}[1,[2]]\n\n{"b":{}}'
    for (let size = 1; size <= text.length; size++) {
      const splitter = new JsonSplitter(100)
      const got: string[] = []
      for (let at = 0; at < text.length; at += size) {
        got.push(...(splitter.push(Buffer.from(text.slice(at, at + size))) ?? []))
      }
      expect(got).toEqual(['{"a":"}\\"{["}', '[1,[2]]', '{"b":{}}'])
    }
    expect(new JsonSplitter(10).push(Buffer.from(`{"a":"${'x'.repeat(20)}`))).toBeUndefined()
  })
})
