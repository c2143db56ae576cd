// eth_call: how many a second, and how fast a long one runs.
import { decodeFunctionResult, encodeFunctionData } from 'viem'
import { runSetup, toQuantity } from '../chain.mjs'
import { compileLoops, loadContract } from '../contracts.mjs'
import { checkEqual, cpuSample, settle, timed } from '../measure.mjs'
import { RpcClient, batchSize, prepareBatches, prepareCall, readBatches } from '../rpc.mjs'
import { median } from '../stats.mjs'
import { deployer, makeAddresses } from '../wallet.mjs'
import { Deployment } from './block-plans.mjs'

const connections = 16
const loops = ['keccak', 'arithmetic', 'quicksort', 'checkedLoop', 'fixedPoint', 'warmStorage']
const callGas = 20_000_000_000n
const commonTimes = 20n

/** @type {readonly import('../runner.mjs').Workload[]} */
export const callWorkloads = [
  {
    id: 'calls',
    title: () => 'eth_call of balanceOf',
    metrics: [
      { key: 'one', title: '1 connection', unit: 'calls/s', better: 'higher' },
      { key: 'many', title: `${connections} connections`, unit: 'calls/s', better: 'higher' },
      { key: 'manyCpu', title: `CPU per call at ${connections}`, unit: 'us', better: 'lower' },
      { key: 'batches', title: `batches of ${batchSize}`, unit: 'calls/s', better: 'higher' },
    ],
    prepare: planCalls,
    run: runCalls,
  },
  {
    id: 'loops',
    title: () => 'Loops through eth_call',
    metrics: [
      { key: 'keccak', title: 'keccak-256', unit: 'Mgas/s', better: 'higher' },
      { key: 'arithmetic', title: '256-bit arithmetic', unit: 'Mgas/s', better: 'higher' },
      { key: 'quicksort', title: 'quicksort', unit: 'Mgas/s', better: 'higher' },
      { key: 'checkedLoop', title: 'checked loop', unit: 'Mgas/s', better: 'higher' },
      { key: 'fixedPoint', title: 'fixed point in memory', unit: 'Mgas/s', better: 'higher' },
      { key: 'warmStorage', title: 'warm storage', unit: 'Mgas/s', better: 'higher' },
    ],
    prepare: planLoops,
    run: runLoops,
  },
  {
    id: 'first-call',
    title: () => 'First call of a fresh contract: a quicksort of 500 numbers',
    metrics: [
      { key: 'coldProcess', title: 'in a cold process', unit: 'ms', better: 'lower' },
      { key: 'warmProcess', title: 'in a warm process', unit: 'ms', better: 'lower' },
    ],
    prepare: planFirstCalls,
    run: runFirstCalls,
  },
]

async function planCalls({ seed }) {
  const erc20 = await loadContract('ERC20')
  const setup = new Deployment()
  const supply = 10n ** 30n
  const token = setup.deploy(erc20, ['Bench', 'BEN', supply])
  const [payee] = makeAddresses(seed, 'payee', 1)
  setup.call(erc20, token, 'transfer', [payee, 5n])
  const args = [deployer.address]
  const data = encodeFunctionData({ abi: erc20.abi, functionName: 'balanceOf', args })
  const balance = `0x${(supply - 5n).toString(16).padStart(64, '0')}`
  return { setup: setup.transactions, call: ['eth_call', [{ to: token, data }, 'latest']], balance }
}

async function runCalls({ launch, plan, sizes }) {
  const node = await launch()
  await node.rpc.call('evm_setAutomine', false)
  await runSetup(node, [plan.setup])
  const single = prepareCall(plan.call)
  const batch = Array.from({ length: batchSize }, () => plan.call)
  const batches = prepareBatches(batch)
  const askOne = async (rpc) => {
    const [text] = await rpc.sendAll([single])
    checkEqual('balance', JSON.parse(text).result, plan.balance)
    return 1
  }
  const askMany = async (rpc) => {
    const results = readBatches(await rpc.sendAll(batches), batch)
    for (const result of results) checkEqual('balance', result, plan.balance)
    return batchSize
  }
  const others = Array.from({ length: connections - 1 }, () => new RpcClient(node.port))
  try {
    const one = await countCalls(node, [node.rpc], askOne, sizes.callMs)
    const many = await countCalls(node, [node.rpc, ...others], askOne, sizes.callMs)
    const inBatches = await countCalls(node, [node.rpc], askMany, sizes.callMs)
    return {
      one: one.rate,
      many: many.rate,
      ...cpuSample('manyCpu', many.cpuUs),
      batches: inBatches.rate,
    }
  } finally {
    for (const rpc of others) rpc.close()
  }
}

