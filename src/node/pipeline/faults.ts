import { leaderOf } from '../../consensus/committee.ts'
import type { Conditions, Fault, Partition, Slowness } from '../../consensus/simulation/scenario.ts'
import type { ValidatorId } from '../../consensus/types.ts'
import type { PipelineSettings } from './presets.ts'

/** Faults on demand: what is asked for, checked, and what holds at a time. */

const FAULT_KINDS = [
  'crash',
  'silence',
  'equivocate',
  'wrongRoot',
  'delay',
  'slowExecutor',
  'partition',
  'heal',
] as const
/** Of these it has to be said who is slow, cut off or healed, or it is everybody. */
const OF_MANY: readonly string[] = ['slowExecutor', 'partition', 'heal']
type FaultKind = (typeof FAULT_KINDS)[number]

/** `leader`: whoever has the next proposal to make when the fault begins. */
type Who = ValidatorId | 'leader'

export interface FaultRequest {
  readonly kind: FaultKind
  /** Of `slowExecutor` it may be left out: then all are slow, the node itself included. */
  readonly validator: Who | undefined
  /** Of a partition: who is not named is with the others. */
  readonly groups: readonly (readonly Who[])[]
  /** How much later, of `delay` and `slowExecutor`. */
  readonly byMs: number
  /** When it begins: from now, in a scenario from the start. */
  readonly atMs: number
  /** undefined: until it is healed. */
  readonly forMs: number | undefined
}

const KNOWN = ['kind', 'validator', 'groups', 'byMs', 'atMs', 'forMs']
const MOST_ENTRIES = 10_000

/** @throws {RangeError} naming the entry that cannot be */
export function readFaults(value: unknown, validators: number): readonly FaultRequest[] {
  const list =
    typeof value === 'object' && value !== null && 'faults' in value ? value.faults : value
  if (!Array.isArray(list)) {
    throw new RangeError(`the scenario: expected a list of faults, or {"faults": [..]}`)
  }
  if (list.length > MOST_ENTRIES) {
    throw new RangeError(
      `the scenario: expected at most ${MOST_ENTRIES} faults, got ${list.length}`,
    )
  }
  return list.map((entry, index) => readFault(entry, validators, `faults[${index}]`))
}

/** @param path names the entry in errors @throws {RangeError} */
export function readFault(value: unknown, validators: number, path: string): FaultRequest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RangeError(`\`${path}\`: expected an object, got ${JSON.stringify(value)}`)
  }
  const entry = value as Readonly<Record<string, unknown>>
  for (const name of Object.keys(entry)) {
    if (!KNOWN.includes(name)) {
      throw new RangeError(`\`${path}.${name}\`: not known here; there are ${KNOWN.join(', ')}`)
    }
  }
  const kind = FAULT_KINDS.find((name) => name === entry['kind'])
  if (kind === undefined) {
    throw new RangeError(
      `\`${path}.kind\`: expected one of ${FAULT_KINDS.join(', ')}, got ${JSON.stringify(entry['kind'])}`,
    )
  }
  const who = (given: unknown, at: string): Who => {
    if (given === 'leader') return 'leader'
    const isOne = Number.isInteger(given) && Number(given) >= 0 && Number(given) < validators
    if (isOne) return Number(given)
    throw new RangeError(
      `\`${at}\`: validator ${JSON.stringify(given)} does not exist, expected 0 to ${validators - 1} or "leader"`,
    )
  }
  const ms = (name: 'byMs' | 'atMs' | 'forMs'): number | undefined => {
    const given = entry[name]
    if (given === undefined || given === null) return undefined
    if (typeof given === 'number' && given >= 0) return given
    throw new RangeError(
      `\`${path}.${name}\`: expected milliseconds from 0 on, got ${JSON.stringify(given)}`,
    )
  }
  const isSlow = kind === 'delay' || kind === 'slowExecutor'
  const needsOne = !OF_MANY.includes(kind)
  const { validator, groups } = entry
  if (needsOne && validator === undefined) {
    throw new RangeError(`\`${path}.validator\`: missing, ${kind} needs it`)
  }
  if (isSlow && ms('byMs') === undefined) {
    throw new RangeError(`\`${path}.byMs\`: missing, ${kind} needs it`)
  }
  return {
    kind,
    validator: validator === undefined ? undefined : who(validator, `${path}.validator`),
    groups: kind === 'partition' ? groupsOf(groups, path, who) : [],
    byMs: ms('byMs') ?? 0,
    atMs: ms('atMs') ?? 0,
    forMs: ms('forMs'),
  }
}

function groupsOf(
  groups: unknown,
  path: string,
  who: (given: unknown, at: string) => Who,
): readonly (readonly Who[])[] {
  if (!Array.isArray(groups) || groups.length === 0 || !groups.every(Array.isArray)) {
    throw new RangeError(
      `\`${path}.groups\`: expected lists of validators, such as [["leader"]], got ${JSON.stringify(groups)}`,
    )
  }
  return groups.map((group: readonly unknown[], at) =>
    group.map((one) => who(one, `${path}.groups[${at}]`)),
  )
}

