// `npm run bench`: heddle beside other nodes, measured from outside in one run. See scripts/bench/README.md.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { readArguments, usage } from './bench/args.mjs'
import { endAllNow, nodeNames, startNode } from './bench/node-process.mjs'
import { anvilBinary } from './bench/peers.mjs'
import { formatReport, makeSection } from './bench/report.mjs'
import { runWorkload } from './bench/runner.mjs'
import { sizesOf } from './bench/sizes.mjs'
import { blockWorkloads } from './bench/workloads/blocks.mjs'
import { callWorkloads } from './bench/workloads/calls.mjs'
import { growthWorkloads } from './bench/workloads/growth.mjs'
import { readWorkloads } from './bench/workloads/reads.mjs'
import { singleWorkloads } from './bench/workloads/single.mjs'
import { traceWorkloads } from './bench/workloads/traces.mjs'
import { ensureBuilt, notice, root } from './prepare.mjs'

/** Measured by scripts of their own, each in one process, of heddle alone. */
const apart = {
  parallel: 'Blocks on two threads',
  pipeline: 'Ordered and executed at once',
}

const [start, latency, memory] = singleWorkloads
const workloads = [
  start,
  latency,
  ...blockWorkloads,
  ...growthWorkloads,
  ...readWorkloads,
  ...traceWorkloads,
  ...callWorkloads,
  memory,
]

const names = [...workloads.map(({ id }) => id), ...Object.keys(apart)]

async function main() {
  const options = readArguments(process.argv.slice(2), {
    workloads: names,
    nodes: nodeNames,
  })
  if (options.help) {
    console.log(`${usage}\n\nWorkloads: ${names.join(', ')}`)
    return 0
  }
  if (options.nodes.includes('heddle')) await ensureBuilt()
  if (options.nodes.includes('anvil')) anvilBinary()
  if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true })
  return measure({
    ...options,
    profile: options.profile === undefined ? undefined : resolve(options.profile),
  })
}

async function measure(options) {
  const startMs = performance.now()
  const sizes = sizesOf(options)
  const labels = labelNodes(options.nodes)
  const run = await describeRun(options, labels)
  const wanted = workloads.filter(
    ({ id }) => options.workloads.length === 0 || options.workloads.includes(id),
  )
  const sections = []
  for (const workload of wanted) {
    const { id } = workload
    const metrics =
      typeof workload.metrics === 'function' ? workload.metrics(sizes) : workload.metrics
    const result = await runWorkload(workload, { ...options, sizes, progress: notice })
    sections.push(makeSection({ id, title: workload.title(sizes), metrics }, labels, result))
  }
  const byScript = Object.entries(apart)
    .filter(([id]) => options.workloads.length === 0 || options.workloads.includes(id))
    .filter(() => options.nodes[0] === 'heddle')
    .map(([id, title]) => [id, { title, ...measureApart(id, title, options) }])
  const seconds = Math.round((performance.now() - startMs) / 1000)
  console.log(headLines(run, sizes, seconds).join('\n'))
  if (sections.length > 0) console.log(`\n${formatReport(sections, labels)}`)
  for (const [, { title, text }] of byScript) console.log(`\n${title}\n\n${text}`)
  mkdirSync(dirname(resolve(options.json)), { recursive: true })
  writeFileSync(
    options.json,
    `${JSON.stringify({ ...run, seconds, sizes, sections, ...Object.fromEntries(byScript) }, null, 2)}\n`,
  )
  notice(`figures written to ${options.json}`)
  return isGood(sections, labels[0]) ? 0 : 1
}

/** @throws {Error} when it fails */
function measureApart(id, title, { quick, seed, blocks }) {
  notice(title.toLowerCase())
  const json = join(root, '.cache', `bench-${id}.json`)
  const ofParallel = ['--seed', String(seed), ...(blocks === undefined ? [] : ['--blocks', blocks])]
  const args = [
    join(root, 'scripts', 'bench', `${id}.mjs`),
    ...(quick ? ['--quick'] : []),
    ...(id === 'parallel' ? ofParallel : []),
    '--json',
    json,
  ]
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`${title.toLowerCase()}: the measurement failed`)
  return JSON.parse(readFileSync(json, 'utf8'))
}

/** A run is good when no answer was wrong and the subject did not fail; a peer may. */
function isGood(sections, subject) {
  return sections.every(
    ({ isVerified, rows }) =>
      isVerified && rows.every(({ cells }) => cells[subject]?.problem !== 'failed'),
  )
}

/** The names of the columns: a node that is compared with itself is told apart. */
function labelNodes(nodes) {
  return nodes.map((name, index) => {
    const before = nodes.slice(0, index).filter((other) => other === name).length
    return before === 0 ? name : `${name} ${before + 1}`
  })
}

async function describeRun({ nodes, quick, seed }, labels) {
  const versions = {}
  for (const [index, name] of nodes.entries()) {
    const node = await startNode(name)
    versions[labels[index]] = await node.rpc.call('web3_clientVersion')
    await node.end()
  }
  return {
    measured: true,
    date: new Date().toISOString(),
    commit: commit(),
    quick,
    seed,
    versions,
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${process.platform} ${release()}`,
      node: process.versions.node,
      loadBefore: loadavg()[0],
    },
  }
}

function commit() {
  try {
    const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], options).trim()
  } catch {
    return undefined
  }
}

function headLines({ machine, versions, quick, seed }, sizes, seconds) {
  return [
    `${quick ? 'Quick run' : 'Run'}: ${sizes.rounds} round(s), seed ${seed}, ${seconds} s; all figures measured in this run`,
    `${machine.cores} x ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}, load ${machine.loadBefore.toFixed(1)} at the start`,
    ...Object.entries(versions).map(([label, version]) => `${label}: ${version}`),
  ]
}

process.on('exit', endAllNow)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

try {
  process.exitCode = await main()
} catch (error) {
  notice(`bench: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 2
}
