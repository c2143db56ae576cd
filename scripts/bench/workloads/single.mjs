// One thing at a time: the start of a node, a transaction from send to receipt, memory.
import { setTimeout as sleep } from 'node:timers/promises'
import { checkBalances, fund, latestBlock, mine, submit } from '../chain.mjs'
import { check, checkEqual, cpuSample, timed, withCpu } from '../measure.mjs'
import { residentMiB } from '../process-tree.mjs'
import { prepareCall } from '../rpc.mjs'
import { percentile } from '../stats.mjs'
import { groupThousands } from '../table.mjs'
import { deployer, makeAddresses, makeSenders, sign } from '../wallet.mjs'

const startsPerRound = 3
const senderCount = 1000

/** @type {readonly import('../runner.mjs').Workload[]} */
export const singleWorkloads = [
  {
    id: 'start',
    title: () => 'Start to the first answer',
    metrics: [
      { key: 'start', title: 'process to eth_chainId', unit: 'ms', better: 'lower' },
      { key: 'startMemory', title: 'resident memory then', unit: 'MiB', better: 'lower' },
    ],
    prepare: () => undefined,
    run: runStart,
  },
  {
    id: 'latency',
    title: () => 'One transaction at a time, automine',
    metrics: [
      { key: 'p50', title: 'send to receipt, p50', unit: 'ms', better: 'lower' },
      { key: 'p99', title: 'send to receipt, p99', unit: 'ms', better: 'lower' },
      { key: 'cpu', title: 'CPU per transaction', unit: 'ms', better: 'lower' },
    ],
    prepare: planLatency,
    run: runLatency,
  },
  {
    id: 'memory',
    title: ({ memory }) => `Memory, ${groupThousands(memory.transactions)} transfers mined`,
    metrics: [
      { key: 'idle', title: 'resident before, idle', unit: 'MiB', better: 'lower' },
      { key: 'after', title: 'resident after', unit: 'MiB', better: 'lower' },
      { key: 'growth', title: 'growth per transaction', unit: 'KiB', better: 'lower' },
    ],
    prepare: planMemory,
    run: runMemory,
  },
]

/** @param {import('../runner.mjs').Bench<undefined>} bench */
async function runStart({ launch }) {
  const boots = []
  for (let i = 0; i < startsPerRound; i++) {
    const node = await launch()
    boots.push(node.boot)
    checkEqual('chain id', await node.rpc.call('eth_chainId'), '0x7a69')
    await node.end()
  }
  const middle = boots.toSorted((a, b) => a.wallMs - b.wallMs)[Math.floor(boots.length / 2)]
  return {
    start: withCpu({ value: middle.wallMs }, middle.cpuMs),
    ...cpuSample('startMemory', middle.residentMiB),
  }
}

function planLatency({ seed, sizes }) {
  const { warm, counted } = sizes.latency
  const receivers = makeAddresses(seed, 'latency', warm + counted)
  return {
    warm,
    receivers,
    transactions: receivers.map((to, nonce) =>
      sign(deployer, { nonce, gas: 21_000n, to, value: BigInt(nonce) + 1n }),
    ),
  }
}

async function runLatency({ launch, plan }) {
  const node = await launch()
  const sent = plan.transactions.map(({ raw, hash }) => ({
    hash,
    send: prepareCall(['eth_sendRawTransaction', [raw]]),
    ask: prepareCall(['eth_getTransactionReceipt', [hash]]),
  }))
  await sendAndAwait(node.rpc, sent.slice(0, plan.warm))
  const counted = sent.slice(plan.warm)
  const { result, sample } = await timed(node, () => sendAndAwait(node.rpc, counted))
  const expected = new Map(plan.receivers.map((to, nonce) => [to, BigInt(nonce) + 1n]))
  await checkBalances(node.rpc, expected)
  checkEqual('block number', Number((await latestBlock(node.rpc)).number), sent.length)
  const cpuEach = sample.cpuMs === undefined ? undefined : sample.cpuMs / counted.length
  return {
    p50: { value: percentile(result, 50) },
    p99: { value: percentile(result, 99) },
    ...cpuSample('cpu', cpuEach),
  }
}

/** Sends each transaction and asks for its receipt until it is there; milliseconds of each. */
async function sendAndAwait(rpc, sent) {
  const latencies = []
  for (const { hash, send, ask } of sent) {
    const startMs = performance.now()
    const [answer] = await rpc.sendAll([send])
    let receipt = null
    while (receipt === null) {
      const [text] = await rpc.sendAll([ask])
      const { result, error } = JSON.parse(text)
      check(error === undefined, `receipt of ${hash}: ${error?.message}`)
      receipt = result
    }
    latencies.push(performance.now() - startMs)
    checkEqual('transaction hash', JSON.parse(answer).result, hash)
    checkEqual('status of a transaction', receipt.status, '0x1')
  }
  return latencies
}

function planMemory({ seed, sizes }) {
  const senders = makeSenders(seed, 'memory', Math.min(senderCount, sizes.memory.transactions))
  const receivers = makeAddresses(seed, 'memory to', senders.length)
  const blocks = Math.ceil(sizes.memory.transactions / senders.length)
  return {
    senders,
    receivers,
    blocks: Array.from({ length: blocks }, (_, nonce) =>
      senders.map((sender, i) =>
        sign(sender, { nonce, gas: 21_000n, to: receivers[i], value: 1n }),
      ),
    ),
  }
}

async function runMemory({ launch, plan, sizes }) {
  const node = await launch()
  await sleep(sizes.memory.idleMs)
  const idle = residentMiB(node.pid)
  if (idle === undefined) throw new Error('resident memory is not known on this system')
  await node.rpc.call('evm_setAutomine', false)
  await fund(
    node.rpc,
    plan.senders.map(({ address }) => address),
  )
  const count = plan.blocks.length
  for (const transactions of plan.blocks) {
    await submit(node, transactions)
    await mine(node, transactions)
  }
  await checkBalances(node.rpc, new Map(plan.receivers.map((to) => [to, BigInt(count)])))
  await sleep(sizes.memory.idleMs)
  const after = residentMiB(node.pid)
  if (after === undefined) throw new Error('the node is gone')
  const growthKiB = ((after - idle) * 1024) / (count * plan.senders.length)
  return { idle: { value: idle }, after: { value: after }, growth: { value: growthKiB } }
}
