import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'

import { ask, run, start } from './start.ts'

const LISTENING = /Listening on 127\.0\.0\.1:(\d+)\n/
const ALICE = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
const BOB = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-cli-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function takenPort() {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { port: address.port, [Symbol.dispose]: () => server.close() }
}

describe('heddle', () => {
  it('prints the banner with the real port, answers, logs and leaves nothing', async () => {
    await using running = start(['--port', '0', '--accounts', '3'], { cwd: folder })
    const port = Number((await running.printed(LISTENING))[1])
    expect(running.stdout()).toContain(`Available Accounts\n==================\n\n(0) ${ALICE} (`)
    expect(running.stdout()).toContain('State:       memory (--data-dir .heddle to keep)')
    expect(await ask(port, 'eth_chainId')).toBe('0x7a69')
    expect(await ask(port, 'eth_accounts')).toHaveLength(3)
    await ask(port, 'eth_sendTransaction', [{ from: ALICE, to: BOB, value: '0xde0b6b3a7640000' }])
    await running.printed(
      /From: {8}0xf39F\S+ → 0x7099\S+\n {4}Value: {7}1 ETH\n {4}Gas used: {4}21000 of \d+/,
    )
    await running.printed(/Block: {7}1 0x[0-9a-f]{64}\n/)
    await expect(ask(port, 'foo_bar')).rejects.toThrow()
    await running.printed(/\nfoo_bar [\d.]+ ms .*\(-32601\)\n/)
    await running.printed(/\neth_chainId [\d.]+ ms\n/)
    running.child.kill('SIGINT')
    expect(await running.ended).toMatchObject({ code: 0, signal: null, stderr: '' })
    expect(await readdir(folder)).toEqual([])
  })

  it('ends on SIGTERM while a client holds a connection', async () => {
    await using running = start(['--port', '0'], { cwd: folder })
    const port = Number((await running.printed(LISTENING))[1])
    const socket = new WebSocket(`ws://127.0.0.1:${port}`).on('error', () => {})
    await new Promise((resolve) => socket.on('open', resolve))
    running.child.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('takes two signals at once for one, as npm sends them', async () => {
    await using running = start(['--port', '0'], { cwd: folder })
    await running.printed(LISTENING)
    // Of two of one kind that come while it does not run the second is lost: another kind stands for it.
    running.child.kill('SIGSTOP')
    running.child.kill('SIGINT')
    running.child.kill('SIGTERM')
    running.child.kill('SIGCONT')
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('goes on when nobody reads what it prints', async () => {
    await using running = start(['--port', '0'], { cwd: folder })
    const port = Number((await running.printed(LISTENING))[1])
    running.child.stdout?.destroy()
    for (let count = 0; count < 20; count++) await ask(port, 'eth_blockNumber')
    expect(await ask(port, 'eth_chainId')).toBe('0x7a69')
    running.child.kill('SIGINT')
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('prints JSON only when asked to', async () => {
    await using running = start(['--port', '0', '--json', '-a', '1'], { cwd: folder })
    const [line] = await running.printed(/^.*\n/)
    const banner = JSON.parse(line) as { readonly port: number }
    expect(banner).toMatchObject({ kind: 'listening', chainId: 31337, host: '127.0.0.1' })
    await ask(banner.port, 'eth_blockNumber')
    await ask(banner.port, 'evm_mine')
    await running.printed(/"method":"evm_mine"/)
    await running.printed(/"kind":"mined"/)
    running.child.kill('SIGINT')
    const { stdout } = await running.ended
    const objects = stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as { readonly kind: string })
    expect(new Set(objects.map(({ kind }) => kind))).toEqual(
      new Set(['listening', 'request', 'mined']),
    )
  })

  it('prints nothing when it is quiet', async () => {
    const path = join(folder, 'quiet.ipc')
    await using running = start(['--port', '0', '--ipc', path, '--silent'], { cwd: folder })
    expect(await retry(() => askByIpc(path, 'eth_chainId'))).toBe('0x7a69')
    running.child.kill('SIGINT')
    expect(await running.ended).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
  })

  it('takes the configuration file and variables', async () => {
    await writeFile(
      join(folder, 'heddle.config.ts'),
      `import { defineConfig } from 'heddle'
       export default defineConfig({ chainId: 1337, accounts: 2, port: 0 })`,
    )
    await using running = start([], { cwd: folder, env: { HEDDLE_ACCOUNTS: '4' } })
    const port = Number((await running.printed(LISTENING))[1])
    expect(await ask(port, 'eth_chainId')).toBe('0x539')
    expect(await ask(port, 'eth_accounts')).toHaveLength(4)
  })

  it('writes accounts and keys to a file', async () => {
    const words = ['--port', '0', '--config-out', 'out.json', '--timestamp', '1700000000']
    await using running = start(words, { cwd: folder })
    await running.printed(LISTENING)
    const written: unknown = JSON.parse(await readFile(join(folder, 'out.json'), 'utf8'))
    expect(written).toMatchObject({
      available_accounts: expect.arrayContaining([ALICE.toLowerCase()]),
      wallet: { derivation_path: "m/44'/60'/0'/0/" },
      genesis_timestamp: '1700000000',
    })
  })

  it('keeps the chain in a folder, one node at a time', async () => {
    const words = ['--port', '0', '--data-dir', 'chain']
    {
      await using first = start(words, { cwd: folder })
      const port = Number((await first.printed(LISTENING))[1])
      await ask(port, 'evm_mine')
      const second = await run(words, { cwd: folder })
      expect(second).toEqual({
        code: 1,
        signal: null,
        stdout: '',
        stderr: 'heddle: the data folder chain is in use by another process\n',
      })
      first.child.kill('SIGINT')
      expect(await first.ended).toMatchObject({ code: 0, stderr: '' })
    }
    await using again = start(words, { cwd: folder })
    const port = Number((await again.printed(LISTENING))[1])
    expect(await ask(port, 'eth_blockNumber')).toBe('0x1')
  })

  it('warns of what other machines can reach', async () => {
    await using running = start(['--port', '0', '--host', '0.0.0.0'], { cwd: folder })
    await running.printed(/Listening on 0\.0\.0\.0:\d+/)
    expect(running.stdout()).toContain('warning: 0.0.0.0 can be reached from other machines')
  })

  it('warns of a mnemonic that is none, and uses it', async () => {
    const words = ['--port', '0', '--mnemonic', 'one two three']
    await using running = start(words, { cwd: folder })
    await running.printed(LISTENING)
    expect(running.stdout()).toContain(
      'warning: the mnemonic is unusual: a mnemonic has 12, 15, 18, 21 or 24 words, this one has 3\n',
    )
  })
})

describe('heddle says in one line why it does not start', () => {
  it('a port in use', async () => {
    using taken = await takenPort()
    expect(await run(['--port', String(taken.port)], { cwd: folder })).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: `heddle: port ${taken.port} is in use on 127.0.0.1 (use --port, or --port 0 for a free one)\n`,
    })
  })

  it('a host that is not here', async () => {
    expect(await run(['--port', '0', '--host', '192.0.2.1'], { cwd: folder })).toMatchObject({
      code: 1,
      stderr: 'heddle: 192.0.2.1 is not an address of this machine (use --host 127.0.0.1)\n',
    })
  })

  it('a data folder that is a file, or damaged', async () => {
    await writeFile(join(folder, 'file'), 'x')
    const file = await run(['--port', '0', '--data-dir', 'file'], { cwd: folder })
    expect(file).toMatchObject({ code: 1, stdout: '' })
    expect(file.stderr).toMatch(/^heddle: the data folder file cannot be opened: [^\n]+\n$/)
    await writeFile(join(folder, 'CURRENT'), 'garbage')
    const damaged = await run(['--port', '0', '--data-dir', '.'], { cwd: folder })
    expect(damaged).toMatchObject({ code: 1, stdout: '' })
    expect(damaged.stderr).toMatch(/^heddle: the data folder \. [^\n]+\n$/)
  })

  it('a genesis file or chain that is not there or none', async () => {
    await writeFile(join(folder, 'bad.json'), '{')
    await writeFile(join(folder, 'bad.rlp'), 'nonsense')
    for (const words of [
      ['--init', 'nope.json'],
      ['--init', 'bad.json'],
      ['--import', 'nope.rlp'],
      ['--import', 'bad.rlp'],
    ]) {
      const ended = await run(['--port', '0', ...words], { cwd: folder })
      expect(ended).toMatchObject({ code: 1, stdout: '' })
      expect(ended.stderr).toMatch(/^heddle: [^\n]+\n$/)
      expect(ended.stderr).toContain(words[1])
    }
  })

  it('a wrong flag, with code 2', async () => {
    expect(await run(['--prot', '1'], { cwd: folder })).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr: 'heddle: unknown option --prot, did you mean "--port"?\nTry heddle --help.\n',
    })
  })

  it('a wrong configuration file, with code 2', async () => {
    await writeFile(join(folder, 'heddle.config.json'), '{"port": "abc"}')
    expect(await run([], { cwd: folder })).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr:
        'heddle: heddle.config.json: port: expected an integer from 0 to 65535, got "abc"\n' +
        'Try heddle --help.\n',
    })
  })
})

