import { bytesToBigInt, equalBytes } from '../primitives/bytes.ts'
import type { Address, Hash } from '../primitives/hex.ts'
import { bytesToHash, hexToBytes } from '../primitives/hex.ts'
import type { Version } from '../state/world.ts'
import { KvError, type KvWrite } from '../store/kv.ts'
import type { Archive, LogPlaces, Place } from './archive.ts'
import {
  BODY,
  CHANGES,
  HASH,
  HASH_BYTES,
  RECEIPTS,
  STATE,
  TRANSACTION,
  atKey,
  nonceKey,
  numberBytes,
  placeBytes,
  placeIn,
  prefixed,
  stateWrite,
} from './archive-keys.ts'
import { type Extent, extentWrite, readExtent } from './archive-extent.ts'
import type { BlockRecord } from './block-record.ts'
import { LogIndex } from './log-index.ts'
import { LogSections, SECTION } from './log-sections.ts'
import type { Term } from './log-terms.ts'
import type { StateRecords, StateWrites } from './state-records.ts'
import { encodeStoredBlock, storedLogCount, storedLogs } from './stored-block.ts'
import type { WriteBehind } from './write-behind.ts'

/** States that stay open in memory; older ones are opened from disk. */
const OPEN_STATES = 128
/** States are deleted when so many are asked for no more. */
const PRUNE_AT = 32

/** A state that the block at `at` had. */
interface DroppedState {
  readonly at: number
  readonly hash: Hash
  readonly reference: Uint8Array
}

/** What one put brings of states, and what it takes away. */
interface StateChange {
  readonly state?: StateWrites | undefined
  readonly dropped?: readonly DroppedState[]
}

export interface KvArchiveParts {
  readonly behind: WriteBehind
  readonly states: StateRecords
  /** What the chain was started with: another one cannot go on with it. undefined to look at any. */
  readonly identity: string | undefined
  readonly keptStates: number
  /** Told when states could not be deleted. */
  readonly onFailure?: ((error: unknown) => void) | undefined
}

/**
 * A chain on disk. A block is written in the background with its state, receipts, places and the pointer to the head, all in one
 * batch: whatever is on disk after a crash is the chain as it was after some block or cheat. Opening reads one record.
 */
export class KvArchive implements Archive {
  readonly keptStates: number
  readonly #parts: KvArchiveParts
  #extent: Extent
  /** Each with the writes that it takes to open it from disk. */
  readonly #open = new Map<number, { readonly version: Version; readonly writes: number }>()
  readonly #logs: LogIndex
  readonly #sections: LogSections
  /** States that are asked for no more, since some were deleted. */
  #released = 0

  /** @throws {KvError} when the store holds another chain, or one that this version cannot read */
  constructor(parts: KvArchiveParts, first: bigint) {
    this.#parts = parts
    this.keptStates = parts.keptStates
    const extent = readExtent(parts.behind, parts.identity)
    this.#extent = extent ?? { first, length: 0 }
    this.#expectWhole(extent !== undefined)
    this.#logs = new LogIndex(sectionStart(this.length))
    this.#sections = new LogSections((key) => parts.behind.get(key))
    if (this.#isPruning && this.length > 0) this.#releaseLeftovers()
  }

  /** Some records are only ever written together, so that one which vanished or came back from the past is noticed. */
  #expectWhole(hasHead: boolean): void {
    const { behind, states } = this.#parts
    if (hasHead === states.isNew) {
      const lost = hasHead ? 'the next numbers' : 'the head'
      throw new KvError(`the record of ${lost} is missing in the data folder`)
    }
    if (behind.get(atKey(BODY, this.length)) !== undefined) {
      const newer = this.first + BigInt(this.length)
      throw new KvError(`the record of the head in the data folder is older than block ${newer}`)
    }
  }

