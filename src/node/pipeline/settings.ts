import type { NodeConfig } from '../config.ts'
import { StartError } from '../start-error.ts'
import {
  type PipelineOverrides,
  type PipelineSettings,
  type PresetName,
  presetOf,
} from './presets.ts'
import { type FaultRequest, readFaults } from './faults.ts'

/** What a node with a pipeline starts with. */
export interface PipelineStart {
  readonly preset: PresetName
  /** Where its figures are from. */
  readonly source: string
  readonly settings: PipelineSettings
  readonly scenario: readonly FaultRequest[]
}

const MOST_VALIDATORS = 100
const MOST_MS = 86_400_000

/** The least and the most of each number, and whether it is whole. */
const NUMBERS = {
  validators: { least: 1, most: MOST_VALIDATORS, whole: true },
  faulty: { least: 0, most: MOST_VALIDATORS, whole: true },
  seed: { least: 0, most: 2 ** 31 - 1, whole: true },
  blockMs: { least: 1, most: MOST_MS, whole: false },
  lossRate: { least: 0, most: 1, whole: false },
  timeoutMs: { least: 1, most: MOST_MS, whole: false },
  rootLag: { least: 1, most: 32, whole: true },
  buildMs: { least: 0, most: MOST_MS, whole: false },
  executeMs: { least: 0, most: MOST_MS, whole: false },
  miniBlockMs: { least: 0, most: MOST_MS, whole: false },
  maxTransactions: { least: 1, most: 1_000_000, whole: true },
} as const

const CHOICES = {
  protocol: ['monadbft', 'hotstuff2'],
  latest: ['proposed', 'finalized'],
  clock: ['real', 'virtual'],
} as const

const NAMES = [...Object.keys(NUMBERS), ...Object.keys(CHOICES), 'delayMs']

/**
 * The settings of a node with what its preset says of blocks: gas limit, interval, epochs, as far as they are not set.
 * @throws {StartError} when they do not go together
 */
export function withConsensus(options: Partial<NodeConfig>): Partial<NodeConfig> {
  const { consensus } = options
  if (consensus === undefined) return options
  const preset = presetOf(consensus.preset)
  const gasLimit = options.gasLimit ?? preset.gasLimit
  const limited = gasLimit === undefined ? options : { ...options, gasLimit }
  if (preset.kind === 'pipeline') {
    const { mining } = options
    if (mining !== undefined && mining.kind !== 'interval') {
      throw new StartError(
        `blocks of --consensus ${consensus.preset} come by their own pace: --no-mining and --mixed-mining do not go with it`,
      )
    }
    return { ...limited, mining: { kind: 'manual' } }
  }
  if (consensus.set !== undefined || consensus.scenario !== undefined) {
    throw new StartError(
      `--consensus ${consensus.preset} has no validators: --consensus-set and --consensus-scenario need one that has, such as monad`,
    )
  }
  const { intervalMs, slotsInAnEpoch } = preset
  if (intervalMs === undefined) return limited
  return {
    ...limited,
    mining: options.mining ?? { kind: 'interval', intervalMs },
    slotsInAnEpoch: options.slotsInAnEpoch ?? slotsInAnEpoch ?? 32,
  }
}

/**
 * The pipeline that is asked for; undefined without one.
 * @param mining a block time that was set goes before the preset's
 * @throws {StartError} naming the entry that cannot be
 */
export function pipelineOf({
  consensus,
  mining,
}: Pick<Partial<NodeConfig>, 'consensus' | 'mining'>): PipelineStart | undefined {
  if (consensus === undefined) return undefined
  const preset = presetOf(consensus.preset)
  if (preset.kind !== 'pipeline') return undefined
  const blockMs = mining?.kind === 'interval' ? { blockMs: mining.intervalMs } : {}
  try {
    const settings = readSettings(preset.settings, { ...blockMs, ...consensus.set })
    const scenario =
      consensus.scenario === undefined ? [] : readFaults(consensus.scenario, settings.validators)
    return { preset: consensus.preset, source: preset.source, settings, scenario }
  } catch (error) {
    if (error instanceof RangeError) throw new StartError(`--consensus: ${error.message}`)
    throw error
  }
}

/** @throws {RangeError} naming the entry */
function readSettings(preset: PipelineSettings, set: PipelineOverrides): PipelineSettings {
  const read: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(set)) {
    if (value !== undefined) read[name] = readEntry(name, value)
  }
  // Whoever asks for more validators wants as many faulty ones as may be.
  const validators = Number(read['validators'] ?? preset.validators)
  const most = Math.ceil(validators / 3) - 1
  const blockMs = Number(read['blockMs'] ?? preset.blockMs)
  const timeoutMs = preset.timeoutMs - preset.blockMs + blockMs
  const settings = { ...preset, faulty: most, timeoutMs, ...read } as PipelineSettings
  if (settings.faulty > most) {
    throw new RangeError(
      `\`faulty\`: ${settings.faulty} of ${validators} validators is a third or more: expected at most ${most}`,
    )
  }
  const roundMs = settings.blockMs + settings.buildMs + 2 * settings.delayMs[1]
  if (settings.timeoutMs < roundMs) {
    throw new RangeError(
      `\`timeoutMs\`: a round takes up to ${roundMs} ms by \`blockMs\`, \`buildMs\` and \`delayMs\`: expected at least that, got ${settings.timeoutMs}`,
    )
  }
  if (settings.miniBlockMs > 0 && validators > 1) {
    throw new RangeError(
      `\`miniBlockMs\`: mini-blocks need one sequencer: expected \`validators\` 1, got ${validators}`,
    )
  }
  return settings
}

function readEntry(name: string, value: unknown): unknown {
  if (name === 'delayMs') return readSpan(value)
  if (name in CHOICES) {
    const choices: readonly string[] = CHOICES[name as keyof typeof CHOICES]
    if (typeof value === 'string' && choices.includes(value)) return value
    throw new RangeError(`\`${name}\`: expected ${choices.join(' or ')}, got ${shown(value)}`)
  }
  if (!(name in NUMBERS)) {
    throw new RangeError(`\`${name}\`: not known here; there are ${NAMES.join(', ')}`)
  }
  const { least, most, whole } = NUMBERS[name as keyof typeof NUMBERS]
  const number = toNumber(value)
  if (number >= least && number <= most && (!whole || Number.isInteger(number))) return number
  const kind = whole ? 'a whole number' : 'a number'
  throw new RangeError(
    `\`${name}\`: expected ${kind} from ${least} to ${most}, got ${shown(value)}`,
  )
}

function readSpan(value: unknown): readonly [number, number] {
  const ends = typeof value === 'string' ? /^([\d.]+)(?:-([\d.]+))?$/.exec(value) : undefined
  const [least, most] = Array.isArray(value)
    ? value.map(toNumber)
    : typeof value === 'number'
      ? [value, value]
      : [toNumber(ends?.[1]), toNumber(ends?.[2] ?? ends?.[1])]
  if (least! >= 0 && most! >= least! && most! <= MOST_MS) return [least!, most!]
  throw new RangeError(
    `\`delayMs\`: expected milliseconds from 0 on, such as 40 or 10-40, got ${shown(value)}`,
  )
}

function toNumber(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
