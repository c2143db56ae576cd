import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { IpcSocketProvider } from 'ethers'
import { custom, http } from 'viem'
import { ipc } from 'viem/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { temporaryFolder } from '../support/checkout.ts'
import { type SpawnedNode, nodeInProcess, spawnNode } from '../support/node.ts'
import { alice, clientsOver, until } from './viem-clients.ts'

const ADDRESS = '0x00000000000000000000000000000000000beef9'

let node: SpawnedNode

beforeAll(async () => {
  node = await spawnNode()
})
afterAll(() => node?.[Symbol.asyncDispose]())

type Reply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** A request as no library would send it: any Host header, any method. */
async function raw(
  method: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Promise<Reply> {
  const outgoing = httpRequest({ host: '127.0.0.1', port: node.port, method, headers })
  outgoing.end(body)
  const [incoming] = await once(outgoing, 'response')
  let text = ''
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk
  return { status: incoming.statusCode, headers: incoming.headers, text }
}

type Answer = {
  readonly id: unknown
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}

async function post(message: unknown, headers: Readonly<Record<string, string>> = {}) {
  const text = typeof message === 'string' ? message : JSON.stringify(message)
  const reply = await raw('POST', { 'content-type': 'application/json', ...headers }, text)
  return { ...reply, answer: reply.text === '' ? undefined : JSON.parse(reply.text) }
}

const call = (id: number, method: string, params: readonly unknown[] = []) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
})

describe('one port', () => {
  it('answers HTTP and WebSocket, on any path', async () => {
    const { status, answer } = await post(call(1, 'eth_chainId'))
    expect([status, answer]).toEqual([200, { jsonrpc: '2.0', id: 1, result: '0x7a69' }])
    const socket = new WebSocket(`${node.wsUrl}/any/path`)
    await once(socket, 'open')
    socket.send(JSON.stringify(call(2, 'eth_chainId')))
    const [data] = (await once(socket, 'message')) as [Buffer]
    expect(JSON.parse(String(data))).toEqual({ jsonrpc: '2.0', id: 2, result: '0x7a69' })
    socket.close()
    await once(socket, 'close')
  })

  it('explains itself to a browser', async () => {
    const page = await raw('GET')
    expect(page.status).toBe(200)
    expect(page.text).toContain('a local Ethereum dev chain')
    expect(page.text).toContain(`http://127.0.0.1:${node.port}`)
    expect((await raw('GET', {}, '')).headers['content-type']).toContain('text/plain')
  })

  it('lets in names of this machine, and others only by a flag that it names', async () => {
    const body = call(1, 'eth_chainId')
    for (const host of [
      'localhost:8545',
      '127.0.0.1',
      '[::1]:8545',
      'dev.localhost',
      '192.168.7.7',
    ]) {
      expect((await post(body, { host })).status, host).toBe(200)
    }
    for (const host of ['evil.example', 'localhost.evil.example', 'my-box:8545']) {
      const reply = await raw('POST', { host }, JSON.stringify(body))
      expect(reply.status, host).toBe(403)
      expect(reply.text).toContain(`--allowed-hosts ${host.replace(':8545', '')}`)
    }
    const refused = new WebSocket(node.wsUrl, { headers: { host: 'evil.example' } })
    const [error] = (await once(refused, 'error')) as [Error]
    expect(error.message).toContain('403')
    await using open = await spawnNode({ flags: ['--allowed-hosts', 'my-box,other'] })
    const { reader } = clientsOver(
      http(open.url, { fetchOptions: { headers: { host: 'my-box' } } }),
    )
    expect(await reader.getChainId()).toBe(31_337)
  })

  it('answers the preflight of a web page', async () => {
    const reply = await raw('OPTIONS', {
      origin: 'https://dapp.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type, x-mine',
      'access-control-request-private-network': 'true',
    })
    expect(reply.status).toBe(204)
    expect(reply.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': 'content-type, x-mine',
      'access-control-allow-private-network': 'true',
    })
    const answered = await post(call(1, 'eth_chainId'), { origin: 'https://dapp.example' })
    expect(answered.headers['access-control-allow-origin']).toBe('*')
  })

  it('refuses a body that is too large, and goes on', async () => {
    const large = JSON.stringify(call(1, 'web3_sha3', [`0x${'00'.repeat(2 * 1024 * 1024)}`]))
    const { status, answer } = await post(large)
    expect(status).toBe(200)
    expect((answer as Answer).error).toMatchObject({
      code: -32600,
      message: expect.stringMatching(/request too large.*2097152 bytes/),
    })
    expect((await post(call(2, 'eth_chainId'))).answer).toMatchObject({ result: '0x7a69' })
  })

  it('answers what is no request with an error in its place', async () => {
    for (const [text, code] of [
      ['{"jsonrpc":', -32700],
      ['[]', -32600],
      ['7', -32600],
      ['{"jsonrpc":"2.0","id":1}', -32600],
      [JSON.stringify(call(1, 'eth_getBalance', ['0x12'])), -32602],
    ] as const) {
      const { status, answer } = await post(text)
      expect([text, status, (answer as Answer).error?.code]).toEqual([text, 200, code])
    }
    expect(await post({ jsonrpc: '2.0', method: 'eth_chainId' })).toMatchObject({
      status: 204,
      text: '',
    })
  })

  it('answers a batch of 1,000 in order, and refuses a longer one', async () => {
    const batch = Array.from({ length: 1_000 }, (_, id) =>
      id % 10 === 9 ? call(id, 'eth_nothing') : call(id, 'eth_getBalance', [ADDRESS]),
    )
    const { answer } = await post(batch)
    const answers = answer as Answer[]
    expect(answers.map(({ id }) => id)).toEqual(batch.map(({ id }) => id))
    expect(answers.filter(({ error }) => error?.code === -32601)).toHaveLength(100)
    expect(answers.filter(({ result }) => result === '0x0')).toHaveLength(900)
    const longer = await post([...batch, call(1_000, 'eth_chainId')])
    expect((longer.answer as Answer).error?.message).toContain('batch too large')
  })
})