  /** Where every state is kept, what a cheat or a reorganisation left behind stays too: it would have to be looked for. */
  get #isPruning(): boolean {
    return this.keptStates !== Number.POSITIVE_INFINITY && this.#parts.identity !== undefined
  }

  get first(): bigint {
    return this.#extent.first
  }

  get length(): number {
    return this.#extent.length
  }

  restart(first: bigint): void {
    this.#parts.behind.settle()
    this.#logs.restart(0)
    this.#sections.forget(0)
    this.#put({ first, length: 0 }, [])
  }

  append(record: BlockRecord, changes?: () => Uint8Array | undefined): void {
    this.#parts.behind.settle()
    const at = this.length
    const { block, version } = record
    const stored = encodeStoredBlock(record)
    const writes: KvWrite[] = [
      { key: atKey(BODY, at), value: stored.body },
      { key: atKey(RECEIPTS, at), value: stored.receipts },
      { key: prefixed(HASH, hexToBytes(block.hash)), value: numberBytes(at) },
    ]
    const changed = changes?.()
    if (changed !== undefined) writes.push({ key: atKey(CHANGES, at), value: changed })
    const state = version && this.#parts.states.take(version)
    writes.push(stateWrite(at, block.hash, state?.reference))
    for (const [index, tx] of block.transactions.entries()) {
      const place = placeBytes(at, index)
      writes.push({ key: prefixed(TRANSACTION, hexToBytes(tx.hash)), value: place })
      writes.push({ key: nonceKey(tx.sender, tx.nonce), value: place })
    }
    writes.push(...this.#index(stored.receipts, at))
    // That of the first block stays: anvil_reset goes back to it.
    const dropped = at > this.keptStates ? this.#droppedAt(at - this.keptStates) : []
    writes.push(...dropped.map((old) => stateWrite(old.at, old.hash, undefined)))
    this.#put({ ...this.#extent, length: at + 1 }, writes, { state, dropped })
    if (version !== undefined) this.#keepOpen(at, version)
  }

  cut(removed: readonly BlockRecord[]): void {
    this.#parts.behind.settle()
    const length = this.length - removed.length
    const writes: KvWrite[] = []
    const dropped: DroppedState[] = []
    for (const [index, { block }] of removed.entries()) {
      const at = length + index
      this.#open.delete(at)
      dropped.push(...this.#droppedAt(at))
      writes.push(...this.#forgetting(at))
      for (const tx of block.transactions) {
        writes.push({ key: prefixed(TRANSACTION, hexToBytes(tx.hash)), value: undefined })
        writes.push({ key: nonceKey(tx.sender, tx.nonce), value: undefined })
      }
    }
    if (length < this.#logs.first) {
      this.#logs.restart(sectionStart(length))
      this.#sections.forget(length / SECTION)
    } else {
      this.#logs.cut(length)
    }
    this.#put({ ...this.#extent, length }, writes, { dropped })
  }

  hash(at: number): Hash | undefined {
    const bytes = this.#parts.behind.get(atKey(STATE, at))
    return bytes && bytesToHash(bytes.subarray(0, HASH_BYTES))
  }

  /** What names the state on disk. */
  #reference(at: number): Uint8Array | undefined {
    this.#parts.behind.settle()
    const bytes = this.#parts.behind.get(atKey(STATE, at))
    return bytes === undefined || bytes.length === HASH_BYTES
      ? undefined
      : bytes.subarray(HASH_BYTES)
  }

  body(at: number): Uint8Array | undefined {
    return this.#parts.behind.get(atKey(BODY, at))
  }

  receipts(at: number): Uint8Array | undefined {
    return this.#parts.behind.get(atKey(RECEIPTS, at))
  }

  changes(at: number): Uint8Array | undefined {
    return this.#parts.behind.get(atKey(CHANGES, at))
  }

  state(at: number): Version | undefined {
    const open = this.#open.get(at)
    if (open !== undefined) return open.version
    const isOld = at < this.length - this.keptStates
    if (at < 0 || at >= this.length || (isOld && at !== 0)) return undefined
    const reference = this.#reference(at)
    return reference && this.#parts.states.open(reference)
  }

  setState(at: number, version: Version): void {
    const hash = this.hash(at)
    if (hash === undefined)
      throw new KvError(`the data folder lacks block ${this.first + BigInt(at)}`)
    const { behind, states } = this.#parts
    this.#keepOpen(at, version)
    // Of many cheats in a row those are hashed and written that are the newest when the disk is free.
    behind.putLater(at, () => {
      const dropped = this.#droppedAt(at)
      const state = states.take(version)
      const write = stateWrite(at, hash, state.reference)
      behind.put([write], state.writes, () => this.#written({ state, dropped }))
      this.#keepOpen(at, version)
    })
  }

  find(hash: Hash): number | undefined {
    const bytes = this.#parts.behind.get(prefixed(HASH, hexToBytes(hash)))
    return bytes && Number(bytesToBigInt(bytes))
  }

  place(transaction: Hash): Place | undefined {
    return placeIn(this.#parts.behind.get(prefixed(TRANSACTION, hexToBytes(transaction))))
  }

  placeOf(sender: Address, nonce: bigint): Place | undefined {
    return placeIn(this.#parts.behind.get(nonceKey(sender, nonce)))
  }

  logCount(at: number): number {
    if (at < this.#logs.first) return this.#sections.logCount(at)
    return at < this.length ? storedLogCount(this.#receiptsAt(at)) : 0
  }

  candidates(asked: readonly (readonly Term[])[], from: number, to: number): LogPlaces {
    const found: number[] = []
    const append = (places: readonly number[]): void => {
      for (const place of places) found.push(place)
    }
    for (
      let start = sectionStart(from);
      start < this.#logs.first && start <= to;
      start += SECTION
    ) {
      append(this.#sections.candidates(start / SECTION, asked, from, to))
    }
    if (to < this.#logs.first) return found
    this.#catchUp()
    append(this.#logs.candidates(asked, from, to))
    return found
  }

  /** Reads into the index what it lacks of the section that is not complete: nobody asked since those blocks came. */
  #catchUp(): void {
    for (let at = this.#logs.end; at < this.length; at++) {
      this.#logs.add(storedLogs(this.#receiptsAt(at)))
    }
  }

  /** @throws {KvError} when they are not there */
  #receiptsAt(at: number): Uint8Array {
    const bytes = this.receipts(at)
    if (bytes !== undefined) return bytes
    throw new KvError(`the data folder lacks the receipts of block ${this.first + BigInt(at)}`)
  }

  /** @param receipts of the newest block, as stored @returns the records of a section that is now complete */
  #index(receipts: Uint8Array, at: number): readonly KvWrite[] {
    if ((at + 1) % SECTION !== 0) return []
    this.#catchUp()
    this.#logs.add(storedLogs(receipts))
    const writes = this.#sections.seal(Math.floor(at / SECTION), this.#logs)
    this.#logs.restart(at + 1)
    return writes
  }

  #put(extent: Extent, writes: readonly KvWrite[], change: StateChange = {}): void {
    this.#extent = extent
    const all = [...writes, extentWrite(extent, this.#parts.identity)]
    this.#parts.behind.put(all, change.state?.writes, () => this.#written(change))
  }

  #keepOpen(at: number, version: Version): void {
    const { taken, written } = this.#parts.behind
    this.#open.delete(at)
    this.#open.set(at, { version, writes: taken })
    this.#open.delete(at - this.keptStates)
    for (const [old, { writes }] of this.#open) {
      if (old > at - OPEN_STATES || writes > written) return
      this.#open.delete(old)
    }
  }

  /** The state of the block at this place, which will be asked for no more there. */
  #droppedAt(at: number): DroppedState[] {
    const [reference, hash] = [this.#reference(at), this.hash(at)]
    if (!this.#isPruning || reference === undefined || hash === undefined) return []
    return [{ at, hash, reference }]
  }

  /** All of a change is on disk: no record names the dropped states, unless they came back or blocks beside have them too. */
  #written({ state, dropped = [] }: StateChange): void {
    state?.confirm()
    for (const old of dropped) {
      if (this.#isUsed(old)) continue
      this.#parts.states.release(old.reference)
      this.#released++
    }
    if (this.#released >= PRUNE_AT) void this.#prune()
  }

  /** A block without transactions may have its parent's state, so one state may be that of many blocks in a row. */
  #isUsed({ at, reference }: DroppedState): boolean {
    return [Math.min(at, this.length) - 1, at, at + 1].some((place) => {
      const used = place < this.length ? this.#reference(place) : undefined
      return used !== undefined && equalBytes(used, reference)
    })
  }

  async #prune(): Promise<void> {
    this.#released = 0
    try {
      await this.#parts.states.prune()
    } catch (error) {
      // A write that failed was told of already.
      if (this.#parts.behind.failure === undefined) this.#parts.onFailure?.(error)
    }
  }

  /** States that a killed process did not come to delete. */
  #releaseLeftovers(): void {
    const references: Uint8Array[] = []
    for (let at = Math.max(0, this.length - this.keptStates); at < this.length; at++) {
      const reference = this.#reference(at)
      if (reference !== undefined) references.push(reference)
    }
    const first = this.#reference(0)
    if (first !== undefined) references.push(first)
    this.#parts.states.releaseAllBut(references)
    void this.#prune()
  }

  /**
   * Deletes the states of all blocks but the first and the newest `kept`, for a folder that nothing else is done with.
   * @returns how many records went @throws {KvError}
   */
  async dropStates(kept: number): Promise<number> {
    const writes: KvWrite[] = []
    const references: Uint8Array[] = []
    for (let at = 0; at < this.length; at++) {
      const [reference, hash] = [this.#reference(at), this.hash(at)]
      if (reference === undefined || hash === undefined) continue
      if (at === 0 || at >= this.length - kept) references.push(reference)
      else writes.push(stateWrite(at, hash, undefined))
    }
    this.#parts.behind.put(writes)
    await this.#parts.behind.flush()
    this.#parts.states.releaseAllBut(references)
    return this.#parts.states.prune()
  }

  #forgetting(at: number): KvWrite[] {
    const hash = this.hash(at)
    const writes = [BODY, RECEIPTS, CHANGES, STATE].map((prefix) => ({
      key: atKey(prefix, at),
      value: undefined,
    }))
    if (hash === undefined) return writes
    return [...writes, { key: prefixed(HASH, hexToBytes(hash)), value: undefined }]
  }
}

function sectionStart(at: number): number {
  return Math.floor(at / SECTION) * SECTION
}
