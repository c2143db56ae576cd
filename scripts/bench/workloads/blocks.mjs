// Blocks of many transactions: submitted, mined, and their receipts fetched.
import {
  checkReceipts,
  digestOf,
  fetchBlockReceipts,
  fund,
  mine,
  runSetup,
  submit,
} from '../chain.mjs'
import { checkEqual, cpuSample, timed, warmed } from '../measure.mjs'
import { prepareBatches, prepareCall, readBatches } from '../rpc.mjs'
import { groupThousands } from '../table.mjs'
import { planSwaps, planTokenTransfers, planTransfers } from './block-plans.mjs'

/** @type {readonly import('../runner.mjs').Workload[]} */
export const blockWorkloads = [
  {
    id: 'transfers',
    title: ({ transfers }) => `${groupThousands(transfers)} transfers`,
    metrics: blockMetrics({ hasReceipts: true }),
    prepare: ({ seed, sizes }) =>
      planTransfers({ seed, count: sizes.transfers, blocks: sizes.blocks }),
    run: (bench) => runBlocks(bench, { hasReceipts: true }),
  },
  {
    id: 'erc20',
    title: ({ transfers }) => `${groupThousands(transfers)} ERC-20 transfers, independent`,
    metrics: blockMetrics({ hasReceipts: true }),
    prepare: ({ seed, sizes }) =>
      planTokenTransfers({
        seed,
        count: sizes.transfers,
        blocks: sizes.blocks,
        isOneReceiver: false,
      }),
    run: (bench) => runBlocks(bench, { hasReceipts: true }),
  },
  {
    id: 'erc20-one',
    title: ({ transfers }) => `${groupThousands(transfers)} ERC-20 transfers to one receiver`,
    metrics: blockMetrics({ hasReceipts: false }),
    prepare: ({ seed, sizes }) =>
      planTokenTransfers({
        seed,
        count: sizes.transfers,
        blocks: sizes.blocks,
        isOneReceiver: true,
      }),
    run: (bench) => runBlocks(bench, { hasReceipts: false }),
  },
  {
    id: 'swaps-1',
    title: ({ swaps }) => `${groupThousands(swaps)} swaps on 1 pool`,
    metrics: blockMetrics({ hasReceipts: false }),
    prepare: ({ seed, sizes }) =>
      planSwaps({ seed, count: sizes.swaps, blocks: sizes.blocks, pools: 1 }),
    run: (bench) => runBlocks(bench, { hasReceipts: false }),
  },
  {
    id: 'swaps-30',
    title: ({ swaps }) => `${groupThousands(swaps)} swaps on 30 pools`,
    metrics: blockMetrics({ hasReceipts: false }),
    prepare: ({ seed, sizes }) =>
      planSwaps({ seed, count: sizes.swaps, blocks: sizes.blocks, pools: 30 }),
    run: (bench) => runBlocks(bench, { hasReceipts: false }),
  },
]

function blockMetrics({ hasReceipts }) {
  const metrics = [
    { key: 'submit', title: 'submit, batches of 100', unit: 'ms', better: 'lower' },
    { key: 'submitCpu', title: 'eth_sendRawTransaction, CPU each', unit: 'ms', better: 'lower' },
    { key: 'mine', title: 'mine', unit: 'ms', better: 'lower' },
    { key: 'both', title: 'submit and mine', unit: 'tx/s', better: 'higher' },
  ]
  if (!hasReceipts) return metrics
  return [
    ...metrics,
    { key: 'receipts', title: 'all receipts, batches of 100', unit: 'ms', better: 'lower' },
    { key: 'blockReceipts', title: 'eth_getBlockReceipts', unit: 'ms', better: 'lower' },
  ]
}

/** @param {import('../runner.mjs').Bench<import('./block-plans.mjs').BlockPlan>} bench */
async function runBlocks({ launch, plan, record }, { hasReceipts }) {
  const node = await launch()
  await node.rpc.call('evm_setAutomine', false)
  await fund(node.rpc, plan.funded)
  await runSetup(node, plan.setup)
  const submits = []
  const mines = []
  const mined = []
  for (const transactions of plan.blocks) {
    submits.push(await submit(node, transactions))
    const { sample, block } = await mine(node, transactions)
    mines.push(sample)
    mined.push(block)
  }
  const last = mined.at(-1)
  const fetched = hasReceipts ? await fetchReceipts(node, last) : {}
  for (const [index, block] of mined.entries()) {
    const effects = checkReceipts(await fetchBlockReceipts(node.rpc, block), block)
    record(`gas, status and logs of block ${index}`, effects)
    record(`gas of block ${index}`, BigInt(block.gasUsed).toString())
  }
  await plan.verify(node.rpc)
  const count = last.transactions.length
  const submitted = warmed(submits)
  const mining = warmed(mines)
  return {
    submit: submitted,
    ...cpuSample('submitCpu', submitted.cpuMs === undefined ? undefined : submitted.cpuMs / count),
    mine: mining,
    both: { value: (count * 1000) / (submitted.value + mining.value) },
    ...fetched,
  }
}

/** Both ways to get all receipts of a block, which must agree. */
async function fetchReceipts(node, block) {
  const calls = block.transactions.map((hash) => ['eth_getTransactionReceipt', [hash]])
  const requests = prepareBatches(calls)
  const single = await timed(node, () => node.rpc.sendAll(requests))
  const request = prepareCall(['eth_getBlockReceipts', [block.number]])
  const whole = await timed(node, () => node.rpc.sendAll([request]))
  const ones = readBatches(single.result, calls)
  const { result } = JSON.parse(whole.result[0])
  checkEqual('receipts one by one', digestOf(sorted(ones)), digestOf(sorted(result ?? [])))
  return { receipts: single.sample, blockReceipts: whole.sample }
}

function sorted(receipts) {
  return receipts.map((receipt) => Object.entries(receipt).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
