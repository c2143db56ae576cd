import { decodeBlock, encodeBlock } from '../model/codec/block.ts'
import { decodeStoredReceipts, encodeStoredReceipts } from '../model/codec/receipt.ts'
import { openStoredTransaction } from '../model/signer.ts'
import {
  bigIntToBytes,
  bigIntToFixedBytes,
  bytesToBigInt,
  concatBytes,
} from '../primitives/bytes.ts'
import { bytesToAddress, hexToBytes } from '../primitives/hex.ts'
import { decodeRlp, encodeRlp } from '../primitives/rlp.ts'
import type { CodeStore } from '../state/codes.ts'
import { versionBatch } from '../state/persistence.ts'
import type { Kv, KvWrite } from '../store/kv.ts'
import { KvError } from '../store/kv.ts'
import { prefixedKey } from '../store/keys.ts'
import type { VersionStore } from '../store/version-store.ts'
import { type BlockRecord, History } from './history.ts'

/** Keeps a chain in a key-value store: each block with its receipts and the root of its state, and which block is the head. */

const BLOCK_PREFIX = 0x62 // b
const HEAD_KEY = Uint8Array.of(0x68) // h

export class ChainStore {
  readonly #kv: Kv
  readonly #codes: CodeStore
  readonly #versions: VersionStore
  #tail: Promise<void> = Promise.resolve()
  #failure: unknown

  constructor(kv: Kv, codes: CodeStore, versions: VersionStore) {
    this.#kv = kv
    this.#codes = codes
    this.#versions = versions
  }

  /**
   * The chain as it was last written; undefined when nothing was.
   * @param identity what the chain was started with: another one cannot go on with it
   * @throws {KvError} when a record is damaged or the identity differs
   */
  load(identity: string): History | undefined {
    const head = this.#kv.get(HEAD_KEY)
    if (head === undefined) return undefined
    const [first, last, name] = fieldsOf(head, 'head')
    const stored = Buffer.from(name!).toString()
    if (stored !== identity) {
      throw new KvError(`the data folder holds another chain: it was started with ${stored}`)
    }
    const genesis = this.#read(bytesToBigInt(first!))
    const history = new History(genesis)
    for (let number = bytesToBigInt(first!) + 1n; number <= bytesToBigInt(last!); number++) {
      history.append(this.#read(number))
    }
    return history
  }

  #read(number: bigint): BlockRecord {
    const what = `block ${number}`
    const bytes = this.#kv.get(blockKey(number))
    if (bytes === undefined) throw new KvError(`the data folder lacks ${what}`)
    const [raw, receipts, senders, version, totalDifficulty] = fieldsOf(bytes, what)
    const block = decodeBlock(raw!, (tx, index) =>
      openStoredTransaction(tx, bytesToAddress(senders!.subarray(index * 20, index * 20 + 20))),
    )
    if (!block.ok) throw new KvError(`${what} in the data folder does not decode: ${block.error}`)
    const decoded = decodeStoredReceipts(receipts!)
    if (!decoded.ok) {
      throw new KvError(`receipts of ${what} in the data folder do not decode: ${decoded.error}`)
    }
    return {
      block: block.value,
      receipts: decoded.value,
      totalDifficulty: bytesToBigInt(totalDifficulty!),
      report: undefined,
      version: this.#versions.open(version!),
    }
  }

  /** Writes `records` and makes the last the head of the chain that begins at `genesis`; blocks above it are forgotten. */
  save(records: readonly BlockRecord[], genesis: bigint, dropped: bigint, identity: string): void {
    this.#tail = this.#tail.then(async () => {
      try {
        await this.#write(records, genesis, dropped, identity)
      } catch (error) {
        this.#failure ??= error
      }
    })
  }

  async #write(
    records: readonly BlockRecord[],
    genesis: bigint,
    dropped: bigint,
    identity: string,
  ): Promise<void> {
    const head = records[records.length - 1]!
    const number = head.block.header.number
    const batches = records.map(({ version }) => versionBatch(this.#versions, version, this.#codes))
    const writes: KvWrite[] = batches.flatMap((batch) => batch.writes)
    for (const [index, record] of records.entries()) {
      const value = encodeRecord(record, batches[index]!.reference)
      writes.push({ key: blockKey(record.block.header.number), value })
    }
    for (let old = number + 1n; old <= number + dropped; old++) {
      writes.push({ key: blockKey(old), value: undefined })
    }
    const value = encodeRlp([bigIntToBytes(genesis), bigIntToBytes(number), Buffer.from(identity)])
    await this.#kv.write([...writes, { key: HEAD_KEY, value }])
    for (const batch of batches) batch.confirm()
  }

  /** Waits for what was saved to be written. @throws the first error of a write. */
  async flush(): Promise<void> {
    await this.#tail
    if (this.#failure !== undefined) throw this.#failure
  }

  async close(): Promise<void> {
    await this.#tail
    await this.#kv.close()
    if (this.#failure !== undefined) throw this.#failure
  }
}

function encodeRecord(record: BlockRecord, version: Uint8Array): Uint8Array {
  const senders = record.block.transactions.map((tx) => hexToBytes(tx.sender))
  return encodeRlp([
    encodeBlock(record.block),
    encodeStoredReceipts(record.receipts),
    concatBytes(...senders),
    version,
    bigIntToBytes(record.totalDifficulty),
  ])
}

function fieldsOf(bytes: Uint8Array, what: string): Uint8Array[] {
  const item = decodeRlp(bytes)
  if (item instanceof Uint8Array || item.some((field) => !(field instanceof Uint8Array))) {
    throw new KvError(`the record of ${what} in the data folder is malformed`)
  }
  return item.filter((field) => field instanceof Uint8Array)
}

function blockKey(number: bigint): Uint8Array {
  return prefixedKey(BLOCK_PREFIX, bigIntToFixedBytes(number, 8))
}
