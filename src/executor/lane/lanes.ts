import type { Piscina } from 'piscina'

import type { Address } from '../../primitives/hex.ts'
import { recoverAddress } from '../../primitives/secp256k1.ts'
import type { LaneAnswer, LaneTask } from './protocol.ts'
import { type SignedDigest, packSignatures, unpackAddresses } from './recover.ts'

/** Below this many signatures a round trip to a lane costs more than it saves (25-36 us against 70 us each). */
const WORTH_SHARING = 8

interface Job {
  readonly signed: SignedDigest
  readonly resolve: (sender: Address | undefined) => void
}

/** Worker threads. They start with the first work that is worth sharing, and none is held busy between tasks. */
export class Lanes {
  readonly #workers: number
  readonly #entry: URL
  #pool: Promise<Piscina> | undefined
  #waiting: Job[] = []
  /** A thread died: Piscina would start another, and that one too. All work is done here from then on. */
  #broken = false

  /** @param workers threads beside the main one @param entry the built worker */
  constructor(workers: number, entry: URL) {
    this.#workers = workers
    this.#entry = entry
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
    const share = Math.ceil(jobs.length / (this.#workers + 1))
    if (this.#workers > 0 && !this.#broken && jobs.length >= WORTH_SHARING) {
      while (jobs.length > share) void this.#delegate(jobs.splice(-share))
    }
    for (const { signed, resolve } of jobs) resolve(recoverHere(signed))
  }

  /** A lane that fails costs time, never the answer: its share is done here. */
  async #delegate(jobs: readonly Job[]): Promise<void> {
    const signatures = packSignatures(jobs.map((job) => job.signed))
    try {
      const { addresses } = await this.#run({ kind: 'recover', signatures })
      const senders = unpackAddresses(addresses)
      for (const [index, job] of jobs.entries()) job.resolve(senders[index])
    } catch {
      for (const { signed, resolve } of jobs) resolve(recoverHere(signed))
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
