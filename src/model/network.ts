/**
 * What other networks' rules change of Ethereum's, as data: one row a network and revision. Sources: Monad's developer documentation,
 * its improvement proposals MIP-3 and MIP-8, and its initial specification; MegaETH's specification beside `mega-evm`.
 */
import type { ForkName, NetworkName, Rules } from './fork.ts'

/** A part of the price of memory: `halfGasPerWord * words / 2`, and the square of the words / 512 where it is quadratic. */
interface MemoryPrice {
  readonly halfGasPerWord: number
  readonly isQuadratic: boolean
}

/** MIP-8: slots are warmed, and paid for, in pages. Gas. */
interface PageRules {
  /** Of a slot's number, the bits that say where in its page it is. */
  readonly bits: number
  /** The first write to a page. */
  readonly writeGas: number
  /** For each slot by which a page grows beyond the most that it had grown by. */
  readonly growthGas: number
}

/** Gas for keeping what a transaction brings, beside what it costs to run. */
interface StoragePrices {
  readonly transactionGas: number
  readonly zeroByteGas: number
  readonly byteGas: number
  readonly zeroByteFloorGas: number
  readonly byteFloorGas: number
  readonly logTopicGas: number
  readonly logByteGas: number
  readonly codeByteGas: number
  /** What a call with value brings along, to be spent for storage alone. */
  readonly callStipendGas: number
}

/** What of a transaction has to be kept and told to others. */
export interface Resources {
  readonly dataBytes: number
  /** Accounts and slots that were written. */
  readonly kvUpdates: number
  /** Accounts and slots that are new. */
  readonly stateGrowth: number
}

/** Of a transaction, beside its gas. */
export interface ResourceLimits {
  /** Gas but for storage. */
  readonly computeGas: number
  /** The same, after the block or its beneficiary was looked at. */
  readonly detainedGas: number
  readonly transaction: Resources
  /** Once a block has so much of one, no more transactions are put into it. */
  readonly block: Resources
  /** A frame may use so many hundredths of what its caller has left of each resource. */
  readonly framePercent: number
  /** How many bytes of data each counts as. */
  readonly data: {
    readonly transaction: number
    readonly authorization: number
    readonly listedAddress: number
    readonly listedSlot: number
    readonly logTopic: number
    /** Of an account or a slot. */
    readonly write: number
  }
}

/** What ordering ahead of execution may count on: see `chain/reserve-budget.ts`. */
interface ReserveRules {
  readonly reserveWei: bigint
  readonly delayBlocks: number
}

/** How the base fee moves: e to the power of the gas used beyond the target, within a smallest and a greatest price. */
export interface BaseFeeRules {
  /** Hundredths of the gas limit. */
  readonly targetPercent: bigint
  /** A full block raises it by one part in so many. */
  readonly stepDenominator: bigint
  readonly minWei: bigint
  readonly maxWei: bigint
}

/** Ethereum's rules of `fork`, but for this. Gas in gas, sizes in bytes. */
export interface NetworkRules {
  /** As users read it. */
  readonly label: string
  readonly fork: ForkName
  /** What of the network is not here, for users to read. */
  readonly notModelled: readonly string[]
  readonly maxCodeBytes: number
  readonly maxInitCodeBytes: number
  /** In place of EIP-7825's cap. */
  readonly transactionGasCap: bigint | undefined
  /** What a developer's chain of this network has when nothing else is said. */
  readonly blockGasLimit: bigint
  /** Of its first block. */
  readonly baseFeeWei: bigint
  readonly hasBlobs: boolean
  /** The whole gas limit is paid for; nothing is refunded. */
  readonly chargesGasLimit: boolean
  /** What a first access costs beyond a later one. */
  readonly coldAccountGas: number
  readonly coldSlotGas: number
  readonly memory: MemoryPrice
  /** Of all frames together. */
  readonly maxMemoryBytes: number
  readonly pages: PageRules | undefined
  /** An account with a delegation (EIP-7702) can create contracts. */
  readonly delegatedCreates: boolean
  /** A transaction must be able to pay its fees alone; without its value it fails when it runs. */
  readonly valueIsLate: boolean
  readonly reserve: ReserveRules | undefined
  readonly baseFee: BaseFeeRules | undefined
  /** By the number that its address is: what its price is multiplied by. */
  readonly precompilePrices: Readonly<Record<number, bigint>>
  /** Precompiles of later forks. */
  readonly earlyPrecompiles: readonly number[]
  /** What a caller keeps of its gas, in place of a 64th (EIP-150). */
  readonly keptPercent: number | undefined
  readonly storage: StoragePrices | undefined
  readonly limits: ResourceLimits | undefined
}

/** What a network's row says beside the fork that it is on. */
type RulesBeside = Omit<NetworkRules, 'label' | 'fork' | 'blockGasLimit' | 'baseFeeWei'>

/** No limit that a transaction could reach. */
const ENDLESS_BYTES = 0xffff_0000

/** What the newest of Ethereum's forks have in common: a network's row begins with it. */
const ETHEREUM: RulesBeside = {
  notModelled: [],
  maxCodeBytes: 24_576,
  maxInitCodeBytes: 49_152,
  transactionGasCap: undefined,
  hasBlobs: true,
  chargesGasLimit: false,
  coldAccountGas: 2_500,
  coldSlotGas: 2_000,
  memory: { halfGasPerWord: 6, isQuadratic: true },
  maxMemoryBytes: ENDLESS_BYTES,
  pages: undefined,
  delegatedCreates: true,
  valueIsLate: false,
  reserve: undefined,
  baseFee: undefined,
  precompilePrices: {},
  earlyPrecompiles: [],
  keptPercent: undefined,
  storage: undefined,
  limits: undefined,
}

