import type { BlockRecord } from '../../chain/block-record.ts'
import type { Block, Header } from '../../model/block.ts'
import { bloomOf } from '../../model/bloom.ts'
import type { CallFields } from '../../model/call.ts'
import { blockSize } from '../../model/codec/block.ts'
import { headerHash } from '../../model/codec/header.ts'
import { encodeTransaction } from '../../model/codec/transaction.ts'
import { createAddress } from '../../model/create-address.ts'
import { blobBaseFee, blobGasOf, effectiveGasPrice } from '../../model/fees.ts'
import { type ChainConfig, rulesAt } from '../../model/fork.ts'
import type { Log, Receipt } from '../../model/receipt.ts'
import { openStoredTransaction } from '../../model/signer.ts'
import type { Signature, Transaction, TransactionFields } from '../../model/transaction.ts'
import type { Address, Hash } from '../../primitives/hex.ts'
import { EMPTY_BYTES } from '../../primitives/bytes.ts'
import { callFields } from '../../rpc/codec/call-fields.ts'
import {
  type Decoder,
  asRecord,
  boolean,
  fieldsOf,
  listOf,
  mapped,
} from '../../rpc/codec/decoder.ts'
import { address, bytes, hash, uint256, uint64, word32 } from '../../rpc/codec/scalar.ts'
import { withdrawal } from '../../rpc/codec/withdrawal.ts'
import { invalidParams } from '../../rpc/error.ts'

/** Blocks and transactions of a dump, as Anvil writes them. */

export interface DumpedBlock {
  readonly header: Header
  readonly hash: Hash
  readonly transactions: readonly DumpedTransaction[]
  readonly ommers: readonly Header[]
  readonly withdrawals: Block['withdrawals']
}

interface DumpedTransaction {
  readonly fields: TransactionFields
  readonly signature: Signature
  readonly impersonatedSender: Address | undefined
}

/** What became of a transaction. */
export interface DumpedReceipt {
  readonly hash: Hash
  readonly blockHash: Hash
  readonly index: number
  readonly from: Address
  readonly gasUsed: bigint
  readonly success: boolean
  readonly cumulativeGasUsed: bigint
  readonly logs: readonly Log[]
}

const headerFields = fieldsOf({
  parentHash: hash,
  sha3Uncles: hash,
  miner: address,
  stateRoot: hash,
  transactionsRoot: hash,
  receiptsRoot: hash,
  logsBloom: bytes,
  difficulty: uint256,
  number: uint64,
  gasLimit: uint64,
  gasUsed: uint64,
  timestamp: uint64,
  extraData: bytes,
  mixHash: hash,
  nonce: bytes,
  baseFeePerGas: uint256,
  withdrawalsRoot: hash,
  blobGasUsed: uint64,
  excessBlobGas: uint64,
  parentBeaconBlockRoot: hash,
  requestsHash: hash,
  blockAccessListHash: hash,
  slotNumber: uint64,
})

const dumpedHeader = mapped(headerFields, (read, path): Header => {
  const required = requiredIn(path)
  return {
    parentHash: required(read.parentHash, 'parentHash'),
    ommersHash: required(read.sha3Uncles, 'sha3Uncles'),
    beneficiary: required(read.miner, 'miner'),
    stateRoot: required(read.stateRoot, 'stateRoot'),
    transactionsRoot: required(read.transactionsRoot, 'transactionsRoot'),
    receiptsRoot: required(read.receiptsRoot, 'receiptsRoot'),
    logsBloom: required(read.logsBloom, 'logsBloom'),
    difficulty: required(read.difficulty, 'difficulty'),
    number: required(read.number, 'number'),
    gasLimit: required(read.gasLimit, 'gasLimit'),
    gasUsed: required(read.gasUsed, 'gasUsed'),
    timestamp: required(read.timestamp, 'timestamp'),
    extraData: read.extraData ?? EMPTY_BYTES,
    mixHash: required(read.mixHash, 'mixHash'),
    nonce: required(read.nonce, 'nonce'),
    baseFeePerGasWei: read.baseFeePerGas,
    withdrawalsRoot: read.withdrawalsRoot,
    blobGasUsed: read.blobGasUsed,
    excessBlobGas: read.excessBlobGas,
    parentBeaconBlockRoot: read.parentBeaconBlockRoot,
    requestsHash: read.requestsHash,
    blockAccessListHash: read.blockAccessListHash,
    slotNumber: read.slotNumber,
  }
})

