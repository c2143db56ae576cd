import { DecodeError } from './codec/field.ts'
import {
  type Activation,
  BLOB_PARAMS,
  type BlobActivation,
  type BlobParams,
  type ChainConfig,
  type ForkName,
} from './fork.ts'
import {
  type JsonObject,
  isAbsent,
  readAddress,
  readNumber,
  readObject,
  readOptionalNumber,
  wrong,
} from './genesis-read.ts'

/** Geth's names of the forks that begin at a block number, in order. One that may be left out changes no rule by itself. */
const BLOCK_FORKS: readonly { key: string; fork: ForkName; mayLack?: true }[] = [
  { key: 'homesteadBlock', fork: 'homestead' },
  { key: 'eip150Block', fork: 'tangerineWhistle' },
  { key: 'eip158Block', fork: 'spuriousDragon' },
  { key: 'byzantiumBlock', fork: 'byzantium' },
  { key: 'constantinopleBlock', fork: 'constantinople' },
  { key: 'petersburgBlock', fork: 'petersburg', mayLack: true },
  { key: 'istanbulBlock', fork: 'istanbul' },
  { key: 'muirGlacierBlock', fork: 'muirGlacier', mayLack: true },
  { key: 'berlinBlock', fork: 'berlin' },
  { key: 'londonBlock', fork: 'london' },
  { key: 'arrowGlacierBlock', fork: 'arrowGlacier', mayLack: true },
  { key: 'grayGlacierBlock', fork: 'grayGlacier', mayLack: true },
]
const TIME_FORKS: readonly { key: string; fork: ForkName }[] = [
  { key: 'shanghaiTime', fork: 'shanghai' },
  { key: 'cancunTime', fork: 'cancun' },
  { key: 'pragueTime', fork: 'prague' },
  { key: 'osakaTime', fork: 'osaka' },
  { key: 'amsterdamTime', fork: 'amsterdam' },
]
const BPO_TIME = /^bpo[0-9]+Time$/

/** The `config` of a geth genesis file. @throws {DecodeError} that names the field. */
export function readChainConfig(value: unknown): ChainConfig {
  const config = readObject(value, 'config')
  refuseUnknownForks(config)
  const depositContract = config['depositContractAddress']
  return {
    chainId: readNumber(config['chainId'], 'config.chainId', 256),
    forks: readForks(config),
    blobs: readBlobs(config),
    daoBlock: readDaoBlock(config),
    depositContract: isAbsent(depositContract)
      ? undefined
      : readAddress(depositContract, 'config.depositContractAddress'),
  }
}

/** A rule that we would silently not follow is worse than a file that we refuse. */
function refuseUnknownForks(config: JsonObject): void {
  for (const [key, value] of Object.entries(config)) {
    const isKnown = BPO_TIME.test(key) || TIME_FORKS.some((fork) => fork.key === key)
    if (key.endsWith('Time') && !isKnown && !isAbsent(value)) {
      throw new DecodeError(`config.${key}: this fork is not known`)
    }
  }
  const [eip155, eip158] = ['eip155Block', 'eip158Block'].map((key) =>
    readOptionalNumber(config[key], `config.${key}`, 64),
  )
  if (eip155 !== eip158) {
    throw new DecodeError('config.eip155Block: expected the same block as config.eip158Block')
  }
}

/** A first block has no transactions for the DAO fork to come before. */
function readDaoBlock(config: JsonObject): bigint | undefined {
  const block = readOptionalNumber(config['daoForkBlock'], 'config.daoForkBlock', 64)
  return config['daoForkSupport'] === true && block !== 0n ? block : undefined
}

interface Fork {
  readonly key: string
  readonly at: bigint
}

