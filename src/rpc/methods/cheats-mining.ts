import type { ForkTarget, Json, MineOptions } from '../backend.ts'
import { encodeBlock } from '../codec/block.ts'
import { type Decoder, anything, boolean, fieldsOf, mapped, text } from '../codec/decoder.ts'
import {
  booleanOut,
  hexOut,
  jsonOut,
  nullable,
  numberOut,
  quantityOut,
  textOut,
} from '../codec/encoder.ts'
import { address, count, hash, secondsAsMs, uint64 } from '../codec/scalar.ts'
import { done } from '../failure.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'
import { aliases, setter } from './dialect.ts'

/** One request mines no more: it would hold the node up. */
const MAX_BLOCKS = 1_000_000

const blockCount = count(MAX_BLOCKS)
const mineArgs = [optional('blocks', blockCount, 1), optional('interval', uint64)] as const

/** evm_mine takes a timestamp, or `{timestamp, blocks}`. */
const mineFields = fieldsOf({ timestamp: uint64, blocks: blockCount })
const evmMineOptions: Decoder<MineOptions> = {
  schema: { oneOf: [uint64.schema, mineFields.schema] },
  decode(value, path) {
    if (typeof value !== 'object') return { blocks: 1, timestamp: uint64.decode(value, path) }
    const { timestamp, blocks } = mineFields.decode(value, path)
    return { blocks: blocks ?? 1, timestamp }
  },
}
const evmMineArgs = [optional('options', evmMineOptions, { blocks: 1 })] as const

async function mine({ backend }: Context, options: MineOptions) {
  return done(await backend.control.mine(options))
}

function mineMany(context: Context, blocks: number, intervalSeconds: bigint | undefined) {
  return mine(context, { blocks, intervalSeconds })
}

/** From here on evm_setIntervalMining means milliseconds, as Hardhat does: nobody waits 1000 s for a block. */
const INTERVAL_MS_FROM = 1_000

/** Anvil's seconds, or Hardhat's milliseconds. */
const intervalMs: Decoder<number> = {
  schema: secondsAsMs.schema,
  decode(value, path) {
    const ms = secondsAsMs.decode(value, path)
    return ms < INTERVAL_MS_FROM * 1000 ? ms : ms / 1000
  },
}

/** viem sends NaN for a block that it was not given. */
const forkTarget: Decoder<ForkTarget> = mapped(
  fieldsOf({ jsonRpcUrl: text, blockNumber: anything }),
  ({ jsonRpcUrl: url, blockNumber }, path) => {
    if (blockNumber === undefined || Number.isNaN(blockNumber)) return { url }
    return { url, blockNumber: uint64.decode(blockNumber, `${path}.blockNumber`) }
  },
)
const resetFields = fieldsOf({ forking: forkTarget })
/** anvil_reset's argument, with or without `forking` around it. */
const resetOptions: Decoder<ForkTarget | undefined> = {
  schema: resetFields.schema,
  decode(value, path) {
    const isBare = typeof value === 'object' && value !== null && 'jsonRpcUrl' in value
    return isBare ? forkTarget.decode(value, path) : resetFields.decode(value, path).forking
  },
}

const detailed = method(evmMineArgs, jsonOut, async (context, options): Promise<Json> => {
  const blocks: Json[] = []
  for (const mined of await mine(context, options)) {
    const ref = { kind: 'hash', hash: mined, requireCanonical: false } as const
    const found = await context.backend.chain.block(ref)
    if (found !== undefined) blocks.push(encodeBlock(found, true))
  }
  return blocks
})
const snapshot = method([], quantityOut, async ({ backend, filters }) => {
  const id = await backend.control.snapshot()
  filters.keep(id)
  return id
})
const revert = method(
  [param('snapshotId', uint64)],
  booleanOut,
  async ({ backend, filters }, id) => {
    const isDone = await backend.control.revert(id)
    if (isDone) filters.restore(id)
    return isDone
  },
)
const transactionHash = param('transactionHash', hash)
const isAutomine = method([], booleanOut, ({ backend }) => backend.control.isAutomine())

/** Cheats that make blocks, stop making them, and take them back. */
export const cheatsMining: MethodTable = {
  ...setter(['anvil_mine', 'hardhat_mine'], mineArgs, mineMany),
  evm_mine: method(evmMineArgs, textOut, async (context, options) => {
    await mine(context, options)
    return '0x0'
  }),
  ...aliases(['anvil_mine_detailed', 'evm_mine_detailed'], detailed),
  ...setter(
    ['anvil_setAutomine', 'evm_setAutomine', 'hardhat_setAutomine'],
    [param('enabled', boolean)],
    ({ backend }, on) => backend.control.setAutomine(on),
  ),
  ...aliases(['anvil_getAutomine', 'hardhat_getAutomine'], isAutomine),
  ...setter(['miner_start'], [optional('threads', anything)], ({ backend }) =>
    backend.control.setAutomine(true),
  ),
  ...setter(['miner_stop'], [], ({ backend }) => backend.control.setAutomine(false)),
  ...setter(
    ['anvil_setIntervalMining', 'hardhat_setIntervalMining'],
    [param('seconds', secondsAsMs)],
    ({ backend }, ms) => backend.control.setIntervalMs(ms),
  ),
  ...setter(['evm_setIntervalMining'], [param('interval', intervalMs)], ({ backend }, ms) =>
    backend.control.setIntervalMs(ms),
  ),
  anvil_getIntervalMining: method([], nullable(numberOut), ({ backend }) => {
    const ms = backend.control.intervalMs()
    return ms === 0 ? undefined : ms / 1000
  }),
  anvil_dropTransaction: method([transactionHash], nullable(hexOut), ({ backend }, wanted) =>
    backend.pool.drop(wanted) ? wanted : undefined,
  ),
  hardhat_dropTransaction: method([transactionHash], booleanOut, ({ backend }, wanted) =>
    backend.pool.drop(wanted),
  ),
  ...setter(['anvil_dropAllTransactions', 'hardhat_dropAllTransactions'], [], ({ backend }) =>
    backend.pool.dropAll(),
  ),
  ...setter(
    ['anvil_removePoolTransactions', 'hardhat_removePoolTransactions'],
    [param('address', address)],
    ({ backend }, sender) => backend.pool.dropFrom(sender),
  ),
  ...aliases(['anvil_snapshot', 'evm_snapshot'], snapshot),
  ...aliases(['anvil_revert', 'evm_revert'], revert),
  ...setter(
    ['anvil_reset', 'hardhat_reset'],
    [optional('options', resetOptions)],
    async ({ backend }, fork) => done(await backend.control.reset(fork)),
  ),
  ...setter(['anvil_setRpcUrl', 'hardhat_setRpcUrl'], [param('url', text)], ({ backend }, url) =>
    done(backend.control.setRpcUrl(url)),
  ),
  ...setter(['anvil_rollback'], [optional('depth', blockCount, 1)], async ({ backend }, depth) =>
    done(await backend.control.rollback(depth)),
  ),
}
