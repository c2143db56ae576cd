import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type Server, type Socket, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

import { createNode } from '../../../../src/node/create-node.ts'
import { forkSettings } from '../../../../src/node/fork/fork-config.ts'
import { Remote } from '../../../../src/node/fork/remote.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'heddle-line-'))
  open.push(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** A chain with a block, a word in storage and a code, and where it answers. */
async function there() {
  const ipc = join(folder(), 'there.ipc')
  const node = await createNode({ workers: 1, artefactDirs: [] })
  open.push(() => node.close())
  const { port } = await node.serve({ port: 0, ipcPath: ipc })
  const account = `0x${'c0'.repeat(20)}`
  await node.request({ method: 'anvil_setCode', params: [account, '0x6001'] })
  await node.request({ method: 'anvil_setBalance', params: [account, '0x2a'] })
  await node.request({ method: 'evm_mine', params: [] })
  return { account, ws: `ws://127.0.0.1:${port}`, ipc: `ipc://${ipc}`, path: ipc }
}

function remoteOf(url: string, timeoutMs = 5_000): Remote {
  const { remote: options } = forkSettings({ url, timeoutMs, retries: 1, retryBackoffMs: 1 })
  const remote = new Remote(options)
  open.push(() => remote.close())
  return remote
}

/** A socket that answers what `answer` says, and the connections to it. */
async function server(answer: (text: string, socket: Socket) => void) {
  const path = join(folder(), 'odd.ipc')
  const sockets: Socket[] = []
  const made: Server = createServer((socket) => {
    sockets.push(socket)
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().trim().split('\n')) answer(line, socket)
    })
  })
  made.listen(path)
  await once(made, 'listening')
  open.push(() => {
    for (const socket of sockets) socket.destroy()
    made.close()
  })
  return { url: `ipc://${path}`, sockets }
}

describe('a fork of a remote that is not HTTP', () => {
  it.each(['ws', 'ipc', 'path'] as const)('reads its state over %s', async (kind) => {
    const remote = await there()
    const fork = { url: remote[kind] }
    const node = await createNode({ workers: 1, artefactDirs: [], fork })
    open.push(() => node.close())
    const ask = (method: string, ...params: unknown[]) => node.request({ method, params })
    expect(await ask('eth_getBalance', remote.account, 'latest')).toBe('0x2a')
    expect(await ask('eth_getCode', remote.account, 'latest')).toBe('0x6001')
    expect(await ask('eth_blockNumber')).toBe('0x1')
    await ask('evm_mine')
    expect(await ask('eth_blockNumber')).toBe('0x2')
  })

  it('connects again after a connection was dropped', async () => {
    let drops = 1
    const odd = await server((line, socket) => {
      const { id } = JSON.parse(line) as { id: number }
      if (drops-- > 0) socket.destroy()
      else socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: 'here' })}\n`)
    })
    const remote = remoteOf(odd.url)
    expect(await remote.ask('a', [])).toBe('here')
    expect(await remote.ask('b', [])).toBe('here')
    expect(odd.sockets).toHaveLength(2)
  })

  it('finds each answer by its id, whatever comes in between', async () => {
    const waiting: number[] = []
    const odd = await server((line, socket) => {
      waiting.push((JSON.parse(line) as { id: number }).id)
      if (waiting.length < 3) return
      socket.write('{"jsonrpc":"2.0","method":"eth_subscription","params":{}}\nnothing{}[1]\n')
      for (const id of waiting.toReversed()) {
        socket.write(JSON.stringify({ jsonrpc: '2.0', id, result: id }))
      }
    })
    const remote = remoteOf(odd.url)
    const asked = ['a', 'b', 'c'].map((method) => remote.ask(method, []))
    expect(await Promise.all(asked)).toEqual(waiting)
  })

  it('says what is wrong', async () => {
    const silent = await server(() => undefined)
    await expect(remoteOf(silent.url, 50).ask('a', [])).rejects.toThrow(/no answer in 0.05 s/)
    const nowhere = join(folder(), 'no.ipc')
    await expect(remoteOf(nowhere).ask('a', [])).rejects.toThrow(/no such socket \(ENOENT\)/)
    await expect(remoteOf('ws://127.0.0.1:1').ask('a', [])).rejects.toThrow(/nothing listens there/)
    expect(() => forkSettings({ url: 'ftp://x' })).toThrow(
      'fork: ftp:// is not supported: expected http://, https://, ws://, wss:// or the path of an IPC socket',
    )
  })
})
