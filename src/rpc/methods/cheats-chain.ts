import { bytesToHex, toQuantity } from '../../primitives/hex.ts'
import type { Backend, Json } from '../backend.ts'
import { boolean, mapped } from '../codec/decoder.ts'
import {
  type Encoder,
  booleanOut,
  bytesOut,
  jsonOut,
  nullable,
  numberOut,
  quantityOut,
} from '../codec/encoder.ts'
import { address, bytes, uint256, uint64, word32 } from '../codec/scalar.ts'
import { done } from '../failure.ts'
import { storageJson } from '../storage-json.ts'
import { type MethodTable, method, optional, param } from '../method.ts'
import { affirmed, aliases, setter } from './dialect.ts'

/** Seconds from here on (the year 5138) are meant as milliseconds: Ganache's clients send those. */
const MILLISECONDS_FROM = 100_000_000_000n

const timestamp = mapped(uint64, (time) => (time >= MILLISECONDS_FROM ? time / 1000n : time))
const seconds = param('seconds', uint64)
const setTime = method([param('timestamp', timestamp)], numberOut, ({ backend }, time) =>
  done(backend.control.setTime(time)),
)
const increaseTime = method([seconds], numberOut, ({ backend }, more) =>
  backend.control.increaseTime(more),
)
const removeInterval = method([], booleanOut, ({ backend }) =>
  backend.control.setBlockTimestampInterval(undefined),
)
const wei = param('wei', uint256)

/** One byte string that comes in pieces. */
const hexPieces: Encoder<readonly Uint8Array[]> = {
  schema: bytesOut.schema,
  encode: (pieces) => `0x${pieces.map((piece) => bytesToHex(piece).slice(2)).join('')}`,
}

/** Anvil's description of the node, whose numbers are partly JSON. */
function nodeInfo(backend: Backend): Json {
  const { chain, fees } = backend
  const { header, hash } = chain.head()
  const about = backend.info()
  return {
    currentBlockNumber: toQuantity(header.number),
    currentBlockTimestamp: Number(header.timestamp),
    currentBlockHash: hash,
    hardFork: about.hardfork,
    transactionOrder: about.transactionOrder,
    environment: {
      baseFee: toQuantity(fees.nextBaseFeeWei()),
      chainId: Number(chain.config.chainId),
      gasLimit: toQuantity(about.gasLimit),
      gasPrice: toQuantity(fees.gasPriceWei()),
    },
    forkConfig: {
      forkUrl: about.fork?.url ?? null,
      forkBlockNumber: about.fork === undefined ? null : Number(about.fork.blockNumber),
      forkRetryBackoff: about.fork?.retryBackoffMs ?? null,
    },
    engine: about.engine,
    executor: about.executor,
  }
}

async function metadata(backend: Backend): Promise<Json> {
  const { chain } = backend
  const about = backend.info()
  const snapshots: Record<string, Json> = {}
  for (const { id, blockNumber } of about.snapshots) {
    const found = await chain.block({ kind: 'number', number: blockNumber })
    snapshots[toQuantity(id)] = [Number(blockNumber), found?.block.hash ?? null]
  }
  return {
    clientVersion: about.clientVersion,
    chainId: Number(chain.config.chainId),
    instanceId: about.instanceId,
    latestBlockNumber: Number(chain.head().header.number),
    latestBlockHash: chain.head().hash,
    forkedNetwork:
      about.fork === undefined
        ? null
        : {
            chainId: Number(about.fork.chainId),
            forkBlockNumber: Number(about.fork.blockNumber),
            forkBlockHash: about.fork.blockHash,
          },
    snapshots,
  }
}

/** Cheats on the clock, on fees and on what the next block says; and what the node says of itself. */
export const cheatsChain: MethodTable = {
  ...aliases(['anvil_setTime', 'evm_setTime'], setTime),
  ...aliases(['anvil_increaseTime', 'evm_increaseTime'], increaseTime),
  ...setter(
    ['anvil_setNextBlockTimestamp', 'evm_setNextBlockTimestamp'],
    [param('timestamp', uint64)],
    ({ backend }, time) => done(backend.control.setNextBlockTimestamp(time)),
  ),
  ...setter(['anvil_setBlockTimestampInterval'], [seconds], ({ backend }, interval) =>
    backend.control.setBlockTimestampInterval(interval),
  ),
  // viem's Hardhat mode sends milliseconds.
  ...setter(
    ['hardhat_setBlockTimestampInterval'],
    [param('milliseconds', uint64)],
    ({ backend }, interval) => backend.control.setBlockTimestampInterval(interval / 1000n),
  ),
  ...aliases(
    ['anvil_removeBlockTimestampInterval', 'hardhat_removeBlockTimestampInterval'],
    removeInterval,
  ),
  ...setter(
    ['anvil_setNextBlockBaseFeePerGas', 'hardhat_setNextBlockBaseFeePerGas'],
    [wei],
    ({ backend }, fee) => done(backend.control.setNextBlockBaseFee(fee)),
  ),
  ...setter(['anvil_setMinGasPrice', 'hardhat_setMinGasPrice'], [wei], ({ backend }, price) =>
    done(backend.control.setMinGasPrice(price)),
  ),
  ...affirmed(
    ['anvil_setBlockGasLimit', 'evm_setBlockGasLimit', 'hardhat_setBlockGasLimit'],
    [param('gasLimit', uint64)],
    ({ backend }, gas) => done(backend.control.setBlockGasLimit(gas)),
  ),
  ...setter(
    ['anvil_setCoinbase', 'hardhat_setCoinbase'],
    [param('address', address)],
    ({ backend }, coinbase) => backend.control.setCoinbase(coinbase),
  ),
  ...setter(
    ['hardhat_setPrevRandao', 'anvil_setPrevRandao', 'anvil_setNextBlockPrevRandao'],
    [param('prevRandao', word32)],
    ({ backend }, value) => backend.control.setPrevRandao(value),
  ),
  ...setter(['anvil_setChainId'], [param('chainId', uint64)], ({ backend }, chainId) =>
    backend.control.setChainId(chainId),
  ),
  ...setter(
    ['anvil_setLoggingEnabled', 'hardhat_setLoggingEnabled'],
    [param('enabled', boolean)],
    ({ backend }, on) => backend.control.setLoggingEnabled(on),
  ),
  ...aliases(
    ['anvil_dumpState', 'hardhat_dumpState'],
    method(
      [optional('preserveHistoricalStates', boolean, false)],
      hexPieces,
      async (context, all) => done(await context.backend.control.dumpState(all)),
    ),
  ),
  ...affirmed(
    ['anvil_loadState', 'hardhat_loadState'],
    [param('state', bytes)],
    async ({ backend }, dump) => done(await backend.control.loadState(dump)),
  ),
  heddle_flush: method([], nullable(quantityOut), ({ backend }) => backend.control.flush()),
  heddle_storageStats: method([], jsonOut, ({ backend }) => storageJson(backend.control.storage())),
  anvil_getGenesisTime: method([], numberOut, ({ backend }) => backend.info().genesisTimestamp),
  anvil_nodeInfo: method([], jsonOut, ({ backend }) => nodeInfo(backend)),
  ...aliases(
    ['anvil_metadata', 'hardhat_metadata'],
    method([], jsonOut, ({ backend }) => metadata(backend)),
  ),
}
