// Steps on a node that several workloads take, each checked.
import { createHash } from 'node:crypto'
import { prepareBatches, readBatches } from './rpc.mjs'
import { check, checkEqual, timed } from './measure.mjs'
import { senderBalanceWei } from './wallet.mjs'

/**
 * Gives each account `senderBalanceWei`.
 * @param {import('./rpc.mjs').RpcClient} rpc
 * @param {readonly string[]} addresses
 */
export async function fund(rpc, addresses) {
  const wei = toQuantity(senderBalanceWei)
  await rpc.batch(addresses.map((address) => ['anvil_setBalance', [address, wei]]))
}

/**
 * Submits signed transactions in batches of 100.
 * @param {import('./node-process.mjs').NodeProcess} node
 * @param {readonly import('./wallet.mjs').Signed[]} transactions
 * @returns {Promise<import('./measure.mjs').Sample>}
 * @throws {import('./measure.mjs').Refuted} when a hash is not the one that was signed
 */
export async function submit(node, transactions) {
  const calls = transactions.map(({ raw }) => ['eth_sendRawTransaction', [raw]])
  const requests = prepareBatches(calls)
  const { result, sample } = await timed(node, () => node.rpc.sendAll(requests))
  const hashes = readBatches(result, calls)
  transactions.forEach(({ hash }, index) => checkEqual('transaction hash', hashes[index], hash))
  return sample
}

/**
 * Mines a block of exactly the given transactions, on top of the latest one.
 * @param {import('./node-process.mjs').NodeProcess} node
 * @param {readonly import('./wallet.mjs').Signed[]} transactions what the pool holds
 * @returns {Promise<{ sample: import('./measure.mjs').Sample, block: Record<string, any> }>}
 * @throws {import('./measure.mjs').Refuted} when the block does not link, or holds something else
 */
export async function mine(node, transactions) {
  const parent = await latestBlock(node.rpc)
  const { sample } = await timed(node, () => node.rpc.call('evm_mine'))
  const block = await latestBlock(node.rpc)
  checkEqual('block number', BigInt(block.number), BigInt(parent.number) + 1n)
  checkEqual('parent hash', block.parentHash, parent.hash)
  checkEqual('transactions in the block', block.transactions.length, transactions.length)
  const mined = new Set(block.transactions)
  check(
    transactions.every(({ hash }) => mined.has(hash)),
    'the block holds other transactions than were sent',
  )
  return { sample, block }
}

/**
 * Runs transactions that prepare a workload, a block each, untimed.
 * @param {import('./node-process.mjs').NodeProcess} node
 * @param {readonly (readonly import('./wallet.mjs').Signed[])[]} blocks
 * @throws {import('./measure.mjs').Refuted} when one of them fails
 */
export async function runSetup(node, blocks) {
  for (const transactions of blocks) {
    await submit(node, transactions)
    const { block } = await mine(node, transactions)
    checkReceipts(await fetchBlockReceipts(node.rpc, block), block)
  }
}

export async function fetchBlockReceipts(rpc, block) {
  return rpc.call('eth_getBlockReceipts', block.number)
}

/** @returns {Promise<Record<string, any>>} with the hashes of its transactions */
export async function latestBlock(rpc) {
  return rpc.call('eth_getBlockByNumber', 'latest', false)
}

/**
 * Checks a block's receipts: all there, in order, successful, gas adding up.
 * @param {readonly Record<string, any>[]} receipts
 * @param {Record<string, any>} block with the hashes of its transactions
 * @returns {string} a digest of what each transaction did (gas, status, logs), whatever its place
 *   in the block: equal on all nodes
 * @throws {import('./measure.mjs').Refuted}
 */
export function checkReceipts(receipts, block) {
  checkEqual('receipts of the block', receipts?.length, block.transactions.length)
  let gas = 0n
  receipts.forEach((receipt, index) => {
    gas += BigInt(receipt.gasUsed)
    checkEqual('hash of a receipt', receipt.transactionHash, block.transactions[index])
    checkEqual('block of a receipt', receipt.blockHash, block.hash)
    checkEqual('status of a transaction', receipt.status, '0x1')
    checkEqual('cumulative gas', BigInt(receipt.cumulativeGasUsed), gas)
  })
  checkEqual('gas of the block', BigInt(block.gasUsed), gas)
  const effects = receipts.map(({ transactionHash, gasUsed, status, logs }) => [
    transactionHash,
    BigInt(gasUsed).toString(),
    status,
    logs.map(({ address, topics, data }) => [address.toLowerCase(), topics, data]),
  ])
  return digestOf(effects.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * Checks balances in wei.
 * @param {import('./rpc.mjs').RpcClient} rpc
 * @param {ReadonlyMap<string, bigint>} expected by address
 * @throws {import('./measure.mjs').Refuted}
 */
export async function checkBalances(rpc, expected) {
  const addresses = [...expected.keys()]
  const calls = addresses.map((address) => ['eth_getBalance', [address, 'latest']])
  const balances = await rpc.batch(calls)
  addresses.forEach((address, index) => {
    checkEqual(`balance of ${address}`, BigInt(balances[index]), expected.get(address))
  })
}

/** @returns {string} of anything that JSON can say */
export function digestOf(value) {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
}

/** @returns {string} as JSON-RPC writes quantities */
export function toQuantity(value) {
  return `0x${value.toString(16)}`
}
