import type { LiveRecord } from '../../chain/block-record.ts'
import type { Origin } from '../../chain/origin.ts'
import { predeploys } from '../../chain/predeploys.ts'
import type { Header } from '../../model/block.ts'
import { readHeader } from '../../model/codec/json-block.ts'
import { DecodeError } from '../../model/codec/field.ts'
import { type ChainConfig, type ForkName, configAtFork, rulesAt } from '../../model/fork.ts'
import { type JsonObject, readNumber, readObject } from '../../model/genesis-read.ts'
import { type Address, type Hash, ZERO_HASH, toQuantity } from '../../primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../primitives/keccak.ts'
import type { Json } from '../../rpc/backend.ts'
import { bringHere } from '../../state/absent.ts'
import { type ChangeSet, emptyChangeSet } from '../../state/access.ts'
import type { CodeStore } from '../../state/codes.ts'
import { distantWorld } from '../../state/distant.ts'
import { applyChanges } from '../../state/world.ts'
import { AnswerCache, readKnownRemote, rememberRemote } from './answer-cache.ts'
import { ForkConfigError, type ForkSettings } from './fork-config.ts'
import { maskUrl } from './mask-url.ts'
import { Remote, RemoteError, RemoteSilence } from './remote.ts'
import { RemoteBlock, blockKey, hashIn } from './remote-block.ts'
import { forkShownBy, knownSchedule } from './schedules.ts'

/** What the node decides for itself of a fork. */
export interface ForkWishes {
  /** In place of the remote chain's. */
  readonly chainId: bigint | undefined
  /** In place of the rules that the remote chain has at that block. */
  readonly hardfork: ForkName | undefined
  /** Rules of a chain that is not known, when its block can be of them. */
  readonly newest: ForkName
  /** Accounts with their ether here, in wei. */
  readonly funded: ReadonlyMap<Address, bigint>
  readonly create2Deployer: boolean
}

/** A remote chain at one block, ready to be built on. */
export interface Fork {
  readonly block: RemoteBlock
  readonly header: Header
  readonly config: ChainConfig
  readonly origin: Origin
  /** Why it started from what earlier runs had fetched, if it did. */
  readonly offline: string | undefined
}

/** Where the cache says how state is asked for. */
const NAMED_BY = 'named by'

/**
 * Finds the block to start on, and fetches what a chain needs before its first block.
 * @throws {RemoteError} when the remote does not answer and nothing was kept of it @throws {ForkConfigError}
 */
export async function openFork(settings: ForkSettings, wishes: ForkWishes): Promise<Fork> {
  const remote = new Remote(settings.remote)
  try {
    return await open(remote, settings, wishes)
  } catch (error) {
    remote.close()
    throw error
  }
}

async function open(remote: Remote, settings: ForkSettings, wishes: ForkWishes): Promise<Fork> {
  const found = await findBlock(remote, settings)
  const { chainId, number, hash, json, cache, offline } = found
  const header = headerOf(remote, json)
  const namedBy = await namingOf(remote, cache, hash)
  const block = new RemoteBlock(remote, cache, { chainId, number, hash }, namedBy)
  const config = rulesOf(chainId, header, wishes)
  const accounts = [
    ...wishes.funded.keys(),
    ...deploysOf(config, wishes).map(({ address }) => address),
  ]
  await bringHere(accounts.map((address) => () => block.account(address)))
  return { block, header, config, offline, origin: originOf(block, json, header, config, wishes) }
}

interface FoundBlock {
  readonly chainId: bigint
  readonly number: bigint
  readonly hash: Hash
  readonly json: Json
  readonly cache: AnswerCache
  readonly offline: string | undefined
}

async function findBlock(remote: Remote, settings: ForkSettings): Promise<FoundBlock> {
  const isNamed = settings.blockNumber !== undefined && settings.blockNumber >= 0n
  if (settings.chainId !== undefined && isNamed) {
    const kept = await keptBlock(remote, settings)
    if (kept !== undefined) return { ...kept, offline: undefined }
  }
  try {
    return await askForBlock(remote, settings)
  } catch (error) {
    // What the remote says counts; only when it says nothing does what was kept.
    if (!(error instanceof RemoteSilence)) throw error
    const kept = await keptBlock(remote, settings)
    if (kept === undefined) throw error
    return { ...kept, offline: error.message }
  }
}

