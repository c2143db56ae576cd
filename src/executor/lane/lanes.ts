import type { Address } from '../../primitives/hex.ts'
import { activeBackend, recoverAddress } from '../../primitives/secp256k1.ts'
import type { LanePool } from './pool.ts'
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

/** Who signed, found on many threads when there is much to find. */
export class Lanes {
  readonly #pool: LanePool
  readonly #worthSharingMs: number
  #waiting: Job[] = []
  #answered: Promise<void> = Promise.resolve()

  /** @param worthSharingMs work below this is done here */
  constructor(pool: LanePool, worthSharingMs: number = WORTH_SHARING_MS) {
    this.#pool = pool
    this.#worthSharingMs = worthSharingMs
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
    const { threads, isBroken } = this.#pool
    const isShared = threads > 0 && !isBroken && costMs >= this.#worthSharingMs
    if (!isShared) return signed.map(recoverHere)
    const share = Math.ceil(signed.length / (threads + 1))
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
      const { addresses } = await this.#pool.run({
        kind: 'recover',
        signatures: packSignatures(signed),
      })
      return unpackAddresses(addresses)
    } catch {
      return signed.map(recoverHere)
    }
  }
}

function recoverHere({ digest, r, s, yParity }: SignedDigest): Address | undefined {
  return recoverAddress(digest, r, s, yParity)
}
