import type { Account } from '../model/account.ts'
import type { Header } from '../model/block.ts'
import { DecodeError } from '../model/codec/field.ts'
import { encodeTransaction, transactionHash } from '../model/codec/transaction.ts'
import {
  type JsonObject,
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
} from '../model/genesis-read.ts'
import type {
  AccessList,
  Authorization,
  Signature,
  Transaction,
  TransactionFields,
} from '../model/transaction.ts'
import { EMPTY_BYTES } from '../primitives/bytes.ts'
import type { Address, Hash, Slot } from '../primitives/hex.ts'
import { EMPTY_CODE_HASH, EMPTY_LIST_HASH, keccakHash } from '../primitives/keccak.ts'
import type { StateView } from '../state/view.ts'

/** A mainnet block as JSON-RPC gives it, with the part of the state before it that its transactions read. */
export interface ReplayBlock {
  readonly header: Header
  readonly transactions: readonly Transaction[]
  readonly pre: StateView
}

const ANY_LENGTH = Number.MAX_SAFE_INTEGER

/** @throws {DecodeError} that names the field. */
export function readReplayBlock(json: unknown): ReplayBlock {
  const file = readObject(json, 'the file')
  const block = readObject(file['block'], 'block')
  return {
    header: readHeader(block),
    transactions: readList(block['transactions'], 'block.transactions').map(readTransaction),
    pre: readPre(readObject(file['pre'], 'pre'), readObject(file['codes'] ?? {}, 'codes')),
  }
}

/** Hashes of earlier blocks, by number: `{"19426586": "0x…"}`. @throws {DecodeError} */
export function readBlockHashes(json: unknown): Map<bigint, Hash> {
  const entries = Object.entries(readObject(json, 'the file'))
  return new Map(entries.map(([key, value]) => [readNumber(key, key, 64), readHash(value, key)]))
}

function readHeader(block: JsonObject): Header {
  const at = (key: string): string => `block.${key}`
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

/** The sender is the one that the block names: nothing is recovered. */
function readTransaction(value: unknown, index: number): Transaction {
  const path = `block.transactions.${index}`
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

interface PreAccount {
  readonly account: Account
  readonly slots: ReadonlyMap<Slot, bigint>
  readonly hasStorage: boolean
}

/** A view of the accounts and slots that the file holds; all others are taken for empty. */
function readPre(pre: JsonObject, codes: JsonObject): StateView {
  const accounts = new Map<Address, PreAccount>()
  for (const [key, value] of Object.entries(pre)) {
    const path = `pre.${key}`
    accounts.set(readAddress(key, path), readPreAccount(readObject(value, path), path))
  }
  const code = new Map<Hash, Uint8Array>()
  for (const [key, value] of Object.entries(codes)) {
    const bytes = readBytes(value, `codes.${key}`, ANY_LENGTH)
    const hash = readHash(key, `codes.${key}`)
    // Engines keep code by its hash: another's would run in its place.
    if (keccakHash(bytes) !== hash) throw new DecodeError(`codes.${key}: is not this code's hash`)
    code.set(hash, bytes)
  }
  return {
    account: (address) => accounts.get(address)?.account,
    slot: (address, key) => accounts.get(address)?.slots.get(key) ?? 0n,
    hasStorage: (address) => accounts.get(address)?.hasStorage ?? false,
    code(hash) {
      if (hash === EMPTY_CODE_HASH) return EMPTY_BYTES
      const found = code.get(hash)
      if (found === undefined) throw new DecodeError(`codes: ${hash} is missing`)
      return found
    },
  }
}

function readPreAccount(value: JsonObject, path: string): PreAccount {
  const slots = new Map<Slot, bigint>()
  const storage = readObject(value['storage'] ?? {}, `${path}.storage`)
  for (const [key, word] of Object.entries(storage)) {
    const at = `${path}.storage.${key}`
    slots.set(readSlot(key, at), readNumber(word, at, 256))
  }
  const codeHash = value['code_hash'] ?? value['codeHash']
  return {
    account: {
      balanceWei: readNumber(value['balance'], `${path}.balance`, 256),
      nonce: readNumber(value['nonce'] ?? 0, `${path}.nonce`, 64),
      codeHash: isAbsent(codeHash) ? EMPTY_CODE_HASH : readHash(codeHash, `${path}.code_hash`),
    },
    slots,
    hasStorage: [...slots.values()].some((word) => word !== 0n),
  }
}

function readList(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw wrong(path, 'a list', value)
}
