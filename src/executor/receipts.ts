import type { Outcome } from '../evm/engine.ts'
import { bloomOf } from '../model/bloom.ts'
import { encodeReceipt } from '../model/codec/receipt.ts'
import { blobBaseFee, blobGasOf, effectiveGasPrice } from '../model/fees.ts'
import type { Header } from '../model/block.ts'
import type { Rules } from '../model/fork.ts'
import type { Log, Receipt } from '../model/receipt.ts'
import type { Transaction } from '../model/transaction.ts'
import type { Hash } from '../primitives/hex.ts'
import { orderedRoot } from '../primitives/ordered-root.ts'

export type ExecutedOutcome = Exclude<Outcome, { kind: 'rejected' }>

const NO_LOGS: readonly Log[] = []

/**
 * The receipt of an executed transaction. `cumulativeGasUsed` includes it; `stateRoot` is the intermediate root that a receipt carries
 * before Byzantium (EIP-658).
 */
export function receiptOf(
  tx: Transaction,
  outcome: ExecutedOutcome,
  header: Header,
  rules: Rules,
  cumulativeGasUsed: bigint,
  stateRoot: Hash | undefined,
): Receipt {
  const success = outcome.kind === 'success'
  const logs = success ? outcome.logs : NO_LOGS
  const blobGas = blobGasOf(tx)
  return {
    type: tx.type,
    outcome: stateRoot === undefined ? { success } : { stateRoot, success },
    cumulativeGasUsed,
    logsBloom: bloomOf(logs),
    logs,
    gasUsed: outcome.gasUsed,
    effectiveGasPriceWei: effectiveGasPrice(tx, header.baseFeePerGasWei),
    contractAddress: success ? outcome.created : null,
    ...(blobGas > 0n && rules.blob !== undefined
      ? {
          blobGasUsed: blobGas,
          blobGasPriceWei: blobBaseFee(header.excessBlobGas ?? 0n, rules.blob),
        }
      : {}),
  }
}

/** As a header has it. */
export function receiptsRoot(receipts: readonly Receipt[]): Hash {
  return orderedRoot(receipts.map(encodeReceipt))
}

/** Why a transaction failed, in Geth's words; undefined for success. */
export function failureOf(outcome: ExecutedOutcome): string | undefined {
  switch (outcome.kind) {
    case 'success':
      return undefined
    case 'revert':
      return 'execution reverted'
    case 'halt':
      return outcome.reason
  }
}
