import { blockSize } from '../model/codec/block.ts'
import { encodeHeader } from '../model/codec/header.ts'
import { requestsHash } from '../model/codec/requests.ts'
import { encodeWithdrawal } from '../model/codec/withdrawal.ts'
import { DAO_EXTRA_DATA } from '../model/dao.ts'
import { workDifficulty } from '../model/difficulty.ts'
import { nextBaseFee, nextExcessBlobGas } from '../model/fees.ts'
import type { Block, Header, Withdrawal } from '../model/block.ts'
import type { ChainConfig, Rules } from '../model/fork.ts'
import { isActive, rulesAt } from '../model/fork.ts'
import { bigIntToFixedBytes, concatBytes } from '../primitives/bytes.ts'
import type { Address, Hash } from '../primitives/hex.ts'
import { ZERO_HASH, hexToBytes } from '../primitives/hex.ts'
import { EMPTY_LIST_HASH, EMPTY_ROOT, keccakHash } from '../primitives/keccak.ts'
import type { ExecutedBlock } from '../executor/executor.ts'
import { encodeBlockAccessList } from '../state/block-access-list.ts'
import { orderedRoot } from '../primitives/ordered-root.ts'

/** Headers of blocks in the making, and what they become once executed. */

/** What a builder decides of a block; the rest follows from the parent and the rules. */
export interface BlockPlan {
  readonly timestamp: bigint
  readonly beneficiary: Address
  readonly gasLimit: bigint
  /** Instead of the EIP-1559 price. */
  readonly baseFeeWei?: bigint | undefined
  readonly prevRandao?: Hash | undefined
  readonly parentBeaconBlockRoot?: Hash | undefined
  readonly extraData?: Uint8Array | undefined
  /** From Shanghai on. */
  readonly withdrawals?: readonly Withdrawal[] | undefined
}

/** In what transactions are encoded by; the timestamp may bring other rules, which are found when the block is made. */
export function isSamePlan(one: BlockPlan, other: BlockPlan): boolean {
  return one.gasLimit === other.gasLimit && one.baseFeeWei === other.baseFeeWei
}

/** The header before execution: roots, bloom and gas are still those of nothing. */
export function draftHeader(
  parent: Block,
  config: ChainConfig,
  plan: BlockPlan,
): { readonly header: Header; readonly rules: Rules } {
  const at = { number: parent.header.number + 1n, timestamp: plan.timestamp }
  const rules = rulesAt(config, at.number, at.timestamp)
  const cancun = isActive(rules, 'cancun')
  const header: Header = {
    parentHash: parent.hash,
    ommersHash: EMPTY_LIST_HASH,
    beneficiary: plan.beneficiary,
    stateRoot: EMPTY_ROOT,
    transactionsRoot: EMPTY_ROOT,
    receiptsRoot: EMPTY_ROOT,
    logsBloom: new Uint8Array(256),
    difficulty: rules.hasWork === true ? workDifficulty(at, parent.header, rules) : 0n,
    ...at,
    gasLimit: plan.gasLimit,
    gasUsed: 0n,
    extraData: rules.dao === undefined ? (plan.extraData ?? new Uint8Array(0)) : DAO_EXTRA_DATA,
    mixHash: plan.prevRandao ?? (isActive(rules, 'paris') ? drawRandao(parent) : ZERO_HASH),
    nonce: new Uint8Array(8),
    baseFeePerGasWei: isActive(rules, 'london')
      ? (plan.baseFeeWei ?? nextBaseFee(parent.header, rules))
      : undefined,
    withdrawalsRoot: isActive(rules, 'shanghai') ? EMPTY_ROOT : undefined,
    blobGasUsed: cancun ? 0n : undefined,
    excessBlobGas: cancun ? nextExcessBlobGas(parent.header, rules) : undefined,
    parentBeaconBlockRoot: cancun ? (plan.parentBeaconBlockRoot ?? ZERO_HASH) : undefined,
    requestsHash: undefined,
    blockAccessListHash: undefined,
    slotNumber: isActive(rules, 'amsterdam') ? (parent.header.slotNumber ?? 0n) + 1n : undefined,
  }
  return { header, rules }
}

/** PREVRANDAO of a chain without validators: drawn from the parent, so that a run can be repeated. */
function drawRandao(parent: Block): Hash {
  const number = bigIntToFixedBytes(parent.header.number + 1n, 32)
  return keccakHash(concatBytes(hexToBytes(parent.hash), number))
}

/** The roots that a block's execution yields. */
export interface Commitments {
  readonly stateRoot: Hash
  readonly transactionsRoot: Hash
  readonly receiptsRoot: Hash
  readonly logsBloom: Uint8Array
  readonly gasUsed: bigint
  readonly blobGasUsed: bigint | undefined
  readonly withdrawalsRoot: Hash | undefined
  readonly requestsHash: Hash | undefined
  readonly blockAccessListHash: Hash | undefined
}

/** What a block's execution yields for its header and body. */
export type BlockYield = Pick<
  ExecutedBlock,
  | 'transactions'
  | 'gasUsed'
  | 'blobGasUsed'
  | 'logsBloom'
  | 'receiptsRoot'
  | 'requests'
  | 'blockAccessList'
>

export function commitmentsOf(
  header: Header,
  executed: BlockYield,
  withdrawals: readonly Withdrawal[] | undefined,
  stateRoot: Hash,
): Commitments {
  const { blockAccessList: list } = executed
  return {
    stateRoot,
    transactionsRoot: orderedRoot(executed.transactions.map((tx) => tx.raw)),
    receiptsRoot: executed.receiptsRoot,
    logsBloom: executed.logsBloom,
    gasUsed: executed.gasUsed,
    blobGasUsed: header.blobGasUsed === undefined ? undefined : executed.blobGasUsed,
    withdrawalsRoot: withdrawals && orderedRoot(withdrawals.map(encodeWithdrawal)),
    requestsHash: executed.requests && requestsHash(executed.requests),
    blockAccessListHash: list && keccakHash(encodeBlockAccessList(list)),
  }
}

/** The block that `header` becomes with what its execution yielded. */
export function sealBlock(
  header: Header,
  executed: BlockYield,
  withdrawals: readonly Withdrawal[] | undefined,
  stateRoot: Hash,
): Block {
  const sealed: Header = { ...header, ...commitmentsOf(header, executed, withdrawals, stateRoot) }
  const body = { header: sealed, transactions: executed.transactions, ommers: [], withdrawals }
  const encoded = encodeHeader(sealed)
  return { ...body, hash: keccakHash(encoded), sizeBytes: blockSize(body, encoded.length) }
}
