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
  ['dao', 'homestead'],
  ['daofork', 'homestead'],
  ['eip150', 'tangerineWhistle'],
  ['tangerine', 'tangerineWhistle'],
  ['eip158', 'spuriousDragon'],
  ['constantinoplefix', 'petersburg'],
  ['eip2384', 'muirGlacier'],
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

/** `BerlinToLondonAt5` changes at a block, `ShanghaiToCancunAtTime15k` at a time, `ArrowGlacierToParisAtDiffC0000` at a difficulty. */
const TRANSITION = /^(\w+?)To(\w+?)At(?:Time([0-9]+)(k?)|Diff([0-9A-F]+)|([0-9]+))$/

/**
 * The chain of a block test.
 * @param network as the suite names it: a fork, or a transition between two
 * @param config the test's `config`, which may bring a chain id and blob parameters
 * @throws {DecodeError} when a fork is unknown
 */
export function configOfNetwork(network: string, config: Json): ChainConfig {
  const chainId = quantity(config['chainid'] ?? config['chainId'] ?? '0x1')
  const common = { chainId, depositContract: MAINNET.depositContract, hasWork: true }
  const [, from, to, time, thousands, difficulty, block] = TRANSITION.exec(network) ?? []
  if (from === undefined || to === undefined) {
    const { forks } = configAtFork(forkNamed(network), chainId)
    return { ...common, forks, blobs: blobsAt(network, config, 0n) }
  }
  const before = configAtFork(forkNamed(from), chainId).forks
  const blobs = blobsAt(from, config, 0n)
  if (to === 'Dao' && block !== undefined) {
    return { ...common, forks: before, blobs, daoBlock: BigInt(block) }
  }
  const fork = forkNamed(to)
  if (fork === 'paris' && difficulty !== undefined) {
    return { ...common, forks: before, blobs, terminalDifficulty: BigInt(`0x${difficulty}`) }
  }
  if (difficulty !== undefined) throw new DecodeError(`unknown fork ${network}`)
  const at = BigInt(time ?? block!) * (thousands === 'k' ? 1000n : 1n)
  const change = time === undefined ? { fork, atBlock: at } : { fork, atTime: at }
  return {
    ...common,
    forks: forkNamed(from) === fork ? before : [...before, change],
    blobs: [...blobs, ...blobsAt(to, config, at)],
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

/** What the test says, else what mainnet has, of forks that it has not the newest; undefined before Cancun. */
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
  return (known ?? MAINNET.blobs.at(-1))!.params
}
