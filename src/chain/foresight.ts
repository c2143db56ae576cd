import type { BlockEnv, Engine } from '../evm/engine.ts'
import { rulesAt } from '../model/fork.ts'
import type { Transaction } from '../model/transaction.ts'
import type { Hash } from '../primitives/hex.ts'
import type { AccessSet } from '../state/access.ts'
import { locationsOf, locationsOfReads } from '../state/change-set.ts'
import { type Location, locationKey } from '../state/location.ts'
import { Overlay } from '../state/overlay.ts'
import type { Chain } from './chain.ts'
import type { DevChain } from './dev-chain.ts'

/** What a pooled transaction is expected to do in the pending block. */
interface Foreseen {
  readonly transactionHash: Hash
  /** Those before it in the pool that write what it reads, each with the first such place. */
  readonly waitsFor: readonly { readonly transactionHash: Hash; readonly location: Location }[]
}

export interface ForesightParts {
  readonly dev: DevChain
  readonly engine: Engine
  /** Whether anybody uses what is foreseen. Otherwise nothing is done. */
  isWanted(): boolean
  /** Hears of each transaction once, when it was tried. */
  onForeseen(foreseen: Foreseen): void
}

/** No transaction came for so long: the node is idle, and this may take a while at a time. */
const IDLE_MS = 5
const IDLE_SLICE_MS = 4
/** While they keep coming, it takes this much of each so long: 1 % of the time. */
const BUSY_MS = 50
const BUSY_SLICE_MS = 0.5
/** Transactions that wait for their turn; further ones go without. */
const MAX_WAITING = 10_000

/**
 * Runs pooled transactions before their block, each on what those before it left, when there is time: what they access is a hint for
 * `dag`, and says who will wait for whom. Nothing rests on it: blocks come in another order, and states change.
 */
export class Foresight {
  readonly #parts: ForesightParts
  #waiting: Transaction[] = []
  readonly #hints = new Map<Hash, AccessSet>()
  readonly #writers = new Map<string, Hash>()
  #pending: { readonly env: BlockEnv; readonly state: Overlay } | undefined
  #timer: NodeJS.Timeout | undefined
  #lastCame = 0
  #isClosed = false

  constructor(parts: ForesightParts) {
    this.#parts = parts
    parts.dev.listen((event) => {
      switch (event.kind) {
        case 'pooled':
          this.#take(event.tx)
          break
        case 'dropped':
          this.#hints.delete(event.tx.hash)
          break
        case 'mined':
          for (const { hash } of event.built.executed.transactions) this.#hints.delete(hash)
          this.#pending = undefined
          break
        case 'imported':
        case 'changed':
        case 'removed':
          this.#pending = undefined
          break
        case 'configured':
          break
      }
    })
  }

  /** What a transaction is expected to access; undefined when it was not tried yet. */
  hintOf(tx: Transaction): AccessSet | undefined {
    return this.#hints.get(tx.hash)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#isClosed = true
    this.#waiting = []
  }

  #take(tx: Transaction): void {
    if (this.#isClosed || !this.#parts.isWanted() || this.#waiting.length >= MAX_WAITING) return
    this.#waiting.push(tx)
    this.#lastCame = performance.now()
    this.#timer ??= this.#later(IDLE_MS)
  }

  #later(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const isIdle = performance.now() - this.#lastCame >= IDLE_MS
      void this.#try(performance.now() + (isIdle ? IDLE_SLICE_MS : BUSY_SLICE_MS))
        .catch(() => {
          // A state that is gone, a disk that fails: whoever needs it hears of that. Here it is a hint less.
          this.#waiting = []
          this.#pending = undefined
        })
        .then(() => {
          this.#timer = undefined
          if (this.#waiting.length > 0) this.#timer = this.#later(isIdle ? 1 : BUSY_MS)
        })
    }, ms).unref()
  }

  /** Tries what waits, until it is late; the first in any case. */
  async #try(until: number): Promise<void> {
    const { dev, engine } = this.#parts
    let done = 0
    for (const tx of this.#waiting) {
      if (done > 0 && performance.now() >= until) break
      done++
      if (dev.pool.get(tx.hash) === undefined) continue
      const { env, state } = (this.#pending ??= this.#begin())
      const running = engine.transact(tx, env, state, dev.optionsOf(tx))
      const outcome = running instanceof Promise ? await running : running
      // What cannot be in a block now is no hint.
      if (outcome.kind !== 'rejected') this.#keep(tx, outcome.access, state)
    }
    this.#waiting.splice(0, done)
  }

  /** The head's state, and its block: as near to the next one as is known. */
  #begin(): { readonly env: BlockEnv; readonly state: Overlay } {
    this.#writers.clear()
    const { pool } = this.#parts.dev
    for (const hash of this.#hints.keys())
      if (pool.get(hash) === undefined) this.#hints.delete(hash)
    return { env: headEnv(this.#parts.dev.chain), state: new Overlay(this.#parts.dev.view) }
  }

  #keep(tx: Transaction, access: AccessSet, state: Overlay): void {
    state.apply(access.writes)
    this.#hints.set(tx.hash, access)
    const waitsFor = new Map<Hash, Location>()
    for (const location of readByValue(access)) {
      const writer = this.#writers.get(locationKey(location))
      if (writer !== undefined && !waitsFor.has(writer)) waitsFor.set(writer, location)
    }
    for (const location of locationsOf(access.writes)) {
      this.#writers.set(locationKey(location), tx.hash)
    }
    this.#parts.onForeseen({
      transactionHash: tx.hash,
      waitsFor: Array.from(waitsFor, ([transactionHash, location]) => ({
        transactionHash,
        location,
      })),
    })
  }
}

function headEnv(chain: Chain): BlockEnv {
  const { header } = chain.head.block
  const rules = rulesAt(chain.config, header.number, header.timestamp)
  const parent = chain.history.byHash(header.parentHash) ?? chain.history.genesis
  return chain.env(header, rules, parent)
}

/** Checks of a balance seldom change their answer: only exact reads of one make wait. */
function readByValue({ reads }: AccessSet): Location[] {
  return locationsOfReads(reads).filter(
    ({ kind, address }) => kind !== 'balance' || reads.get(address)?.balance?.strength === 'exact',
  )
}
