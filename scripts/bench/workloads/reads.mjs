// What is asked of a chain that has much: many logs, proofs among many accounts, and the way back over many changes.
import { mine, submit, toQuantity } from '../chain.mjs'
import { checkEqual, timed } from '../measure.mjs'
import { prepareBatches, prepareCall, readBatches } from '../rpc.mjs'
import { middleOf } from '../stats.mjs'
import { groupThousands } from '../table.mjs'
import { deployer, makeAddresses, sign } from '../wallet.mjs'

const logsPerCall = 500
const proofs = 5
const accountWei = 10n ** 18n
/** Logs a word of zero under each of the topics 0 to 499. */
const runtime = '60005b8060006000a1600101806101f41160025700'
const size = (runtime.length / 2).toString(16).padStart(2, '0')
const creation = `0x60${size}600c60003960${size}6000f3${runtime}`

/** @type {readonly import('../runner.mjs').Workload[]} */
export const readWorkloads = [
  {
    id: 'reads',
    title: () => 'Logs, proofs, and going back',
    metrics: ({ reads }) => [
      metric('logs', `eth_getLogs of ${groupThousands(reads.logs)} by address`),
      metric('topic', `eth_getLogs of ${groupThousands(reads.logs / logsPerCall)} by topic`),
      metric('proof', `eth_getProof, ${groupThousands(reads.accounts)} accounts`),
      metric('revert', `evm_revert over ${groupThousands(reads.touched)} changed accounts`),
    ],
    prepare: ({ seed, sizes }) => ({
      accounts: makeAddresses(seed, 'read', sizes.reads.accounts),
      creation: sign(deployer, { nonce: 0, gas: 1_000_000n, data: creation }),
    }),
    run: runReads,
  },
]

function metric(key, title) {
  return { key, title, unit: 'ms', better: 'lower' }
}

async function runReads({ launch, plan, sizes }) {
  const node = await launch()
  const { rpc } = node
  await rpc.call('evm_setAutomine', false)
  const address = await emitLogs(node, plan.creation, sizes.reads.logs)
  const range = { address, fromBlock: '0x0', toBlock: 'latest' }
  const logs = await asked(node, ['eth_getLogs', [range]], ({ length }) =>
    checkEqual('logs of the contract', length, sizes.reads.logs),
  )
  const topics = [`0x${(77).toString(16).padStart(64, '0')}`]
  const topic = await asked(node, ['eth_getLogs', [{ ...range, topics }]], ({ length }) =>
    checkEqual('logs under the topic', length, sizes.reads.logs / logsPerCall),
  )
  await setBalances(node, plan.accounts, accountWei)
  const proof = await asked(
    node,
    ['eth_getProof', [plan.accounts[7], [], 'latest']],
    ({ balance }) => checkEqual('balance in the proof', BigInt(balance), accountWei),
  )
  return { logs, topic, proof, revert: await goBack(node, plan.accounts, sizes.reads.touched) }
}

/** The contract, after so many logs of it. */
async function emitLogs(node, creationTx, count) {
  await submit(node, [creationTx])
  await mine(node, [creationTx])
  const { contractAddress } = await node.rpc.call('eth_getTransactionReceipt', creationTx.hash)
  const calls = Array.from({ length: count / logsPerCall }, (_, at) =>
    sign(deployer, { nonce: at + 1, gas: 1_000_000n, to: contractAddress }),
  )
  await submit(node, calls)
  await mine(node, calls)
  return contractAddress
}

/** Asks several times; the answers are read when the clock stands. */
export async function asked(node, call, verify) {
  const samples = []
  for (let at = 0; at < proofs; at++) {
    const { result, sample } = await timed(node, () => node.rpc.sendAll([prepareCall(call)]))
    verify(JSON.parse(result[0]).result)
    samples.push(sample)
  }
  return middleOf(samples)
}

async function setBalances(node, addresses, wei) {
  const calls = addresses.map((address) => ['anvil_setBalance', [address, toQuantity(wei)]])
  readBatches(await node.rpc.sendAll(prepareBatches(calls)), calls)
  await mine(node, [])
}

async function goBack(node, accounts, count) {
  const samples = []
  for (let at = 0; at < proofs; at++) {
    const id = await node.rpc.call('evm_snapshot')
    await setBalances(node, accounts.slice(0, count), BigInt(at))
    const { result, sample } = await timed(node, () => node.rpc.call('evm_revert', id))
    checkEqual('evm_revert', result, true)
    const balance = await node.rpc.call('eth_getBalance', accounts[5], 'latest')
    checkEqual('balance after it', BigInt(balance), accountWei)
    samples.push(sample)
  }
  return middleOf(samples)
}
