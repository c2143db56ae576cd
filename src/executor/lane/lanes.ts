import type { Address } from '../../primitives/hex.ts'
import { activeBackend, recoverAddress } from '../../primitives/secp256k1.ts'
import type { LanePool } from './pool.ts'
import { CAPACITY, SignatureQueue, type SignedDigest } from './signature-queue.ts'

/** Milliseconds that one recovery takes, by what does it. */
const RECOVERY_MS = { native: 0.075, wasm: 0.4, javascript: 2.4 } as const
/** So much work is worth waking a thread for. */
const WORTH_SHARING_MS = 1
/** Milliseconds for a thread to end what it has begun, when nothing else is left to do. */
const PATIENCE_MS = 2

interface Job {
  readonly signed: SignedDigest
  readonly resolve: (sender: Address | undefined) => void
  /** In the queue; undefined when it is not shared. */
  place: number | undefined
}

/** Who signed, found on many threads when there is much to find. */
export class Lanes {
  readonly #pool: LanePool
  #queue = new SignatureQueue()
  /** In the order of the calls, and how many of them are answered. */
  #jobs: Job[] = []
  #answered = 0
  /** Threads that were called and have not come back. */
  #helpers = 0
  /** How often the queue was opened. */
  #bursts = 0

  constructor(pool: LanePool) {
    this.#pool = pool
  }

  /**
   * Who signed. Other threads work on what waits while this one goes on with what is known; answers come in the order of the calls, since
   * arrival orders a block.
   */
  recover(signed: SignedDigest): Promise<Address | undefined> {
    return new Promise((resolve) => {
      if (this.#jobs.length === 0) setImmediate(this.#step)
      this.#jobs.push({ signed, resolve, place: undefined })
      this.#share()
    })
  }

  #share(): void {
    const waiting = this.#jobs.length - this.#answered
    const isShared = this.#queue.isOpen
    // Those who are on their way back from the last ones may be called again.
    const isHelped = this.#helpers > 0 || this.#pool.free > 0
    if (!isShared && (costMs(waiting) < WORTH_SHARING_MS || !isHelped)) return
    if (waiting > CAPACITY) return
    if (!isShared) this.#bursts++
    this.#queue.open()
    for (let at = isShared ? this.#jobs.length - 1 : this.#answered; at < this.#jobs.length; at++) {
      const job = this.#jobs[at]!
      job.place = this.#queue.put(job.signed)
    }
    this.#call()
  }

  /** One more thread, if there is one, and enough for it to do. */
  #call(): void {
    const waiting = this.#jobs.length - this.#answered
    if (!this.#queue.isOpen || this.#pool.free === 0) return
    if (this.#helpers >= costMs(waiting) / WORTH_SHARING_MS) return
    const burst = this.#bursts
    const back = (): void => {
      this.#helpers--
      // More came since it was sent home.
      if (burst !== this.#bursts) this.#call()
    }
    this.#helpers++
    // What a thread that fails has taken is done here.
    this.#pool.run({ kind: 'recover', queue: this.#queue.memory }).then(back, back)
  }

  /** Answers what is known, or else works on one: between two steps whoever was answered goes on. */
  readonly #step = (): void => {
    if (!this.#answer() && !this.#workOnOne()) this.#giveUp()
    if (this.#answered < this.#jobs.length) {
      setImmediate(this.#step)
    } else {
      this.#queue.close()
      this.#jobs = []
      this.#answered = 0
    }
  }

  /** @returns whether the next one's sender was known */
  #answer(): boolean {
    const before = this.#answered
    for (; this.#answered < this.#jobs.length; this.#answered++) {
      const { signed, resolve, place } = this.#jobs[this.#answered]!
      if (place !== undefined && !this.#queue.isDone(place)) break
      resolve(place === undefined ? recoverHere(signed) : this.#queue.signer(place))
    }
    return this.#answered > before
  }

  /** @returns false when a thread has begun what is left, and does not end it */
  #workOnOne(): boolean {
    const place = this.#queue.take()
    if (place === undefined) {
      return this.#queue.isDone(this.#jobs[this.#answered]!.place!, PATIENCE_MS)
    }
    this.#queue.work(place)
    return true
  }

  /** What waits is done here. Who comes late must not write into another's place, so that there is another queue from now on. */
  #giveUp(): void {
    this.#queue.close()
    this.#queue = new SignatureQueue()
    for (const job of this.#jobs) job.place = undefined
  }
}

function costMs(recoveries: number): number {
  return recoveries * RECOVERY_MS[activeBackend()]
}

function recoverHere({ digest, r, s, yParity }: SignedDigest): Address | undefined {
  return recoverAddress(digest, r, s, yParity)
}