describe('heddle doctor', () => {
  it('lists what is here', async () => {
    const { code, stdout, stderr } = await run(['doctor', '--port', '0'], { cwd: folder })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const name of ['Node', 'Signatures', 'KZG', 'LevelDB', 'Artefacts', 'Data', 'Port']) {
      expect(stdout).toMatch(new RegExp(`^${name} +\\S`, 'm'))
    }
  })

  it('fails when the node would not start', async () => {
    using taken = await takenPort()
    await writeFile(join(folder, 'heddle.config.json'), `{"port": ${taken.port}}`)
    const busy = await run(['doctor'], { cwd: folder })
    expect(busy.code).toBe(1)
    expect(busy.stdout).toContain(`port ${taken.port} is in use on 127.0.0.1`)
    await writeFile(join(folder, 'heddle.config.json'), '{"prt": 1}')
    const misspelt = await run(['doctor'], { cwd: folder })
    expect(misspelt.code).toBe(1)
    expect(misspelt.stdout).toContain(
      'heddle.config.json: prt: unknown setting, did you mean "port"?',
    )
  })

  it('makes no store of a folder that is none', async () => {
    const words = ['doctor', '--port', '0', '--data-dir', '.']
    const { stdout } = await run(words, { cwd: folder })
    expect(stdout).toContain('. (no chain in it yet)')
    expect(await readdir(folder)).toEqual([])
  })

  it('prints JSON', async () => {
    const { stdout } = await run(['doctor', '--json', '--port', '0'], { cwd: folder })
    expect(JSON.parse(stdout)).toContainEqual({ name: 'Data', state: 'good', text: 'in memory' })
  })
})

describe('other words', () => {
  it('prints the version and help', async () => {
    expect((await run(['--version'], { cwd: folder })).stdout).toMatch(/^heddle \d+\.\d+\.\d+\n$/)
    const help = await run(['--help'], { cwd: folder })
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toContain('Usage: heddle [command] [options]')
  })
})

/** The only way to a node that does not say where it listens. @returns the result */
async function askByIpc(path: string, method: string): Promise<unknown> {
  const socket = connect(path)
  try {
    socket.write(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] }))
    const [data] = (await once(socket, 'data')) as [Buffer]
    return (JSON.parse(String(data)) as { readonly result: unknown }).result
  } finally {
    socket.destroy()
  }
}

async function retry<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries === 5_000) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
