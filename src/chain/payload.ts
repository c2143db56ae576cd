import type { ExecutionOptions } from '../evm/engine.ts'
import type { Header } from '../model/block.ts'
import { ELASTICITY, effectiveTip } from '../model/fees.ts'
import { isActive, rulesAt } from '../model/fork.ts'
import type { Payload, PayloadAttributes, PayloadOutcome } from '../model/payload.ts'
import type { BlobSidecar, Transaction } from '../model/transaction.ts'
import type { Hash } from '../primitives/hex.ts'
import { encodeBlockAccessList } from '../state/block-access-list.ts'
import type { BuiltBlock, Chain } from './chain.ts'
import type { LiveRecord } from './block-record.ts'

/** Where gas limits go when nobody names a target: what most validators ask for. */
const TARGET_GAS_LIMIT = 60_000_000n
const GAS_LIMIT_BOUND_DIVISOR = 1_024n

/** What goes into a payload. */
export interface PayloadBody {
  readonly transactions: readonly Transaction[]
  /** `all`: one that cannot be in it refuses the payload. */
  readonly include: 'all' | 'fitting'
  readonly optionsOf: (tx: Transaction) => ExecutionOptions
  readonly sidecarOf: (hash: Hash) => BlobSidecar | undefined
}

/** A block on `parent` as the consensus side orders it; the chain stays as it is. */
export async function buildPayload(
  chain: Chain,
  parent: LiveRecord,
  attributes: PayloadAttributes,
  body: PayloadBody,
): Promise<PayloadOutcome> {
  const { header } = parent.block
  const { timestamp } = attributes
  if (timestamp <= header.timestamp) {
    return { kind: 'tooEarly', parentTimestamp: header.timestamp }
  }
  const plan = {
    timestamp,
    beneficiary: attributes.feeRecipient,
    gasLimit: gasLimitAfter(chain, header, attributes),
    prevRandao: attributes.prevRandao,
    parentBeaconBlockRoot: attributes.parentBeaconBlockRoot,
    extraData: attributes.extraData,
    withdrawals: attributes.withdrawals,
  }
  const { transactions, optionsOf } = body
  const built = await chain.build(plan, { transactions, optionsOf }, parent)
  const [skipped] = built.executed.skipped
  if (body.include === 'all' && skipped !== undefined) return { kind: 'rejected', ...skipped }
  return { kind: 'built', payload: payloadOf(built, body.sidecarOf) }
}

function payloadOf({ record, executed }: BuiltBlock, sidecarOf: PayloadBody['sidecarOf']): Payload {
  const { block, receipts } = record
  const { transactions, header } = block
  const { blockAccessList } = executed
  return {
    block,
    valueWei: transactions.reduce(
      (sum, tx, index) =>
        sum + effectiveTip(tx, header.baseFeePerGasWei) * receipts[index]!.gasUsed,
      0n,
    ),
    sidecars: transactions.flatMap((tx) => tx.sidecar ?? sidecarOf(tx.hash) ?? []),
    requests: executed.requests ?? [],
    blockAccessList: blockAccessList && encodeBlockAccessList(blockAccessList),
  }
}

/** The gas limit that comes nearest to the target within what the parent's allows (EIP-1559 doubles it once). */
function gasLimitAfter(
  { config }: Chain,
  parent: Header,
  { timestamp, targetGasLimit = TARGET_GAS_LIMIT }: PayloadAttributes,
): bigint {
  const rules = rulesAt(config, parent.number + 1n, timestamp)
  const isFirstOfLondon = isActive(rules, 'london') && parent.baseFeePerGasWei === undefined
  const before = isFirstOfLondon ? parent.gasLimit * ELASTICITY : parent.gasLimit
  const step = before / GAS_LIMIT_BOUND_DIVISOR - 1n
  if (targetGasLimit > before + step) return before + step
  return targetGasLimit < before - step ? before - step : targetGasLimit
}
