// `node scripts/bench/model.mjs [--quick] [--blocks FOLDER] [--json FILE]`: how far the simulator is from real lanes, and whether it
// ranks mainnet blocks as pevm's published speed-ups do. See "The model's error" in README.md.
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { openCeiling } from './ceiling.mjs'
import { GrowingChain, loadSources, readMainnet, workloads } from './parallel.mjs'
import { median, rankCorrelation } from './stats.mjs'
import { formatTable } from './table.mjs'
import { deployer } from './wallet.mjs'

const schedules = ['optimistic', 'block-stm']
const laneCounts = [1, 2]
const warmUp = 10
const roundsToACeiling = 5

/**
 * Milliseconds in which pevm executed mainnet blocks in order and on 12 threads of a c7g.8xlarge
 * (risechain/pevm, crates/pevm/benches/README.md). Those that it chose to execute in order are not here.
 */
const published = new Map([
  [2179522, { inOrder: 0.604, parallel: 0.506 }],
  [4369999, { inOrder: 0.98, parallel: 0.602 }],
  [7279999, { inOrder: 4.54, parallel: 1.05 }],
  [9069000, { inOrder: 3.994, parallel: 2.284 }],
  [12244000, { inOrder: 6.927, parallel: 4.362 }],
  [13217637, { inOrder: 8.221, parallel: 2.736 }],
  [15537394, { inOrder: 2.684, parallel: 1.721 }],
  [17034869, { inOrder: 3.685, parallel: 1.555 }],
  [18426253, { inOrder: 12.143, parallel: 8.15 }],
  [19932703, { inOrder: 13.058, parallel: 9.369 }],
])
const threadsOfPevm = 12
/** Milliseconds for a transaction where nothing but the executor itself takes time: 47,620 plain transfers on 12 threads, from the same table. */
const mergeOfPevm = 56.425 / 47_620

const sources = [
  'analysis/bounds.ts',
  'analysis/graph.ts',
  'analysis/simulate/policies.ts',
  'analysis/simulate/policy.ts',
  'chain/record-block.ts',
]

/** Serial, serial with a clock at each transaction, and each schedule on one lane and on two. */
function openExecutors(api, engine) {
  const worker = new URL('../../dist/executor/lane/worker.js', import.meta.url)
  const pools = []
  const lanes = schedules.flatMap((schedule) =>
    laneCounts.map((workers) => {
      const choice = { executor: schedule, workers, forceParallel: true }
      const pool = api.poolFor(choice, worker)
      pools.push(pool)
      return { schedule, workers, executor: api.createExecutor(choice, engine, pool) }
    }),
  )
  const serial = { schedule: 'serial', workers: 1, executor: api.createInlineExecutor(engine) }
  const timed = { ...serial, executor: api.createInlineExecutor(engine), recorded: true }
  const close = () => Promise.all(pools.map((pool) => pool.close()))
  return { executors: [serial, timed, ...lanes], close }
}

/** What executing one block again and again, or one block after another, has shown. Of the rounds the fastest counts: noise only adds. */
class Samples {
  constructor(executors) {
    this.fastest = executors.map(() => Infinity)
    /** How many times what one thread does two do. */
    this.ceiling = 0
    /** Milliseconds of each transaction, in order. */
    this.costs = undefined
    this.executed = undefined
  }

  add(at, executed, ms) {
    const isFaster = ms < this.fastest[at]
    if (isFaster) this.fastest[at] = ms
    const { ticks } = executed.report
    if (ticks === undefined || !isFaster) return
    this.executed = executed
    this.costs = ticks.slice(1).map((tick, tx) => tick - ticks[tx])
  }
}

async function sampleChain(api, { title, plan: planOf }, executors, ceilings, { seed, rounds }) {
  const plan = await planOf({ seed, blocks: warmUp + rounds })
  const open = ({ raw }) => {
    const opened = api.openTransaction(api.hexToBytes(raw))
    if (!opened.ok) throw new Error(opened.error)
    return opened.value
  }
  const chains = executors.map(() => new GrowingChain(api, [deployer.address, ...plan.funded]))
  const samples = new Samples(executors)
  for (const [round, block] of [...plan.setup, ...plan.blocks].entries()) {
    const transactions = block.map(open)
    const isMeasured = round >= plan.setup.length
    if (isMeasured && round % roundsToACeiling === 0)
      samples.ceiling = Math.max(samples.ceiling, ceilings.measure())
    for (const [at, { executor, recorded }] of executors.entries()) {
      const mined = await chains[at].mine(executor, transactions, { recorded })
      const isCounted = round >= plan.setup.length + warmUp
      if (isCounted) samples.add(at, mined.executed, mined.executionMs)
    }
  }
  return { title, samples }
}