function readForks(config: JsonObject): Activation[] {
  const forks: Activation[] = [{ fork: 'frontier', atBlock: 0n }]
  let last: Fork | undefined
  let missing: string | undefined
  for (const { key, fork, mayLack } of BLOCK_FORKS) {
    const at = readOptionalNumber(config[key], `config.${key}`, 64)
    if (at === undefined) {
      if (mayLack === undefined) missing ??= key
      continue
    }
    last = inOrder({ key, at }, last, missing)
    forks.push({ fork, atBlock: at })
  }
  const merge = mergeBlock(config)
  if (merge !== undefined) {
    inOrder(merge, last, missing)
    forks.push({ fork: 'paris', atBlock: merge.at })
  }
  last = undefined
  for (const { key, fork } of TIME_FORKS) {
    const at = readOptionalNumber(config[key], `config.${key}`, 64)
    if (at === undefined) {
      missing ??= key
      continue
    }
    last = inOrder({ key, at }, last, missing)
    forks.push({ fork, atTime: at })
  }
  return forks
}

function inOrder(fork: Fork, last: Fork | undefined, missing: string | undefined): Fork {
  if (missing !== undefined) {
    throw new DecodeError(`config.${missing}: missing, though config.${fork.key} comes after it`)
  }
  if (last === undefined || fork.at >= last.at) return fork
  throw new DecodeError(
    `config.${fork.key}: expected at least config.${last.key} (${last.at}), got ${fork.at}`,
  )
}

/**
 * Where the merge is: a total difficulty alone names no block unless it is zero. Without an answer the forks that begin at a time
 * bring the merge along.
 */
function mergeBlock(config: JsonObject): Fork | undefined {
  const key = 'mergeNetsplitBlock'
  const at = readOptionalNumber(config[key], `config.${key}`, 64)
  if (at !== undefined) return { key, at }
  const difficulty = config['terminalTotalDifficulty']
  // Mainnet's is above what a JSON number holds exactly; only zero matters here.
  if (typeof difficulty === 'number' && difficulty > 0) return undefined
  return readOptionalNumber(difficulty, 'config.terminalTotalDifficulty', 256) === 0n
    ? { key: 'terminalTotalDifficulty', at: 0n }
    : undefined
}

function readBlobs(config: JsonObject): BlobActivation[] {
  const schedule = isAbsent(config['blobSchedule'])
    ? {}
    : readObject(config['blobSchedule'], 'config.blobSchedule')
  const names = [
    'cancun',
    'prague',
    'osaka',
    ...Object.keys(config)
      .filter((key) => BPO_TIME.test(key))
      .map((key) => key.slice(0, -'Time'.length))
      .toSorted((a, b) => Number(a.slice(3)) - Number(b.slice(3))),
    'amsterdam',
  ]
  const blobs: BlobActivation[] = []
  for (const name of names) {
    const atTime = readOptionalNumber(config[`${name}Time`], `config.${name}Time`, 64)
    if (atTime === undefined) continue
    const params = blobParams(name, schedule[name])
    if (params !== undefined) blobs.push({ name, atTime, params })
  }
  return blobs.toSorted((a, b) => Number(a.atTime - b.atTime))
}

/** Osaka and later forks keep the parameters before them unless the file names new ones. */
function blobParams(name: string, value: unknown): BlobParams | undefined {
  const path = `config.blobSchedule.${name}`
  if (isAbsent(value)) {
    if (name === 'cancun' || name === 'prague') return BLOB_PARAMS[name]
    if (name === 'osaka' || name === 'amsterdam') return undefined
    throw wrong(path, 'an object', value)
  }
  const entry = readObject(value, path)
  const read = (key: string) => readNumber(entry[key], `${path}.${key}`, 64)
  const params = {
    target: Number(read('target')),
    max: Number(read('max')),
    baseFeeUpdateFraction: read('baseFeeUpdateFraction'),
  }
  if (params.target > params.max) throw wrong(`${path}.target`, 'at most `max`', params.target)
  if (params.baseFeeUpdateFraction > 0n) return params
  throw wrong(`${path}.baseFeeUpdateFraction`, 'more than zero', 0)
}
