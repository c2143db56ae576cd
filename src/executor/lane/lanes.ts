import type { Piscina } from 'piscina'

import type { Address } from '../../primitives/hex.ts'
import { activeBackend, recoverAddress } from '../../primitives/secp256k1.ts'
import type { LaneAnswer, LaneTask } from './protocol.ts'
import { type SignedDigest, packSignatures, unpackAddresses } from './recover.ts'

/** Milliseconds that one recovery takes, by what does it. */
const RECOVERY_MS = { native: 0.075, wasm: 0.4, javascript: 2.4 } as const
/**
 * Work below this is done here: on two cores 100 native recoveries took 12 ms in all, and 15 ms shared with a thread that must
 * wake, warm up and answer.
 */
const WORTH_SHARING_MS = 20

interface Job {
  readonly signed: SignedDigest
  readonly resolve: (sender: Address | undefined) => void
}

/** Worker threads. They start with the first work that is worth sharing, and none is held busy between tasks. */
export class Lanes {
  readonly #workers: number
  readonly #entry: URL
  readonly #worthSharingMs: number
  #pool: Promise<Piscina> | undefined
  #waiting: Job[] = []
  #answered: Promise<void> = Promise.resolve()
  /** A thread died: Piscina would start another, and that one too. All work is done here from then on. */
  #broken = false

  /**
   * @param workers threads beside the main one @param entry the built worker
   * @param worthSharingMs work below this is done here
   */
  constructor(workers: number, entry: URL, worthSharingMs: number = WORTH_SHARING_MS) {
    this.#workers = workers
    this.#entry = entry
    this.#worthSharingMs = worthSharingMs
  }

  get workers(): number {
    return this.#workers
  }

  /** Who signed. Calls of the same turn of the event loop are shared out over the lanes together. */
  recover(signed: SignedDigest): Promise<Address | undefined> {
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush())
      this.#waiting.push({ signed, resolve })
    })
  }

  #flush(): void {
    const jobs = this.#waiting
    this.#waiting = []
    const senders = this.#recoverAll(jobs.map((job) => job.signed))
    // Answers come in the order of the calls, whichever share is done first: arrival orders a block.
    this.#answered = this.#answered.then(async () => {
      for (const [index, sender] of (await senders).entries()) jobs[index]!.resolve(sender)
    })
  }

  async #recoverAll(signed: readonly SignedDigest[]): Promise<readonly (Address | undefined)[]> {
    const costMs = signed.length * RECOVERY_MS[activeBackend()]
    const isShared = this.#workers > 0 && !this.#broken && costMs >= this.#worthSharingMs
    if (!isShared) return signed.map(recoverHere)
    const share = Math.ceil(signed.length / (this.#workers + 1))
    const delegated: Promise<readonly (Address | undefined)[]>[] = []
    for (let at = share; at < signed.length; at += share) {
      delegated.push(this.#delegate(signed.slice(at, at + share)))
    }
    const own = signed.slice(0, share).map(recoverHere)
    return [...own, ...(await Promise.all(delegated)).flat()]
  }

  /** A lane that fails costs time, never the answer: its share is done here. */
  async #delegate(signed: readonly SignedDigest[]): Promise<readonly (Address | undefined)[]> {
    try {
      const { addresses } = await this.#run({
        kind: 'recover',
        signatures: packSignatures(signed),
      })
      return unpackAddresses(addresses)
    } catch {
      return signed.map(recoverHere)
    }
  }

  async #run(task: LaneTask): Promise<LaneAnswer> {
    this.#pool ??= this.#open()
    const pool = await this.#pool
    return pool.run(task) as Promise<LaneAnswer>
  }

  async #open(): Promise<Piscina> {
    const { Piscina: Pool } = await import('piscina')
    const pool = new Pool({
      filename: this.#entry.href,
      minThreads: 0,
      maxThreads: this.#workers,
      idleTimeout: 30_000,
    })
    pool.on('error', () => {
      this.#broken = true
      // Its open tasks are refused, and so done here.
      void pool.destroy().catch(() => undefined)
    })
    return pool
  }

  async close(): Promise<void> {
    const pool = await this.#pool
    this.#pool = undefined
    await pool?.destroy()
  }
}

function recoverHere({ digest, r, s, yParity }: SignedDigest): Address | undefined {
  return recoverAddress(digest, r, s, yParity)
}
