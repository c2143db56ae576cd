import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { linesOf } from '../cli-tools/capture.ts'
import { call, temporaryFolder } from '../support/checkout.ts'
import { type SpawnedNode, spawnCommand, spawnNode } from '../support/node.ts'

// A process ends when nothing is left that it waits for: a connection that stays open must neither keep it nor let it go too early.

const folder = temporaryFolder('fetch-command')
const ipc = join(folder.path, 'node.ipc')
let node: SpawnedNode
beforeAll(async () => {
  node = await spawnNode({ flags: ['--ipc', ipc] })
  const [from, to] = (await call(node.url, 'eth_accounts')) as readonly string[]
  for (let sent = 0; sent < 2; sent++) await call(node.url, 'eth_sendTransaction', [{ from, to }])
})
afterAll(async () => {
  await node?.[Symbol.asyncDispose]()
  folder.remove()
})

async function command(...args: readonly string[]) {
  const { code, stdout, stderr } = await spawnCommand({ flags: args }).ended
  return { code, stderr, lines: linesOf(stdout) }
}

it.each(['http', 'ws', 'ipc'] as const)('fetches and replays over %s', async (kind) => {
  const url = { http: node.url, ws: node.wsUrl, ipc }[kind]
  const out = join(folder.path, kind)
  expect(await command('fetch', '--rpc', url, '--out', out, '1..2')).toMatchObject({
    code: 0,
    stderr: '',
    lines: [
      { number: 1, txs: 1 },
      { number: 2, txs: 1 },
    ],
  })
  expect(await command('replay', '--runs', '1', '--rpc', url, '2')).toMatchObject({
    code: 0,
    lines: [{ number: 2, pass: true }],
  })
})
