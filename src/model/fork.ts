import type { Address } from '../primitives/hex.ts'
import { DAO_BLOCKS } from './dao.ts'

/** Which rules hold when: the order of forks, and a chain's schedule of them. */

/** In order of birth. Each has all that came before it. */
export const FORKS = [
  'frontier',
  'homestead',
  'tangerineWhistle',
  'spuriousDragon',
  'byzantium',
  'constantinople',
  'petersburg',
  'istanbul',
  'muirGlacier',
  'berlin',
  'london',
  'arrowGlacier',
  'grayGlacier',
  'paris',
  'shanghai',
  'cancun',
  'prague',
  'osaka',
  'amsterdam',
] as const
export type ForkName = (typeof FORKS)[number]

const ORDER: ReadonlyMap<ForkName, number> = new Map(FORKS.map((name, index) => [name, index]))

/** EIP-7840: how many blobs a block aims at and may hold, and how fast their price moves. */
export interface BlobParams {
  readonly target: number
  readonly max: number
  readonly baseFeeUpdateFraction: bigint
}

/** Networks whose rules are Ethereum's but for what `network.ts` says, by revision. */
export const NETWORK_NAMES = ['monad:eight', 'monad:nine', 'monad:ten', 'megaeth:rex5'] as const
export type NetworkName = (typeof NETWORK_NAMES)[number]

/** What a developer changes of rules, on a chain of their own. */
export interface Tweaks {
  /** In place of EIP-170's; init code may have twice as many (EIP-3860). */
  readonly maxCodeBytes?: number
  /** Whom ecrecover names, by a signature's r, s and v: 65 bytes as hex without 0x. */
  readonly signers?: Readonly<Record<string, Address>>
}

/** The rules of one block. */
export interface Rules {
  readonly fork: ForkName
  /** Absent before Cancun. */
  readonly blob: BlobParams | undefined
  /** EIP-779: the block has the DAO fork's mark; The DAO's ether moves before its transactions, or has moved. */
  readonly dao?: 'moves' | 'moved'
  /** The header has the difficulty that proof of work asks for. */
  readonly hasWork?: true
  /** Whose rules these are; Ethereum's when it is absent. */
  readonly network?: NetworkName
  readonly tweaks?: Tweaks
}

/** When a fork begins: at a block number up to Paris, at a timestamp (seconds) since Shanghai. */
export type Activation =
  | { readonly fork: ForkName; readonly atBlock: bigint }
  | { readonly fork: ForkName; readonly atTime: bigint }

/** Blob parameters from a timestamp on: those of a fork, or a blob-parameter-only fork (EIP-7892). */
export interface BlobActivation {
  readonly name: string
  readonly atTime: bigint
  readonly params: BlobParams
}

export interface ChainConfig {
  readonly chainId: bigint
  /** In order of FORKS; the first is active from genesis. */
  readonly forks: readonly Activation[]
  /** In order of time. */
  readonly blobs: readonly BlobActivation[]
  /** EIP-6110: whose deposit logs become requests. */
  readonly depositContract?: `0x${string}` | undefined
  /** Whose rules hold, on the forks above; Ethereum's when it is absent. */
  readonly network?: NetworkName | undefined
  /** EIP-779: the block in which The DAO's ether moves. */
  readonly daoBlock?: bigint | undefined
  /** EIP-3675: Paris begins after the block that brings the chain's difficulty here. No fork of a time may come with it. */
  readonly terminalDifficulty?: bigint | undefined
  /** Blocks before Paris have the difficulty that proof of work asks for; a dev chain's have none. */
  readonly hasWork?: boolean | undefined
  readonly tweaks?: Tweaks | undefined
}

export const BLOB_PARAMS: Readonly<
  Record<'cancun' | 'prague' | 'osaka' | 'amsterdam', BlobParams>
> = {
  cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3338477n },
  prague: { target: 6, max: 9, baseFeeUpdateFraction: 5007716n },
  osaka: { target: 6, max: 9, baseFeeUpdateFraction: 5007716n },
  amsterdam: { target: 6, max: 9, baseFeeUpdateFraction: 5007716n },
}

/** Whether `fork`'s rules hold: it is the active fork or came before it. */
export function isActive(rules: Rules, fork: ForkName): boolean {
  return ORDER.get(rules.fork)! >= ORDER.get(fork)!
}

/** The fork's name as users read it: a draft's says that it is one. */
export function describeFork(fork: ForkName): string {
  return fork === 'amsterdam' ? `${fork} (experimental)` : fork
}

export function isForkName(text: string): text is ForkName {
  return ORDER.has(text as ForkName)
}

/** The rules of the block at this height and time (seconds). */
export function rulesAt(config: ChainConfig, number: bigint, timestamp: bigint): Rules {
  let fork: ForkName = 'frontier'
  for (const activation of config.forks) {
    const active =
      'atBlock' in activation ? number >= activation.atBlock : timestamp >= activation.atTime
    if (active) fork = activation.fork
  }
  let blob: BlobParams | undefined
  if (ORDER.get(fork)! >= ORDER.get('cancun')!) {
    for (const activation of config.blobs) {
      if (timestamp >= activation.atTime) blob = activation.params
    }
  }
  const { network, hasWork, tweaks } = config
  const dao = daoPhase(config, number)
  return {
    fork,
    blob,
    ...(network !== undefined && { network }),
    ...(dao !== undefined && { dao }),
    ...(hasWork === true && ORDER.get(fork)! < ORDER.get('paris')! && { hasWork }),
    ...(tweaks !== undefined && { tweaks }),
  }
}

function daoPhase({ daoBlock }: ChainConfig, number: bigint): Rules['dao'] {
  if (daoBlock === undefined || number < daoBlock || number >= daoBlock + DAO_BLOCKS) {
    return undefined
  }
  return number === daoBlock ? 'moves' : 'moved'
}

/** What holds for the children of a block, by the difficulty of the chain up to it. */
export function configAfter(
  config: ChainConfig,
  { totalDifficulty }: { readonly totalDifficulty: bigint },
): ChainConfig {
  const { terminalDifficulty } = config
  if (terminalDifficulty === undefined || totalDifficulty < terminalDifficulty) return config
  return { ...config, forks: [...config.forks, { fork: 'paris', atBlock: 0n }] }
}

/** A chain on which `fork` holds from genesis on, as a dev chain has it. */
export function configAtFork(fork: ForkName, chainId: bigint, network?: NetworkName): ChainConfig {
  const forks: Activation[] = []
  const blobs: BlobActivation[] = []
  for (const name of FORKS) {
    forks.push({ fork: name, atBlock: 0n })
    if (name in BLOB_PARAMS) {
      blobs.push({ name, atTime: 0n, params: BLOB_PARAMS[name as keyof typeof BLOB_PARAMS] })
    }
    if (name === fork) break
  }
  return network === undefined ? { chainId, forks, blobs } : { chainId, forks, blobs, network }
}
