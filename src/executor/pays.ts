/**
 * Whether lanes are worth it for a block: few or light transactions never are, and else the last blocks in lanes say it. A pure account of
 * what happened, so that the same history decides the same.
 */
export interface Experience {
  /** Milliseconds that transactions of a block in order ran, each: the least of late, since what is cold or disturbed only takes longer. */
  readonly msPerTransaction: number
  /** Milliseconds that a block in order takes besides, for each of its transactions: to set up, receipts, what it changed; likewise the least of late. */
  readonly restMsPerTransaction: number
  /** Blocks in order by which that is known. */
  readonly seen: number
  /** How many times longer blocks in lanes would have taken in order, as a whole; undefined before the first. */
  readonly gain: number | undefined
  /** Of 1: how many runs were taken back lately. */
  readonly conflicts: number
  /** Blocks that ran in order because lanes were not worth it, since the last one in lanes. */
  readonly passedOver: number
  /** So many are passed over before lanes are tried again: twice as many after every loss. */
  readonly patience: number
}

export const NO_EXPERIENCE: Experience = {
  msPerTransaction: Infinity,
  restMsPerTransaction: 0,
  seen: 0,
  gain: undefined,
  conflicts: 0,
  passedOver: 0,
  patience: 0,
}

/** Below, waking the lanes costs more than they save. */
const FEWEST = 16
/** Milliseconds that lanes add to a transaction, for taking, checking and merging it, and to a block, for waking up and coming together. */
const EACH_MS = 0.002
const BLOCK_MS = 0.5
/** Milliseconds that lanes are to save, as far as that is foreseen: threads that wake up, and start, cost others time. */
const LEAST_SAVED_MS = 1
/** After so many blocks in order their code is compiled for speed. Before, transactions run several times as long, and lanes are to save more. */
const WARM = 4
const LEAST_SAVED_COLD_MS = 60
/** Runs in lanes are a little slower than alone: a gain below this is none. */
const WORTH = 1.1
/** Of 1: so many runs taken back are what is wrong. */
const MANY = 0.3
const MOST_PATIENCE = 64
/** The part of a new measurement in what is remembered. */
const WEIGHT = 0.3

/** @returns why the block is better off in order; undefined when lanes pay */
export function whyInOrder(
  experience: Experience,
  transactions: number,
  lanes: number,
): string | undefined {
  if (transactions < FEWEST) return `it has fewer than ${FEWEST} transactions`
  const { msPerTransaction, seen, gain, conflicts, passedOver, patience } = experience
  if (seen === 0) return 'how long its transactions run is not known yet'
  const ms = transactions * msPerTransaction
  const inLanes = ms / lanes + transactions * EACH_MS + BLOCK_MS
  const least = seen < WARM ? LEAST_SAVED_COLD_MS : LEAST_SAVED_MS
  if (ms - inLanes < least) return `its transactions run some ${ms.toFixed(1)} ms in order`
  if (gain === undefined || gain >= WORTH || passedOver >= patience) return undefined
  if (conflicts > MANY) return `of the last runs ${Math.round(100 * conflicts)} % conflicted`
  return `lanes gained ${gain.toFixed(2)}x lately`
}

/**
 * After a block in lanes.
 * @param ms that all of it took @param alone what the last runs of its transactions took, one after another @param takenBack of 1
 */
export function afterLanes(
  experience: Experience,
  transactions: number,
  {
    ms,
    alone,
    takenBack,
  }: { readonly ms: number; readonly alone: number; readonly takenBack: number },
): Experience {
  const now = (alone + transactions * experience.restMsPerTransaction) / ms
  const isLoss = now < WORTH
  // A first loss may be the lanes' warming up.
  const patience = isLoss ? Math.min(MOST_PATIENCE, 2 * experience.patience || 1) : 0
  return {
    ...experience,
    gain: isLoss === (experience.gain ?? 0) < WORTH ? mixed(experience.gain, now) : now,
    conflicts: experience.conflicts + WEIGHT * (takenBack - experience.conflicts),
    passedOver: 0,
    patience,
  }
}

/**
 * After a block in order, for whatever reason. Small ones say nothing about others.
 * @param ms that its transactions ran @param rest milliseconds that the block took besides
 */
export function afterOrder(
  experience: Experience,
  transactions: number,
  ms: number,
  rest: number,
): Experience {
  if (transactions < FEWEST) return experience
  const { msPerTransaction, restMsPerTransaction, seen, passedOver } = experience
  return {
    ...experience,
    msPerTransaction: leastOfLate(msPerTransaction, ms / transactions),
    restMsPerTransaction:
      seen === 0 ? rest / transactions : leastOfLate(restMsPerTransaction, rest / transactions),
    seen: seen + 1,
    passedOver: passedOver + 1,
  }
}

function leastOfLate(before: number, now: number): number {
  return now < before ? now : mixed(before, now)
}

function mixed(before: number | undefined, now: number): number {
  return before === undefined ? now : before + WEIGHT * (now - before)
}
