// What an open page costs the node: transactions in a second, each in a block of its own, with the page on the newest blocks and without;
// and how soon it shows what, how heavy it is, how long the main thread works for a frame of a timeline that is panned (`page-views.mjs`).
//   node scripts/bench/page.mjs [--rounds N] [--path /blocks] [--only load|views]
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { ensureBuilt, root } from '../prepare.mjs'
import { Connection } from './connection.mjs'
import { endAllNow, startNode } from './node-process.mjs'
import { measureViews } from './page-views.mjs'
import { cpuBetween, markCpu } from './process-tree.mjs'
import { prepareCall } from './rpc.mjs'
import { median } from './stats.mjs'

const spanMs = 3000
const settleMs = 700
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '6' },
    path: { type: 'string', default: '/' },
    only: { type: 'string' },
  },
})

function findChromium() {
  const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    },
  )
  if (found === undefined) throw new Error('no chromium in /usr/bin (apt-get install chromium)')
  return found
}

/** One transfer after another for as long. */
async function load(node, request) {
  const connection = new Connection(node.port)
  const before = markCpu(node.pid)
  const began = performance.now()
  let sent = 0
  while (performance.now() - began < spanMs) {
    const answer = await connection.send(request)
    if (answer.includes('"error"')) throw new Error(answer)
    sent++
  }
  const seconds = (performance.now() - began) / 1000
  const cpuMs = cpuBetween(before, markCpu(node.pid))
  connection.close()
  return { perSecond: sent / seconds, cpuUs: (cpuMs * 1000) / sent }
}

/** Runs something with a node and a browser. */
async function onStage(nodeFlags, act) {
  const home = mkdtempSync(join(tmpdir(), 'heddle-bench-page-'))
  const env = { ...process.env, HOME: home }
  const browser = await chromium.launch({ executablePath: findChromium(), args: flags, env })
  const node = await startNode('heddle', { flags: nodeFlags })
  try {
    await act({ node, browser, rounds: Number(values.rounds) })
  } finally {
    await browser.close()
    await node.end()
    endAllNow()
    rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function measureLoad({ node, browser, rounds }) {
  const [from, to] = await node.rpc.call('eth_accounts')
  const request = prepareCall(['eth_sendTransaction', [{ from, to, value: '0x1' }]])
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  const samples = { closed: [], open: [] }
  await load(node, request)
  for (let round = 0; round < rounds; round++) {
    // In turn first and last, so that what drifts hits both.
    const order = round % 2 === 0 ? ['closed', 'open'] : ['open', 'closed']
    for (const which of order) {
      const url = `http://127.0.0.1:${node.port}${values.path}`
      await page.goto(which === 'open' ? url : 'about:blank')
      await sleep(settleMs)
      samples[which].push(await load(node, request))
    }
  }
  const middle = (which, figure) => median(samples[which].map((each) => each[figure]))
  for (const which of ['closed', 'open']) {
    const [rate, cpu] = [middle(which, 'perSecond'), middle(which, 'cpuUs')]
    console.log(
      `page ${which.padEnd(6)} ${rate.toFixed(0)} transactions/s, ${cpu.toFixed(0)} us of the node's processors each`,
    )
  }
  const loss = 1 - middle('open', 'perSecond') / middle('closed', 'perSecond')
  const more = middle('open', 'cpuUs') / middle('closed', 'cpuUs') - 1
  console.log(
    `the page takes ${(100 * loss).toFixed(1)} % of the throughput; the node works ${(100 * more).toFixed(1)} % more for each`,
  )
}

await ensureBuilt()
if (values.only !== 'load') await onStage(['--artefacts', join(root, 'out')], measureViews)
if (values.only !== 'views') await onStage([], measureLoad)