/** Asks over and over on every connection for as long as said, after a warm-up. */
async function countCalls(node, clients, ask, durationMs) {
  const loop = async (rpc, untilMs) => {
    let count = 0
    while (performance.now() < untilMs) count += await ask(rpc)
    return count
  }
  const run = async (ms) => {
    const untilMs = performance.now() + ms
    const counts = await Promise.all(clients.map((rpc) => loop(rpc, untilMs)))
    return counts.reduce((sum, count) => sum + count, 0)
  }
  await run(durationMs / 2)
  const { result, sample } = await timed(node, () => run(durationMs))
  return {
    rate: { value: (result * 1000) / sample.value, clientShare: sample.clientShare },
    cpuUs: sample.cpuMs === undefined ? undefined : (sample.cpuMs * 1000) / result,
  }
}

/**
 * `asked` keeps, over all nodes and rounds, which sizes were timed: whoever can run a size in
 * reasonable time runs it too, so that the slower node's timed answer is checked against the other's.
 */
async function planLoops() {
  const contract = await compileLoops()
  const setup = new Deployment()
  const address = setup.deploy(contract, [])
  return { contract, setup: setup.transactions, address, asked: new Map() }
}

async function runLoops({ launch, plan, sizes, record }) {
  const node = await launch()
  await node.rpc.call('evm_setAutomine', false)
  await runSetup(node, [plan.setup])
  const samples = {}
  for (const loop of loops) {
    const call = (times) => callLoop(node, plan, loop, times)
    const note = ({ times, answer, gas }) =>
      record(`${loop} x ${times}`, `${answer} for ${gas} gas`)
    note(await call(commonTimes))
    const sized = await sizeLoop(call, sizes.compute.callMs)
    for (const times of plan.asked.get(loop) ?? []) if (times < sized * 2n) note(await call(times))
    const runs = []
    for (let i = 0; i < sizes.compute.calls; i++) runs.push(await call(sized))
    note(runs[0])
    plan.asked.set(loop, [...new Set([...(plan.asked.get(loop) ?? []), sized])])
    samples[loop] = { value: median(runs.map(({ gas, ms }) => Number(gas) / 1000 / ms)) }
  }
  return samples
}

/** How many turns take about as long as said: doubled until that can be told, then in proportion. */
async function sizeLoop(call, targetMs) {
  let run = await call(commonTimes)
  while (run.ms < targetMs / 8) run = await call(run.times * 2n)
  const times = (run.times * BigInt(Math.round(targetMs))) / BigInt(Math.ceil(run.ms))
  const most = (run.times * (callGas / 2n)) / run.gas
  return times < most ? times : most
}

async function callLoop(node, { contract, address }, loop, times) {
  const data = encodeFunctionData({ abi: contract.abi, functionName: loop, args: [times] })
  const request = prepareCall([
    'eth_call',
    [{ from: deployer.address, to: address, data, gas: toQuantity(callGas) }, 'latest'],
  ])
  const startMs = performance.now()
  const [text] = await node.rpc.sendAll([request])
  const ms = performance.now() - startMs
  const { result, error } = JSON.parse(text)
  if (error !== undefined) throw new Error(`${loop} x ${times}: ${error.message}`)
  const [answer, gas] = decodeFunctionResult({
    abi: contract.abi,
    functionName: loop,
    data: result,
  })
  return { times, ms, answer, gas }
}

async function planFirstCalls() {
  const contract = await compileLoops()
  return { contract, runtime: contract.runtime }
}

/** Each contract has a byte of its own behind its code, so that no node knows it already. */
async function runFirstCalls({ launch, plan, sizes, record }) {
  const node = await launch()
  const times = []
  for (let index = 0; index <= sizes.freshContracts; index++) {
    const address = `0x${(0xf00000 + index).toString(16).padStart(40, '0')}`
    const suffix = (index + 1).toString(16).padStart(4, '0')
    await node.rpc.call('anvil_setCode', address, `${plan.runtime}${suffix}`)
    const run = await callLoop(node, { contract: plan.contract, address }, 'quicksort', 1n)
    record('quicksort x 1', `${run.answer} for ${run.gas} gas`)
    times.push(run.ms)
    // What a node does to be ready for calls has come to its end.
    if (index === 0) await settle(node.pid)
  }
  const [first, ...later] = times
  return { coldProcess: { value: first }, warmProcess: { value: median(later) } }
}
