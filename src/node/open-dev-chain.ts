import { Clock } from '../chain/clock.ts'
import { DevChain } from '../chain/dev-chain.ts'
import type { BlockSettings } from '../chain/settings.ts'
import type { NodeConfig } from './config.ts'
import { type KeptSettings, readKeptSettings, withGiven } from './kept-settings.ts'
import { StartError } from './start-error.ts'
import { type StartedChain, gasLimitOf } from './start-chain.ts'
import { type StateFiles, openStateFiles } from './state-file.ts'
import { EMPTY_BYTES } from '../primitives/bytes.ts'

interface OpenedDevChain {
  readonly dev: DevChain
  readonly files: StateFiles
  /** What the data folder had of settings. */
  readonly kept: KeptSettings | undefined
}

/**
 * The dev chain on a chain that was started, with what its folder and its state file bring.
 * @param given what the user asked for at this start: it goes before what was kept
 * @param onFailure hears of state files that cannot be written
 */
export async function openDevChain(
  config: NodeConfig,
  given: Partial<NodeConfig>,
  started: StartedChain,
  onFailure: (error: unknown) => void,
): Promise<OpenedDevChain> {
  const { disk } = started
  try {
    const kept = disk && readKeptSettings(disk)
    const dev = devChain(config, started, given, kept)
    return { dev, files: await openStateFiles(config, { dev, onFailure }), kept }
  } catch (error) {
    await disk?.close()
    throw error
  }
}

/** @param given what the user asked for at this start: it goes before what was kept */
function devChain(
  config: NodeConfig,
  { chain, disk }: StartedChain,
  given: Partial<NodeConfig>,
  kept: KeptSettings | undefined,
): DevChain {
  const head = chain.head.block.header
  const initial: BlockSettings = {
    coinbase: config.coinbase,
    gasLimit: config.genesisFile === undefined ? gasLimitOf(config) : head.gasLimit,
    nextBaseFeeWei: config.fork === undefined ? undefined : given.baseFeeWei,
    nextPrevRandao: undefined,
    extraData: EMPTY_BYTES,
    withdrawals: [],
    minGasPriceWei: 0n,
    impersonated: new Set(),
    autoImpersonate: config.autoImpersonate,
  }
  const settings = kept === undefined ? initial : withGiven(kept.settings, initial, given)
  const rules = {
    order: config.order,
    enforceTxGasCap: config.enforceTxGasCap,
    unlimitedCodeSize: config.codeSizeLimit === Number.POSITIVE_INFINITY,
    poolBalanceChecks: config.poolBalanceChecks,
    maxPoolTransactions: config.maxPoolTransactions,
    maxBlockTransactions: config.maxBlockTransactions,
  }
  const clock = new Clock(
    config.fork && head.timestamp > (config.genesisTimestamp ?? 0n)
      ? head.timestamp
      : config.genesisTimestamp,
  )
  if (kept !== undefined) {
    clock.restore(kept.clock)
    const tweaks = kept.signers && { signers: kept.signers }
    chain.adjust({ chainId: kept.chainId, tweaks })
  }
  const { codeSizeLimit } = config
  if (codeSizeLimit !== undefined && Number.isFinite(codeSizeLimit)) {
    if (config.engine !== 'wasm' || config.hardfork === 'amsterdam') {
      throw new StartError(
        'a limit of the code size takes the engine wasm, up to Osaka; others can do without one (--disable-code-size-limit)',
      )
    }
    chain.adjust({ tweaks: { ...chain.config.tweaks, maxCodeBytes: codeSizeLimit } })
  }
  return new DevChain(chain, clock, rules, settings, () => disk?.ready())
}
