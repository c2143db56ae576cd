// `node scripts/bench/parallel.mjs [--quick] [--blocks FOLDER] [--json FILE]`: blocks by parallel executors on two threads beside serial,
// in one process, and what two threads gain at all. See "Blocks on two threads" in README.md.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { encodeFunctionData } from 'viem'
import { ensureBuilt, root } from '../prepare.mjs'
import { openCeiling } from './ceiling.mjs'
import { compileLoops, loadContract } from './contracts.mjs'
import { median } from './stats.mjs'
import { formatNumber, formatTable, groupThousands } from './table.mjs'
import { deployer, makeSenders } from './wallet.mjs'
import {
  Deployment,
  eachBlock,
  planSwaps,
  planTokenTransfers,
  planTransfers,
} from './workloads/block-plans.mjs'

const lanes = 2
const richWei = 10n ** 24n
const gasLimit = 30_000_000_000n
const firstBlocks = 10

/** Compute-heavy: loops of about 200,000 gas. */
async function planLoops({ seed, count, blocks }) {
  const loops = await compileLoops()
  const setup = new Deployment()
  const to = setup.deploy(loops, [])
  const args = { abi: loops.abi, functionName: 'checkedLoop', args: [770n] }
  return planCalls(setup, to, encodeFunctionData(args), { seed, count, blocks })
}

async function planHotSlot({ seed, count, blocks }) {
  const counter = await loadContract('Counter')
  const setup = new Deployment()
  const to = setup.deploy(counter, [])
  const data = encodeFunctionData({ abi: counter.abi, functionName: 'increment' })
  return planCalls(setup, to, data, { seed, count, blocks })
}

function planCalls(setup, to, data, { seed, count, blocks }) {
  const senders = makeSenders(seed, 'caller', count)
  return {
    funded: senders.map(({ address }) => address),
    setup: [setup.transactions],
    blocks: eachBlock(blocks, senders, () => ({ gas: 300_000n, to, data })),
  }
}

/** Blocks of one kind of transaction each. */
export const workloads = ({ transfers, swaps }) => [
  {
    id: 'compute',
    title: `${groupThousands(transfers)} calls of 200k gas of loops`,
    plan: (more) => planLoops({ count: transfers, ...more }),
  },
  {
    id: 'swaps',
    title: `${swaps} swaps on 30 pools`,
    plan: (more) => planSwaps({ count: swaps, pools: 30, ...more }),
  },
  {
    id: 'erc20',
    title: `${groupThousands(transfers)} ERC-20 transfers`,
    plan: (more) => planTokenTransfers({ count: transfers, isOneReceiver: false, ...more }),
  },
  {
    id: 'transfers',
    title: `${groupThousands(transfers)} transfers`,
    plan: (more) => planTransfers({ count: transfers, ...more }),
  },
  {
    id: 'hot-slot',
    title: `${groupThousands(transfers)} on one slot`,
    plan: (more) => planHotSlot({ count: transfers, ...more }),
  },
]

