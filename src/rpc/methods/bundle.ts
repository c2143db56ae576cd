import type { Header } from '../../model/block.ts'
import type { BlockOverrides } from '../../model/call.ts'
import { effectiveTip, nextBaseFee } from '../../model/fees.ts'
import { openTransaction } from '../../model/signer.ts'
import type { Transaction } from '../../model/transaction.ts'
import { concatBytes } from '../../primitives/bytes.ts'
import { bytesToHex, hexToBytes } from '../../primitives/hex.ts'
import { keccakHash } from '../../primitives/keccak.ts'
import type { Json } from '../backend.ts'
import type { BlockRef } from '../block-ref.ts'
import { LATEST, blockNumberOrTag } from '../codec/block-ref.ts'
import { anything, fieldsOf, listOf } from '../codec/decoder.ts'
import { jsonOut } from '../codec/encoder.ts'
import { address, bytes, uint256, uint64 } from '../codec/scalar.ts'
import { invalidParams, serverError } from '../error.ts'
import type { StepOutcome } from '../inspect-port.ts'
import { type MethodTable, method, param } from '../method.ts'
import { revertMessage } from '../revert.ts'
import { ranSteps } from '../traces.ts'

const MAX_TRANSACTIONS = 1_000
const SLOT_SECONDS = 12n

const request = fieldsOf({
  txs: listOf(bytes, MAX_TRANSACTIONS),
  blockNumber: blockNumberOrTag,
  stateBlockNumber: blockNumberOrTag,
  coinbase: address,
  timestamp: uint64,
  gasLimit: uint64,
  difficulty: uint256,
  baseFee: uint256,
  timeout: anything,
})

/** Flashbots' simulation of a bundle: signed transactions, one after another, as a block would include them. */
export const bundle: MethodTable = {
  eth_callBundle: method([param('bundle', request)], jsonOut, async (context, asked) => {
    const raws = asked.txs ?? []
    if (raws.length === 0) throw invalidParams('`bundle.txs`: expected at least one transaction')
    const transactions = raws.map((raw, index) => {
      const opened = openTransaction(raw)
      if (opened.ok) return opened.value
      throw invalidParams(`\`bundle.txs[${index}]\`: ${opened.error}`)
    })
    const at: BlockRef = asked.stateBlockNumber ?? LATEST
    const parent = (await context.backend.chain.block(at))?.block.header
    if (parent === undefined) throw serverError('header not found: `bundle.stateBlockNumber`')
    const overrides = overridesOf(asked, parent)
    const steps = raws.map((raw) => ({ call: { kind: 'included', raw } as const }))
    const outcomes = await ranSteps(context, steps, { at, blockOverrides: overrides })
    return answerOf(transactions, outcomes, overrides.baseFeePerGasWei, parent.number)
  }),
}

/** The block that the bundle is for: what is not said of it is as it would be on `parent`. */
function overridesOf(
  asked: ReturnType<typeof request.decode>,
  parent: Header,
): BlockOverrides & { readonly baseFeePerGasWei: bigint | undefined } {
  const { blockNumber, timestamp, gasLimit, coinbase, difficulty, baseFee } = asked
  const isLondon = parent.baseFeePerGasWei !== undefined
  return {
    number: blockNumber?.kind === 'number' ? blockNumber.number : parent.number + 1n,
    timestamp: timestamp ?? parent.timestamp + SLOT_SECONDS,
    gasLimit: gasLimit ?? parent.gasLimit,
    beneficiary: coinbase ?? parent.beneficiary,
    difficulty,
    baseFeePerGasWei: baseFee ?? (isLondon ? nextBaseFee(parent) : undefined),
  }
}

/** Wei as decimal text, gas and numbers of blocks as numbers. */
function answerOf(
  transactions: readonly Transaction[],
  outcomes: readonly StepOutcome[],
  baseFeeWei: bigint | undefined,
  stateBlock: bigint,
): Json {
  let [gas, paid, fees] = [0n, 0n, 0n]
  const results = outcomes.map((outcome, index): Json => {
    const tx = transactions[index]!
    const feesWei = effectiveTip(tx, baseFeeWei) * outcome.gasUsed
    gas += outcome.gasUsed
    paid += outcome.paidWei
    fees += feesWei
    return {
      txHash: tx.hash,
      fromAddress: tx.sender,
      toAddress: tx.to,
      gasUsed: Number(outcome.gasUsed),
      gasFees: String(feesWei),
      gasPrice: String(outcome.paidWei / outcome.gasUsed),
      coinbaseDiff: String(outcome.paidWei),
      ethSentToCoinbase: String(outcome.paidWei - feesWei),
      ...endOf(outcome),
    }
  })
  return {
    bundleHash: keccakHash(concatBytes(...transactions.map(({ hash }) => hexToBytes(hash)))),
    bundleGasPrice: String(paid / gas),
    coinbaseDiff: String(paid),
    ethSentToCoinbase: String(paid - fees),
    gasFees: String(fees),
    results,
    stateBlockNumber: Number(stateBlock),
    totalGasUsed: Number(gas),
  }
}

function endOf({ outcome, output, reason }: StepOutcome): { readonly [key: string]: Json } {
  if (outcome === 'success') return { value: bytesToHex(output) }
  if (outcome === 'halt') return { error: reason ?? 'halted' }
  return { error: revertMessage(output), revert: bytesToHex(output) }
}
