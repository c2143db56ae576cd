import type { BlockRecord } from '../../chain/block-record.ts'
import type { Header } from '../../model/block.ts'
import { transactionHash } from '../../model/codec/transaction.ts'
import { blobBaseFee } from '../../model/fees.ts'
import { rulesAt } from '../../model/fork.ts'
import type { Receipt } from '../../model/receipt.ts'
import { isImpersonated } from '../../model/signer.ts'
import type { Transaction } from '../../model/transaction.ts'
import { ZERO_HASH, bytesToHex, slotOf, toQuantity } from '../../primitives/hex.ts'
import type { Json } from '../../rpc/backend.ts'
import { encodeHeader, encodeWithdrawal } from '../../rpc/codec/block.ts'
import { encodeTransaction } from '../../rpc/codec/transaction.ts'
import type { SlotEntry } from '../../state/account-leaf.ts'
import { type AccountEntry, accountsOf, slotsOf } from '../../state/world.ts'
import type { PinnedChain } from './pinned-chain.ts'
import { list } from './texts.ts'
import { statesTexts } from './write-states.ts'

/** A text of this length is handed on, about. */
const PIECE = 1 << 16

export interface DumpOptions {
  /** The state after each block too, as far as it is kept. */
  readonly historicalStates: boolean
}

/**
 * The chain as `anvil_dumpState` of Anvil 1.7.1 has it: JSON of the block environment, accounts, blocks and transactions, in
 * pieces, each a millisecond's work or so.
 * @throws {ReplacedError}
 */
export function* dumpJson(chain: PinnedChain, options: DumpOptions): Generator<string> {
  let piece = ''
  for (const text of dumpTexts(chain, options)) {
    piece += text
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  yield piece
}

function* dumpTexts(chain: PinnedChain, options: DumpOptions): Generator<string> {
  const { head } = chain
  const { number } = head.block.header
  yield `{"block":${JSON.stringify(environmentJson(chain))},"accounts":{`
  const accounts = accountsOf(head.version)
  yield* list(accounts, (entry) => accountTexts(chain, entry))
  yield `},"best_block_number":${number},"blocks":[`
  yield* list(chain.records(), blockTexts)
  yield '],"transactions":['
  yield* list(placed(chain.records()), transactionTexts)
  yield '],"historical_states":'
  if (options.historicalStates) yield* statesTexts(chain)
  else yield 'null'
  yield '}'
}

function environmentJson({ head, settings, config }: PinnedChain): Json {
  const { header } = head.block
  const { blob } = rulesAt(config, header.number, header.timestamp)
  return {
    number: toQuantity(header.number),
    beneficiary: header.beneficiary,
    timestamp: toQuantity(header.timestamp),
    gas_limit: Number(settings.gasLimit),
    basefee: Number(header.baseFeePerGasWei ?? 0n),
    difficulty: toQuantity(header.difficulty),
    prevrandao: header.mixHash,
    blob_excess_gas_and_price: {
      excess_blob_gas: Number(header.excessBlobGas ?? 0n),
      blob_gasprice: blob === undefined ? 1 : Number(blobBaseFee(header.excessBlobGas ?? 0n, blob)),
    },
    slot_num: Number(header.slotNumber ?? 0n),
  }
}

function* accountTexts({ codes }: PinnedChain, { address, leaf }: AccountEntry): Generator<string> {
  const { nonce, balanceWei, codeHash } = leaf.account
  const code = bytesToHex(codes.get(codeHash))
  yield `"${address}":{"nonce":${nonce},"balance":"${toQuantity(balanceWei)}","code":"${code}","storage":{`
  yield* list(slotsOf(leaf), slotTexts)
  yield '}}'
}

function* slotTexts({ key, value }: SlotEntry): Generator<string> {
  yield `"${key}":"${slotOf(value)}"`
}

function* blockTexts({ block }: BlockRecord): Generator<string> {
  const json = {
    header: headerJson(block.header),
    transactions: block.transactions.map(transactionJson),
    ommers: block.ommers.map(headerJson),
    withdrawals: block.withdrawals?.map(encodeWithdrawal) ?? null,
  }
  yield JSON.stringify(json)
}

function headerJson(header: Header): Json {
  const { hash: _, ...json } = encodeHeader(header, ZERO_HASH)
  return json
}

/** Where a transaction stands and what it paid is not part of it. */
const PLACE = ['blockHash', 'blockNumber', 'blockTimestamp', 'transactionIndex', 'from'] as const

function transactionJson(tx: Transaction): Json {
  const encoded = encodeTransaction({ transaction: tx, place: undefined }) as Record<string, Json>
  for (const name of PLACE) delete encoded[name]
  if (tx.type >= 2) delete encoded['gasPrice']
  // With a sender Anvil looks for a hash that it makes otherwise; without, it finds the transaction by ours.
  const isAnvils = isImpersonated(tx.signature) && tx.hash !== transactionHash(tx.raw)
  return { transaction: encoded, impersonated_sender: isAnvils ? tx.sender : null }
}

interface PlacedTransaction {
  readonly record: BlockRecord
  readonly index: number
}

function* placed(records: Iterable<BlockRecord>): Generator<PlacedTransaction> {
  for (const record of records) {
    for (let index = 0; index < record.receipts.length; index++) yield { record, index }
  }
}

function* transactionTexts({ record, index }: PlacedTransaction): Generator<string> {
  const { block } = record
  const receipt = record.receipts[index]!
  yield JSON.stringify({
    info: infoJson(block.transactions[index]!, receipt, index),
    receipt: receiptJson(receipt),
    block_hash: block.hash,
    block_number: Number(block.header.number),
  })
}

/** Traces are not kept: Anvil traces a transaction again when asked for one. */
function infoJson(tx: Transaction, receipt: Receipt, index: number): Json {
  return {
    transaction_hash: tx.hash,
    transaction_index: index,
    from: tx.sender,
    to: tx.to,
    contract_address: receipt.contractAddress,
    traces: [],
    exit: receipt.outcome.success ? 'Stop' : 'Revert',
    out: null,
    nonce: Number(tx.nonce),
    gas_used: Number(receipt.gasUsed),
  }
}

function receiptJson({ type, outcome, cumulativeGasUsed, logs, logsBloom }: Receipt): Json {
  return {
    type: toQuantity(type),
    status: outcome.success ? '0x1' : '0x0',
    cumulativeGasUsed: toQuantity(cumulativeGasUsed),
    logs: logs.map(({ address, topics, data }) => ({ address, topics, data: bytesToHex(data) })),
    logsBloom: bytesToHex(logsBloom),
  }
}
