import { join } from 'node:path'
import { codeBases } from './compile.mjs'

const ray = 10n ** 27n
const ether = 10n ** 18n
const ZERO = `0x${'00'.repeat(20)}`
const VARIABLE = 2n
const users = [1, 2, 3, 4]

/** The package has the artefacts of its own build. */
export const aaveV3 = {
  name: 'Aave v3 core',
  packages: ['@aave/core-v3'],
  compile: () => join(codeBases, 'node_modules', '@aave', 'core-v3', 'artifacts'),
  async use(chain) {
    const { accounts } = chain
    const { pool, dataOf } = await deployMarket(chain)
    const coins = [await dataOf('DAI'), await dataOf('WETH')]
    for (const user of [0, ...users]) {
      for (const coin of coins) {
        await chain.call(user, coin, 'MintableERC20', 'mint', 1000n * ether)
        await chain.call(user, coin, 'MintableERC20', 'approve', pool, 10n ** 30n)
      }
    }
    const [dai, weth] = coins
    const onPool = (user, functionName, ...args) =>
      chain.call(user, pool, 'Pool', functionName, ...args)
    await onPool(0, 'supply', dai, 900n * ether, accounts[0], 0)
    for (const user of users) {
      await onPool(user, 'supply', weth, 10n * ether, accounts[user], 0)
      await onPool(user, 'borrow', dai, ether, VARIABLE, 0, accounts[user])
    }
    for (const user of users) {
      await onPool(user, 'repay', dai, ether / 2n, VARIABLE, accounts[user])
      await onPool(user, 'withdraw', weth, ether, accounts[user])
    }
    await onPool(1, 'setUserUseReserveAsCollateral', weth, true)
    await onPool(0, 'mintToTreasury', [dai])
  },
}

/** Two coins on a market of one's own. */
async function deployMarket(chain) {
  const { accounts } = chain
  const provider = await chain.deploy('PoolAddressesProvider', ['Market', accounts[0]])
  const set = (functionName, ...args) =>
    chain.call(0, provider, 'PoolAddressesProvider', functionName, ...args)
  await set('setACLAdmin', accounts[0])
  const acl = await chain.deploy('ACLManager', [provider])
  await set('setACLManager', acl)
  await chain.call(0, acl, 'ACLManager', 'addPoolAdmin', accounts[0])
  const pool = await deployPool(chain, provider, set)
  const configurator = await chain.view(provider, 'PoolAddressesProvider', 'getPoolConfigurator')
  const oracle = await chain.deploy('PriceOracle')
  await set('setPriceOracle', oracle)
  const rates = await chain.deploy('DefaultReserveInterestRateStrategy', [
    provider,
    (ray * 8n) / 10n,
    0n,
    (ray * 4n) / 100n,
    (ray * 75n) / 100n,
    (ray * 2n) / 100n,
    (ray * 60n) / 100n,
    (ray * 2n) / 100n,
    (ray * 8n) / 100n,
    (ray * 20n) / 100n,
  ])
  const implementations = {
    aTokenImpl: await chain.deploy('AToken', [pool]),
    stableDebtTokenImpl: await chain.deploy('StableDebtToken', [pool]),
    variableDebtTokenImpl: await chain.deploy('VariableDebtToken', [pool]),
  }
  const configure = (functionName, ...args) =>
    chain.call(0, configurator, 'PoolConfigurator', functionName, ...args)
  const dataOf = async (symbol) => {
    const asset = await chain.deploy('MintableERC20', [symbol, symbol, 18])
    await chain.call(0, oracle, 'PriceOracle', 'setAssetPrice', asset, 10n ** 8n)
    await configure('initReserves', [
      {
        ...implementations,
        underlyingAssetDecimals: 18,
        interestRateStrategyAddress: rates,
        underlyingAsset: asset,
        treasury: accounts[8],
        incentivesController: ZERO,
        aTokenName: `a${symbol}`,
        aTokenSymbol: `a${symbol}`,
        variableDebtTokenName: `v${symbol}`,
        variableDebtTokenSymbol: `v${symbol}`,
        stableDebtTokenName: `s${symbol}`,
        stableDebtTokenSymbol: `s${symbol}`,
        params: '0x10',
      },
    ])
    await configure('configureReserveAsCollateral', asset, 7500n, 8000n, 10_500n)
    await configure('setReserveBorrowing', asset, true)
    await configure('setReserveFactor', asset, 1000n)
    return asset
  }
  return { pool, dataOf }
}

async function deployPool(chain, provider, set) {
  const names = ['BorrowLogic', 'BridgeLogic', 'ConfiguratorLogic', 'EModeLogic']
  const libraries = {}
  for (const name of [...names, 'LiquidationLogic', 'PoolLogic', 'SupplyLogic']) {
    libraries[name] = await chain.deploy(name)
  }
  libraries['FlashLoanLogic'] = await chain.deploy('FlashLoanLogic', [], libraries)
  await set('setPoolImpl', await chain.deploy('Pool', [provider], libraries))
  const configurator = await chain.deploy('PoolConfigurator', [], libraries)
  await set('setPoolConfiguratorImpl', configurator)
  return chain.view(provider, 'PoolAddressesProvider', 'getPool')
}
