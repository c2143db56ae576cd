import type { BlockRecord } from '../../chain/block-record.ts'
import type { ChainConfig } from '../../model/fork.ts'
import type { Address, Hash } from '../../primitives/hex.ts'
import { address, bytes, slot, uint256, uint64 } from '../../rpc/codec/scalar.ts'
import { type Decoder, fieldsOf } from '../../rpc/codec/decoder.ts'
import { invalidParams } from '../../rpc/error.ts'
import type { CodeStore } from '../../state/codes.ts'
import { type Version, emptyBeside } from '../../state/world.ts'
import { type JsonPath, JsonStream } from './json-stream.ts'
import { AccountReader } from './read-accounts.ts'
import {
  type DumpedBlock,
  type DumpedReceipt,
  dumpedBlock,
  dumpedReceipt,
  recordOf,
} from './read-blocks.ts'
import { readHistoricalState } from './read-states.ts'

/** What a dump brings. */
export interface LoadedDump {
  /** The state of the head. */
  readonly version: Version
  /** From the oldest that the head is linked to, up to the head; empty when the dump has no blocks. */
  readonly blocks: readonly BlockRecord[]
  readonly environment: DumpedEnvironment
}

/** The block environment of the dump. */
interface DumpedEnvironment {
  readonly beneficiary?: Address | undefined
  readonly gas_limit?: bigint | undefined
  readonly timestamp?: bigint | undefined
  readonly number?: bigint | undefined
}

const environment: Decoder<DumpedEnvironment> = fieldsOf({
  beneficiary: address,
  gas_limit: uint64,
  timestamp: uint64,
  number: uint64,
})

export interface DumpTarget {
  /** What accounts that are not in the dump stay as. */
  readonly base: Version
  readonly codes: CodeStore
  readonly config: ChainConfig
}

/** Reads a dump as it comes. @throws {JsonError | RpcError} that says what is wrong and where */
export class DumpReader {
  readonly #target: DumpTarget
  readonly #accounts: AccountReader
  readonly #json: JsonStream
  readonly #blocks = new Map<Hash, DumpedBlock>()
  readonly #receipts = new Map<Hash, Map<number, DumpedReceipt>>()
  readonly #states = new Map<Hash, Version>()
  #environment: DumpedEnvironment = {}
  #best: bigint | undefined

  constructor(target: DumpTarget) {
    this.#target = target
    this.#accounts = new AccountReader(target.base, target.codes)
    this.#json = new JsonStream({
      isOpen,
      onValue: (path, value) => this.#take(path, value),
    })
  }

  write(text: string): void {
    this.#json.write(text)
  }

  finish(): LoadedDump {
    this.#json.end()
    const best = this.#best ?? this.#environment.number
    return {
      version: this.#accounts.finish(),
      blocks: best === undefined ? [] : this.#chainTo(best),
      environment: this.#environment,
    }
  }

  #take(path: JsonPath, value: unknown): void {
    const name = nameOf(path)
    switch (String(path[0])) {
      case 'accounts':
        return this.#takeAccount(path, value, name)
      case 'blocks': {
        if (value === null) return
        const block = dumpedBlock.decode(value, name)
        this.#blocks.set(block.hash, block)
        return
      }
      case 'transactions': {
        if (value === null) return
        const receipt = dumpedReceipt.decode(value, name)
        const receipts = this.#receipts.get(receipt.blockHash) ?? new Map()
        this.#receipts.set(receipt.blockHash, receipts.set(receipt.index, receipt))
        return
      }
      case 'historical_states': {
        if (value === null) return
        const { codes, base } = this.#target
        const found = readHistoricalState(value, name, codes, emptyBeside(base))
        // Two states of a block: what its child ran on, then its own. The first counts.
        if (!this.#states.has(found.blockHash)) this.#states.set(found.blockHash, found.version)
        return
      }
      case 'block':
        if (value !== null) this.#environment = environment.decode(value, name)
        return
      case 'best_block_number':
        if (value !== null) this.#best = uint64.decode(value, name)
        return
    }
  }

  #takeAccount(path: JsonPath, value: unknown, name: string): void {
    if (path.length < 3) throw invalidParams(`\`${name}\`: expected an object`)
    const who = address.decode(path[1], 'accounts key')
    if (path[2] === 'storage') {
      if (path.length < 4) throw invalidParams(`\`${name}\`: expected an object`)
      const key = slot.decode(path[3], `${nameOf(path.slice(0, 3))} key`)
      this.#accounts.slot(who, key, uint256.decode(value, name))
      return
    }
    switch (String(path[2])) {
      case 'nonce':
        return this.#accounts.nonce(who, uint64.decode(value, name))
      case 'balance':
        return this.#accounts.balance(who, uint256.decode(value, name))
      case 'code':
        return this.#accounts.code(who, bytes.decode(value, name))
    }
  }

  /** The blocks that lead to the best one, oldest first. */
  #chainTo(best: bigint): BlockRecord[] {
    const path: DumpedBlock[] = []
    const parents = new Set([...this.#blocks.values()].map(({ header }) => header.parentHash))
    const heads = [...this.#blocks.values()].filter(({ header }) => header.number === best)
    // Of blocks of that number the one that is nobody's parent is the head; an older one was taken back.
    let next: DumpedBlock | undefined =
      heads.findLast(({ hash }) => !parents.has(hash)) ?? heads.at(-1)
    while (next !== undefined) {
      path.push(next)
      next = this.#blocks.get(next.header.parentHash)
    }
    const records: BlockRecord[] = []
    for (const block of path.toReversed()) {
      const difficulty = records.at(-1)?.totalDifficulty ?? 0n
      const receipts = this.#receipts.get(block.hash) ?? new Map()
      const record = recordOf(block, receipts, difficulty, this.#target.config)
      records.push({ ...record, version: this.#states.get(block.hash) })
    }
    return records
  }
}

const LISTS = new Set<unknown>(['accounts', 'blocks', 'transactions', 'historical_states'])

/** Values are read one by one down to an account's slots, a block, a transaction and a state. */
function isOpen(path: JsonPath): boolean {
  if (path.length === 0) return true
  if (!LISTS.has(path[0])) return false
  if (path.length === 1) return true
  if (path[0] === 'accounts')
    return path.length === 2 || (path.length === 3 && path[2] === 'storage')
  // Newer dumps have two lists there.
  return path[0] === 'historical_states' && path.length === 2 && typeof path[1] === 'string'
}

/** `blocks[3]`, `accounts.0xab.storage.0x01`. */
function nameOf(path: JsonPath): string {
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`))
    .join('')
}
