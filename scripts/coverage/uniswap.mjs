import { join } from 'node:path'
import { codeBases, compile } from './compile.mjs'

const ether = 10n ** 18n
const traders = [1, 2, 3, 4, 5]

export const uniswapV2 = {
  name: 'Uniswap v2 core',
  packages: ['@uniswap/v2-core'],
  compile: () =>
    compile({
      name: 'uniswap-v2',
      compiler: 'solc-0.5.16',
      files: [
        '@uniswap/v2-core/contracts/UniswapV2Factory.sol',
        '@uniswap/v2-core/contracts/test/ERC20.sol',
      ],
      settings: { optimizer: { enabled: true, runs: 999_999 }, evmVersion: 'istanbul' },
    }),
  async use(chain) {
    const { accounts } = chain
    const factory = await chain.deploy('UniswapV2Factory', [accounts[0]])
    const tokens = await twoTokens(chain, () => chain.deploy('ERC20', [10n ** 6n * ether]))
    await chain.call(0, factory, 'UniswapV2Factory', 'createPair', ...tokens)
    await chain.call(0, factory, 'UniswapV2Factory', 'setFeeTo', accounts[9])
    const pair = await chain.view(factory, 'UniswapV2Factory', 'getPair', ...tokens)
    const pay = (from, at, value) => chain.call(from, tokens[at], 'ERC20', 'transfer', pair, value)
    const add = async (value) => {
      await pay(0, 0, value)
      await pay(0, 1, value)
      await chain.call(0, pair, 'UniswapV2Pair', 'mint', accounts[0])
    }
    await add(100n * ether)
    for (const trader of traders) {
      await chain.call(0, tokens[0], 'ERC20', 'transfer', accounts[trader], ether)
    }
    for (const trader of traders) {
      await pay(trader, 0, ether / 100n)
      const out = [0n, (ether * 9n) / 1000n]
      await chain.call(trader, pair, 'UniswapV2Pair', 'swap', ...out, accounts[trader], '0x')
    }
    await add(ether)
    await chain.call(0, pair, 'UniswapV2Pair', 'approve', accounts[3], 5n)
    await chain.call(3, pair, 'UniswapV2Pair', 'transferFrom', accounts[0], accounts[4], 5n)
    await chain.call(0, pair, 'UniswapV2Pair', 'transfer', pair, ether)
    await chain.call(0, pair, 'UniswapV2Pair', 'burn', accounts[0])
    await chain.call(0, pair, 'UniswapV2Pair', 'sync')
  },
}

const SQRT_PRICE_ONE = 2n ** 96n
const [LOWEST_PRICE, HIGHEST_PRICE] = [4_295_128_740n, 2n ** 159n]
const POOL = { fee: 3000, tickSpacing: 60, hooks: `0x${'00'.repeat(20)}` }

/**
 * Its build by forge is in the package, without storage layouts: the node asks the compiler beside it for them. Of v3 npm has no source of a
 * pool.
 */
export const uniswapV4 = {
  name: 'Uniswap v4 core',
  packages: ['@uniswap/v4-core'],
  compile: () => join(codeBases, 'node_modules', '@uniswap', 'v4-core', 'out'),
  async use(chain) {
    const { accounts } = chain
    const manager = await chain.deploy('PoolManager', [accounts[0]])
    const keeper = await chain.deploy('PoolModifyLiquidityTest', [manager])
    const router = await chain.deploy('PoolSwapTest', [manager])
    const tokens = await twoTokens(chain, () => chain.deploy('TestERC20', [10n ** 6n * ether]))
    for (const user of [0, ...traders]) {
      for (const token of tokens) {
        const give = [accounts[user], 1000n * ether]
        if (user > 0) await chain.call(0, token, 'TestERC20', 'transfer', ...give)
        await chain.call(user, token, 'TestERC20', 'approve', keeper, 10n ** 30n)
        await chain.call(user, token, 'TestERC20', 'approve', router, 10n ** 30n)
      }
    }
    const pool = { ...POOL, currency0: tokens[0], currency1: tokens[1] }
    await chain.call(0, manager, 'PoolManager', 'initialize', pool, SQRT_PRICE_ONE)
    const add = (user, tickLower, tickUpper, liquidityDelta) => {
      const change = { tickLower, tickUpper, liquidityDelta, salt: `0x${'00'.repeat(32)}` }
      const parts = ['PoolModifyLiquidityTest', 'modifyLiquidity', pool, change, '0x']
      return chain.call(user, keeper, ...parts)
    }
    await add(0, -887_220, 887_220, 1000n * ether)
    for (const user of traders) await add(user, -60 * user, 60 * user, ether)
    for (const user of traders) {
      const zeroForOne = user % 2 === 0
      const amountSpecified = -ether * BigInt(user)
      const sqrtPriceLimitX96 = zeroForOne ? LOWEST_PRICE : HIGHEST_PRICE
      const swap = { zeroForOne, amountSpecified, sqrtPriceLimitX96 }
      const settings = { takeClaims: user === 3, settleUsingBurn: false }
      await chain.call(user, router, 'PoolSwapTest', 'swap', pool, swap, settings, '0x')
    }
    await add(1, -60, 60, -ether / 2n)
    await chain.call(3, manager, 'PoolManager', 'setOperator', accounts[4], true)
    await chain.call(0, manager, 'PoolManager', 'setProtocolFeeController', accounts[5])
    await chain.call(5, manager, 'PoolManager', 'setProtocolFee', pool, 500)
  },
}

/** Two tokens, the one with the lower address first. */
async function twoTokens(chain, deploy) {
  const tokens = [await deploy(), await deploy()]
  return tokens.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))
}