async function askForBlock(remote: Remote, settings: ForkSettings): Promise<FoundBlock> {
  const [chainId] = await Promise.all([askChainId(remote, settings), checkOthers(settings)])
  const wanted = await wantedBlock(remote, settings)
  const json = await remote.ask('eth_getBlockByNumber', [wanted, false])
  const hash = hashIn(json)
  if (hash === undefined) {
    throw new RemoteError(`the remote chain at ${remote.name} has no block ${wanted}`)
  }
  const number = readNumber((json as JsonObject)['number'], 'block.number', 64)
  const { cacheFolder } = settings
  const cache = await AnswerCache.open(cacheFolder, chainId, hash)
  cache.set(blockKey(number), json)
  if (cacheFolder !== undefined) {
    await rememberRemote(cacheFolder, remote.urls[0]!, chainId, number, hash)
  }
  return { chainId, number, hash, json, cache, offline: undefined }
}

async function askChainId(remote: Remote, { chainId: wanted }: ForkSettings): Promise<bigint> {
  const answer = await remote.ask('eth_chainId', [])
  const chainId = numberIn(answer)
  if (chainId === undefined) {
    throw new RemoteError(
      `the remote at ${remote.name} answers eth_chainId with ${JSON.stringify(answer)}: expected a number in hex`,
    )
  }
  if (wanted !== undefined && wanted !== chainId) {
    throw new ForkConfigError(
      `fork: ${remote.name} is chain ${chainId}, not ${wanted} (--fork-chain-id)`,
    )
  }
  return chainId
}

/** Several endpoints must be of one chain. Those that do not answer now may do so later. */
async function checkOthers({ remote: options }: ForkSettings): Promise<void> {
  if (options.urls.length < 2) return
  const ids = await Promise.all(
    options.urls.map(async (url) => {
      const one = new Remote({ ...options, urls: [url], retries: 0 })
      try {
        return { url, id: numberIn(await one.ask('eth_chainId', [])) }
      } catch {
        return { url, id: undefined }
      } finally {
        one.close()
      }
    }),
  )
  const known = ids.filter(({ id }) => id !== undefined)
  const other = known.find(({ id }) => id !== known[0]!.id)
  if (other === undefined) return
  throw new ForkConfigError(
    `fork: the endpoints are of different chains: ${maskUrl(known[0]!.url)} is chain ${known[0]!.id}, ` +
      `${maskUrl(other.url)} is chain ${other.id}`,
  )
}

/** The number of the block to start on, as a request names it. */
async function wantedBlock(remote: Remote, settings: ForkSettings): Promise<string> {
  const { blockNumber, transactionHash } = settings
  if (transactionHash !== undefined) {
    const tx = await remote.ask('eth_getTransactionByHash', [transactionHash])
    const number = numberIn((tx as JsonObject | null)?.['blockNumber'])
    if (number === undefined || number === 0n) {
      throw new ForkConfigError(
        `fork: ${remote.name} has no transaction ${transactionHash} in a block after its first`,
      )
    }
    return toQuantity(number - 1n)
  }
  if (blockNumber === undefined) return 'latest'
  if (blockNumber >= 0n) return toQuantity(blockNumber)
  const newest = numberIn(await remote.ask('eth_blockNumber', [])) ?? 0n
  if (newest + blockNumber < 0n) {
    throw new ForkConfigError(
      `fork: block ${blockNumber} counted from ${remote.name}'s newest, ${newest}, is before its first`,
    )
  }
  return toQuantity(newest + blockNumber)
}

/** The block as an earlier run found it. */
async function keptBlock(
  remote: Remote,
  { cacheFolder, blockNumber }: ForkSettings,
): Promise<Omit<FoundBlock, 'offline'> | undefined> {
  if (cacheFolder === undefined) return undefined
  for (const url of remote.urls) {
    const known = await readKnownRemote(cacheFolder, url)
    if (known === undefined) continue
    const isNamed = blockNumber !== undefined && blockNumber >= 0n
    const number = isNamed ? blockNumber : known.newest
    const hash = known.hashes.get(number)
    if (hash === undefined) continue
    const cache = await AnswerCache.open(cacheFolder, known.chainId, hash)
    const json = cache.get(blockKey(number))
    if (json !== undefined) return { chainId: known.chainId, number, hash, json, cache }
  }
  return undefined
}

/** Whether state may be asked for by a block's hash (EIP-1898). */
async function namingOf(
  remote: Remote,
  cache: AnswerCache,
  hash: Hash,
): Promise<'hash' | 'number'> {
  const known = cache.get(NAMED_BY)
  if (known !== undefined) return known === 'number' ? 'number' : 'hash'
  const found = await tryNaming(remote, hash)
  cache.set(NAMED_BY, found)
  return found
}

