import type { GenesisSpec } from '../chain/genesis.ts'
import { decodeBlock } from '../model/codec/block.ts'
import { DecodeError } from '../model/codec/field.ts'
import { type Hash, hexToBytes, parseHash } from '../primitives/hex.ts'
import { configOfNetwork } from './tool-forks.ts'
import { type Json, allocOf, list, record, text } from './tool-json.ts'

/** The official BlockchainTests: a genesis, blocks in the order of their arrival, and the head that they lead to. */

export interface BlockCase {
  readonly name: string
  /** As the fixture names it: `Cancun`. */
  readonly fork: string
  /** A test has no variants. */
  readonly index: 0
  /** Reads the rest. @throws {Error} when the fixture is malformed or the fork is unknown. */
  open(): BlockTest
}

export interface BlockTest {
  readonly genesis: GenesisSpec
  readonly genesisHash: Hash
  readonly blocks: readonly ArrivingBlock[]
  readonly lastBlockHash: Hash
}

export interface ArrivingBlock {
  /** RLP, which need not decode. */
  readonly bytes: Uint8Array
  /** The block must be refused; which of the names applies is not compared. */
  readonly exception: string | undefined
}

/** Every test in a fixture file, in its order. @throws {DecodeError} when the file is no such fixture. */
export function blockCases(json: unknown): BlockCase[] {
  return Object.entries(record(json, 'the file')).map(([name, test]) => {
    const body = record(test, name)
    const fork = text(body['network'], `${name}: network`)
    list(body['blocks'], `${name}: blocks`)
    return { name, fork, index: 0, open: () => openTest(body, fork) }
  })
}

function openTest(body: Json, fork: string): BlockTest {
  const header = record(body['genesisBlockHeader'], 'genesisBlockHeader')
  return {
    genesis: genesisOf(body, fork),
    genesisHash: parseHash(text(header['hash'])),
    blocks: list(body['blocks']).map((block) => arrivingBlock(record(block, 'block'))),
    lastBlockHash: parseHash(text(body['lastblockhash'])),
  }
}

/** What the header says that does not follow from the rules and the accounts. */
function genesisOf(body: Json, fork: string): GenesisSpec {
  const genesis = decodeBlock(hexToBytes(text(body['genesisRLP'])))
  if (!genesis.ok) throw new DecodeError(`genesisRLP: ${genesis.error}`)
  return {
    config: configOfNetwork(fork, record(body['config'] ?? {}, 'config')),
    alloc: allocOf(record(body['pre'], 'pre')),
    header: genesis.value.header,
  }
}

function arrivingBlock(block: Json): ArrivingBlock {
  // Old suites name the fork in the key, and an invalid block has no header beside its bytes.
  const key = Object.keys(block).find((name) => name.startsWith('expectException'))
  const isInvalid = key !== undefined || block['blockHeader'] === undefined
  const named = key === undefined ? 'any' : block[key]
  return {
    bytes: bytesOf(block['rlp']),
    exception: isInvalid ? String(named) : undefined,
  }
}

function bytesOf(value: unknown): Uint8Array {
  const digits = text(value)
  return hexToBytes(digits.startsWith('0x') ? digits : `0x${digits}`)
}
