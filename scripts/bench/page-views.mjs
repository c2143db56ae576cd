// How soon the page shows what it is opened for, from an empty cache; how heavy the first view is; and how long the main thread works for
// a frame while a timeline is panned, by Chromium's own trace.
import { encodeDeployData, encodeFunctionData } from 'viem'
import { loadContract } from './contracts.mjs'
import { median, percentile } from './stats.mjs'

const transactions = 1000
const manyBlocks = 100_000
const panSteps = 300

/** What tells that a view is there, by its selector; `whole`: with its charts. */
const views = {
  'first view': { path: () => '/', shown: { rows: 'tbody tr' } },
  'blocks, 100,000 of them': { path: () => '/blocks', shown: { rows: '.block-row .hex' } },
  'a block of 1,000': {
    path: (block) => `/parallel?block=${block}`,
    shown: { 'fix first': '.fixes li', whole: '.react-flow__node' },
  },
  'the last 1,000': {
    path: () => `/parallel?last=${transactions}`,
    shown: { 'fix first': '.fixes li', whole: '.react-flow__node' },
  },
}

/** @param {{ node: import('./node-process.mjs').NodeProcess, browser: import('playwright-core').Browser, rounds: number }} stage */
export async function measureViews({ node, browser, rounds }) {
  const block = await mineTransfers(node)
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  const { 'blocks, 100,000 of them': list, ...others } = views
  for (const [name, view] of Object.entries(others))
    await timeView(node, page, name, view, block, rounds)
  await panTimeline(node, browser, page, block)
  await node.rpc.call('hardhat_mine', `0x${manyBlocks.toString(16)}`)
  await timeView(node, page, 'blocks, 100,000 of them', list, block, rounds)
}

/** Opens a view again and again, with nothing in the browser's cache. */
async function timeView({ port }, page, name, { path, shown }, block, rounds) {
  const session = await page.context().newCDPSession(page)
  const times = new Map(Object.keys(shown).map((what) => [what, []]))
  let bytes = 0
  for (let round = 0; round <= rounds; round++) {
    await page.goto('about:blank')
    await session.send('Network.clearBrowserCache')
    await page.goto(`http://127.0.0.1:${port}${path(block)}`, { waitUntil: 'commit' })
    for (const [what, selector] of Object.entries(shown)) {
      const ms = await page.evaluate(untilShown, selector)
      // The first is the node's warming up.
      if (round > 0) times.get(what).push(ms)
    }
    bytes = await page.evaluate(() =>
      performance.getEntries().reduce((sum, { transferSize = 0 }) => sum + transferSize, 0),
    )
  }
  const told = [...times].map(([what, each]) => `${what} ${median(each).toFixed(0)} ms`)
  console.log(
    `${name}: ${told.join(', ')} (medians of ${rounds}); ${(bytes / 1024).toFixed(0)} KiB loaded`,
  )
}

/** In the page. @returns milliseconds from the navigation to the frame in which an element of this selector is there */
function untilShown(selector) {
  return new Promise((resolve) => {
    const look = () => {
      if (document.querySelector(selector) === null) requestAnimationFrame(look)
      else resolve(performance.now())
    }
    look()
  })
}

/** Drags a timeline of a thousand runs and more, near and far, under a trace. */
async function panTimeline({ port }, browser, page, block) {
  await page.goto(`http://127.0.0.1:${port}/parallel?block=${block}`)
  await page.getByRole('button', { name: 'Run it again now' }).click()
  const drawing = page.getByRole('img', { name: /Timeline of \d+ runs/ })
  await drawing.scrollIntoViewIfNeeded()
  const runs = /\d+/.exec(await drawing.getAttribute('aria-label'))[0]
  for (const [how, zooms] of [
    ['twice nearer', 1],
    ['64 times nearer', 6],
  ]) {
    for (let zoom = 0; zoom < zooms; zoom++)
      await page.getByRole('button', { name: 'Nearer' }).click()
    const { x, y, width } = await drawing.boundingBox()
    await browser.startTracing(page, {
      categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'],
    })
    await page.mouse.move(x + width / 2, y + 50)
    await page.mouse.down()
    for (let step = 0; step < panSteps; step++) {
      const swing = Math.sin((2 * Math.PI * step) / panSteps)
      await page.mouse.move(x + width / 2 + swing * width * 0.4, y + 50)
    }
    await page.mouse.up()
    const frames = workByFrame(JSON.parse((await browser.stopTracing()).toString()).traceEvents)
    const told = (figure) => {
      const all = frames.map((each) => each[figure])
      return `${percentile(all, 50).toFixed(1)} ms a frame, p95 ${percentile(all, 95).toFixed(1)} ms`
    }
    console.log(
      `panning ${runs} runs, ${how}: the main thread works ${told('ms')} (${frames.length} frames); of its processor ${told('cpuMs')}`,
    )
    await page.getByRole('button', { name: 'All' }).click()
  }
}

/**
 * @param {readonly { name: string, pid: number, tid: number, ts: number, dur?: number, tdur?: number }[]} events of a trace, times in
 *   microseconds; `tdur` of a task is without what others took of the processor meanwhile
 * @returns {{ ms: number, cpuMs: number }[]} of tasks that ended between one animation frame of the page and the next
 */
function workByFrame(events) {
  const frames = events.filter(({ name }) => name === 'FireAnimationFrame')
  const { pid, tid } = frames[0]
  const begins = frames.map(({ ts }) => ts).sort((a, b) => a - b)
  const tasks = events.filter(
    (each) => each.name === 'RunTask' && each.pid === pid && each.tid === tid,
  )
  return begins.slice(1).map((end, at) => {
    const own = tasks.filter(({ ts, dur = 0 }) => ts + dur > begins[at] && ts + dur <= end)
    const sum = (figure) => own.reduce((all, task) => all + (task[figure] ?? 0), 0) / 1000
    return { ms: sum('dur'), cpuMs: sum('tdur') }
  })
}

/** One block of transfers of a token that counts its fees in one place, each to an account of its own. @returns its number */
async function mineTransfers({ rpc }) {
  const { abi, bytecode } = await loadContract('FeeToken')
  const accounts = await rpc.call('eth_accounts')
  const data = encodeDeployData({ abi, bytecode, args: ['Fee', 'FEE', 10n ** 24n] })
  const hash = await rpc.call('eth_sendTransaction', { from: accounts[0], data })
  const { contractAddress: token } = await rpc.call('eth_getTransactionReceipt', hash)
  const transfer = (from, to, amount) => [
    'eth_sendTransaction',
    [
      {
        from,
        to: token,
        gas: '0x249f0',
        data: encodeFunctionData({ abi, functionName: 'transfer', args: [to, amount] }),
      },
    ],
  ]
  await rpc.batch(accounts.slice(1).map((account) => transfer(accounts[0], account, 10n ** 22n)))
  await rpc.call('evm_setAutomine', false)
  await rpc.batch(
    Array.from({ length: transactions }, (_, place) => {
      const to = `0x${(0xabc0000 + place).toString(16).padStart(40, '0')}`
      return transfer(accounts[place % accounts.length], to, 1000n)
    }),
  )
  await rpc.call('evm_mine')
  await rpc.call('evm_setAutomine', true)
  return Number(await rpc.call('eth_blockNumber'))
}
