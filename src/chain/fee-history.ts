import { blobBaseFee, effectiveTip, nextBaseFee, nextExcessBlobGas } from '../model/fees.ts'
import { GAS_PER_BLOB } from '../model/fees.ts'
import type { ChainConfig } from '../model/fork.ts'
import { rulesAt } from '../model/fork.ts'
import type { Header } from '../model/block.ts'
import type { BlockRecord } from './block-record.ts'
import type { History } from './history.ts'

/** eth_feeHistory: what blocks asked for and what their transactions paid. Wei per gas. */
export interface FeeHistory {
  readonly oldestBlock: bigint
  /** One more than there are blocks: the last is the next block's. */
  readonly baseFeesWei: readonly bigint[]
  readonly gasUsedRatios: readonly number[]
  readonly blobBaseFeesWei: readonly bigint[]
  readonly blobGasUsedRatios: readonly number[]
  readonly rewardsWei: readonly (readonly bigint[])[] | undefined
}

/** @param newest a number of the chain @param percentiles 0 to 100, ascending */
export function feeHistory(
  history: History,
  config: ChainConfig,
  count: number,
  newest: bigint,
  percentiles: readonly number[] | undefined,
): FeeHistory {
  const genesis = history.genesis.block.header.number
  const wanted = newest - BigInt(count) + 1n
  const oldestBlock = wanted > genesis ? wanted : genesis
  const records = [...history.range(oldestBlock, newest)]
  const headers = records.map((record) => record.block.header)
  const last = headers[headers.length - 1]
  return {
    oldestBlock,
    baseFeesWei: [
      ...headers.map((header) => header.baseFeePerGasWei ?? 0n),
      ...nextFee(last, config),
    ],
    gasUsedRatios: headers.map((header) => ratio(header.gasUsed, header.gasLimit)),
    blobBaseFeesWei: [
      ...headers.map((header) => blobFeeOf(header, config)),
      ...(last === undefined ? [] : [nextBlobFee(last, config)]),
    ],
    blobGasUsedRatios: headers.map((header) => blobRatio(header, config)),
    rewardsWei: percentiles && records.map((record) => rewards(record, percentiles)),
  }
}

function nextFee(last: Header | undefined, rules: Pick<ChainConfig, 'network'>): readonly bigint[] {
  if (last === undefined) return []
  return [last.baseFeePerGasWei === undefined ? 0n : nextBaseFee(last, rules)]
}

function blobFeeOf(header: Header, config: ChainConfig): bigint {
  const { blob } = rulesAt(config, header.number, header.timestamp)
  if (blob === undefined || header.excessBlobGas === undefined) return 0n
  return blobBaseFee(header.excessBlobGas, blob)
}

/** The blob base fee of the block after `header`; zero before Cancun. */
export function nextBlobFee(header: Header, config: ChainConfig): bigint {
  const rules = rulesAt(config, header.number + 1n, header.timestamp + 1n)
  return rules.blob === undefined ? 0n : blobBaseFee(nextExcessBlobGas(header, rules), rules.blob)
}

function blobRatio(header: Header, config: ChainConfig): number {
  const { blob } = rulesAt(config, header.number, header.timestamp)
  if (blob === undefined || header.blobGasUsed === undefined) return 0
  return ratio(header.blobGasUsed, GAS_PER_BLOB * BigInt(blob.max))
}

function ratio(used: bigint, limit: bigint): number {
  return limit === 0n ? 0 : Number(used) / Number(limit)
}

/** The tip at each percentile of the block's gas, its transactions sorted by tip. */
function rewards(record: BlockRecord, percentiles: readonly number[]): readonly bigint[] {
  const { transactions, header } = record.block
  if (transactions.length === 0) return percentiles.map(() => 0n)
  const paid = transactions
    .map((tx, index) => ({
      tipWei: effectiveTip(tx, header.baseFeePerGasWei),
      gasUsed: record.receipts[index]!.gasUsed,
    }))
    .toSorted((a, b) => (a.tipWei < b.tipWei ? -1 : a.tipWei > b.tipWei ? 1 : 0))
  let at = 0
  let sum = paid[0]!.gasUsed
  return percentiles.map((percentile) => {
    const threshold = BigInt(Math.floor((Number(header.gasUsed) * percentile) / 100))
    while (sum < threshold && at < paid.length - 1) sum += paid[++at]!.gasUsed
    return paid[at]!.tipWei
  })
}
