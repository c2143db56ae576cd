import type { Attempt } from '../../chain/dev-parts.ts'
import type { ConsensusBlock, Round, ValidatorId } from '../../consensus/types.ts'
import type { Transaction } from '../../model/transaction.ts'
import type { Hash } from '../../primitives/hex.ts'

/** What a leader proposes to execute: consensus knows its hash alone. */
export interface Payload {
  readonly hash: Hash
  /** Seconds. */
  readonly timestamp: bigint
  readonly transactions: readonly Transaction[]
}

/** When a block came to each stage, in milliseconds of the consensus' clock. */
export interface StageTimes {
  proposed: number
  voted?: number
  finalized?: number
  executionStarted?: number
  executed?: number
  /** On disk, or where blocks are kept in memory part of the chain for good. */
  committed?: number
  /** A finalized block stated its root. */
  verified?: number
  withdrawn?: number
}

/** A block that consensus orders, and what became of it. */
export interface OrderedBlock {
  readonly block: ConsensusBlock
  readonly number: bigint
  readonly payload: Payload
  readonly times: StageTimes
  /** On the branch that the node follows. */
  isCanonical: boolean
  /** What executing it came to, until it is in the chain or lost. */
  attempt: Attempt | undefined
  /** In the chain, or once in it. */
  hash: Hash | undefined
  gasUsed: bigint | undefined
  /** The root that validators were told. */
  root: Hash | undefined
  /** How many of its stages subscribers were told of. */
  told: number
}

interface RoundRecord {
  readonly round: Round
  readonly leader: ValidatorId
  readonly beganMs: number
  endedMs?: number
  /** What ended it. */
  end?: 'certificate' | 'timeout'
  /** Proposed in it, again or for the first time. */
  readonly proposals: Hash[]
}

/** What the node is to do next with its chain. */
export type Task =
  | { readonly kind: 'withdraw'; readonly to: OrderedBlock | undefined }
  | {
      readonly kind: 'execute'
      readonly entry: OrderedBlock
      readonly parent: OrderedBlock | undefined
    }
  | { readonly kind: 'adopt'; readonly entry: OrderedBlock }

/** Blocks and rounds that are remembered. */
const KEPT = 1_024

/**
 * The blocks that consensus orders on top of one block of the chain: which branch the node follows, and how far it has come with it.
 * It decides, and does nothing: `node/pipeline/pipeline.ts` does.
 */
export class Ledger {
  /** Of the block that consensus began on. */
  readonly base: bigint
  readonly #latest: 'proposed' | 'finalized'
  readonly #blocks = new Map<Hash, OrderedBlock>()
  readonly #canonical = new Map<number, OrderedBlock>()
  readonly #rounds: RoundRecord[] = []
  #tip: OrderedBlock | undefined
  /** To be followed once its ancestors are known. */
  #wanted: OrderedBlock | undefined
  readonly #baseHash: Hash
  #adopted: OrderedBlock | undefined
  #finalized: OrderedBlock | undefined
  withdrawals = 0
  /** Blocks that were proposed beside another of the same round. */
  rivals = 0

  constructor(base: bigint, baseHash: Hash, latest: 'proposed' | 'finalized') {
    this.base = base
    this.#baseHash = baseHash
    this.#latest = latest
  }

  get tip(): OrderedBlock | undefined {
    return this.#tip
  }

  /** The newest that is the chain's head: undefined for the base. */
  get adopted(): OrderedBlock | undefined {
    return this.#adopted
  }

  /** Of the chain's head, as far as it is consensus that made it. */
  get headHash(): Hash {
    return this.#adopted?.hash ?? this.#baseHash
  }

  /** The chain's head is now `entry`; undefined for the base. */
  head(entry: OrderedBlock | undefined): void {
    this.#adopted = entry
  }

  get finalized(): OrderedBlock | undefined {
    return this.#finalized
  }

  get blocks(): Iterable<OrderedBlock> {
    return this.#blocks.values()
  }

  get rounds(): readonly RoundRecord[] {
    return this.#rounds
  }

  get(id: Hash): OrderedBlock | undefined {
    return this.#blocks.get(id)
  }

  at(height: number): OrderedBlock | undefined {
    return this.#canonical.get(height)
  }

