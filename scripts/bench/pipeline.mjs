// `node scripts/bench/pipeline.mjs [--quick] [--json FILE]`: blocks ordered and executed at the same time (--consensus monad) beside the
// same blocks, of the same gas limit, ordered first and executed then, in one process with one worker. See "Ordered and executed at once"
// in README.md.
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { ensureBuilt } from '../prepare.mjs'
import { median, percentile } from './stats.mjs'
import { formatNumber, formatTable, groupThousands } from './table.mjs'

/** One way, of each message: a proposal and its votes take two. */
const delaysMs = [10, 25]
const accounts = 200
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } })
const [sizes, count, rounds] = values.quick ? [[400], 6, 1] : [[200, 1_000], 12, 3]
await ensureBuilt()
const { createNode } = await import('../../dist/index.js')

/** @param {object} options of the node @returns a node that mines nothing yet, with `count` blocks of `size` transactions in its pool */
async function filledNode(size, options) {
  const total = size * count
  const node = await createNode({
    workers: 1,
    executor: 'serial',
    recordedBlocks: 0,
    artefactDirs: [],
    // A block is full by its gas, on either side.
    gasLimit: BigInt(size) * 21_000n,
    accounts: {
      mnemonic: 'test test test test test test test test test test test junk',
      derivationPath: "m/44'/60'/0'/0/",
      count: accounts,
      balanceWei: 10n ** 24n,
    },
    ...options,
  })
  const ask = (method, ...params) => node.request({ method, params })
  const gas = { gas: '0x5208', maxFeePerGas: '0x174876e800', maxPriorityFeePerGas: '0x1' }
  for (let at = 0; at < total; at++) {
    const from = node.accounts[at % accounts].address
    const to = node.accounts[(at + 1) % accounts].address
    await ask('eth_sendTransaction', { from, to, value: '0x1', ...gas })
    // Consensus has its timers.
    if (at % 50 === 0) await sleep(1)
  }
  return { node, ask }
}

/** @returns wall and processor time of `job`, in milliseconds */
async function timed(job) {
  const [cpu, start] = [process.cpuUsage(), performance.now()]
  await job()
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  return { ms, cpuMs: (user + system) / 1_000 }
}

/** Each block is ordered, which takes a proposal and its votes, and then executed. */
async function oneByOne(size, delayMs) {
  const { node, ask } = await filledNode(size, { mining: { kind: 'manual' } })
  const stages = { order: [], execute: [] }
  const whole = await timed(async () => {
    for (let at = 0; at < count; at++) {
      stages.order.push((await timed(() => sleep(2 * delayMs))).ms)
      stages.execute.push((await timed(() => ask('evm_mine'))).ms)
    }
  })
  const { number } = await ask('eth_getBlockByNumber', 'latest', false)
  if (Number(number) !== count) throw new Error(`expected ${count} blocks, got ${Number(number)}`)
  await node.close()
  return { ...whole, stages }
}

/** Consensus goes as fast as its network lets it, and execution follows. */
async function atOnce(size, delayMs) {
  const faults = [1, 2].map((validator) => ({ kind: 'crash', validator }))
  const { node, ask } = await filledNode(size, {
    consensus: {
      preset: 'monad',
      set: {
        blockMs: 1,
        timeoutMs: 2_000,
        buildMs: 0,
        executeMs: 0,
        delayMs: [delayMs, delayMs],
      },
      // Until the pool is full nothing is ordered.
      scenario: faults,
    },
  })
  let [began, isOver] = [undefined, false]
  await ask('parallel_injectFault', { kind: 'heal' })
  // Until then the validators find out that they are well.
  while (!isOver) {
    const { blocks, pooled } = await ask('parallel_consensusStatus')
    if (blocks.proposed > 0) began ??= process.cpuUsage()
    isOver = pooled === 0 && blocks.finalized >= count
    await sleep(1)
  }
  const { user, system } = process.cpuUsage(began)
  const cpuMs = (user + system) / 1_000
  const timeline = await ask('parallel_consensusTimeline', { last: 1_024 })
  await node.close()
  const full = timeline.blocks.filter(({ transactions }) => transactions === size)
  if (full.length !== count) throw new Error(`expected ${count} full blocks, got ${full.length}`)
  const firstMs = Math.min(...full.map(({ times }) => times.proposed))
  const lastMs = Math.max(...full.map(({ times }) => Math.max(times.executed, times.voted)))
  return { cpuMs, ms: lastMs - firstMs, blocks: full }
}

const rows = []
const latencies = []
const record = []
for (const size of sizes) {
  for (const delayMs of delaysMs) {
    const samples = { off: [], on: [] }
    for (let round = 0; round < rounds; round++) {
      samples.off.push(await oneByOne(size, delayMs))
      samples.on.push(await atOnce(size, delayMs))
    }
    const off = median(samples.off.map(({ ms }) => ms))
    const on = median(samples.on.map(({ ms }) => ms))
    const cpu = median(samples.on.map(({ cpuMs }) => cpuMs))
    const execute = median(
      samples.off.map(({ stages }) => stages.execute.reduce((sum, ms) => sum + ms, 0)),
    )
    const rate = (ms) => groupThousands(Math.round((size * count * 1_000) / ms))
    rows.push([
      `${size} tx, ${delayMs} ms`,
      formatNumber(2 * delayMs * count),
      formatNumber(execute),
      `${formatNumber(off)} (${rate(off)}/s)`,
      `${formatNumber(on)} (${rate(on)}/s)`,
      `${(off / on).toFixed(2)}x`,
      formatNumber(cpu / availableParallelism()),
    ])
    const blocks = samples.on.flatMap((sample) => sample.blocks)
    const stages = [
      ['executed', 'proposed'],
      ['voted', 'proposed'],
      ['finalized', 'proposed'],
      ['committed', 'finalized'],
    ]
    for (const [stage, since] of stages) {
      const took = blocks
        .filter(({ times }) => times[stage] !== null && times[since] !== null)
        .map(({ times }) => times[stage] - times[since])
      latencies.push([
        `${size} tx, ${delayMs} ms`,
        `${since} to ${stage}`,
        formatNumber(percentile(took, 50)),
        formatNumber(percentile(took, 99)),
      ])
    }
    record.push({ size, delayMs, count, off, on, cpu, execute })
  }
}
const text = [
  formatTable(
    ['block, delay', 'order ms', 'execute ms', 'one by one', 'at once', 'gain', 'CPU bound ms'],
    rows,
  ),
  formatTable(['block, delay', 'stage', 'p50 ms', 'p99 ms'], latencies),
].join('\n\n')
console.log(text)
if (values.json !== undefined) {
  writeFileSync(values.json, JSON.stringify({ text, record, latencies }, null, 2))
}
