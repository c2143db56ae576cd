import { DecodeError } from '../model/codec/field.ts'
import {
  type BlobActivation,
  type BlobParams,
  type ChainConfig,
  FORKS,
  type ForkName,
  type Rules,
  configAtFork,
} from '../model/fork.ts'
import { MAINNET } from '../model/mainnet.ts'
import { type Json, quantity, record } from './tool-json.ts'
import type { ValueCheck } from './tool-options.ts'

/** The official suites' names of forks, and the rules behind them. */

const FORK_NAMES: ReadonlyMap<string, ForkName> = new Map([
  ...FORKS.map((fork) => [fork.toLowerCase(), fork] as const),
  ['eip150', 'tangerineWhistle'],
  ['eip158', 'spuriousDragon'],
  ['constantinoplefix', 'petersburg'],
  ['merge', 'paris'],
])

/** Blob-parameter-only forks come after Osaka and change nothing else (EIP-7892). */
const BLOB_FORK = /^BPO[0-9]+$/i

/** @throws {DecodeError} when the suite's fork is unknown. */
export function forkNamed(name: string): ForkName {
  const fork = BLOB_FORK.test(name) ? 'osaka' : FORK_NAMES.get(name.toLowerCase())
  if (fork === undefined) throw new DecodeError(`unknown fork ${name}`)
  return fork
}

/** The rules of a state test. @param config the test's `config`, which may bring blob parameters. @throws {DecodeError} */
export function rulesOfNetwork(name: string, config: Json): Rules {
  return { fork: forkNamed(name), blob: blobParams(name, config) }
}

/** `BerlinToLondonAt5` changes at a block, `ShanghaiToCancunAtTime15k` at a time. */
const TRANSITION = /^(\w+?)To(\w+?)At(Time)?([0-9]+)(k?)$/

/**
 * The chain of a block test.
 * @param network as the suite names it: a fork, or a transition between two
 * @param config the test's `config`, which may bring a chain id and blob parameters
 * @throws {DecodeError} when a fork is unknown
 */
export function configOfNetwork(network: string, config: Json): ChainConfig {
  const chainId = quantity(config['chainid'] ?? config['chainId'] ?? '0x1')
  const { depositContract } = MAINNET
  const [, from, to, time, digits, thousands] = TRANSITION.exec(network) ?? []
  if (from === undefined || to === undefined) {
    const { forks } = configAtFork(forkNamed(network), chainId)
    return { chainId, forks, blobs: blobsAt(network, config, 0n), depositContract }
  }
  const at = BigInt(digits!) * (thousands === 'k' ? 1000n : 1n)
  const before = configAtFork(forkNamed(from), chainId).forks
  const fork = forkNamed(to)
  const change = time === undefined ? { fork, atBlock: at } : { fork, atTime: at }
  return {
    chainId,
    forks: forkNamed(from) === fork ? before : [...before, change],
    blobs: [...blobsAt(from, config, 0n), ...blobsAt(to, config, at)],
    depositContract,
  }
}

/** `--fork`. */
export const forkValue: ValueCheck = (value) => {
  try {
    configOfNetwork(value, {})
    return undefined
  } catch {
    return `unknown fork ${value}, expected a name as Cancun or Prague`
  }
}

function blobsAt(name: string, config: Json, atTime: bigint): BlobActivation[] {
  const params = blobParams(name, config)
  return params === undefined ? [] : [{ name, atTime, params }]
}

/** What the test says, else what mainnet has; undefined before Cancun. */
function blobParams(name: string, config: Json): BlobParams | undefined {
  const schedule = record(config['blobSchedule'] ?? {}, 'blobSchedule')[name]
  if (schedule !== undefined) {
    const params = record(schedule, 'blobSchedule')
    return {
      target: Number(quantity(params['target'])),
      max: Number(quantity(params['max'])),
      baseFeeUpdateFraction: quantity(params['baseFeeUpdateFraction']),
    }
  }
  const fork = forkNamed(name)
  if (FORKS.indexOf(fork) < FORKS.indexOf('cancun')) return undefined
  const known = MAINNET.blobs.find((blob) => blob.name === name.toLowerCase())
  return (known ?? MAINNET.blobs.find((blob) => blob.name === 'osaka'))!.params
}
