import { once } from 'node:events'
import { afterEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'

import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'

let node: HeddleNode | undefined
afterEach(() => node?.close())

const LOOP = `0x${'10'.repeat(20)}`
/** Counts to 3,000: 18,000 steps. */
const CODE = '0x5f5b60010180610bb811600157' + '00'
const ask = (id: number) => ({
  jsonrpc: '2.0',
  id,
  method: 'debug_traceCall',
  params: [{ to: LOOP, gas: '0x100000' }, 'latest', {}],
})

it('a long struct log is the same in process, over HTTP, in a batch, as gzip and over WebSocket', async () => {
  const made = await createNode({ workers: 1, artefactDirs: [] })
  node = made
  await made.request({ method: 'anvil_setCode', params: [LOOP, CODE] })
  const expected = (await made.request(ask(1))) as { structLogs: { op: string; stack: string[] }[] }
  expect(expected.structLogs.length).toBeGreaterThan(18_000)
  expect(expected.structLogs[1]).toMatchObject({ op: 'JUMPDEST', stack: ['0x0'] })

  const { port } = await made.serve({ port: 0, compression: 'always' })
  const url = `http://127.0.0.1:${port}`
  const post = async (body: unknown, headers: Record<string, string> = {}): Promise<unknown> => {
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    return answer.json()
  }
  const result = { jsonrpc: '2.0', id: 1, result: expected }
  expect(await post(ask(1), { 'accept-encoding': 'identity' })).toEqual(result)
  expect(await post(ask(1), { 'accept-encoding': 'gzip' })).toEqual(result)
  expect(await post([ask(1), { jsonrpc: '2.0', id: 2, method: 'eth_chainId' }])).toEqual([
    result,
    { jsonrpc: '2.0', id: 2, result: '0x7a69' },
  ])
  // The connection goes on after an answer in pieces.
  const several = await Promise.all([1, 2, 3, 4].map((id) => post(ask(id))))
  expect(several).toEqual([1, 2, 3, 4].map((id) => ({ ...result, id })))

  const socket = new WebSocket(`ws://127.0.0.1:${port}`)
  await once(socket, 'open')
  socket.send(JSON.stringify(ask(1)))
  const [message] = (await once(socket, 'message')) as [Buffer]
  expect(JSON.parse(message.toString())).toEqual(result)
  socket.terminate()
})
