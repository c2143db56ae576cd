import type { ConsensusConfig } from '../../consensus/types.ts'

/** How blocks come about, by the name of a chain that does it so. Rules of gas and of transactions are apart from it. */

/** What a pipeline is like. Times are milliseconds. */
export interface PipelineSettings {
  readonly protocol: ConsensusConfig['protocol']
  readonly validators: number
  /** So many of them may be faulty: under a third. */
  readonly faulty: number
  /** Draws leaders, delays and losses. */
  readonly seed: number
  /** From one proposal to the next. */
  readonly blockMs: number
  /** Of each message, drawn evenly between the two. */
  readonly delayMs: readonly [least: number, most: number]
  /** Of messages, from 0 to 1. */
  readonly lossRate: number
  /** How long a round may last. */
  readonly timeoutMs: number
  /** k: a proposal states the root of the block so many heights below. */
  readonly rootLag: number
  /** How long a leader takes to choose transactions. */
  readonly buildMs: number
  /** The least that executing a block takes: a model of a slower machine; 0 for as long as it takes here. */
  readonly executeMs: number
  /** Which blocks `latest` may name, once they are executed. */
  readonly latest: 'proposed' | 'finalized'
  /** How often the sequencer shows what it has executed of the next block; 0 for never. */
  readonly miniBlockMs: number
  /** Of one block. */
  readonly maxTransactions: number
  /** `virtual`: time stands still until `parallel_advance` moves it. */
  readonly clock: 'real' | 'virtual'
}

export const PRESET_NAMES = [
  'instant',
  'interval',
  'slot12',
  'monad',
  'monad@0.12',
  'monad@0.11',
  'megaeth',
  'twin-turbo',
] as const
export type PresetName = (typeof PRESET_NAMES)[number]

/** What may be set of a pipeline, as it is written: numbers may be texts, and a span `10-40`. */
export type PipelineOverrides = Readonly<Partial<Record<keyof PipelineSettings, unknown>>>

/** How blocks come about. */
export interface ConsensusOptions {
  readonly preset: PresetName
  /** In place of what the preset says. */
  readonly set?: PipelineOverrides | undefined
  /** Faults by their times: what a scenario file holds. */
  readonly scenario?: unknown
}

/** Where the figures are from, and what else the preset says of blocks. */
interface Common {
  readonly source: string
  /** The node's own when absent. */
  readonly gasLimit?: bigint
}

/** A chain without a pipeline: `miner` makes a block for each transaction, or by a timer. */
export type Preset = Common &
  (
    | { readonly kind: 'miner'; readonly intervalMs?: number; readonly slotsInAnEpoch?: number }
    | { readonly kind: 'pipeline'; readonly settings: PipelineSettings }
  )

const PLAIN: PipelineSettings = {
  protocol: 'monadbft',
  validators: 4,
  faulty: 1,
  seed: 1,
  blockMs: 400,
  delayMs: [20, 60],
  lossRate: 0,
  timeoutMs: 800,
  rootLag: 3,
  buildMs: 1,
  executeMs: 10,
  latest: 'proposed',
  miniBlockMs: 0,
  maxTransactions: 5_000,
  clock: 'real',
}

/** Round timer of monad-bft: three network delays of 100 ms, the pace of votes, and 100 ms of local work. */
function monad(
  revision: string,
  blockMs: number,
  gasLimit: bigint,
  maxTransactions: number,
): Preset {
  const timeoutMs = 3 * 100 + blockMs + 100
  return {
    kind: 'pipeline',
    source: `monad-chain-config revision ${revision}; docs.monad.xyz (block states, MonadBFT)`,
    gasLimit,
    settings: { ...PLAIN, blockMs, timeoutMs, maxTransactions },
  }
}

const MONAD_12 = monad('0.12', 300, 150_000_000n, 3_750)

const PRESETS: Readonly<Record<PresetName, Preset>> = {
  instant: { kind: 'miner', source: 'Anvil: a block for each transaction' },
  interval: { kind: 'miner', source: 'Anvil: --block-time', intervalMs: 1_000 },
  slot12: {
    kind: 'miner',
    source: 'Ethereum: slots of 12 s, finality after two epochs of 32',
    intervalMs: 12_000,
    slotsInAnEpoch: 32,
  },
  monad: MONAD_12,
  'monad@0.12': MONAD_12,
  'monad@0.11': monad('0.11', 400, 200_000_000n, 5_000),
  megaeth: {
    kind: 'pipeline',
    source: 'docs.megaeth.com (mini-blocks); mega-evm for the gas of a block',
    gasLimit: 1_000_000_000n,
    settings: {
      ...PLAIN,
      validators: 1,
      faulty: 0,
      blockMs: 1_000,
      delayMs: [0, 0],
      timeoutMs: 4_000,
      rootLag: 1,
      executeMs: 0,
      miniBlockMs: 10,
      maxTransactions: 50_000,
    },
  },
  'twin-turbo': {
    kind: 'pipeline',
    source: 'docs.sei.io (Twin Turbo): blocks of 400 ms, executed while they are voted for',
    settings: {
      ...PLAIN,
      protocol: 'hotstuff2',
      timeoutMs: 1_000,
      rootLag: 1,
      latest: 'finalized',
    },
  },
}

export function presetOf(name: PresetName): Preset {
  return PRESETS[name]
}