async function sampleMainnet(api, { file, input, pre }, executors, ceilings, rounds) {
  const samples = new Samples(executors)
  for (let round = 0; round < warmUp + rounds; round++) {
    if (round % roundsToACeiling === 0)
      samples.ceiling = Math.max(samples.ceiling, ceilings.measure())
    for (const [at, { executor, recorded }] of executors.entries()) {
      const start = performance.now()
      const executed = await executor.execute({ ...input, recorded }, pre)
      const ms = performance.now() - start
      if (executed.kind !== 'executed') throw new Error(`${file}: ${executed.kind}`)
      if (round >= warmUp) samples.add(at, executed, ms)
    }
  }
  const { header } = input
  const { beneficiary } = header
  const number = Number(header.number)
  return { title: `mainnet ${number}`, number, beneficiary, samples }
}

/** The work as the simulator takes it: costs in measured milliseconds, and in gas. */
function workOf(api, { samples, beneficiary }) {
  const { transactions, accesses, receipts } = samples.executed
  const recording = {
    transactions: transactions.map((tx, at) =>
      api.recordedOf(tx, accesses[at], receipts[at].gasUsed),
    ),
    beneficiary,
  }
  const graph = api.dependencyGraph(recording)
  const gas = Float64Array.from(receipts, ({ gasUsed }) => Number(gasUsed))
  return {
    graph,
    byMs: api.workOf(recording, graph, samples.costs),
    byGas: api.workOf(recording, graph, gas),
  }
}

function simulate(api, schedule, work, cores, overheads) {
  return api.POLICIES.find(({ name }) => name === schedule).simulate(work, { cores, overheads })
}

/** Times faster than in order. */
function modelled(api, schedule, work, overheads = api.NO_OVERHEADS) {
  return (
    api.totalCost(work.costs) / simulate(api, schedule, work, threadsOfPevm, overheads).makespan
  )
}

/** Milliseconds that a run costs besides the transaction: one lane beside serial, on the blocks that nothing orders. */
function calibrate(executors, { samples }) {
  const count = samples.costs.length
  const serial = samples.fastest[0]
  const claims = new Map()
  for (const [at, { schedule, workers }] of executors.entries()) {
    if (schedule === 'serial' || workers !== 1) continue
    claims.set(schedule, Math.max(0, samples.fastest[at] - serial) / count)
  }
  return claims
}

/** A row for each schedule and number of lanes. */
function compareToLanes(api, executors, measured, claims) {
  const { samples, title } = measured
  const { ceiling } = samples
  const { byMs } = workOf(api, measured)
  const serial = samples.fastest[0]
  // What a block takes besides its transactions, on lanes as in order.
  const around = Math.max(0, serial - api.totalCost(byMs.costs))
  return executors.flatMap(({ schedule, workers }, at) => {
    if (schedule === 'serial') return []
    const overheads = { ...api.NO_OVERHEADS, claim: claims.get(schedule) }
    const modelled = simulate(api, schedule, byMs, workers, overheads)
    const predicted = serial / (around + stretched(modelled, ceiling))
    const real = serial / samples.fastest[at]
    const error = predicted / real - 1
    return [{ title, schedule, lanes: workers, ceiling, serial, real, predicted, error }]
  })
}

/** The schedule's length where two that run at once do `ceiling` times what one does alone. */
function stretched({ attempts, makespan }, ceiling) {
  const changes = attempts
    .flatMap(({ start, end }) => [
      [start, 1],
      [end, -1],
    ])
    .sort(([a], [b]) => a - b)
  let time = 0
  let busy = 0
  let last = 0
  for (const [at, change] of [...changes, [makespan, 0]]) {
    time += (at - last) * (busy > 1 ? busy / ceiling : 1)
    busy += change
    last = at
  }
  return time
}