async function tryNaming(remote: Remote, hash: Hash): Promise<'hash' | 'number'> {
  try {
    const zero = `0x${'0'.repeat(40)}`
    const balance = await remote.ask('eth_getBalance', [zero, { blockHash: hash }])
    return numberIn(balance) === undefined ? 'number' : 'hash'
  } catch (error) {
    if (error instanceof RemoteError && error.fault !== undefined) return 'number'
    throw error
  }
}

function rulesOf(chainId: bigint, header: Header, wishes: ForkWishes): ChainConfig {
  const { hardfork, newest } = wishes
  const ownId = wishes.chainId ?? chainId
  if (hardfork !== undefined) return configAtFork(hardfork, ownId)
  const known = knownSchedule(chainId)
  if (known !== undefined) return { ...known, chainId: ownId }
  return configAtFork(forkShownBy(header, newest), ownId)
}

/**
 * The header as this chain needs it of its first block. Other chains have fields and lengths of their own; who asks for the block gets
 * it as the remote gave it.
 */
function headerOf(remote: Remote, json: Json): Header {
  const block = readObject(json, 'block')
  const { extraData, logsBloom, mixHash, receiptsRoot, transactionsRoot } = block
  const isShort = typeof extraData === 'string' && extraData.length <= 66
  const plain = {
    ...block,
    extraData: isShort ? extraData : '0x',
    logsBloom: logsBloom ?? `0x${'00'.repeat(256)}`,
    mixHash: mixHash ?? ZERO_HASH,
    receiptsRoot: receiptsRoot ?? ZERO_HASH,
    transactionsRoot: transactionsRoot ?? ZERO_HASH,
  }
  try {
    return withoutGaps(readHeader(plain, 'block'))
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw new RemoteError(
      `the remote chain at ${remote.name} answers with an odd block: ${error.message}`,
    )
  }
}

/** A header's encoding has no room for a later field without those before it. */
function withoutGaps(header: Header): Header {
  const fields = [
    'baseFeePerGasWei',
    'withdrawalsRoot',
    'blobGasUsed',
    'excessBlobGas',
    'parentBeaconBlockRoot',
    'requestsHash',
  ] as const
  const gap = fields.findIndex((field) => header[field] === undefined)
  if (gap === -1) return header
  return { ...header, ...Object.fromEntries(fields.slice(gap).map((field) => [field, undefined])) }
}

function originOf(
  block: RemoteBlock,
  json: Json,
  header: Header,
  config: ChainConfig,
  wishes: ForkWishes,
): Origin {
  const size = numberIn((json as JsonObject)['size']) ?? 0n
  return {
    config,
    number: block.number,
    hashBefore: (number) => block.hashOf(number),
    begin(codes): LiveRecord {
      block.useCodes(codes)
      const world = distantWorld(block)
      const changes = ownAccounts(block, codes, config, wishes)
      return {
        block: {
          hash: block.hash,
          header,
          transactions: [],
          ommers: [],
          withdrawals: header.withdrawalsRoot === undefined ? undefined : [],
          sizeBytes: Number(size),
        },
        receipts: [],
        totalDifficulty: 0n,
        version: applyChanges(world, changes),
      }
    },
  }
}

/** The dev accounts with their ether, else as they are there, and contracts without which no block can be made. */
function ownAccounts(
  block: RemoteBlock,
  codes: CodeStore,
  config: ChainConfig,
  wishes: ForkWishes,
): ChangeSet {
  const changes = emptyChangeSet()
  for (const [address, balanceWei] of wishes.funded) {
    const isThere = block.account(address) !== undefined
    changes.accounts.set(address, isThere ? { balanceWei } : { life: 'created', balanceWei })
  }
  for (const { address, code } of deploysOf(config, wishes)) {
    const account = block.account(address)
    if (account !== undefined && account.codeHash !== EMPTY_CODE_HASH) continue
    const codeHash = keccakHash(code)
    changes.codes.set(codeHash, code)
    const life = account === undefined ? ({ life: 'created' } as const) : {}
    changes.accounts.set(address, { ...life, nonce: 1n, codeHash })
  }
  codes.add(changes.codes)
  return changes
}

function deploysOf(config: ChainConfig, { create2Deployer }: ForkWishes) {
  return predeploys(config.forks.at(-1)!.fork, create2Deployer)
}

/** The rules of the block after the one that was forked. */
export function nextRulesOf({ config, header }: Fork): ForkName {
  return rulesAt(config, header.number + 1n, header.timestamp + 1n).fork
}

function numberIn(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^0x[0-9a-fA-F]+$/.test(value) ? BigInt(value) : undefined
}
