import type { Address, Hash, Slot } from '../../primitives/hex.ts'
import { Bell } from './bell.ts'
import { SCHEDULER } from './layout.ts'

/** What a lane lacks and the main thread has. */
export type Need =
  | { readonly kind: 'account'; readonly address: Address }
  | { readonly kind: 'slot'; readonly address: Address; readonly key: Slot }
  | { readonly kind: 'code'; readonly hash: Hash }
  | { readonly kind: 'blockHash'; readonly number: bigint }

const KINDS = ['account', 'slot', 'code', 'blockHash'] as const

// A lane asks, the main thread answers, and the lane has its box for itself again, until it leaves the block.
const IDLE = 0
const ASKED = 1
const LEFT = 2

const BOXES = (SCHEDULER >>> 2) + 128
/** In words: state, kind, whether there is an answer, where the lane's account of its work is and its bytes; from the eighth on 20, 32 or 8 bytes of the question, from the 24th 32 of the answer. */
const BOX = 32
const ACCOUNT = 3
const SUBJECT = 8
const KEY = 14
const ANSWER = 22

const SPINS = 4_000
const PATIENCE_MS = 100

/** One lane's box. The lane asks and waits; it is never asked anything. */
export class LaneBox {
  readonly #i32: Int32Array
  readonly #bytes: Buffer
  readonly #bell: Bell
  readonly #at: number

  constructor(memory: WebAssembly.Memory, lane: number) {
    this.#i32 = new Int32Array(memory.buffer)
    this.#bytes = Buffer.from(memory.buffer)
    this.#bell = new Bell(memory)
    this.#at = BOXES + lane * BOX
  }

  /**
   * Asks and waits for the answer, which is in the shared state; a block's hash is what this returns.
   * @param isOver looked at while waiting: then there is no answer
   */
  ask(need: Need, isOver: () => boolean): Hash | undefined {
    const at = this.#at
    this.#i32[at + 1] = KINDS.indexOf(need.kind)
    this.#put(need)
    Atomics.store(this.#i32, at, ASKED)
    this.#bell.ring()
    for (let i = 0; i < SPINS && Atomics.load(this.#i32, at) === ASKED; i++) {
      // Most answers are here before a sleeping thread would be awake.
    }
    while (Atomics.load(this.#i32, at) === ASKED && !isOver()) {
      Atomics.wait(this.#i32, at, ASKED, PATIENCE_MS)
    }
    if (this.#i32[at + 2] === 0) return undefined
    const from = (at + ANSWER) << 2
    return `0x${this.#bytes.toString('hex', from, from + 32)}` as Hash
  }

  /** The lane has done all it will do in the block. @param account where it says what that was, and so many bytes */
  leave(account: number, size: number): void {
    this.#i32[this.#at + ACCOUNT] = account
    this.#i32[this.#at + ACCOUNT + 1] = size
    // What the lane left is written before it is said that it has left.
    Atomics.store(this.#i32, this.#at, LEFT)
    this.#bell.ring()
  }

  #put(need: Need): void {
    const subject = (this.#at + SUBJECT) << 2
    switch (need.kind) {
      case 'account':
        this.#bytes.write(need.address.slice(2), subject, 20, 'hex')
        return
      case 'slot':
        this.#bytes.write(need.address.slice(2), subject, 20, 'hex')
        this.#bytes.write(need.key.slice(2), (this.#at + KEY) << 2, 32, 'hex')
        return
      case 'code':
        this.#bytes.write(need.hash.slice(2), subject, 32, 'hex')
        return
      case 'blockHash':
        this.#bytes.writeBigUInt64LE(need.number, subject)
    }
  }
}

/** All boxes, as the main thread has them. */
export class MainBoxes {
  readonly #i32: Int32Array
  readonly #bytes: Buffer
  readonly #lanes: number

  constructor(memory: WebAssembly.Memory, lanes: number) {
    this.#i32 = new Int32Array(memory.buffer)
    this.#bytes = Buffer.from(memory.buffer)
    this.#lanes = lanes
  }

  /** When nobody runs. */
  clear(): void {
    this.#i32.fill(0, BOXES, BOXES + this.#lanes * BOX)
  }

  /** Whether the first `lanes` have left the block. */
  haveLeft(lanes: number): boolean {
    for (let lane = 0; lane < lanes; lane++) {
      if (Atomics.load(this.#i32, BOXES + lane * BOX) !== LEFT) return false
    }
    return true
  }

  /** A copy of what a lane that left says of its work. */
  accountOf(lane: number): Uint8Array {
    const at = BOXES + lane * BOX + ACCOUNT
    const from = this.#i32[at]! >>> 0
    return Uint8Array.prototype.slice.call(this.#bytes, from, from + this.#i32[at + 1]!)
  }

  /** Calls `answer` with each open question; a block's hash is what it returns. One that is answered later stays open. */
  serve(answer: (need: Need) => Hash | undefined | 'later'): void {
    for (let lane = 0; lane < this.#lanes; lane++) {
      const at = BOXES + lane * BOX
      if (Atomics.load(this.#i32, at) !== ASKED) continue
      const hash = answer(this.#needAt(at))
      if (hash === 'later') continue
      this.#i32[at + 2] = hash === undefined ? 0 : 1
      if (hash !== undefined) this.#bytes.write(hash.slice(2), (at + ANSWER) << 2, 32, 'hex')
      // The answer is written before it is said to be there.
      Atomics.store(this.#i32, at, IDLE)
      Atomics.notify(this.#i32, at)
    }
  }

  #needAt(at: number): Need {
    const kind = KINDS[this.#i32[at + 1]!]!
    const subject = (at + SUBJECT) << 2
    const hex = (from: number, size: number): `0x${string}` =>
      `0x${this.#bytes.toString('hex', from, from + size)}`
    switch (kind) {
      case 'account':
        return { kind, address: hex(subject, 20) as Address }
      case 'slot': {
        const key = hex((at + KEY) << 2, 32) as Slot
        return { kind, address: hex(subject, 20) as Address, key }
      }
      case 'code':
        return { kind, hash: hex(subject, 32) as Hash }
      case 'blockHash':
        return { kind, number: this.#bytes.readBigUInt64LE(subject) }
    }
  }
}
