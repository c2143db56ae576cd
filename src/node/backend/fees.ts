import type { DevChain } from '../../chain/dev-chain.ts'
import { feeHistory, nextBlobFee } from '../../chain/fee-history.ts'
import type { FeePort } from '../../rpc/backend.ts'
import type { NodeConfig } from '../config.ts'
import type { Resolver } from './resolve.ts'

const SUGGESTED_TIP_WEI = 1_000_000_000n

/** Prices as RPC reads them. */
export function feePort(dev: DevChain, resolver: Resolver, config: NodeConfig): FeePort {
  const { chain } = dev
  const tipWei = config.minPriorityFee ? SUGGESTED_TIP_WEI : 0n
  return {
    gasPriceWei() {
      const baseFeeWei = dev.nextBaseFeeWei()
      return baseFeeWei === undefined ? config.gasPriceWei : baseFeeWei + tipWei
    },
    maxPriorityFeePerGasWei: () => tipWei,
    nextBaseFeeWei: () => dev.nextBaseFeeWei() ?? 0n,
    nextBlobBaseFeeWei: () => nextBlobFee(chain.head.block.header, chain.config),
    async history(count, newest, percentiles) {
      const record = resolver.mined(newest)
      if (record === undefined) return undefined
      const { number } = record.block.header
      return feeHistory(chain.history, chain.config, count, number, percentiles)
    },
  }
}