/** The sources as one module, in a place from which it finds its artefacts. @param more files of `src/` beside those that execute */
export async function loadSources(name = 'parallel', more = []) {
  await ensureBuilt()
  const outfile = join(root, '.cache', `bench-${name}`, 'index.mjs')
  const sources = [
    ...more,
    'evm/load.ts',
    'executor/executors.ts',
    'executor/inline.ts',
    'cli/replay-fixture.ts',
    'cli/tool-files.ts',
    'model/fork.ts',
    'model/mainnet.ts',
    'model/signer.ts',
    'primitives/hex.ts',
    'primitives/keccak.ts',
    'state/codes.ts',
    'state/world.ts',
  ]
  await build({
    stdin: {
      contents: sources.map((source) => `export * from './src/${source}'`).join('\n'),
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile,
    logLevel: 'warning',
  })
  return import(pathToFileURL(outfile).href)
}

/** One executor's chain: what a block leads to is what the next one is on. */
export class GrowingChain {
  constructor(api, funded) {
    const alloc = new Map(funded.map((address) => [address, { balanceWei: richWei }]))
    this.api = api
    this.config = api.configAtFork('osaka', 31_337n)
    this.codes = new api.CodeStore()
    this.version = api.versionFromGenesis(alloc, this.codes)
    this.number = 1n
  }

  /** Executes a block whose transactions were expected, applies what it changed and works out the state's root. */
  async mine(executor, transactions, more = {}) {
    const { api, config, version } = this
    const header = headerOf(api, this.number++)
    const rules = api.rulesAt(config, header.number, header.timestamp)
    const block = {
      ...more,
      config,
      env: { rules, chainId: config.chainId, header, blockHash: () => undefined },
      header,
      transactions,
      ommers: [],
      withdrawals: undefined,
      stateId: version,
      onRejection: 'stop',
      protocol: 'none',
    }
    const view = api.viewOf(version, this.codes)
    const where = { env: block.env, options: undefined, view, stateId: version }
    for (const tx of transactions) executor.expect?.(tx, where)
    const start = performance.now()
    const executed = await executor.execute(block, view)
    if (executed.kind !== 'executed') throw new Error(`${executor.name}: ${executed.kind}`)
    const executionMs = performance.now() - start
    const next = api.applyChanges(version, ...executed.changes)
    const { stateRoot } = next
    executed.became?.(next)
    const ms = performance.now() - start
    for (const { codes } of executed.changes) this.codes.add(codes)
    this.version = next
    const { receiptsRoot, report } = executed
    return { ms, executionMs, executed, report, result: `${stateRoot} ${receiptsRoot}` }
  }
}

function headerOf({ ZERO_HASH, ZERO_ADDRESS, EMPTY_ROOT, EMPTY_LIST_HASH }, number) {
  return {
    parentHash: ZERO_HASH,
    ommersHash: EMPTY_LIST_HASH,
    beneficiary: ZERO_ADDRESS,
    stateRoot: EMPTY_ROOT,
    transactionsRoot: EMPTY_ROOT,
    receiptsRoot: EMPTY_ROOT,
    logsBloom: new Uint8Array(256),
    difficulty: 0n,
    number,
    gasLimit,
    gasUsed: 0n,
    timestamp: number,
    extraData: new Uint8Array(0),
    mixHash: ZERO_HASH,
    nonce: new Uint8Array(8),
    baseFeePerGasWei: 1_000_000_000n,
    excessBlobGas: 0n,
  }
}

/** Executors to compare: the first is what the others are measured by. */
function openExecutors(api, engine) {
  const worker = new URL('../../dist/executor/lane/worker.js', import.meta.url)
  const pools = []
  const parallel = (executor, forceParallel, workers = lanes) => {
    const choice = { executor, workers, forceParallel }
    const pool = api.poolFor(choice, worker)
    pools.push(pool)
    return api.createExecutor(choice, engine, pool)
  }
  const executors = [
    { name: 'serial', executor: api.createInlineExecutor(engine) },
    { name: 'optimistic', executor: parallel('optimistic', true) },
    { name: 'block-stm', executor: parallel('block-stm', true) },
    { name: 'optimistic, if it pays', executor: parallel('optimistic', false) },
  ]
  const alone = { name: 'one lane', executor: parallel('optimistic', true, 1) }
  return { executors, alone, close: () => Promise.all(pools.map((pool) => pool.close())) }
}

/** Each executor mines the same blocks, in turns. @returns a row for each */
async function measureChain(api, workload, executors, ceiling, { seed, blocks }) {
  const plan = await workload.plan({ seed, blocks })
  const open = (raw) => {
    const opened = api.openTransaction(api.hexToBytes(raw))
    if (!opened.ok) throw new Error(opened.error)
    return opened.value
  }
  const opened = (all) => all.map((block) => block.map(({ raw }) => open(raw)))
  const [setup, measured] = [opened(plan.setup), opened(plan.blocks)]
  const chains = executors.map(() => new GrowingChain(api, [deployer.address, ...plan.funded]))
  for (const block of setup) {
    for (const [i, { executor }] of executors.entries()) await chains[i].mine(executor, block)
  }
  const times = executors.map(() => [])
  const reports = []
  const ceilings = []
  for (const [round, block] of measured.entries()) {
    if (round % 5 === 0) ceilings.push(ceiling.measure())
    const results = new Set()
    for (const [i, { executor }] of executors.entries()) {
      const { ms, report, result } = await chains[i].mine(executor, block)
      results.add(result)
      reports[i] = report
      if (round >= firstBlocks) times[i].push(ms)
    }
    if (results.size !== 1) throw new Error(`${workload.id}: executors differ`)
  }
  return rowsOf(workload, executors, times, reports, median(ceilings))
}

function rowsOf({ id, title }, executors, times, reports, ceiling) {
  const serialMs = median(times[0])
  return executors.map(({ name }, i) => {
    const { incarnations, aborts, inOrder } = reports[i]
    const ms = median(times[i])
    return {
      id,
      title,
      executor: name,
      ms,
      ratio: serialMs / ms,
      ceiling,
      incarnations,
      aborts,
      inOrder,
    }
  })
}

/** Recorded mainnet blocks, ready to be executed. */
export async function readMainnet(api, folder) {
  const hashes = await api.readFixture(join(folder, 'block_hashes.json'), api.readBlockHashes)
  const files = readdirSync(folder).filter((name) => /^\d+\.json/.test(name))
  const blocks = []
  for (const file of files.toSorted((a, b) => parseInt(a, 10) - parseInt(b, 10))) {
    const block = await api.readFixture(join(folder, file), api.readReplayBlock)
    const { header, transactions, pre } = block
    const rules = api.rulesAt(api.MAINNET, header.number, header.timestamp)
    const blockHash = (number) =>
      number === header.number - 1n ? header.parentHash : hashes.get(number)
    const input = {
      config: api.MAINNET,
      env: { rules, chainId: api.MAINNET.chainId, header, blockHash },
      header,
      transactions,
      ommers: [],
      withdrawals: undefined,
      stateId: block,
      onRejection: 'stop',
      protocol: 'none',
    }
    blocks.push({ file, input, pre })
  }
  return blocks
}

/** Recorded mainnet blocks, each executed again and again on the same state: execution and receipts, nothing after that. */
async function measureMainnet(api, folder, executors, ceiling, rounds) {
  const rows = []
  for (const { file, input, pre } of await readMainnet(api, folder)) {
    const { header, transactions } = input
    const times = executors.map(() => [])
    const reports = []
    const limit = ceiling.measure()
    for (let round = 0; round < firstBlocks + rounds; round++) {
      const roots = new Set()
      for (const [i, { executor }] of executors.entries()) {
        const start = performance.now()
        const executed = await executor.execute(input, pre)
        if (executed.kind !== 'executed') throw new Error(`${file}: ${executed.kind}`)
        // Made when it is asked for: it belongs to the block's time.
        roots.add(executed.receiptsRoot)
        const ms = performance.now() - start
        reports[i] = executed.report
        if (round >= firstBlocks) times[i].push(ms)
      }
      if (roots.size !== 1) throw new Error(`${file}: executors differ`)
    }
    const title = `mainnet ${header.number}, ${transactions.length} transactions`
    rows.push(...rowsOf({ id: 'mainnet', title }, executors, times, reports, limit))
  }
  return rows
}

/** What taking, checking and merging cost a transaction, in microseconds: one lane beside serial, on plain transfers. */
async function measureOverhead(api, executors, ceiling, { seed, blocks }, transfers) {
  const workload = workloads({ transfers, swaps: 0 }).find(({ id }) => id === 'transfers')
  const [serial, alone] = await measureChain(api, workload, executors, ceiling, { seed, blocks })
  return (1000 * (alone.ms - serial.ms)) / transfers
}

function tableOf(rows) {
  const body = []
  let title
  for (const row of rows) {
    if (row.title !== title) body.push([(title = row.title)])
    const share = (row.ratio / row.ceiling).toFixed(2)
    const runs = row.inOrder ?? `${row.incarnations} runs, ${row.aborts} taken back`
    const isSerial = row.executor === 'serial'
    body.push([
      `  ${row.executor}`,
      formatNumber(row.ms),
      isSerial ? '' : `${row.ratio.toFixed(2)}x`,
      isSerial ? '' : `${row.ceiling.toFixed(2)}x`,
      isSerial ? '' : share,
      isSerial ? '' : runs,
    ])
  }
  return formatTable(['', 'ms', 'to serial', 'ceiling', 'of it', ''], body)
}

/** Median and least of the blocks that take a millisecond in order. */
function mainnetLines(rows) {
  const serial = new Map(
    rows.filter((it) => it.executor === 'serial').map((it) => [it.title, it.ms]),
  )
  const names = new Set(rows.map(({ executor }) => executor))
  return [...names].slice(1).map((name) => {
    const judged = rows.filter((it) => it.executor === name && serial.get(it.title) >= 1)
    const ratios = judged.map(({ ratio }) => ratio)
    const least = Math.min(...ratios).toFixed(2)
    return `${name}: median ${median(ratios).toFixed(2)}x, least ${least}x of ${ratios.length} blocks of a millisecond or more`
  })
}

/** @returns what was measured, and as text */
export async function measureParallel({ quick, seed, folder, only }) {
  const api = await loadSources()
  const engine = await api.loadWasmEngine()
  const { executors, alone, close } = openExecutors(api, engine)
  const ceiling = openCeiling()
  const transfers = quick ? 300 : 1000
  const more = { seed, blocks: firstBlocks + (quick ? 10 : 30) }
  const isWanted = (id) => only.length === 0 || only.includes(id)
  const rows = []
  for (const workload of workloads({ transfers, swaps: quick ? 100 : 300 })) {
    if (isWanted(workload.id))
      rows.push(...(await measureChain(api, workload, executors, ceiling, more)))
  }
  const lines = []
  if (isWanted('overhead')) {
    const us = await measureOverhead(api, [executors[0], alone], ceiling, more, transfers)
    lines.push(`scheduling and merging: ${us.toFixed(2)} us a transaction (one lane beside serial)`)
  }
  if (folder !== undefined && isWanted('mainnet')) {
    const blocks = await measureMainnet(api, folder, executors, ceiling, quick ? 10 : 30)
    rows.push(...blocks)
    lines.push(...mainnetLines(blocks))
  }
  await close()
  await ceiling.close()
  return { rows, lines, text: `${tableOf(rows)}\n\n${lines.join('\n')}` }
}

async function main() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      blocks: { type: 'string' },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
    },
  })
  const only = values.only.split(',').filter((name) => name !== '')
  const { quick, blocks: folder, json } = values
  const measured = await measureParallel({ quick, seed: Number(values.seed), folder, only })
  console.log(measured.text)
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(measured, null, 2)}\n`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
