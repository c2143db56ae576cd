/**
 * Whether lanes are worth it for a block: too few transactions never are, and else what was measured says it. A pure account of what
 * happened, so that the same history decides the same.
 */
export interface Experience {
  /** Milliseconds for a unit of gas, in lanes and in order; undefined before the first block. */
  readonly laneMsPerGas: number | undefined
  readonly orderMsPerGas: number | undefined
  /** Of 1: how many runs were taken back lately. */
  readonly conflicts: number
  /** Blocks that ran in order because lanes were not worth it, since the last one in lanes. */
  readonly passedOver: number
}

export const NO_EXPERIENCE: Experience = {
  laneMsPerGas: undefined,
  orderMsPerGas: undefined,
  conflicts: 0,
  passedOver: 0,
}

/** Below, waking the lanes costs more than they save. */
const FEWEST = 16
/** Of 1: so many runs taken back leave nothing to gain. */
const HOPELESS = 0.4
/** So many blocks later things may have changed: the next one runs in lanes. */
const PROBE_AFTER = 32
/** The part of a new measurement in what is remembered. */
const WEIGHT = 0.3

/** @returns why the block is better off in order; undefined when lanes pay */
export function whyInOrder(experience: Experience, transactions: number): string | undefined {
  if (transactions < FEWEST) return `it has fewer than ${FEWEST} transactions`
  const { laneMsPerGas, orderMsPerGas, conflicts, passedOver } = experience
  if (passedOver >= PROBE_AFTER) return undefined
  if (conflicts > HOPELESS) return `of the last runs ${Math.round(100 * conflicts)} % conflicted`
  if (laneMsPerGas === undefined) return undefined
  if (orderMsPerGas === undefined) return 'it shows what a block takes in order'
  return laneMsPerGas > orderMsPerGas ? 'lanes were slower lately' : undefined
}

/** After a block in lanes. @param takenBack of 1 */
export function afterLanes(
  experience: Experience,
  ms: number,
  gas: bigint,
  takenBack: number,
): Experience {
  return {
    ...experience,
    laneMsPerGas: mixed(experience.laneMsPerGas, ms, gas),
    conflicts: experience.conflicts + WEIGHT * (takenBack - experience.conflicts),
    passedOver: 0,
  }
}

/** After a block in order. Small ones say nothing about others. */
export function afterOrder(
  experience: Experience,
  ms: number,
  gas: bigint,
  transactions: number,
): Experience {
  if (transactions < FEWEST) return experience
  return {
    ...experience,
    orderMsPerGas: mixed(experience.orderMsPerGas, ms, gas),
    passedOver: experience.passedOver + 1,
  }
}

function mixed(before: number | undefined, ms: number, gas: bigint): number | undefined {
  if (gas === 0n) return before
  const now = ms / Number(gas)
  return before === undefined ? now : before + WEIGHT * (now - before)
}