describe('subscriptions', () => {
  it('reach 20 clients alike, and end when asked to', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => subscriber()))
    const { wallet } = clientsOver(http(node.url))
    for (let value = 1n; value <= 5n; value++) {
      await wallet.sendTransaction({ account: alice.address, to: ADDRESS, value })
    }
    await until(() => sockets.every(({ numbers }) => numbers.length >= 5))
    const [first] = sockets
    for (const { numbers } of sockets) expect(numbers).toEqual(first?.numbers)
    expect(new Set(sockets.map(({ id }) => id)).size).toBe(20)
    const [leaving, staying] = sockets
    leaving?.socket.send(JSON.stringify(call(9, 'eth_unsubscribe', [leaving.id])))
    await until(() => leaving?.unsubscribed() === true)
    await wallet.sendTransaction({ account: alice.address, to: ADDRESS, value: 1n })
    await until(() => staying?.numbers.length === 6)
    expect(leaving?.numbers).toHaveLength(5)
    for (const { socket } of sockets) socket.terminate()
  })

  it('survive clients that vanish', async () => {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => subscriber()))
    for (const { socket } of sockets) socket.terminate()
    // Half a request, then gone; and half a WebSocket frame.
    const half = connect(node.port, '127.0.0.1')
    half.write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{"json')
    const cut = await subscriber()
    const inner = (cut.socket as unknown as { _socket: { write(data: Buffer): void } })._socket
    inner.write(Buffer.from([0x81, 0xfe, 0x10]))
    await new Promise((resolve) => setTimeout(resolve, 30))
    half.destroy()
    cut.socket.terminate()
    const { wallet, reader } = clientsOver(http(node.url))
    const hash = await wallet.sendTransaction({ account: alice.address, to: ADDRESS, value: 1n })
    expect(await reader.waitForTransactionReceipt({ hash })).toMatchObject({ status: 'success' })
    expect(node.child.exitCode).toBeNull()
  })
})

/** A WebSocket client that hears of every block. */
async function subscriber() {
  const socket = new WebSocket(node.wsUrl)
  const numbers: string[] = []
  let [id, isUnsubscribed] = ['', false]
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(String(data)) as Answer & {
      readonly params?: { readonly result: { readonly number: string } }
    }
    if (message.params !== undefined) numbers.push(message.params.result.number)
    else if (message.id === 1) id = String(message.result)
    else if (message.id === 9) isUnsubscribed = message.result === true
  })
  socket.on('error', () => undefined)
  await once(socket, 'open')
  socket.send(JSON.stringify(call(1, 'eth_subscribe', ['newHeads'])))
  await until(() => id !== '')
  return { socket, numbers, id, unsubscribed: () => isUnsubscribed }
}

describe('a local socket', () => {
  it('answers viem and ethers, with subscriptions', async () => {
    const folder = temporaryFolder('ipc')
    const path = join(folder.path, 'node.ipc')
    const local = await spawnNode({ flags: ['--ipc', path] })
    const { reader, wallet } = clientsOver(ipc(path))
    const provider = new IpcSocketProvider(path)
    expect((await provider.getNetwork()).chainId).toBe(31_337n)
    const [numbers, hashes]: [bigint[], string[]] = [[], []]
    const stop = [
      reader.watchBlockNumber({ onBlockNumber: (number) => void numbers.push(number) }),
      reader.watchPendingTransactions({ onTransactions: (found) => void hashes.push(...found) }),
    ]
    const blocks: number[] = []
    await provider.on('block', (number: number) => blocks.push(number))
    const send = () => wallet.sendTransaction({ account: alice.address, to: ADDRESS, value: 1n })
    // Nothing says when they have begun to listen: they have once they hear something.
    while (numbers.length * hashes.length * blocks.length === 0) await send()
    const hash = await send()
    const head = await reader.getBlockNumber()
    await until(() => numbers.includes(head) && hashes.includes(hash))
    await until(() => blocks.includes(Number(head)))
    for (const end of stop) end()
    await provider.removeAllListeners()
    // ethers rejects what is under way when it ends: its eth_unsubscribe is answered before this.
    expect(await provider.getBlockNumber()).toBe(Number(head))
    provider.destroy()
    expect((await local.interrupt()).code).toBe(0)
    expect(existsSync(path)).toBe(false)
    folder.remove()
  })
})

describe('two nodes at once', () => {
  it('keep apart, in process and out', async () => {
    await using second = await spawnNode({ flags: ['--chain-id', '1337'] })
    await using local = await nodeInProcess({ chainId: 99n })
    const [one, two] = [clientsOver(http(node.url)), clientsOver(http(second.url))]
    const three = clientsOver(custom(local))
    expect(await one.reader.getChainId()).toBe(31_337)
    expect(await two.reader.getChainId()).toBe(1_337)
    expect(await three.reader.getChainId()).toBe(99)
    const to = '0x00000000000000000000000000000000000beefa'
    const before = await one.reader.getBlockNumber()
    const transfer = { account: alice.address, to, value: 3n, chain: null } as const
    await two.wallet.sendTransaction(transfer)
    await three.wallet.sendTransaction(transfer)
    expect(await two.reader.getBalance({ address: to })).toBe(3n)
    expect(await three.reader.getBalance({ address: to })).toBe(3n)
    expect(await one.reader.getBalance({ address: to })).toBe(0n)
    expect(await one.reader.getBlockNumber()).toBe(before)
  })
})
