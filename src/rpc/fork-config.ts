import { crc32 } from 'node:zlib'

import type { Block, Header } from '../model/block.ts'
import { type BlobParams, type ChainConfig, type Rules, isActive, rulesAt } from '../model/fork.ts'
import { networkOf } from '../model/network.ts'
import { ZERO_ADDRESS, hexToBytes, toQuantity } from '../primitives/hex.ts'
import type { Json } from './backend.ts'

/** EIP-7910 names, by the fork that brought them. */
const PRECOMPILES = [
  ['frontier', { ECREC: 0x01, SHA256: 0x02, RIPEMD160: 0x03, ID: 0x04 }],
  ['byzantium', { MODEXP: 0x05, BN254_ADD: 0x06, BN254_MUL: 0x07, BN254_PAIRING: 0x08 }],
  ['istanbul', { BLAKE2F: 0x09 }],
  ['cancun', { KZG_POINT_EVALUATION: 0x0a }],
  [
    'prague',
    {
      BLS12_G1ADD: 0x0b,
      BLS12_G1MSM: 0x0c,
      BLS12_G2ADD: 0x0d,
      BLS12_G2MSM: 0x0e,
      BLS12_PAIRING_CHECK: 0x0f,
      BLS12_MAP_FP_TO_G1: 0x10,
      BLS12_MAP_FP2_TO_G2: 0x11,
    },
  ],
  ['osaka', { P256VERIFY: 0x100 }],
] as const

const BEACON_ROOTS = '0x000f3df6d732807ef1319fb7b8bb8522d0beac02'
const PRAGUE_CONTRACTS = {
  CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS: '0x0000bbddc7ce488642fb579f8b00f3a590007251',
  HISTORY_STORAGE_ADDRESS: '0x0000f90827f1c53a10cb7a02335b175320002935',
  WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS: '0x00000961ef480eb55e80d19ad83579a64c007002',
}

/**
 * What is kept, and from which block on (eth_capabilities of execution-apis).
 *
 * @param keptStates of how many blocks, the newest, states are kept
 */
export function describeCapabilities(head: Block, earliest: bigint, keptStates: number): Json {
  const { number } = head.header
  const whole = { disabled: false, oldestBlock: toQuantity(earliest) }
  const isPruned = Number.isFinite(keptStates)
  const first = number - BigInt(isPruned ? keptStates : 0) + 1n
  const states = {
    disabled: false,
    oldestBlock: toQuantity(isPruned && first > earliest ? first : earliest),
    ...(isPruned && {
      deleteStrategy: { type: 'window', retentionBlocks: toQuantity(BigInt(keptStates)) },
    }),
  }
  return {
    head: { number: toQuantity(number), hash: head.hash },
    state: states,
    tx: whole,
    logs: whole,
    receipts: whole,
    blocks: whole,
    stateproofs: states,
  }
}

/**
 * The rules in force, the next and the last ones to come (EIP-7910).
 *
 * @param genesis undefined when the chain begins elsewhere: then there is no fork id
 */
export function describeConfig(
  config: ChainConfig,
  genesis: Block | undefined,
  head: Header,
): Json {
  const genesisTime = genesis?.header.timestamp ?? 0n
  const times = activationTimes(config).filter((time) => time > genesisTime)
  const describe = (time: bigint): Json => describeAt(config, genesis, head, time)
  const current = times.findLast((time) => time <= head.timestamp) ?? 0n
  const next = times.find((time) => time > head.timestamp)
  const last = next === undefined ? undefined : times.at(-1)
  return {
    current: describe(current),
    next: next === undefined ? null : describe(next),
    last: last === undefined ? null : describe(last),
  }
}

/** When forks and blob parameters change, in seconds, ascending. */
function activationTimes(config: ChainConfig): readonly bigint[] {
  const forks = config.forks.flatMap((fork) => ('atTime' in fork ? [fork.atTime] : []))
  return ascending([...forks, ...config.blobs.map((blob) => blob.atTime)])
}

function describeAt(
  config: ChainConfig,
  genesis: Block | undefined,
  head: Header,
  time: bigint,
): Json {
  const rules = rulesAt(config, head.number, time === 0n ? head.timestamp : time)
  return {
    activationTime: Number(time),
    blobSchedule: rules.blob === undefined ? null : describeBlobs(rules.blob),
    chainId: toQuantity(config.chainId),
    ...(config.network === undefined ? {} : { network: config.network }),
    forkId: genesis === undefined ? null : forkId(config, genesis, head.number, time),
    precompiles: precompilesOf(rules),
    systemContracts: systemContractsOf(config, rules),
  }
}

function describeBlobs({ baseFeeUpdateFraction, max, target }: BlobParams): Json {
  return { baseFeeUpdateFraction: Number(baseFeeUpdateFraction), max, target }
}

function precompilesOf(rules: Rules): Json {
  const out: Record<string, Json> = {}
  for (const [fork, group] of PRECOMPILES) {
    for (const [name, at] of Object.entries(group)) {
      if (!isActive(rules, fork) && !networkOf(rules).earlyPrecompiles.includes(at)) continue
      out[name] = `0x${at.toString(16).padStart(40, '0')}`
    }
  }
  return Object.fromEntries(Object.entries(out).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function systemContractsOf(config: ChainConfig, rules: Rules): Json {
  const out: Record<string, Json> = {}
  if (isActive(rules, 'cancun')) out['BEACON_ROOTS_ADDRESS'] = BEACON_ROOTS
  if (isActive(rules, 'prague')) {
    Object.assign(out, PRAGUE_CONTRACTS)
    out['DEPOSIT_CONTRACT_ADDRESS'] = config.depositContract?.toLowerCase() ?? ZERO_ADDRESS
  }
  return Object.fromEntries(Object.entries(out).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** EIP-2124 and EIP-6122: the checksum of the genesis hash and of every fork passed by `number` and `time`. */
function forkId(config: ChainConfig, genesis: Block, number: bigint, time: bigint): string {
  const blocks = config.forks.flatMap((fork) => ('atBlock' in fork ? [fork.atBlock] : []))
  const passed = [
    ...ascending(blocks).filter((block) => block > 0n && block <= number),
    ...activationTimes(config).filter((at) => at > genesis.header.timestamp && at <= time),
  ]
  let sum = crc32(hexToBytes(genesis.hash))
  for (const fork of passed) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64BE(fork)
    sum = crc32(bytes, sum)
  }
  return `0x${sum.toString(16).padStart(8, '0')}`
}

function ascending(values: readonly bigint[]): readonly bigint[] {
  return [...new Set(values)].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}
