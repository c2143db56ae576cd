import type { Account } from '../model/account.ts'
import type { Header } from '../model/block.ts'
import { DecodeError } from '../model/codec/field.ts'
import { readHeader, readTransactions } from '../model/codec/json-block.ts'
import {
  type JsonObject,
  isAbsent,
  readAddress,
  readBytes,
  readHash,
  readNumber,
  readObject,
  readSlot,
} from '../model/genesis-read.ts'
import type { ChainConfig } from '../model/fork.ts'
import { MAINNET } from '../model/mainnet.ts'
import type { Transaction } from '../model/transaction.ts'
import { EMPTY_BYTES } from '../primitives/bytes.ts'
import type { Address, Hash, Slot } from '../primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../primitives/keccak.ts'
import type { StateView } from '../state/view.ts'
import { configOfChain } from './replay-rules.ts'

/** A block as JSON-RPC gives it, of mainnet unless it names another chain, with the part of the state before it that its transactions read. */
export interface ReplayBlock {
  readonly chainId: bigint
  readonly config: ChainConfig
  readonly header: Header
  readonly transactions: readonly Transaction[]
  readonly pre: StateView
}

const ANY_LENGTH = Number.MAX_SAFE_INTEGER

/** @throws {DecodeError} that names the field. */
export function readReplayBlock(json: unknown): ReplayBlock {
  const file = readObject(json, 'the file')
  const block = readObject(file['block'], 'block')
  const header = readHeader(block, 'block')
  const { chainId: named } = file
  const chainId = isAbsent(named) ? MAINNET.chainId : readNumber(named, 'chainId', 64)
  return {
    chainId,
    config: configOfChain(chainId, header),
    header,
    transactions: readTransactions(block, 'block'),
    pre: readPre(readObject(file['pre'], 'pre'), readObject(file['codes'] ?? {}, 'codes')),
  }
}

/** Hashes of earlier blocks, by number: `{"19426586": "0x…"}`. @throws {DecodeError} */
export function readBlockHashes(json: unknown): Map<bigint, Hash> {
  const entries = Object.entries(readObject(json, 'the file'))
  return new Map(entries.map(([key, value]) => [readNumber(key, key, 64), readHash(value, key)]))
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
