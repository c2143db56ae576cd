// What goes into the blocks of transfers, token transfers and swaps: a pure function of seed and size.
import {
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
} from 'viem'
import { checkBalances } from '../chain.mjs'
import { loadContract } from '../contracts.mjs'
import { checkEqual } from '../measure.mjs'
import { deployer, makeAddresses, makeAmount, makeSenders, sign } from '../wallet.mjs'

const unlimited = 2n ** 256n - 1n
const checkedBalances = 40
const dropSize = 200

/**
 * @typedef {object} BlockPlan
 * @property {readonly string[]} funded accounts that need ether
 * @property {readonly (readonly import('../wallet.mjs').Signed[])[]} setup blocks, untimed
 * @property {readonly (readonly import('../wallet.mjs').Signed[])[]} blocks to time
 * @property {(rpc: import('../rpc.mjs').RpcClient) => Promise<void>} verify checks the state after
 *   all blocks; throws Refuted
 */

/**
 * Each sender pays a receiver of its own.
 * @param {{ seed: number, count: number, blocks: number }} options
 * @returns {BlockPlan}
 */
export function planTransfers({ seed, count, blocks }) {
  const senders = makeSenders(seed, 'sender', count)
  const receivers = makeAddresses(seed, 'receiver', count)
  const amounts = receivers.map((_, index) => makeAmount(seed, 'amount', index))
  const expected = new Map(receivers.map((to, i) => [to, amounts[i] * BigInt(blocks)]))
  return {
    funded: senders.map(({ address }) => address),
    setup: [],
    blocks: eachBlock(blocks, senders, (i) => {
      return { gas: 21_000n, to: receivers[i], value: amounts[i] }
    }),
    verify: (rpc) => checkBalances(rpc, expected),
  }
}

/**
 * Each sender moves tokens, to a receiver of its own or all to one.
 * @param {{ seed: number, count: number, blocks: number, isOneReceiver: boolean }} options
 * @returns {Promise<BlockPlan>}
 */
export async function planTokenTransfers({ seed, count, blocks, isOneReceiver }) {
  const senders = makeSenders(seed, 'holder', count)
  const receivers = makeAddresses(seed, 'payee', isOneReceiver ? 1 : count)
  const amounts = senders.map((_, index) => makeAmount(seed, 'tokens', index))
  const setup = new Deployment()
  const erc20 = await loadContract('ERC20')
  const token = setup.deploy(erc20, ['Bench', 'BEN', 10n ** 30n])
  const airdrop = setup.deploy(await loadContract('Airdrop'), [])
  setup.call(erc20, token, 'approve', [airdrop, unlimited])
  await setup.drop(
    airdrop,
    token,
    senders.map(({ address }) => address),
    10n ** 18n,
  )
  const receiverOf = (index) => receivers[isOneReceiver ? 0 : index]
  const expected = new Map()
  senders.forEach((_, i) => {
    const to = receiverOf(i)
    expected.set(to, (expected.get(to) ?? 0n) + amounts[i] * BigInt(blocks))
  })
  return {
    funded: senders.map(({ address }) => address),
    setup: [setup.transactions],
    blocks: eachBlock(blocks, senders, (i) => {
      const args = [receiverOf(i), amounts[i]]
      const data = encodeFunctionData({ abi: erc20.abi, functionName: 'transfer', args })
      return { gas: 100_000n, to: token, data }
    }),
    verify: (rpc) => checkTokenBalances(rpc, erc20, token, expected),
  }
}

/**
 * Each trader sells one token for another through the router, the pools taken in turn.
 * @param {{ seed: number, count: number, blocks: number, pools: number }} options
 * @returns {Promise<BlockPlan>}
 */
