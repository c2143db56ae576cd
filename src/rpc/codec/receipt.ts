import { PackedLog } from '../../model/packed-log.ts'
import type { Log } from '../../model/receipt.ts'
import { bytesToHex, toQuantity } from '../../primitives/hex.ts'
import { AsciiWriter } from './ascii-writer.ts'
import type { Json, LocatedLog, LocatedReceipt } from '../backend.ts'

/** A receipt as Geth shows it: `status` since Byzantium, `root` before. */
export function encodeReceipt(located: LocatedReceipt): Json {
  const { receipt, transaction, header, blockHash, index } = located
  const { outcome } = receipt
  return {
    blockHash,
    blockNumber: toQuantity(header.number),
    contractAddress: receipt.contractAddress,
    cumulativeGasUsed: toQuantity(receipt.cumulativeGasUsed),
    effectiveGasPrice: toQuantity(receipt.effectiveGasPriceWei),
    from: transaction.sender,
    gasUsed: toQuantity(receipt.gasUsed),
    logs: logsOfReceipt(located).map(encodeLog),
    logsBloom: bytesToHex(receipt.logsBloom),
    ...('stateRoot' in outcome
      ? { root: outcome.stateRoot }
      : { status: outcome.success ? '0x1' : '0x0' }),
    to: transaction.to,
    transactionHash: transaction.hash,
    transactionIndex: toQuantity(index),
    type: toQuantity(receipt.type),
    ...(receipt.blobGasUsed !== undefined && { blobGasUsed: toQuantity(receipt.blobGasUsed) }),
    ...(receipt.blobGasPriceWei !== undefined && {
      blobGasPrice: toQuantity(receipt.blobGasPriceWei),
    }),
  }
}

function logsOfReceipt(located: LocatedReceipt): readonly LocatedLog[] {
  const { receipt, transaction, header, blockHash, index, firstLogIndex } = located
  return receipt.logs.map((log, offset) => ({
    log,
    blockHash,
    blockNumber: header.number,
    blockTimestamp: header.timestamp,
    transactionHash: transaction.hash,
    transactionIndex: index,
    logIndex: firstLogIndex + offset,
    removed: false,
  }))
}

/** Of a log's JSON besides its data, about. */
const LOG_TEXT = 700

/** The JSON of `logs.map(encodeLog)`, from the bytes of logs that are packed: most of it is hex, and none of it an object. */
export function logsText(logs: readonly LocatedLog[]): string {
  const out = new AsciiWriter(2 + LOG_TEXT * logs.length)
  let [hash, block, place] = ['', '', '']
  out.text('[')
  for (const [index, located] of logs.entries()) {
    if (located.transactionHash !== hash || located.blockHash !== block) {
      hash = located.transactionHash
      block = located.blockHash
      place = placeText(located)
    }
    if (index > 0) out.text(',')
    writeLog(out, located.log)
    out.text(`${place},"logIndex":"${toQuantity(located.logIndex)}","removed":${located.removed}}`)
  }
  out.text(']')
  return out.finish()
}

function writeLog(out: AsciiWriter, log: Log): void {
  if (!(log instanceof PackedLog)) {
    const { address, topics, data } = log
    out.text(
      `{"address":"${address}","topics":${JSON.stringify(topics)},"data":"${bytesToHex(data)}",`,
    )
    return
  }
  const { bytes, topicCount } = log
  let at = 20
  out.text('{"address":"0x')
  out.hex(bytes, 0, at++)
  for (let topic = 0; topic < topicCount; topic++) {
    out.text(topic === 0 ? '","topics":["0x' : '","0x')
    out.hex(bytes, at, at + 32)
    at += 32
  }
  out.text(topicCount === 0 ? '","topics":[],"data":"0x' : '"],"data":"0x')
  out.hex(bytes, at, bytes.length)
  out.text('",')
}

function placeText(located: LocatedLog): string {
  const { blockNumber, transactionHash, transactionIndex, blockHash, blockTimestamp } = located
  return `"blockNumber":"${toQuantity(blockNumber)}","transactionHash":"${transactionHash}","transactionIndex":"${toQuantity(transactionIndex)}","blockHash":"${blockHash}","blockTimestamp":"${toQuantity(blockTimestamp)}"`
}

/** A log of eth_getLogs, of a receipt, and of a subscription. */
export function encodeLog(located: LocatedLog): { readonly [key: string]: Json } {
  return {
    address: located.log.address,
    topics: located.log.topics,
    data: bytesToHex(located.log.data),
    blockNumber: toQuantity(located.blockNumber),
    transactionHash: located.transactionHash,
    transactionIndex: toQuantity(located.transactionIndex),
    blockHash: located.blockHash,
    blockTimestamp: toQuantity(located.blockTimestamp),
    logIndex: toQuantity(located.logIndex),
    removed: located.removed,
  }
}