  /** A block was proposed: the later proposal is followed, since its leader showed that the earlier one failed. */
  propose(block: ConsensusBlock, payload: Payload, nowMs: number): void {
    if (this.#blocks.has(block.id)) return
    const entry: OrderedBlock = {
      block,
      payload,
      number: this.base + BigInt(block.height),
      times: { proposed: nowMs },
      isCanonical: false,
      attempt: undefined,
      hash: undefined,
      gasUsed: undefined,
      root: undefined,
      told: 0,
    }
    for (const { block: other } of this.#blocks.values()) {
      if (other.round === block.round) this.rivals++
    }
    this.#blocks.set(block.id, entry)
    this.#forgetOld()
    if (block.round > (this.#tip?.block.round ?? 0)) this.follow(entry, nowMs)
    else if (this.#wanted !== undefined) this.follow(this.#wanted, nowMs)
  }

  /** Certified: of two proposals of one round it is the one that counts. */
  vote(id: Hash, nowMs: number): void {
    const entry = this.#blocks.get(id)
    if (entry === undefined) return
    entry.times.voted ??= nowMs
    const rival = this.#canonical.get(entry.block.height)
    if (!entry.isCanonical && (rival?.block.round ?? 0) <= entry.block.round) {
      this.follow(entry, nowMs)
    }
  }

  finalize(id: Hash, nowMs: number): void {
    const entry = this.#blocks.get(id)
    if (entry === undefined || entry.times.finalized !== undefined) return
    entry.times.voted ??= nowMs
    entry.times.finalized = nowMs
    if (!entry.isCanonical) this.follow(entry, nowMs)
    if (entry.block.height > (this.#finalized?.block.height ?? 0)) this.#finalized = entry
    const verified = this.at(entry.block.delayedRoot?.height ?? 0)
    if (verified?.root === entry.block.delayedRoot?.root && verified !== undefined) {
      verified.times.verified ??= nowMs
    }
  }

  /** The node goes on with the branch that ends in `entry` (undefined: the base); blocks of other branches above it are withdrawn. */
  follow(entry: OrderedBlock | undefined, nowMs: number): void {
    const path: OrderedBlock[] = []
    let at = entry
    while (at !== undefined && !at.isCanonical) {
      path.push(at)
      const parent = this.#blocks.get(at.block.parent.block)
      if (parent === undefined && at.block.height > 1) {
        this.#wanted = entry
        return
      }
      at = parent
    }
    if (this.#wanted === entry) this.#wanted = undefined
    for (let height = (at?.block.height ?? 0) + 1; ; height++) {
      const lost = this.#canonical.get(height)
      if (lost === undefined) break
      this.#canonical.delete(height)
      lost.isCanonical = false
      lost.times.withdrawn = nowMs
      lost.attempt = undefined
      lost.told = 0
      this.withdrawals++
    }
    for (const next of path.toReversed()) {
      next.isCanonical = true
      delete next.times.withdrawn
      this.#canonical.set(next.block.height, next)
    }
    this.#tip = entry
  }

  /** The next thing to do; undefined when there is nothing. */
  task(): Task | undefined {
    const adopted = this.#adopted
    if (adopted !== undefined && !adopted.isCanonical) {
      let to = this.#parentOf(adopted)
      while (to !== undefined && !to.isCanonical) to = this.#parentOf(to)
      return { kind: 'withdraw', to }
    }
    let height = (adopted?.block.height ?? 0) + 1
    const next = this.#canonical.get(height)
    if (next?.attempt !== undefined && this.#isShown(next)) return { kind: 'adopt', entry: next }
    let parent = adopted
    for (let entry = next; entry !== undefined; entry = this.#canonical.get(++height)) {
      if (entry.attempt === undefined) return { kind: 'execute', entry, parent }
      parent = entry
    }
    return undefined
  }

  #isShown({ times }: OrderedBlock): boolean {
    return this.#latest === 'proposed' || times.finalized !== undefined
  }

  #parentOf({ block }: OrderedBlock): OrderedBlock | undefined {
    return this.#blocks.get(block.parent.block)
  }

  /** The blocks above the chain's head up to `entry`, oldest first; undefined when it is not on the head. */
  aboveHead(entry: OrderedBlock | undefined): readonly OrderedBlock[] | undefined {
    const path: OrderedBlock[] = []
    let at = entry
    while (at !== undefined && at !== this.#adopted) {
      path.push(at)
      at = this.#parentOf(at)
    }
    return at === this.#adopted ? path.toReversed() : undefined
  }

  /** Heights of the newest blocks at each stage. What `safe` and `finalized` name is in the chain. */
  heights(): Readonly<
    Record<'proposed' | 'executed' | 'voted' | 'finalized' | 'verified', number>
  > {
    const adopted = this.#adopted?.block.height ?? 0
    let [executed, voted, finalized] = [adopted, adopted, adopted]
    while (this.#canonical.get(executed + 1)?.attempt !== undefined) executed++
    while (voted > 0 && this.#canonical.get(voted)?.times.voted === undefined) {
      if (!this.#canonical.has(voted)) break
      voted--
    }
    finalized = Math.min(voted, this.#finalized?.block.height ?? 0)
    let verified = finalized
    while (verified > 0 && this.#canonical.get(verified)?.times.verified === undefined) {
      if (!this.#canonical.has(verified)) break
      verified--
    }
    return { proposed: this.#tip?.block.height ?? 0, executed, voted, finalized, verified }
  }

  beginRound(round: Round, leader: ValidatorId, end: RoundRecord['end'], nowMs: number): void {
    const before = this.#rounds.at(-1)
    if (before !== undefined && before.round >= round) return
    if (before !== undefined && end !== undefined) Object.assign(before, { endedMs: nowMs, end })
    this.#rounds.push({ round, leader, beganMs: nowMs, proposals: [] })
    if (this.#rounds.length > KEPT) this.#rounds.splice(0, this.#rounds.length - KEPT)
  }

  proposedIn(round: Round, id: Hash): void {
    const record = this.#rounds.findLast((it) => it.round === round)
    if (record !== undefined && !record.proposals.includes(id)) record.proposals.push(id)
  }

  #forgetOld(): void {
    for (const [id, entry] of this.#blocks) {
      if (this.#blocks.size <= KEPT) return
      // What is not final may still be needed, however old it is.
      if (entry.block.height >= (this.#finalized?.block.height ?? 0)) return
      this.#blocks.delete(id)
      if (entry.isCanonical) this.#canonical.delete(entry.block.height)
    }
  }
}
