import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'

import type { GenesisSpec } from '../chain/genesis.ts'
import { originOf } from '../chain/open-chain.ts'
import type { Origin } from '../chain/origin.ts'
import type { ChainConfig } from '../model/fork.ts'
import { readChainConfig } from '../model/genesis-config.ts'
import { parseGenesisFile } from '../model/genesis-file.ts'
import type { Version } from '../state/world.ts'
import { type Kv, KvError, type KvWrite } from '../store/kv.ts'
import { StartError } from './start-error.ts'

const KEY = Uint8Array.of(0x47) // G

/** What a genesis file holds, and the SHA-256 of its bytes. */
export interface GenesisSource {
  readonly spec: GenesisSpec
  readonly sha256: string
  /** Kept in a data folder, so that its next start need not read the accounts. */
  readonly record: KvWrite
}

/** Of a folder's first start: the rules and the first block's number, without the accounts. */
interface KeptGenesis {
  readonly sha256: string
  readonly config: ChainConfig
  readonly number: bigint
}

interface Wire {
  readonly sha256: string
  /** As the file has it. */
  readonly config: unknown
  readonly number: string
}

/** @throws {StartError} when the file cannot be read, or is no genesis */
export function readGenesisFile(path: string): GenesisSource {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw unreadable(path, error)
  }
  const file = parseGenesisFile(bytes.toString())
  if (!file.ok) throw new StartError(`${path}: ${file.error}`)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const { header, configJson: config } = file.value
  const wire: Wire = { sha256, config, number: String(header.number) }
  return {
    spec: file.value,
    sha256,
    record: { key: KEY, value: Buffer.from(JSON.stringify(wire)) },
  }
}

/** What the folder's chain was made from; undefined when it has none from a file. @throws {KvError} when it is malformed */
export function keptGenesis(kv: Kv): KeptGenesis | undefined {
  const bytes = kv.get(KEY)
  if (bytes === undefined) return undefined
  try {
    const { sha256, config, number } = JSON.parse(Buffer.from(bytes).toString()) as Wire
    return { sha256, config: readChainConfig(config), number: BigInt(number) }
  } catch (error) {
    throw new KvError('the genesis in the data folder is malformed', { cause: error })
  }
}

/** Reads the file in pieces, and compares. @throws {StartError} when it is not the one that the folder's chain was made from */
export async function expectSameFile(
  kept: KeptGenesis,
  path: string,
  folder: string,
): Promise<void> {
  const hash = createHash('sha256')
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Buffer)
  } catch (error) {
    throw unreadable(path, error)
  }
  if (hash.digest('hex') !== kept.sha256) throw changed(path, folder)
}

/** The origin of a chain that `folder` holds. Its accounts are read only when the chain starts over from them. */
export function keptOrigin(
  kept: KeptGenesis,
  path: string,
  folder: string,
  world: () => Version,
): Origin {
  return {
    config: kept.config,
    number: kept.number,
    begin(codes) {
      const { spec, sha256 } = readGenesisFile(path)
      if (sha256 !== kept.sha256) throw changed(path, folder)
      return originOf(spec, world).begin(codes)
    },
  }
}

function changed(path: string, folder: string): StartError {
  return new StartError(
    `the genesis file ${path} is not the one that the chain in the data folder ${folder} was made from: its content differs`,
  )
}

function unreadable(path: string, error: unknown): StartError {
  const text = error instanceof Error ? error.message : String(error)
  return new StartError(`the genesis file ${path} cannot be read: ${text}`, { cause: error })
}