const MON_WEI = 10n ** 18n
const GWEI = 10n ** 9n
const P256_VERIFY = 0x100

const MONAD_EIGHT: NetworkRules = {
  ...ETHEREUM,
  label: 'Monad (MONAD_EIGHT)',
  fork: 'prague',
  notModelled: [
    'the staking precompile at 0x1000',
    'the damping of the base fee by the variance of earlier blocks',
    'system transactions',
  ],
  maxCodeBytes: 131_072,
  maxInitCodeBytes: 262_144,
  transactionGasCap: 30_000_000n,
  blockGasLimit: 150_000_000n,
  baseFeeWei: 100n * GWEI,
  hasBlobs: false,
  chargesGasLimit: true,
  coldAccountGas: 10_000,
  coldSlotGas: 8_000,
  delegatedCreates: false,
  valueIsLate: true,
  reserve: { reserveWei: 10n * MON_WEI, delayBlocks: 3 },
  baseFee: {
    targetPercent: 80n,
    stepDenominator: 28n,
    minWei: 100n * GWEI,
    maxWei: 100_000_000n * GWEI,
  },
  precompilePrices: { 0x01: 2n, 0x06: 2n, 0x07: 5n, 0x08: 5n, 0x09: 2n, 0x0a: 4n },
  earlyPrecompiles: [P256_VERIFY],
}

/** MIP-3 */
const MONAD_NINE: NetworkRules = {
  ...MONAD_EIGHT,
  label: 'Monad (MONAD_NINE)',
  fork: 'osaka',
  notModelled: [...MONAD_EIGHT.notModelled, 'the reserve balance precompile at 0x1001 (MIP-4)'],
  memory: { halfGasPerWord: 1, isQuadratic: false },
  maxMemoryBytes: 8 * 2 ** 20,
  earlyPrecompiles: [],
}

/** MIP-8 */
const MONAD_TEN: NetworkRules = {
  ...MONAD_NINE,
  label: 'Monad (MONAD_TEN)',
  notModelled: [...MONAD_NINE.notModelled, "the state root over pages: the root is Ethereum's"],
  pages: { bits: 7, writeGas: 2_800, growthGas: 17_000 },
}

const MEGAETH_REX5: NetworkRules = {
  ...ETHEREUM,
  label: 'MegaETH (REX5)',
  fork: 'prague',
  notModelled: [
    'the price of crowded storage: every SALT bucket has its least size, where it costs nothing more',
    'the part of the compute gas limit that is left to each frame',
    "the sequencer's own limits of a transaction's size and gas",
    'oracle, system contracts and system transactions',
    'fees and deposits of the OP Stack, and the course of the base fee',
  ],
  maxCodeBytes: 524_288,
  maxInitCodeBytes: 548_864,
  blockGasLimit: 10_000_000_000n,
  hasBlobs: false,
  baseFeeWei: 1_000_000n,
  keptPercent: 2,
  storage: {
    transactionGas: 39_000,
    zeroByteGas: 40,
    byteGas: 160,
    zeroByteFloorGas: 100,
    byteFloorGas: 400,
    logTopicGas: 3_750,
    logByteGas: 80,
    codeByteGas: 10_000,
    callStipendGas: 23_000,
  },
  limits: {
    computeGas: 200_000_000,
    detainedGas: 20_000_000,
    transaction: { dataBytes: 13_107_200, kvUpdates: 500_000, stateGrowth: 1_000 },
    block: { dataBytes: 13_107_200, kvUpdates: 500_000, stateGrowth: 1_000 },
    framePercent: 98,
    data: {
      transaction: 110,
      authorization: 101,
      listedAddress: 20,
      listedSlot: 32,
      logTopic: 32,
      write: 40,
    },
  },
}

const NETWORKS: Readonly<Record<NetworkName, NetworkRules>> = {
  'monad:eight': MONAD_EIGHT,
  'monad:nine': MONAD_NINE,
  'monad:ten': MONAD_TEN,
  'megaeth:rex5': MEGAETH_REX5,
}

/** Of a network that is named alone, the revision that its main network runs. */
export const NEWEST_REVISION: Readonly<Record<string, NetworkName>> = {
  monad: 'monad:ten',
  megaeth: 'megaeth:rex5',
}

export function networkRules(name: NetworkName): NetworkRules {
  return NETWORKS[name]
}

/** What changes Ethereum's rules, and Ethereum's own row where nothing does. */
export function networkOf(rules: { readonly network?: NetworkName | undefined }): RulesBeside {
  return rules.network === undefined ? ETHEREUM : NETWORKS[rules.network]
}

/** How many bytes code and init code may have. */
export function codeLimits(rules: Pick<Rules, 'network' | 'tweaks'>): {
  readonly maxCodeBytes: number
  readonly maxInitCodeBytes: number
} {
  const most = rules.tweaks?.maxCodeBytes
  if (most === undefined) return networkOf(rules)
  return { maxCodeBytes: most, maxInitCodeBytes: 2 * most }
}