/** A fault that holds or held. */
export interface PlacedFault {
  readonly id: number
  readonly kind: Exclude<FaultKind, 'heal'>
  readonly validators: readonly ValidatorId[]
  readonly groups: readonly (readonly ValidatorId[])[] | undefined
  readonly byMs: number | undefined
  readonly fromMs: number
  /** Infinity: until it is healed. */
  toMs: number
}

/** The network as it is, and the faults that come and go in it. */
export class Faults implements Conditions {
  readonly config: Conditions['config']
  readonly seed: number
  readonly delayMs: Conditions['delayMs']
  readonly lossRate: number
  readonly lossUntilMs: number = Number.POSITIVE_INFINITY
  readonly duplicateRate: number = 0
  faults: readonly Fault[] = []
  partitions: readonly Partition[] = []
  slowness: readonly Slowness[] = []
  /** All that were placed, oldest first. */
  readonly placed: PlacedFault[] = []

  constructor(settings: PipelineSettings) {
    const { protocol, validators, seed, timeoutMs, rootLag, delayMs, lossRate } = settings
    const stakes = Array.from({ length: validators }, () => 1)
    this.config = { protocol, stakes, seed, timeoutMs, rootLag }
    this.seed = seed
    this.delayMs = delayMs
    this.lossRate = lossRate
  }

  /** Begins now. @param nextRound whose leader is `leader` */
  place(request: FaultRequest, nowMs: number, nextRound: number): void {
    const { kind, byMs, forMs } = request
    if (kind === 'heal') return this.heal(nowMs)
    const one = (who: Who): ValidatorId =>
      who === 'leader' ? leaderOf(this.config, nextRound) : who
    const everyone = [...this.config.stakes.keys()]
    const groups = kind === 'partition' ? request.groups.map((group) => group.map(one)) : undefined
    this.placed.push({
      id: this.placed.length,
      kind,
      validators:
        groups?.flat() ?? (request.validator === undefined ? everyone : [one(request.validator)]),
      groups,
      byMs: kind === 'delay' || kind === 'slowExecutor' ? byMs : undefined,
      fromMs: nowMs,
      toMs: forMs === undefined ? Number.POSITIVE_INFINITY : nowMs + forMs,
    })
    this.#renew()
  }

  heal(nowMs: number): void {
    for (const fault of this.activeAt(nowMs)) fault.toMs = nowMs
    this.#renew()
  }

  activeAt(nowMs: number): readonly PlacedFault[] {
    return this.placed.filter(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs)
  }

  hasWrongRoot(validator: ValidatorId, nowMs: number): boolean {
    return this.activeAt(nowMs).some(
      ({ kind, validators }) => kind === 'wrongRoot' && validators.includes(validator),
    )
  }

  /** How much slower the node itself executes. */
  slownessOfNodeAt(nowMs: number): number {
    let sum = 0
    for (const { kind, validators, byMs = 0 } of this.activeAt(nowMs)) {
      if (kind === 'slowExecutor' && validators.length === this.config.stakes.length) sum += byMs
    }
    return sum
  }

  /** Validators whose part in the protocol is missing now: who are cut off are with the smaller stake. */
  missingAt(nowMs: number): readonly ValidatorId[] {
    const missing = new Set<ValidatorId>()
    for (const { kind, validators, groups } of this.activeAt(nowMs)) {
      if (kind === 'crash' || kind === 'silence') for (const one of validators) missing.add(one)
      if (groups === undefined) continue
      const rest = [...this.config.stakes.keys()].filter((one) => !validators.includes(one))
      const bySize = [...groups, rest].toSorted((a, b) => b.length - a.length)
      for (const one of bySize.slice(1).flat()) missing.add(one)
    }
    return [...missing].toSorted((a, b) => a - b)
  }

  /** Validators that say what is not so. */
  wrongAt(nowMs: number): readonly ValidatorId[] {
    return this.activeAt(nowMs)
      .filter(({ kind }) => kind === 'wrongRoot' || kind === 'equivocate')
      .flatMap(({ validators }) => validators)
  }

  /** What the swarm reads at each message. */
  #renew(): void {
    const faults: Fault[] = []
    const slowness: Slowness[] = []
    const partitions: Partition[] = []
    for (const { kind, validators, groups, byMs = 0, fromMs, toMs } of this.placed) {
      switch (kind) {
        case 'crash':
        case 'silence':
        case 'equivocate':
          for (const validator of validators) faults.push({ kind, validator, fromMs, toMs })
          break
        case 'delay':
        case 'slowExecutor':
          // When all are slow the node is, whose execution they wait for.
          if (kind === 'slowExecutor' && validators.length === this.config.stakes.length) break
          for (const validator of validators) slowness.push({ kind, validator, byMs, fromMs, toMs })
          break
        case 'partition':
          partitions.push({ groups: groups!, fromMs, toMs })
          break
        case 'wrongRoot':
      }
    }
    this.faults = faults
    this.slowness = slowness
    this.partitions = partitions
  }
}
