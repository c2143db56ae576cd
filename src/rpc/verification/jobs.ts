import { randomUUID } from 'node:crypto'

import type { Address } from '../../primitives/hex.ts'
import type { Backend } from '../backend.ts'
import type { Context } from '../method.ts'
import type { Claim, Verdict } from '../verification-port.ts'

/** Claims that wait for their turn, and verdicts that are remembered. */
const MAX_WAITING = 16
const MAX_JOBS = 500

/** What the verification APIs share. */
export interface Verification {
  readonly backend: Backend
  readonly context: Context
  readonly jobs: Jobs
}

export interface Job {
  readonly id: string
  readonly address: Address
  readonly contract: string
  readonly startedAtMs: number
  /** Undefined while it is being found out. */
  readonly verdict: Verdict | undefined
  readonly finishedAtMs: number | undefined
}

interface OpenJob extends Job {
  verdict: Verdict | undefined
  finishedAtMs: number | undefined
  readonly done: Promise<void>
}

/** Claims that clients made, which they ask after by an id. */
export class Jobs {
  readonly #check: (claim: Claim) => Promise<Verdict>
  readonly #jobs: Map<string, OpenJob> = new Map()
  #waiting = 0

  constructor(check: (claim: Claim) => Promise<Verdict>) {
    this.#check = check
  }

  /** undefined when too many wait already. */
  submit(claim: Claim): Job | undefined {
    if (this.#waiting >= MAX_WAITING) return undefined
    this.#waiting++
    const job: OpenJob = {
      id: randomUUID(),
      address: claim.address,
      contract: claim.contract,
      startedAtMs: Date.now(),
      verdict: undefined,
      finishedAtMs: undefined,
      done: this.#check(claim)
        .catch((error: unknown): Verdict => {
          const reason = error instanceof Error ? error.message : String(error)
          return { kind: 'refused', reason }
        })
        .then((verdict) => {
          job.verdict = verdict
          job.finishedAtMs = Date.now()
          this.#waiting--
        }),
    }
    this.#jobs.set(job.id, job)
    const [oldest] = this.#jobs.keys()
    if (this.#jobs.size > MAX_JOBS && oldest !== undefined) this.#jobs.delete(oldest)
    return job
  }

  /** The job once it is done, or after `waitMs` as it is: clients that find it at work ask again after 15 s. */
  async after(id: string, waitMs: number): Promise<Job | undefined> {
    const job = this.#jobs.get(id)
    if (job === undefined || job.verdict !== undefined) return job
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs)
    })
    await Promise.race([job.done, late])
    clearTimeout(timer)
    return job
  }
}
