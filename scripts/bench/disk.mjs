// A node whose chain is on disk, measured from outside: `node scripts/bench/disk.mjs accounts|blocks [COUNT]`.
//   accounts   a state of COUNT accounts (1,000,000): memory, bytes on disk, how long it takes to start again
//   blocks     COUNT blocks of one transfer (100,000) with --history 256: memory and disk at each tenth
// Wants a build: npm run build.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, closeSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { root } from '../prepare.mjs'
import { residentMiB } from './process-tree.mjs'
import { RpcClient } from './rpc.mjs'

const command = join(root, 'dist', 'cli', 'main.js')
const dev = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
const line = (name, text) => process.stdout.write(`${name.padEnd(52)} ${text}\n`)
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`
const mib = (size) => `${size.toFixed(0)} MiB`
const addressOf = (index) =>
  `0x${((index * 2_654_435_761 + 1) % 2 ** 48).toString(16).padStart(40, '0')}`
const folder = mkdtempSync(join(tmpdir(), 'heddle-disk-'))
const data = join(folder, 'chain')
const sizeOf = (path) =>
  readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0)

/** A node on the folder, once it listens. */
async function start(...flags) {
  const begin = performance.now()
  const args = [command, '--port', '0', '--data-dir', data, ...flags]
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  const port = await new Promise((resolve, reject) => {
    child.once('close', (code) => reject(new Error(`the node ended with ${code}: ${text}`)))
    child.stdout.setEncoding('utf8').on('data', (piece) => {
      text = (text + piece).slice(-4000)
      const found = /Listening on \S+:(\d+)/.exec(text)
      if (found !== null) resolve(Number(found[1]))
    })
  })
  const rpc = new RpcClient(port)
  await rpc.call('eth_blockNumber')
  return {
    rpc,
    tookMs: performance.now() - begin,
    resident: () => residentMiB(child.pid),
    async end() {
      rpc.close()
      const closed = once(child, 'close')
      child.kill('SIGINT')
      await closed
    },
  }
}

/** A file of accounts, written in pieces: a dump in Anvil's format, or a genesis as geth reads it. */
function writeAccounts(path, count, { before, account, after }) {
  const file = openSync(path, 'w')
  writeSync(file, before)
  for (let from = 0; from < count; from += 10_000) {
    let piece = ''
    for (let at = from; at < Math.min(count, from + 10_000); at++) {
      const balance = `0x${(10n ** 20n + BigInt(at)).toString(16)}`
      piece += `${at === 0 ? '' : ','}"${addressOf(at)}":${account(balance)}`
    }
    writeSync(file, piece)
  }
  writeSync(file, after)
  closeSync(file)
}

const dump = {
  before: '{"accounts":{',
  account: (balance) => `{"nonce":0,"balance":"${balance}","code":"0x","storage":{}}`,
  after: '},"best_block_number":0,"blocks":[],"transactions":[]}',
}

async function transfer(rpc, index) {
  await rpc.call('eth_sendTransaction', { from: dev, to: addressOf(index), value: '0x1' })
}

async function measureAccounts(count) {
  const state = join(folder, 'state.json')
  writeAccounts(state, count, dump)
  for (const name of ['loaded', 'started again', 'started again once more']) {
    const node = await start(...(name === 'loaded' ? ['--load-state', state] : []))
    line(`${count} accounts, ${name}`, `${seconds(node.tookMs)}, ${mib(node.resident())} resident`)
    for (let block = 0; block < 200; block++) await transfer(node.rpc, block * 4_999)
    await node.rpc.batch(
      Array.from({ length: 50_000 }, (_, at) => [
        'eth_getBalance',
        [addressOf((at * 7919) % count), 'latest'],
      ]),
    )
    await node.rpc.call('heddle_flush')
    const { usedBytes } = await node.rpc.call('heddle_storageStats')
    line(
      '  after 200 blocks and 50,000 balances',
      `${mib(node.resident())} resident, nodes ${mib(usedBytes / 2 ** 20)}`,
    )
    await node.end()
    line('  on disk', `${(sizeOf(data) / count).toFixed(0)} bytes an account`)
  }
  // With the whole of it read, as a dump does.
  const node = await start()
  for (let from = 0; from < count; from += 100_000) {
    const calls = Array.from({ length: 100_000 }, (_, at) => [
      'eth_getBalance',
      [addressOf(from + at), 'latest'],
    ])
    await node.rpc.batch(calls)
  }
  const { usedBytes } = await node.rpc.call('heddle_storageStats')
  line(
    'after every account was read',
    `${mib(node.resident())} resident, nodes ${mib(usedBytes / 2 ** 20)}`,
  )
  await node.end()
}

/** In this process, so that nothing but the node is busy. */
async function measureBlocks(count) {
  const { createNode } = await import('../../dist/index.js')
  const options = { dataDir: data, keptStates: 256, artefactDirs: [], workers: 1 }
  const node = await createNode(options)
  const ask = (method, ...params) => node.request({ method, params })
  const resident = () => mib(process.memoryUsage.rss() / 2 ** 20)
  line('at the start', `${resident()} resident`)
  const begin = performance.now()
  for (let tenth = 1; tenth <= 10; tenth++) {
    for (let block = 0; block < count / 10; block++) {
      await ask('eth_sendTransaction', { from: dev, to: addressOf(block % 1_000), value: '0x1' })
      // Requests come from outside, each in a task of its own.
      await setImmediate()
    }
    const head = Number(await ask('eth_blockNumber'))
    const { usedBytes, memoryBytes } = await ask('heddle_storageStats')
    const nodes = `nodes ${(usedBytes / 2 ** 20).toFixed(1)} of ${mib(memoryBytes / 2 ** 20)}`
    const heap = mib(process.memoryUsage().heapUsed / 2 ** 20)
    line(
      `${head} blocks, ${seconds(performance.now() - begin)}`,
      `${resident()} resident, heap ${heap}, ${nodes}, disk ${mib(sizeOf(data) / 2 ** 20)}`,
    )
  }
  await node.close()
  const opening = performance.now()
  const again = await createNode(options)
  line('started again', seconds(performance.now() - opening))
  await again.close()
}

const [what, given] = process.argv.slice(2)
try {
  if (what === 'accounts') await measureAccounts(Number(given ?? 1_000_000))
  else if (what === 'blocks') await measureBlocks(Number(given ?? 100_000))
  else throw new Error(`expected accounts or blocks, got ${what}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
