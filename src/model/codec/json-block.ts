import type { JsonObject } from '../genesis-read.ts'
import {
  isAbsent,
  readAddress,
  readBytes,
  readHash,
  readNumber,
  readObject,
  readOptionalNumber,
  readSlot,
  readWordBytes,
  wrong,
} from '../genesis-read.ts'
import type { Hash } from '../../primitives/hex.ts'
import { EMPTY_LIST_HASH } from '../../primitives/keccak.ts'
import type { Header } from '../block.ts'
import type {
  AccessList,
  Authorization,
  Signature,
  Transaction,
  TransactionFields,
} from '../transaction.ts'
import { encodeTransaction, transactionHash } from './transaction.ts'

/** Blocks as JSON-RPC gives them. */

const ANY_LENGTH = Number.MAX_SAFE_INTEGER

/** The header of a block as JSON-RPC gives it. @param path names the block in errors @throws {DecodeError} that names the field */
export function readHeader(block: JsonObject, path: string): Header {
  const at = (key: string): string => `${path}.${key}`
  const hash = (key: string): Hash => readHash(block[key], at(key))
  const count = (key: string): bigint => readNumber(block[key], at(key), 64)
  const optionalHash = (key: string): Hash | undefined =>
    isAbsent(block[key]) ? undefined : hash(key)
  const optionalCount = (key: string): bigint | undefined =>
    readOptionalNumber(block[key], at(key), 64)
  const logsBloom = readBytes(block['logsBloom'], at('logsBloom'), 256)
  if (logsBloom.length !== 256) throw wrong(at('logsBloom'), '256 bytes', block['logsBloom'])
  return {
    parentHash: hash('parentHash'),
    ommersHash: optionalHash('sha3Uncles') ?? EMPTY_LIST_HASH,
    beneficiary: readAddress(block['miner'], at('miner')),
    stateRoot: hash('stateRoot'),
    transactionsRoot: hash('transactionsRoot'),
    receiptsRoot: hash('receiptsRoot'),
    logsBloom,
    difficulty: readNumber(block['difficulty'] ?? '0x0', at('difficulty'), 256),
    number: count('number'),
    gasLimit: count('gasLimit'),
    gasUsed: count('gasUsed'),
    timestamp: count('timestamp'),
    extraData: readBytes(block['extraData'] ?? '0x', at('extraData'), 32),
    mixHash: hash('mixHash'),
    nonce: readWordBytes(block['nonce'] ?? '0x0', at('nonce'), 8),
    baseFeePerGasWei: readOptionalNumber(block['baseFeePerGas'], at('baseFeePerGas'), 256),
    withdrawalsRoot: optionalHash('withdrawalsRoot'),
    blobGasUsed: optionalCount('blobGasUsed'),
    excessBlobGas: optionalCount('excessBlobGas'),
    parentBeaconBlockRoot: optionalHash('parentBeaconBlockRoot'),
    requestsHash: optionalHash('requestsHash'),
  }
}

/** The transactions of a block that was asked for with all of them. @throws {DecodeError} that names the field */
export function readTransactions(block: JsonObject, path: string): Transaction[] {
  const at = `${path}.transactions`
  return readList(block['transactions'], at).map((tx, index) =>
    readTransaction(tx, `${at}.${index}`),
  )
}

/** A transaction as JSON-RPC gives it. The sender is the one that it names: nothing is recovered. @throws {DecodeError} */
function readTransaction(value: unknown, path: string): Transaction {
  const tx = readObject(value, path)
  const fields = readFields(tx, path)
  const signature = readSignature(tx, path)
  const raw = encodeTransaction(fields, signature)
  const sender = readAddress(tx['from'], `${path}.from`)
  return { ...fields, signature, sender, hash: transactionHash(raw), raw }
}

function readFields(tx: JsonObject, path: string): TransactionFields {
  const wei = (key: string): bigint => readNumber(tx[key], `${path}.${key}`, 256)
  const type = Number(readNumber(tx['type'] ?? '0x0', `${path}.type`, 64))
  const common = {
    nonce: readNumber(tx['nonce'], `${path}.nonce`, 64),
    gasLimit: readNumber(tx['gas'], `${path}.gas`, 64),
    to: isAbsent(tx['to']) ? null : readAddress(tx['to'], `${path}.to`),
    valueWei: wei('value'),
    data: readBytes(tx['input'], `${path}.input`, ANY_LENGTH),
  }
  if (type === 0) {
    const chainId = readOptionalNumber(tx['chainId'], `${path}.chainId`, 256)
    return { type, ...common, chainId, gasPriceWei: wei('gasPrice') }
  }
  const chainId = wei('chainId')
  const accessList = readAccessList(tx['accessList'], `${path}.accessList`)
  if (type === 1) return { type, ...common, chainId, accessList, gasPriceWei: wei('gasPrice') }
  const market = {
    chainId,
    accessList,
    maxFeePerGasWei: wei('maxFeePerGas'),
    maxPriorityFeePerGasWei: wei('maxPriorityFeePerGas'),
  }
  if (type === 2) return { type, ...common, ...market }
  if (type !== 3 && type !== 4) throw wrong(`${path}.type`, '0x0 to 0x4', tx['type'])
  const to = readAddress(tx['to'], `${path}.to`)
  if (type === 4) {
    const list = readList(tx['authorizationList'], `${path}.authorizationList`)
    const authorizationList = list.map((item, at) =>
      readAuthorization(item, `${path}.authorizationList.${at}`),
    )
    return { type, ...common, ...market, to, authorizationList }
  }
  const hashes = readList(tx['blobVersionedHashes'], `${path}.blobVersionedHashes`)
  return {
    type,
    ...common,
    ...market,
    to,
    maxFeePerBlobGasWei: wei('maxFeePerBlobGas'),
    blobVersionedHashes: hashes.map((hash, at) =>
      readHash(hash, `${path}.blobVersionedHashes.${at}`),
    ),
  }
}

function readSignature(tx: JsonObject, path: string): Signature {
  const v = readNumber(tx['yParity'] ?? tx['v'], `${path}.v`, 256)
  // 27 and 28, 35 + 2 * chainId + parity, or the parity itself.
  const isOdd = v > 1n ? v % 2n === 0n : v === 1n
  return {
    yParity: isOdd ? 1 : 0,
    r: readNumber(tx['r'], `${path}.r`, 256),
    s: readNumber(tx['s'], `${path}.s`, 256),
  }
}

function readAccessList(value: unknown, path: string): AccessList {
  return readList(value ?? [], path).map((item, at) => {
    const entry = readObject(item, `${path}.${at}`)
    const keys = readList(entry['storageKeys'], `${path}.${at}.storageKeys`)
    return {
      address: readAddress(entry['address'], `${path}.${at}.address`),
      storageKeys: keys.map((key) => readSlot(String(key), `${path}.${at}.storageKeys`)),
    }
  })
}

function readAuthorization(value: unknown, path: string): Authorization {
  const item = readObject(value, path)
  const number = (key: string): bigint => readNumber(item[key], `${path}.${key}`, 256)
  return {
    chainId: number('chainId'),
    address: readAddress(item['address'], `${path}.address`),
    nonce: number('nonce'),
    yParity: number('yParity'),
    r: number('r'),
    s: number('s'),
  }
}

function readList(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw wrong(path, 'a list', value)
}
