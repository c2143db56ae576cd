import { checkConfig } from '../committee.ts'
import type { ConsensusConfig, ValidatorId } from '../types.ts'

/** What goes wrong with a validator: `crash` hears and says nothing; `silence` hears, and says nothing; `equivocate` proposes and votes for two. */
export type FaultKind = 'crash' | 'silence' | 'equivocate'

/** What a validator is slow at: what it says arrives late (`delay`), or what it executes is done late (`slowExecutor`). */
export type SlownessKind = 'delay' | 'slowExecutor'

interface Span {
  readonly fromMs: number
  /** Not included. */
  readonly toMs: number
}

export interface Fault extends Span {
  readonly kind: FaultKind
  readonly validator: ValidatorId
}

export interface Slowness extends Span {
  readonly kind: SlownessKind
  readonly validator: ValidatorId
  readonly byMs: number
}

/** Validators of different groups do not hear each other. */
export interface Partition extends Span {
  readonly groups: readonly (readonly ValidatorId[])[]
}

/** A network and its validators, as they are at each time. */
export interface Conditions {
  readonly config: ConsensusConfig
  /** Draws delays, losses and duplicates. */
  readonly seed: number
  /** Each message takes this long, drawn evenly: so they overtake each other. */
  readonly delayMs: readonly [least: number, most: number]
  /** From 0 to 1, of messages to others. */
  readonly lossRate: number
  /** From then on no message is lost: the stabilization time of partial synchrony. */
  readonly lossUntilMs: number
  readonly duplicateRate: number
  readonly faults: readonly Fault[]
  readonly partitions: readonly Partition[]
  readonly slowness?: readonly Slowness[]
}

export interface Scenario extends Conditions {
  readonly durationMs: number
  /** How long a leader takes to make a payload, and a validator to execute a proposed block. */
  readonly buildMs: number
  readonly executeMs: number
  /** These execute to a root of their own. */
  readonly wrongRoots: readonly ValidatorId[]
}

/** @throws {RangeError} naming the entry that cannot be. */
export function checkScenario(scenario: Scenario): void {
  checkConfig(scenario.config)
  const { delayMs, durationMs, lossRate, lossUntilMs, duplicateRate, buildMs, executeMs } = scenario
  const [least, most] = delayMs
  if (!(least >= 0 && most >= least)) {
    throw new RangeError(
      `\`delayMs\`: expected 0 or more, the greater last, got ${least} and ${most}`,
    )
  }
  for (const [name, value] of Object.entries({ durationMs, lossUntilMs, buildMs, executeMs })) {
    if (!(value >= 0)) throw new RangeError(`\`${name}\`: expected 0 or more, got ${value}`)
  }
  for (const [name, value] of Object.entries({ lossRate, duplicateRate })) {
    if (!(value >= 0 && value <= 1))
      throw new RangeError(`\`${name}\`: expected 0 to 1, got ${value}`)
  }
  for (const [index, fault] of scenario.faults.entries()) {
    checkSpan(`faults[${index}]`, fault)
    checkValidator(scenario, `faults[${index}].validator`, fault.validator)
  }
  for (const [index, slow] of (scenario.slowness ?? []).entries()) {
    checkSpan(`slowness[${index}]`, slow)
    checkValidator(scenario, `slowness[${index}].validator`, slow.validator)
    if (!(slow.byMs >= 0))
      throw new RangeError(`\`slowness[${index}].byMs\`: expected 0 or more, got ${slow.byMs}`)
  }
  for (const [index, partition] of scenario.partitions.entries()) {
    checkSpan(`partitions[${index}]`, partition)
    for (const validator of partition.groups.flat()) {
      checkValidator(scenario, `partitions[${index}].groups`, validator)
    }
  }
  for (const validator of scenario.wrongRoots) checkValidator(scenario, 'wrongRoots', validator)
}

function checkSpan(name: string, { fromMs, toMs }: Span): void {
  if (!(fromMs >= 0 && toMs >= fromMs)) {
    throw new RangeError(`\`${name}\`: expected a span of time from 0 on, got ${fromMs} to ${toMs}`)
  }
}

function checkValidator({ config }: Scenario, name: string, validator: ValidatorId): void {
  if (config.stakes[validator] === undefined) {
    const last = config.stakes.length - 1
    throw new RangeError(
      `\`${name}\`: validator ${validator} does not exist, expected 0 to ${last}`,
    )
  }
}

/** What is wrong with `validator` at this time. */
export function faultAt(
  { faults }: Conditions,
  validator: ValidatorId,
  atMs: number,
): FaultKind | undefined {
  return faults.find((fault) => fault.validator === validator && isIn(fault, atMs))?.kind
}

/** How much slower `validator` is at this time. */
export function delayBy(
  { slowness = [] }: Conditions,
  kind: SlownessKind,
  validator: ValidatorId,
  atMs: number,
): number {
  let sum = 0
  for (const slow of slowness) {
    if (slow.kind === kind && slow.validator === validator && isIn(slow, atMs)) sum += slow.byMs
  }
  return sum
}

export function isParted(
  { partitions }: Conditions,
  a: ValidatorId,
  b: ValidatorId,
  atMs: number,
): boolean {
  return partitions.some((partition) => {
    if (!isIn(partition, atMs)) return false
    const groupOf = (one: ValidatorId): number =>
      partition.groups.findIndex((group) => group.includes(one))
    return groupOf(a) !== groupOf(b)
  })
}

function isIn({ fromMs, toMs }: Span, atMs: number): boolean {
  return atMs >= fromMs && atMs < toMs
}