const signatureFields = fieldsOf({ r: uint256, s: uint256, v: uint256, yParity: uint256 })

/** A transaction by itself, or with who sent it without a key. */
const dumpedTransaction = {
  schema: {},
  decode(value: unknown, path: string): DumpedTransaction {
    const whole = asRecord(value, path)
    const isWrapped = 'transaction' in whole
    const where = isWrapped ? `${path}.transaction` : path
    const json = isWrapped ? whole['transaction'] : value
    const sender = isWrapped ? whole['impersonated_sender'] : undefined
    const call = callFields.decode(json, where)
    const { r, s, v, yParity } = signatureFields.decode(json, where)
    const required = requiredIn(where)
    const parity = yParity ?? (required(v, 'v') >= 27n ? (v! + 1n) % 2n : v!)
    return {
      fields: transactionFields(call, v, where),
      signature: {
        yParity: parity === 0n ? 0 : 1,
        r: required(r, 'r'),
        s: required(s, 's'),
      },
      impersonatedSender:
        sender === undefined || sender === null
          ? undefined
          : address.decode(sender, `${path}.impersonated_sender`),
    }
  },
}

function transactionFields(
  call: CallFields,
  v: bigint | undefined,
  path: string,
): TransactionFields {
  const required = requiredIn(path)
  const common = {
    nonce: required(call.nonce, 'nonce'),
    gasLimit: required(call.gas, 'gas'),
    to: call.to ?? null,
    valueWei: call.valueWei ?? 0n,
    data: call.data ?? EMPTY_BYTES,
  }
  const accessList = call.accessList ?? []
  const type = call.type ?? 0
  if (type === 0) {
    // EIP-155: a `v` of 27 or 28 names no chain.
    const chainId = v === 27n || v === 28n ? undefined : call.chainId
    return { type, ...common, chainId, gasPriceWei: required(call.gasPriceWei, 'gasPrice') }
  }
  const chainId = required(call.chainId, 'chainId')
  if (type === 1) {
    const gasPriceWei = required(call.gasPriceWei, 'gasPrice')
    return { type, ...common, chainId, gasPriceWei, accessList }
  }
  const market = {
    ...common,
    chainId,
    accessList,
    maxFeePerGasWei: required(call.maxFeePerGasWei, 'maxFeePerGas'),
    maxPriorityFeePerGasWei: required(call.maxPriorityFeePerGasWei, 'maxPriorityFeePerGas'),
  }
  switch (type) {
    case 3:
      return {
        type,
        ...market,
        to: required(common.to ?? undefined, 'to'),
        maxFeePerBlobGasWei: required(call.maxFeePerBlobGasWei, 'maxFeePerBlobGas'),
        blobVersionedHashes: call.blobVersionedHashes ?? [],
      }
    case 4:
      return {
        type,
        ...market,
        to: required(common.to ?? undefined, 'to'),
        authorizationList: call.authorizationList ?? [],
      }
    default:
      return { type: 2, ...market }
  }
}

const blockFields = fieldsOf({
  header: dumpedHeader,
  transactions: listOf(dumpedTransaction),
  ommers: listOf(dumpedHeader),
  withdrawals: listOf(withdrawal),
})

/** An item of the dump's `blocks`. */
export const dumpedBlock: Decoder<DumpedBlock> = mapped(blockFields, (read, path): DumpedBlock => {
  const header = requiredIn(path)(read.header, 'header')
  return {
    header,
    hash: headerHash(header),
    transactions: read.transactions ?? [],
    ommers: read.ommers ?? [],
    withdrawals: header.withdrawalsRoot === undefined ? undefined : (read.withdrawals ?? []),
  }
})

const logFields = mapped(
  fieldsOf({ address, topics: listOf(hash), data: bytes }),
  (read, path): Log => ({
    address: requiredIn(path)(read.address, 'address'),
    topics: read.topics ?? [],
    data: read.data ?? EMPTY_BYTES,
  }),
)