/** How the model ranks the blocks that pevm ran on several threads, beside how pevm's own figures do. */
function compareToPublished(api, blocks) {
  const rows = []
  for (const block of blocks) {
    const figures = published.get(block.number)
    if (figures === undefined) continue
    const { graph, byMs, byGas } = workOf(api, block)
    const scale = figures.inOrder / api.totalCost(byMs.costs)
    const asThere = { ...byMs, costs: byMs.costs.map((cost) => cost * scale) }
    const overheads = { ...api.NO_OVERHEADS, merge: mergeOfPevm }
    rows.push({
      number: block.number,
      published: figures.inOrder / figures.parallel,
      'bound by gas': api.speedupBound(graph, byGas.costs),
      'bound by time': api.speedupBound(graph, byMs.costs),
      'block-stm by gas': modelled(api, 'block-stm', byGas),
      'block-stm by time': modelled(api, 'block-stm', byMs),
      'and merging': modelled(api, 'block-stm', asThere, overheads),
    })
  }
  const names = Object.keys(rows[0] ?? {}).slice(2)
  const of = (name) => rows.map((row) => row[name])
  const ranks = names.map((name) => [name, rankCorrelation(of(name), of('published'))])
  return { rows, correlation: Object.fromEntries(ranks) }
}

function textOf({ rows, claims, ranked }) {
  const fixed = (value) => `${value.toFixed(2)}x`
  const percent = (share) => `${share > 0 ? '+' : ''}${Math.round(share * 100)} %`
  const lines = [
    `calibrated on transfers: ${[...claims].map(([name, ms]) => `${name} ${(ms * 1000).toFixed(2)} us a run`).join(', ')}`,
    'ceiling: how many times what one thread does two did, measured beside the block; modelled for such a machine',
    '',
    ...formatTable(
      ['', 'ms in order', 'ceiling', 'executor', 'lanes', 'measured', 'modelled', 'error'],
      rows.map((row, at) => [
        rows[at - 1]?.title === row.title ? '' : row.title,
        rows[at - 1]?.title === row.title ? '' : row.serial.toFixed(2),
        rows[at - 1]?.title === row.title ? '' : fixed(row.ceiling),
        row.schedule,
        `${row.lanes}`,
        fixed(row.real),
        fixed(row.predicted),
        percent(row.error),
      ]),
    ).split('\n'),
    '',
    ...schedules.flatMap((schedule) =>
      laneCounts.map((lanes) => {
        const own = rows.filter((row) => row.schedule === schedule && row.lanes === lanes)
        const judged = own.filter(({ serial }) => serial >= 1)
        const errors = judged.map(({ error }) => Math.abs(error))
        return `${schedule} at ${lanes}: median error ${percent(median(errors)).replace('+', '')}, most ${percent(Math.max(...errors)).replace('+', '')}, over ${judged.length} blocks of a millisecond or more`
      }),
    ),
  ]
  if (ranked === undefined) return lines.join('\n')
  const names = Object.keys(ranked.correlation)
  const table = formatTable(
    ['mainnet', 'pevm, published', ...names],
    ranked.rows.map((row) => [
      `${row.number}`,
      ...['published', ...names].map((name) => fixed(row[name])),
    ]),
  )
  const ranks = names.map((name) => `${name} ${ranked.correlation[name].toFixed(2)}`)
  lines.push('', table, '', `rank correlation with what pevm published: ${ranks.join(', ')}`)
  return lines.join('\n')
}

/** @returns what was measured and modelled, and as text */
export async function measureModel({ quick, seed, folder }) {
  const api = await loadSources('model', sources)
  const { executors, close } = openExecutors(api, await api.loadWasmEngine())
  const ceilings = openCeiling()
  const rounds = quick ? 20 : 40
  const blocks = []
  for (const workload of workloads({ transfers: quick ? 200 : 500, swaps: quick ? 100 : 300 })) {
    const sampled = await sampleChain(api, workload, executors, ceilings, { seed, rounds })
    blocks.push({ id: workload.id, ...sampled })
  }
  const mainnet = []
  for (const block of folder === undefined ? [] : await readMainnet(api, folder)) {
    mainnet.push(await sampleMainnet(api, block, executors, ceilings, rounds))
  }
  await close()
  await ceilings.close()
  const claims = calibrate(
    executors,
    blocks.find(({ id }) => id === 'transfers'),
  )
  const rows = [...blocks, ...mainnet].flatMap((measured) =>
    compareToLanes(api, executors, measured, claims),
  )
  const ranked = mainnet.length === 0 ? undefined : compareToPublished(api, mainnet)
  const found = { claims, rows, ranked }
  return { ...found, claims: Object.fromEntries(claims), text: textOf(found) }
}

async function main() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      blocks: { type: 'string' },
      json: { type: 'string' },
    },
  })
  const { quick, blocks: folder, json } = values
  const measured = await measureModel({ quick, seed: Number(values.seed), folder })
  console.log(measured.text)
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(measured, null, 2)}\n`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
