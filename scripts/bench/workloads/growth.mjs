// What grows: the accounts of the state, and the length of the chain.
import { checkBalances, latestBlock, mine, submit, toQuantity } from '../chain.mjs'
import { check, checkEqual, timed } from '../measure.mjs'
import { prepareBatches, readBatches } from '../rpc.mjs'
import { middleOf } from '../stats.mjs'
import { groupThousands } from '../table.mjs'
import { deployer, makeAddresses, sign } from '../wallet.mjs'

const accountWei = 10n ** 18n
const warmBlocks = 100

/** @type {readonly import('../runner.mjs').Workload[]} */
export const growthWorkloads = [
  {
    id: 'state',
    title: () => 'A one-transfer block on a growing state',
    metrics: ({ accounts }) => [
      ...accounts.map((count) => ({
        key: `mine${count}`,
        title: `mine, ${groupThousands(count)} accounts`,
        unit: 'ms',
        better: 'lower',
      })),
      {
        key: 'grow',
        title: `${groupThousands(accounts.at(-1))} x setBalance and a block`,
        unit: 'ms',
        better: 'lower',
      },
    ],
    prepare: planState,
    run: runState,
  },
  {
    id: 'empty',
    title: () => 'Empty blocks',
    metrics: ({ empty }) => [
      {
        key: 'mine',
        title: `anvil_mine of ${groupThousands(empty.blocks)}`,
        unit: 'ms',
        better: 'lower',
      },
    ],
    prepare: () => undefined,
    run: runEmpty,
  },
]

function planState({ seed, sizes }) {
  const perStep = sizes.stateBlocks
  const accounts = makeAddresses(seed, 'account', sizes.accounts.at(-1))
  const receivers = makeAddresses(seed, 'state to', warmBlocks + perStep * sizes.accounts.length)
  const transfers = receivers.map((to, nonce) =>
    sign(deployer, { nonce, gas: 21_000n, to, value: 7n }),
  )
  return { accounts, receivers, transfers }
}

async function runState({ launch, plan, sizes, record }) {
  const node = await launch()
  await node.rpc.call('evm_setAutomine', false)
  let next = warmBlocks
  const mineNext = async () => {
    const transfer = [plan.transfers[next++]]
    await submit(node, transfer)
    const { sample, block } = await mine(node, transfer)
    record(`gas of block ${next}`, String(BigInt(block.gasUsed)))
    return sample
  }
  for (const { raw } of plan.transfers.slice(0, warmBlocks)) {
    await node.rpc.call('eth_sendRawTransaction', raw)
    await node.rpc.call('evm_mine')
  }
  const samples = {}
  let growMs = 0
  let known = 0
  for (const count of sizes.accounts) {
    growMs += await grow(node, plan.accounts.slice(known, count))
    known = count
    const mines = []
    for (let i = 0; i < sizes.stateBlocks; i++) mines.push(await mineNext())
    samples[`mine${count}`] = middleOf(mines)
  }
  const transferred = plan.receivers.map((to) => [to, 7n])
  const made = plan.accounts.filter((_, index) => index % 97 === 0).map((to) => [to, accountWei])
  await checkBalances(node.rpc, new Map([...transferred, ...made]))
  return { ...samples, grow: { value: growMs } }
}

/** Makes accounts, and mines the block that makes the node work their hashes out; milliseconds. */
async function grow(node, addresses) {
  if (addresses.length === 0) return 0
  const wei = toQuantity(accountWei)
  const calls = addresses.map((address) => ['anvil_setBalance', [address, wei]])
  const requests = prepareBatches(calls)
  const made = await timed(node, () => node.rpc.sendAll(requests))
  readBatches(made.result, calls)
  const { sample } = await mine(node, [])
  return made.sample.value + sample.value
}

async function runEmpty({ launch, sizes, within }) {
  const node = await launch()
  const { blocks, capMs } = sizes.empty
  const start = await latestBlock(node.rpc)
  const { sample } = await timed(node, () =>
    within(capMs, node.rpc.call('anvil_mine', toQuantity(blocks), '0x1')),
  )
  await checkChain(node.rpc, start, blocks)
  return { mine: sample }
}

/** Checks that as many blocks follow one after another, each later than its parent. */
async function checkChain(rpc, start, count) {
  const first = Number(start.number)
  const calls = Array.from({ length: count }, (_, index) => [
    'eth_getBlockByNumber',
    [toQuantity(first + index + 1), false],
  ])
  let parent = start
  for (const block of await rpc.batch(calls)) {
    check(block !== null, `block ${Number(parent.number) + 1} is not there`)
    checkEqual(`parent hash of block ${Number(block.number)}`, block.parentHash, parent.hash)
    check(
      BigInt(block.timestamp) > BigInt(parent.timestamp),
      `block ${Number(block.number)} is not later than its parent`,
    )
    parent = block
  }
  checkEqual('number of the last block', Number(parent.number), first + count)
}
