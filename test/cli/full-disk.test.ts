import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { checkout, temporaryFolder } from '../support/checkout.ts'
import { spawnNode } from '../support/node.ts'

const folder = temporaryFolder('full-disk')
afterAll(() => folder.remove())

const command = join(checkout, 'dist', 'cli', 'main.js')
/** A file may have 300 KiB: then writing fails as on a disk that is full. */
const LIMITED = `trap '' XFSZ; ulimit -f 300; exec "$0" "$@"`

interface Answer {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}

async function ask(url: string, method: string, ...params: readonly unknown[]): Promise<Answer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const headers = { 'content-type': 'application/json' }
  return (await (await fetch(url, { method: 'POST', headers, body })).json()) as Answer
}

it('a node whose disk is full refuses blocks, says so once, answers reads, and has what it said was kept', async () => {
  const flags = ['--data-dir', 'chain']
  const args = ['-c', LIMITED, process.execPath, command, '--port', '0', ...flags]
  const child = spawn('bash', args, { cwd: folder.path, stdio: ['ignore', 'pipe', 'ignore'] })
  let output = ''
  const url = await new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const port = /Listening on \S+:(\d+)/.exec(output)?.[1]
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`)
    })
  })
  let durable = 0
  let refused: Answer['error']
  for (let block = 1; refused === undefined && block < 5000; block++) {
    refused = (await ask(url, 'evm_mine')).error
    if (refused !== undefined || block % 20 !== 0) continue
    const { result } = await ask(url, 'heddle_flush')
    if (result !== undefined) durable = Number(result)
  }
  expect(refused).toMatchObject({
    code: -32000,
    message: expect.stringMatching(
      /^no more blocks are made: writing to .*chain failed: .*File too large/,
    ),
  })
  expect(durable).toBeGreaterThan(0)
  expect((await ask(url, 'anvil_setBalance', `0x${'01'.repeat(20)}`, '0x1')).error).toEqual(refused)
  expect(await ask(url, 'eth_getBlockByNumber', '0x5', false)).toMatchObject({
    result: { number: '0x5' },
  })
  const head = Number((await ask(url, 'eth_blockNumber')).result)
  expect(head).toBeGreaterThanOrEqual(durable)
  expect(output.match(/error: writing to .* no more blocks are made/g)).toHaveLength(1)
  child.kill('SIGINT')
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(1)

  await using again = await spawnNode({ cwd: folder.path, flags })
  const kept = Number((await ask(again.url, 'eth_blockNumber')).result)
  expect(kept).toBeGreaterThanOrEqual(durable)
  expect(kept).toBeLessThanOrEqual(head)
  expect((await ask(again.url, 'evm_mine')).error).toBeUndefined()
})
