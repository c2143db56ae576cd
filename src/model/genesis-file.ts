import type { Address, Slot } from '../primitives/hex.ts'
import type { Header } from './block.ts'
import { type Decoded, DecodeError, attempt } from './codec/field.ts'
import type { ChainConfig } from './fork.ts'
import { readChainConfig } from './genesis-config.ts'
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
} from './genesis-read.ts'

/** What a genesis file gives an account. */
interface GenesisFileAccount {
  readonly balanceWei: bigint
  readonly nonce?: bigint | undefined
  readonly code?: Uint8Array | undefined
  /** Without zeros. */
  readonly storage?: ReadonlyMap<Slot, bigint> | undefined
}

/** A geth `genesis.json`. Header fields that it leaves out follow from the rules. */
export interface GenesisFile {
  readonly config: ChainConfig
  /** `config` as the file has it, for `readChainConfig`. */
  readonly configJson: unknown
  readonly alloc: ReadonlyMap<Address, GenesisFileAccount>
  readonly header: Pick<
    Header,
    | 'number'
    | 'gasLimit'
    | 'timestamp'
    | 'beneficiary'
    | 'difficulty'
    | 'extraData'
    | 'mixHash'
    | 'nonce'
    | 'baseFeePerGasWei'
    | 'excessBlobGas'
    | 'blobGasUsed'
  >
}

/** Reads a geth `genesis.json`: its text. The error names the field, as `genesis: alloc.0x…balance: expected …`. */
export function parseGenesisFile(text: string): Decoded<GenesisFile> {
  const result = attempt('genesis', () => {
    const file = readObject(parseJson(text), 'the file')
    return {
      config: readChainConfig(file['config']),
      configJson: file['config'],
      alloc: readAlloc(file['alloc']),
      header: readHeader(file),
    }
  })
  return result.ok ? result : { ok: false, error: `genesis: ${result.error}` }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new DecodeError(`not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const ZERO_WORD = `0x${'0'.repeat(64)}`

function readHeader(file: JsonObject): GenesisFile['header'] {
  for (const [field, zero] of [
    ['gasUsed', readOptionalNumber(file['gasUsed'], 'gasUsed', 64) ?? 0n],
    ['parentHash', BigInt(readHash(file['parentHash'] ?? ZERO_WORD, 'parentHash'))],
  ] as const) {
    if (zero !== 0n) throw new DecodeError(`${field}: expected zero, since a genesis has no parent`)
  }
  return {
    number: readOptionalNumber(file['number'], 'number', 64) ?? 0n,
    gasLimit: readNumber(file['gasLimit'], 'gasLimit', 64),
    timestamp: readOptionalNumber(file['timestamp'], 'timestamp', 64) ?? 0n,
    beneficiary: readAddress(file['coinbase'] ?? `0x${'0'.repeat(40)}`, 'coinbase'),
    difficulty: readOptionalNumber(file['difficulty'], 'difficulty', 256) ?? 0n,
    extraData: readBytes(file['extraData'] ?? '0x', 'extraData', 32),
    mixHash: readHash(file['mixHash'] ?? file['mixhash'] ?? ZERO_WORD, 'mixHash'),
    nonce: readWordBytes(file['nonce'] ?? '0x0', 'nonce', 8),
    baseFeePerGasWei: readOptionalNumber(file['baseFeePerGas'], 'baseFeePerGas', 256),
    excessBlobGas: readOptionalNumber(file['excessBlobGas'], 'excessBlobGas', 64),
    blobGasUsed: readOptionalNumber(file['blobGasUsed'], 'blobGasUsed', 64),
  }
}

function readAlloc(value: unknown): Map<Address, GenesisFileAccount> {
  const alloc = new Map<Address, GenesisFileAccount>()
  for (const [key, entry] of Object.entries(readObject(value, 'alloc'))) {
    const path = `alloc.${key}`
    const address = readAddress(key, path)
    if (alloc.has(address)) throw new DecodeError(`${path}: this account is there twice`)
    alloc.set(address, readAccount(readObject(entry, path), path))
  }
  return alloc
}

function readAccount(account: JsonObject, path: string): GenesisFileAccount {
  const { code, storage } = account
  return {
    balanceWei: readOptionalNumber(account['balance'], `${path}.balance`, 256) ?? 0n,
    nonce: readOptionalNumber(account['nonce'], `${path}.nonce`, 64),
    code: isAbsent(code) ? undefined : readBytes(code, `${path}.code`, Number.MAX_SAFE_INTEGER),
    storage: isAbsent(storage) ? undefined : readStorage(storage, `${path}.storage`),
  }
}

function readStorage(value: unknown, path: string): Map<Slot, bigint> {
  const storage = new Map<Slot, bigint>()
  for (const [key, entry] of Object.entries(readObject(value, path))) {
    const slot = readSlot(key, `${path}.${key}`)
    const word = readNumber(entry, `${path}.${key}`, 256)
    if (word !== 0n) storage.set(slot, word)
  }
  return storage
}