const receiptFields = fieldsOf({
  info: fieldsOf({
    transaction_hash: hash,
    transaction_index: uint64,
    from: address,
    gas_used: uint64,
  }),
  receipt: fieldsOf({
    // Before Byzantium a root stands here; Anvil writes true or false in old dumps.
    status: {
      schema: {},
      decode: (value: unknown, path: string) =>
        typeof value === 'boolean' ? boolean.decode(value, path) : word32.decode(value, path),
    },
    cumulativeGasUsed: uint64,
    logs: listOf(logFields),
  }),
  block_hash: hash,
})

/** An item of the dump's `transactions`. */
export const dumpedReceipt: Decoder<DumpedReceipt> = mapped(
  receiptFields,
  (read, path): DumpedReceipt => {
    const required = requiredIn(path)
    const info = required(read.info, 'info')
    const receipt = required(read.receipt, 'receipt')
    const { status } = receipt
    return {
      hash: required(info.transaction_hash, 'info.transaction_hash'),
      blockHash: required(read.block_hash, 'block_hash'),
      index: Number(required(info.transaction_index, 'info.transaction_index')),
      from: required(info.from, 'info.from'),
      gasUsed: required(info.gas_used, 'info.gas_used'),
      success: status === true || (typeof status === 'string' && BigInt(status) === 1n),
      cumulativeGasUsed: required(receipt.cumulativeGasUsed, 'receipt.cumulativeGasUsed'),
      logs: receipt.logs ?? [],
    }
  },
)

/** A block of the dump as the chain has it, without its state. @throws {RpcError} that names what is missing */
export function recordOf(
  block: DumpedBlock,
  receipts: ReadonlyMap<number, DumpedReceipt>,
  parentDifficulty: bigint,
  config: ChainConfig,
): BlockRecord {
  const { header, ommers, withdrawals } = block
  const named = `block ${header.number}`
  const opened = block.transactions.map((dumped, index) => {
    const receipt = receipts.get(index)
    if (receipt === undefined) {
      throw invalidParams(
        `\`transactions\`: the receipt of transaction ${index} of ${named} is missing`,
      )
    }
    const tx = transactionOf(dumped, receipt, `transaction ${index} of ${named}`)
    return { tx, receipt: receiptOf(tx, receipt, header, config) }
  })
  const body = { header, transactions: opened.map(({ tx }) => tx), ommers, withdrawals }
  return {
    block: { ...body, hash: block.hash, sizeBytes: blockSize(body) },
    receipts: opened.map(({ receipt }) => receipt),
    totalDifficulty: parentDifficulty + header.difficulty,
    version: undefined,
  }
}

/** Anvil hashes what it sent without a key another way: its hash is taken as it stands. */
function transactionOf(
  dumped: DumpedTransaction,
  receipt: DumpedReceipt,
  named: string,
): Transaction {
  const raw = encodeTransaction(dumped.fields, dumped.signature)
  const opened = openStoredTransaction(raw, dumped.impersonatedSender ?? receipt.from)
  if (!opened.ok) throw invalidParams(`\`blocks\`: ${named}: ${opened.error}`)
  if (opened.value.hash === receipt.hash) return opened.value
  if (dumped.impersonatedSender === undefined) {
    throw invalidParams(
      `\`blocks\`: ${named} has the hash ${opened.value.hash}, its receipt says ${receipt.hash}`,
    )
  }
  return { ...opened.value, hash: receipt.hash }
}

function receiptOf(
  tx: Transaction,
  dumped: DumpedReceipt,
  header: Header,
  config: ChainConfig,
): Receipt {
  const { success, logs } = dumped
  const { blob } = rulesAt(config, header.number, header.timestamp)
  const blobGasUsed = blobGasOf(tx)
  const created = tx.to === null ? createAddress(tx.sender, tx.nonce) : null
  return {
    type: tx.type,
    outcome: { success },
    cumulativeGasUsed: dumped.cumulativeGasUsed,
    logsBloom: bloomOf(logs),
    logs,
    gasUsed: dumped.gasUsed,
    effectiveGasPriceWei: effectiveGasPrice(tx, header.baseFeePerGasWei),
    contractAddress: success ? created : null,
    ...(blobGasUsed > 0n &&
      blob !== undefined && {
        blobGasUsed,
        blobGasPriceWei: blobBaseFee(header.excessBlobGas ?? 0n, blob),
      }),
  }
}

function requiredIn(path: string): <T>(value: T | undefined, name: string) => T {
  return (value, name) => {
    if (value === undefined) throw invalidParams(`\`${path}.${name}\`: missing, it is required`)
    return value
  }
}