export async function planSwaps({ seed, count, blocks, pools }) {
  const traders = makeSenders(seed, 'trader', count)
  const erc20 = await loadContract('ERC20')
  const routing = await loadContract('Router')
  const setup = new Deployment()
  const factory = setup.deploy(await loadContract('PairFactory'), [])
  const router = setup.deploy(routing, [factory])
  const airdrop = setup.deploy(await loadContract('Airdrop'), [])
  const paths = deployTokens(setup, erc20, pools, [router, airdrop])
  const depth = 10n ** 24n
  for (const [sold, bought] of paths) {
    const args = [sold, bought, depth, depth, 0n, 0n, deployer.address, unlimited]
    setup.call(routing, router, 'addLiquidity', args)
  }
  const amount = 10n ** 18n
  for (const sold of new Set(paths.map(([first]) => first))) {
    const holders = traders.filter((_, i) => paths[i % pools][0] === sold)
    await setup.drop(
      airdrop,
      sold,
      holders.map(({ address }) => address),
      amount * 100n,
    )
  }
  const approve = { abi: erc20.abi, functionName: 'approve', args: [router, unlimited] }
  const approvals = traders.map((trader, i) =>
    sign(trader, {
      nonce: 0,
      gas: 100_000n,
      to: paths[i % pools][0],
      data: encodeFunctionData(approve),
    }),
  )
  return {
    funded: traders.map(({ address }) => address),
    setup: [setup.transactions, approvals],
    blocks: eachBlock(
      blocks,
      traders,
      (i) => {
        const args = [amount, 1n, paths[i % pools], traders[i].address, unlimited]
        const call = { abi: routing.abi, functionName: 'swapExactTokensForTokens', args }
        return { gas: 400_000n, to: router, data: encodeFunctionData(call) }
      },
      1,
    ),
    verify: async (rpc) => {
      const pair = await loadContract('Pair')
      const finder = await loadContract('PairFactory')
      for (const [pool, path] of paths.entries()) {
        const swaps = blocks * traders.filter((_, i) => i % pools === pool).length
        const address = await read(rpc, finder, factory, 'pairOf', path)
        const reserves = (await read(rpc, pair, address, 'getReserves', [])).map(BigInt)
        const [sold, bought] = path[0] < path[1] ? reserves : reserves.toReversed()
        const expected = reservesAfter(depth, amount, swaps)
        checkEqual(`reserve sold to pool ${pool}`, sold, expected.sold)
        checkEqual(`reserve bought from pool ${pool}`, bought, expected.bought)
      }
    },
  }
}

/** The reserves of a pool of `depth` and `depth` after as many swaps of `amount`, 0.3% fee. */
function reservesAfter(depth, amount, swaps) {
  let [sold, bought] = [depth, depth]
  for (let i = 0; i < swaps; i++) {
    const paid = amount * 997n
    bought -= (paid * bought) / (sold * 1000n + paid)
    sold += amount
  }
  return { sold, bought }
}

/** Enough tokens for as many pairs, each allowed to the spenders; pools share no pair. */
function deployTokens(setup, erc20, pools, spenders) {
  const tokens = []
  const paths = []
  while (paths.length < pools) {
    const token = setup.deploy(erc20, [`Token ${tokens.length}`, 'TOK', 10n ** 30n])
    for (const spender of spenders) setup.call(erc20, token, 'approve', [spender, unlimited])
    for (const other of tokens) if (paths.length < pools) paths.push([other, token])
    tokens.push(token)
  }
  return paths
}

/**
 * One transaction of each sender in each block. Each offers a little less than the one before,
 * so that all nodes put them in the same order.
 */
export function eachBlock(blocks, senders, fieldsOf, firstNonce = 0) {
  return Array.from({ length: blocks }, (_, block) =>
    senders.map((sender, index) => {
      const extraWei = BigInt(senders.length - index)
      return sign(sender, { ...fieldsOf(index), nonce: firstNonce + block, extraWei })
    }),
  )
}

/** The deployer's transactions, one after another; addresses are known before they run. */
export class Deployment {
  /** @type {import('../wallet.mjs').Signed[]} */
  transactions = []

  /** @returns {`0x${string}`} where the contract will be, lower case */
  deploy({ abi, bytecode }, args) {
    const nonce = this.transactions.length
    this.transactions.push(
      sign(deployer, { nonce, gas: 6_000_000n, data: encodeDeployData({ abi, bytecode, args }) }),
    )
    return getContractAddress({ from: deployer.address, nonce: BigInt(nonce) }).toLowerCase()
  }

  call({ abi }, to, functionName, args) {
    const nonce = this.transactions.length
    const data = encodeFunctionData({ abi, functionName, args })
    this.transactions.push(sign(deployer, { nonce, gas: 12_000_000n, to, data }))
  }

  async drop(airdrop, token, receivers, amount) {
    const contract = await loadContract('Airdrop')
    for (let at = 0; at < receivers.length; at += dropSize) {
      const some = receivers.slice(at, at + dropSize)
      this.call(contract, airdrop, 'dropTokens', [token, some, some.map(() => amount)])
    }
  }
}

/**
 * Calls a view function.
 * @returns {Promise<any>} what viem makes of its outputs
 */
async function read(rpc, { abi }, to, functionName, args) {
  const call = { to, data: encodeFunctionData({ abi, functionName, args }) }
  const data = await rpc.call('eth_call', call, 'latest')
  return decodeFunctionResult({ abi, functionName, data })
}

async function checkTokenBalances(rpc, erc20, token, expected) {
  const step = Math.ceil(expected.size / checkedBalances)
  const some = [...expected].filter((_, index) => index % step === 0)
  for (const [address, amount] of some) {
    const balance = await read(rpc, erc20, token, 'balanceOf', [address])
    checkEqual(`token balance of ${address}`, balance, amount)
  }
}
