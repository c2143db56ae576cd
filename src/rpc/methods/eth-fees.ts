import { toQuantity } from '../../primitives/hex.ts'
import type { FeeHistory, Json } from '../backend.ts'
import { blockNumberOrTag } from '../codec/block-ref.ts'
import { type Decoder, listOf, mapped } from '../codec/decoder.ts'
import { objectOut, quantityOut } from '../codec/encoder.ts'
import { uint64 } from '../codec/scalar.ts'
import { badParam, serverError } from '../error.ts'
import { noStateError } from '../failure.ts'
import { type MethodTable, method, optional, param } from '../method.ts'

/** Geth answers about this many blocks, however many are asked for. */
const MAX_BLOCKS = 1024n
const MAX_PERCENTILES = 100

const percentile: Decoder<number> = {
  schema: { type: 'number', minimum: 0, maximum: 100 },
  decode(value, path) {
    const number = typeof value === 'string' && value !== '' ? Number(value) : value
    if (typeof number !== 'number' || !(number >= 0 && number <= 100)) {
      throw badParam(path, 'a percentile from 0 to 100', value)
    }
    return number
  },
}

const percentiles = mapped(listOf(percentile, MAX_PERCENTILES), (values) => {
  for (let index = 1; index < values.length; index++) {
    if (values[index]! < values[index - 1]!) {
      throw serverError(
        `invalid reward percentile: #${index - 1}:${values[index - 1]} > #${index}:${values[index]}`,
      )
    }
  }
  return values
})

const historyOut = objectOut('fee history', (history: FeeHistory): Json => ({
  oldestBlock: toQuantity(history.oldestBlock),
  ...(history.rewardsWei !== undefined && {
    reward: history.rewardsWei.map((block) => block.map(toQuantity)),
  }),
  baseFeePerGas: history.baseFeesWei.map(toQuantity),
  gasUsedRatio: history.gasUsedRatios,
  baseFeePerBlobGas: history.blobBaseFeesWei.map(toQuantity),
  blobGasUsedRatio: history.blobGasUsedRatios,
}))

const NO_BLOCKS: FeeHistory = {
  oldestBlock: 0n,
  baseFeesWei: [],
  gasUsedRatios: [],
  blobBaseFeesWei: [],
  blobGasUsedRatios: [],
  rewardsWei: undefined,
}

/** What gas costs, now and in blocks past. */
export const ethFees: MethodTable = {
  eth_gasPrice: method([], quantityOut, ({ backend }) => backend.fees.gasPriceWei()),
  eth_maxPriorityFeePerGas: method([], quantityOut, ({ backend }) =>
    backend.fees.maxPriorityFeePerGasWei(),
  ),
  eth_baseFee: method([], quantityOut, ({ backend }) => backend.fees.nextBaseFeeWei()),
  eth_blobBaseFee: method([], quantityOut, ({ backend }) => backend.fees.nextBlobBaseFeeWei()),
  eth_feeHistory: method(
    [
      param('blockCount', uint64),
      param('newestBlock', blockNumberOrTag),
      optional('rewardPercentiles', percentiles),
    ],
    historyOut,
    async (context, wanted, newest, rewards) => {
      if (wanted === 0n) return NO_BLOCKS
      const blocks = Number(wanted < MAX_BLOCKS ? wanted : MAX_BLOCKS)
      const asked = rewards?.length === 0 ? undefined : rewards
      const history = await context.backend.fees.history(blocks, newest, asked)
      if (history === undefined) throw await noStateError(context, newest)
      return history
    },
  ),
}
