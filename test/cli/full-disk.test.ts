import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it } from 'vitest'
import { checkout, temporaryFolder } from '../support/checkout.ts'
import { spawnCommand, spawnNode } from '../support/node.ts'

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

interface Started {
  readonly child: ChildProcess
  readonly url: string
  readonly output: () => string
}

/** Those of the test that runs: they are ended with it, also when it fails. */
const running: ChildProcess[] = []
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }
})

/** The node under `script`, a shell's, which gets its command as `"$0" "$@"`. */
async function startUnder(shell: readonly string[], script: string): Promise<Started> {
  const args = ['-c', script, process.execPath, command, '--port', '0', '--data-dir', 'chain']
  const [file, ...before] = [...shell, 'bash']
  const child = spawn(file!, [...before, ...args], {
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  running.push(child)
  let output = ''
  const url = await new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const port = /Listening on \S+:(\d+)/.exec(output)?.[1]
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`)
    })
  })
  return { child, url, output: () => output }
}

it('a node whose disk is full refuses blocks, says so once, answers reads, and has what it said was kept', async () => {
  const { child, url, output } = await startUnder([], LIMITED)
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
  child.kill('SIGINT')
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(1)
  expect(output().match(/error: writing to .* no more blocks are made/g)).toHaveLength(1)

  await using again = await spawnNode({ cwd: folder.path, flags: ['--data-dir', 'chain'] })
  const kept = Number((await ask(again.url, 'eth_blockNumber')).result)
  expect(kept).toBeGreaterThanOrEqual(durable)
  expect(kept).toBeLessThanOrEqual(head)
  expect((await ask(again.url, 'evm_mine')).error).toBeUndefined()
})

const ALONE = ['unshare', '--map-root-user', '--mount']
/** A disk of 40 MiB of which 30 are taken. */
const SMALL = `mount -t tmpfs -o size=40m tmpfs chain && head -c 30M /dev/zero > chain/ballast && exec "$0" "$@"`
const canMount =
  spawnSync(ALONE[0]!, [...ALONE.slice(1), 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

it.skipIf(!canMount)(
  'a node goes on by itself when a full disk has room again: who was refused sends again, nothing is lost',
  async () => {
    rmSync(join(folder.path, 'chain'), { recursive: true, force: true })
    mkdirSync(join(folder.path, 'chain'))
    const { child, url, output } = await startUnder(ALONE, SMALL)
    const inside = `/proc/${child.pid}/root${folder.path}/chain`
    const [from] = (await ask(url, 'eth_accounts')).result as string[]
    const send = () => {
      // LevelDB compresses what it can.
      const data = `0x${randomBytes(100_000).toString('hex')}`
      const to = `0x${'01'.repeat(20)}`
      return ask(url, 'eth_sendTransaction', { from, to, data, gas: '0x1000000' })
    }
    let refused: Answer['error']
    let sent = 0
    for (; refused === undefined && sent < 500; sent++) refused = (await send()).error
    const full =
      /^no more blocks are made: writing to chain failed: .*No space left on device; free space/
    expect(refused?.message).toMatch(full)
    // Neither that one nor what comes after it waits in the pool.
    for (const automine of [false, true]) {
      await ask(url, 'evm_setAutomine', automine)
      expect((await send()).error?.message).toMatch(full)
      expect(await ask(url, 'txpool_status')).toMatchObject({
        result: { pending: '0x0', queued: '0x0' },
      })
    }
    const head = Number((await ask(url, 'eth_blockNumber')).result)
    expect(await ask(url, 'eth_getBlockByNumber', '0x5', false)).toMatchObject({
      result: { number: '0x5' },
    })

    rmSync(join(inside, 'ballast'))
    // Not because somebody asks.
    await expect.poll(output).toContain('the disk has room again')
    expect((await send()).error).toBeUndefined()
    expect(Number((await ask(url, 'heddle_flush')).result)).toBe(head + 1)
    cpSync(inside, join(folder.path, 'copy'), { recursive: true })
    child.kill('SIGKILL')
    await once(child, 'close')
    await using verified = spawnCommand({ cwd: folder.path, flags: ['db', 'verify', 'copy'] })
    const { code, stdout, stderr } = await verified.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ head: head + 1, isChanged: false })
  },
)
