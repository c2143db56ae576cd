import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'

import { fetchBlocks } from '../../src/cli/fetch.ts'
import { replay } from '../../src/cli/replay.ts'
import { createNode } from '../../src/node/create-node.ts'
import type { HeddleNode } from '../../src/node/node.ts'
import { temporaryFolder } from '../support/checkout.ts'
import { type FaultyRemote, faultyRemote } from '../support/faulty-remote.ts'
import { capture, linesOf } from './capture.ts'

/** Counts its calls in slot 0 and keeps the hash of block 1 in slot 1. */
const COUNTER = '0x5f5460010180' + '5f55' + '600140600155' + '00'
const COUNTER_AT = `0x${'c0'.repeat(20)}`

/** A WebSocket before a node that spoils each third of its first answers: cut off, malformed, or another's. */
async function brittleSocket(
  target: (method: string, params: readonly unknown[]) => Promise<unknown>,
) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const state = { count: 0, faults: 0 }
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const { id, method, params } = JSON.parse(data.toString()) as {
        readonly id: number
        readonly method: string
        readonly params: readonly unknown[]
      }
      const fault = state.faults < 6 && ++state.count % 3 === 0 ? state.faults++ % 3 : undefined
      void target(method, params).then(
        (result) => {
          const answer = JSON.stringify({ jsonrpc: '2.0', id, result })
          if (fault === undefined) return socket.send(answer)
          if (fault === 1) socket.send(answer.slice(0, -5))
          if (fault === 2) socket.send(JSON.stringify({ jsonrpc: '2.0', id: -1, result }))
          // A frame that is cut where it stands.
          const half = Buffer.concat([Buffer.from([0x81, 0x7e, 0x7f, 0xff]), Buffer.from(answer)])
          Reflect.get(socket, '_socket').write(half, () => socket.terminate())
        },
        (error: Error) => {
          const { message } = error
          socket.send(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_000, message } }))
        },
      )
    })
  })
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get faults() {
      return state.faults
    },
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate()
      await new Promise((done) => server.close(done))
    },
  }
}

const folder = temporaryFolder('fetch')
let node: HeddleNode
let there: FaultyRemote
beforeAll(async () => {
  node = await createNode({ workers: 1, artefactDirs: [], mining: { kind: 'manual' } })
  const ask = (method: string, ...params: unknown[]) => node.request({ method, params })
  const [alice, bob] = node.accounts.map(({ address }) => address)
  await ask('anvil_setCode', COUNTER_AT, COUNTER)
  await ask('evm_mine')
  await ask('evm_mine')
  const gas = '0x20000'
  await ask('eth_sendTransaction', { from: alice, to: COUNTER_AT, gas })
  await ask('eth_sendTransaction', { from: bob, to: COUNTER_AT, gas })
  await ask('eth_sendTransaction', { from: alice, to: bob, value: '0x5', gas })
  await ask('evm_mine')
  await ask('evm_mine')
  there = await faultyRemote((method, params) => node.request({ method, params }))
})
afterAll(async () => {
  folder.remove()
  await there[Symbol.asyncDispose]()
  await node.close()
})

describe('heddle fetch', () => {
  it('writes blocks with the state that they read, and goes on where it was broken off', async () => {
    const args = ['--rpc', there.url, '--out', folder.path]
    const first = await capture(fetchBlocks, ...args, '2..3')
    expect(first).toMatchObject({ code: 0, stderr: '' })
    const lines = linesOf(first.stdout)
    expect(lines[1]).toMatchObject({ number: 3, txs: 3, slots: 2, source: 'prestateTracer' })
    const asked = there.asked.length
    const second = await capture(fetchBlocks, ...args, '2..4')
    expect(linesOf(second.stdout).map(({ number }) => number)).toEqual([4])
    expect(there.asked.length - asked).toBeLessThan(8)
    expect(readdirSync(folder.path).toSorted()).toEqual([
      '2.json.gz',
      '3.json.gz',
      '4.json.gz',
      'block_hashes.json',
    ])
  })

  it('writes what replay reads, with the same gas and receipts', async () => {
    const { code, stdout } = await capture(replay, '--runs', '1', join(folder.path, '3.json.gz'))
    expect(code).toBe(0)
    const receipts = await node.request({ method: 'eth_getBlockByNumber', params: ['0x3', false] })
    const { gasUsed, receiptsRoot } = receipts as Record<string, string>
    const [line] = linesOf(stdout)
    expect(line).toMatchObject({ number: 3, txs: 3, pass: true, gasUsed, receiptsRoot })
    expect(line).not.toHaveProperty('note')
  })

  it('does without a tracer, place by place', async () => {
    const plain = await faultyRemote((method, params) => node.request({ method, params }))
    plain.answer('debug_traceBlockByNumber', () => {
      throw Object.assign(new Error('the method does not exist'), { code: -32_601 })
    })
    const out = join(folder.path, 'plain')
    const { stdout } = await capture(fetchBlocks, '--rpc', plain.url, '--out', out, '3')
    expect(linesOf(stdout)[0]).toMatchObject({ source: 'lazy', slots: 2 })
    const replayed = await capture(replay, '--runs', '1', '--rpc', plain.url, '3')
    expect(linesOf(replayed.stdout)[0]).toMatchObject({ number: 3, pass: true })
    await plain[Symbol.asyncDispose]()
  })

  it('says that gas is not comparable where a chain has rules of its own', async () => {
    const other = await faultyRemote(async (method, params) => {
      const answer = await node.request({ method, params })
      const isBlock = method === 'eth_getBlockByNumber'
      return isBlock ? { ...(answer as object), gasUsed: '0x1' } : answer
    })
    const { code, stdout } = await capture(replay, '--runs', '1', '--rpc', other.url, '3')
    expect(code).toBe(0)
    expect(linesOf(stdout)[0]).toMatchObject({ pass: true })
    expect(linesOf(stdout)[0]!['note']).toMatch(/^gas not comparable: .*chain 31337.*header says 1/)
    await other[Symbol.asyncDispose]()
  })

  it('goes on when a WebSocket breaks in the middle of an answer, or says what is no answer', async () => {
    const broken = await brittleSocket((method, params) => node.request({ method, params }))
    const out = join(folder.path, 'broken')
    const args = ['--rpc', broken.url, '--out', out, '2..4']
    const fetched = await capture(fetchBlocks, ...args)
    expect(fetched.code).toBe(0)
    expect(linesOf(fetched.stdout).map(({ number }) => number)).toEqual([2, 3, 4])
    expect(broken.faults).toBe(6)
    await broken[Symbol.asyncDispose]()
  })

  it('names what is wrong', async () => {
    expect(await capture(fetchBlocks, '3')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--rpc: expected/),
    })
    const range = await capture(fetchBlocks, '--rpc', there.url, '5..3')
    expect(range).toMatchObject({ code: 2, stderr: expect.stringMatching(/got 5\.\.3/) })
    const missing = await capture(fetchBlocks, '--rpc', there.url, '--out', folder.path, '99')
    expect(missing.code).toBe(1)
    expect(linesOf(missing.stdout)[0]!['error']).toMatch(/has no block 99/)
    expect(await capture(replay, '--rpc', there.url, 'x')).toMatchObject({ code: 2 })
  })
})
