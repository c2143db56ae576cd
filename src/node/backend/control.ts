import { setImmediate } from 'node:timers/promises'

import type { DevChain } from '../../chain/dev-chain.ts'
import type { StateRecords } from '../../chain/state-records.ts'
import type { WriteBehind } from '../../chain/write-behind.ts'
import type { Engine } from '../../evm/engine.ts'
import { signatureKey } from '../../evm/precompile/ecrecover.ts'
import { isActive, rulesAt } from '../../model/fork.ts'
import { type Address, type Hash, type Slot, hexToBytes } from '../../primitives/hex.ts'
import { keccakHash } from '../../primitives/keccak.ts'
import type { Control, ControlPort, ForkTarget, MineOptions } from '../../rpc/backend.ts'
import { serverError } from '../../rpc/error.ts'
import type { StorageStats } from '../../rpc/storage-port.ts'
import type { Start } from '../../chain/dev-parts.ts'
import { type AccountWrites, type ChangeSet, emptyChangeSet } from '../../state/access.ts'
import { bringsToLife } from '../../state/change-set.ts'
import type { StateView } from '../../state/view.ts'
import { DumpError, dumpCompressed, loadFromBytes } from '../dump/dump-files.ts'
import { ForkConfigError } from '../fork/fork-config.ts'
import type { Forking } from '../fork/forking.ts'
import type { Miner } from '../miner.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'

export interface ControlParts {
  readonly dev: DevChain
  readonly engine: Pick<Engine, 'name'>
  readonly miner: Miner
  readonly pipeline: Pipeline | undefined
  /** Undefined in memory. */
  readonly disk: WriteBehind | undefined
  readonly states: StateRecords | undefined
  setLogging(on: boolean): void
  readonly forking: Forking
  /** Where a reset to a fork, or from one to a chain of the node's own, begins. */
  restart(
    target: ForkTarget | undefined,
  ): Promise<{ readonly start: Start; readonly enter: () => Promise<unknown> }>
}

const DONE = { kind: 'done', value: undefined } as const
/** Blocks after which others have their turn. */
const PIECE = 64
const MAX_TIMESTAMP = 2n ** 63n - 1n
const MAX_WITHDRAWALS = 1_000
const MAX_NONCE = 2n ** 64n - 1n

/** The cheats of a dev chain. */
export function controlPort(parts: ControlParts): ControlPort {
  const { dev, miner } = parts
  const startedAt = dev.chain.head.block.header.number
  const set = (change: Partial<DevChain['settings']>): void => {
    dev.settings = { ...dev.settings, ...change }
  }
  return {
    ...stateCheats(dev),
    ...clockCheats(dev),
    impersonate: (address) =>
      set({ impersonated: new Set([...dev.settings.impersonated, address]) }),
    stopImpersonating: (address) =>
      set({ impersonated: new Set([...dev.settings.impersonated].filter((it) => it !== address)) }),
    impersonateSignature(signature, signer) {
      if (parts.engine.name !== 'wasm' || isDraft(dev)) {
        return refused('signatures cannot be impersonated on the engine ethereumjs')
      }
      const v = signature[64]!
      const key = signatureKey(signature.subarray(0, 64), v < 27 ? v + 27 : v)
      const { signers } = dev.chain.config.tweaks ?? {}
      const tweaks = { ...dev.chain.config.tweaks, signers: { ...signers, [key]: signer } }
      dev.chain.adjust({ tweaks })
      set({})
      return DONE
    },
    setAutoImpersonate: (on) => set({ autoImpersonate: on }),
    isAutomine: () => miner.automine,
    async setAutomine(on) {
      if (on) refuseWithPipeline(parts)
      await miner.setAutomine(on)
    },
    intervalMs: () => miner.intervalMs,
    setIntervalMs(ms, mostMs) {
      if (ms > 0) refuseWithPipeline(parts)
      miner.setIntervalMs(ms, mostMs)
    },
    mine: (options) =>
      parts.pipeline === undefined ? mine(dev, options) : mineBy(parts.pipeline, dev, options),
    snapshot: () => dev.snapshot(),
    revert: (id) => dev.revert(id),
    setNextBlockBaseFee(wei) {
      if (dev.nextBaseFeeWei() === undefined)
        return refused('the chain has no base fee before London')
      set({ nextBaseFeeWei: wei })
      return DONE
    },
    setMinGasPrice(wei) {
      if (dev.nextBaseFeeWei() !== undefined) {
        return refused('setMinGasPrice is not supported when EIP-1559 is active')
      }
      set({ minGasPriceWei: wei })
      return DONE
    },
    setBlockGasLimit(gas) {
      if (gas < 5000n) return refused(`block gas limit ${gas}: expected at least 5000`)
      set({ gasLimit: gas })
      return DONE
    },
    setCoinbase: (coinbase) => set({ coinbase }),
    setPrevRandao: (value) => set({ nextPrevRandao: value }),
    setExtraData: (extraData) => set({ extraData }),
    async addWithdrawal(withdrawal) {
      refuseWithPipeline(parts)
      const { header } = dev.chain.head.block
      const rules = rulesAt(dev.chain.config, header.number + 1n, header.timestamp)
      if (!isActive(rules, 'shanghai')) return refused('there are no withdrawals before Shanghai')
      if (dev.settings.withdrawals.length >= MAX_WITHDRAWALS) {
        return refused(`${MAX_WITHDRAWALS} withdrawals wait for blocks: mine first`)
      }
      set({ withdrawals: [...dev.settings.withdrawals, withdrawal] })
      if (miner.automine) await dev.mine()
      return DONE
    },
    setChainId(chainId) {
      dev.chain.adjust({ chainId })
      set({})
    },
    setLoggingEnabled: (on) => parts.setLogging(on),
    dumpState: (historicalStates) => attempt(() => dumpCompressed(dev, { historicalStates })),
    loadState: (dump) => attempt(() => loadFromBytes(dev, dump)),
    async flush() {
      if (parts.disk === undefined) return undefined
      const { number } = dev.chain.head.block.header
      await parts.disk.flush()
      return number
    },
    storage: () => storageStats(parts, startedAt),
    async reset(target) {
      const { forking } = parts
      // Clients name a fork without a URL where nothing is forked: then there is nothing to fork.
      if (target?.url === undefined && forking.block === undefined) {
        await dev.reset()
        return DONE
      }
      return attempt(async () => {
        const { start, enter } = await parts.restart(target)
        await dev.reset(start)
        await enter()
      })
    },
    setRpcUrl(url) {
      try {
        parts.forking.setUrl(url)
        return DONE
      } catch (error) {
        if (error instanceof ForkConfigError) return refused(error.message)
        throw error
      }
    },
    async reorg(blocks) {
      const { hash } = dev.chain.head.block
      const rolled = await rollback(dev, blocks.length)
      if (rolled.kind === 'refused') return rolled
      // Of the same content at the same time they would be the blocks that they replace.
      if (dev.settings.nextPrevRandao === undefined) {
        set({ nextPrevRandao: keccakHash(hexToBytes(hash)) })
      }
      for (const transactions of blocks) await dev.mine(undefined, transactions)
      return DONE
    },
    rollback: (depth) => rollback(dev, depth),
  }
}

/** Drafts of rules run on the reference engine, whatever was chosen. */
function isDraft({ chain }: DevChain): boolean {
  const { header } = chain.head.block
  return isActive(rulesAt(chain.config, header.number, header.timestamp), 'amsterdam')
}

/** @throws {RpcError} */
function refuseWithPipeline({ pipeline }: ControlParts): void {
  if (pipeline === undefined) return
  throw serverError(
    `blocks come by consensus (--consensus ${pipeline.start.preset}): evm_mine and parallel_advance move its clock`,
  )
}

/** Consensus goes on until so many blocks are there. */
async function mineBy(
  pipeline: Pipeline,
  dev: DevChain,
  { blocks, intervalSeconds, timestamp }: MineOptions,
): Promise<Control<readonly Hash[]>> {
  if (timestamp !== undefined) dev.clock.setNext(timestamp)
  const { history } = dev.chain
  const mined: Hash[] = []
  for (let at = 0; at < blocks; at++) {
    if (at > 0 && intervalSeconds) dev.clock.increase(intervalSeconds)
    const why = await pipeline.mine(1)
    if (why !== undefined) return refused(why)
    mined.push(history.head.block.hash)
  }
  return { kind: 'done', value: mined }
}

async function rollback(dev: DevChain, depth: number): Promise<Control<void>> {
  const outcome = await dev.rollback(BigInt(depth))
  switch (outcome) {
    case 'done':
      return DONE
    case 'tooFew':
      return refused(`the chain has fewer than ${depth} blocks above its genesis`)
    case 'noState':
      return refused(
        `the state ${depth} blocks back is not kept any longer (--history ${dev.chain.history.keptStates})`,
      )
  }
}

function storageStats({ dev, states }: ControlParts, startedAt: bigint): StorageStats {
  const { block, version } = dev.chain.head
  const { nodesHashed, usedBytes, memoryBytes } = version.arena.stats()
  const blocks = Math.max(0, Number(block.header.number - startedAt))
  return { blocks, nodesHashed, usedBytes, memoryBytes, disk: states?.costs() }
}

function refused(reason: string): { readonly kind: 'refused'; readonly reason: string } {
  return { kind: 'refused', reason }
}

async function attempt<T>(job: () => Promise<T>): Promise<Control<T>> {
  try {
    return { kind: 'done', value: await job() }
  } catch (error) {
    if (error instanceof DumpError || error instanceof ForkConfigError)
      return refused(error.message)
    throw error
  }
}

type StateCheats = Pick<ControlPort, 'setBalance' | 'setCode' | 'setNonce' | 'setSlot'>

function stateCheats(dev: DevChain): StateCheats {
  const write = async (address: Address, writes: AccountWrites): Promise<Control<void>> => {
    await dev.change((view) => changeOf(view, address, writes))
    return DONE
  }
  return {
    setBalance: (address, wei) => write(address, { balanceWei: wei }),
    async setCode(address, code) {
      const codeHash = keccakHash(code)
      await dev.change((view) => {
        const change = changeOf(view, address, { codeHash })
        if (code.length > 0) change.codes.set(codeHash, code)
        return change
      })
      return DONE
    },
    async setNonce(address, nonce) {
      if (nonce > MAX_NONCE) return refused(`nonce ${nonce}: expected at most ${MAX_NONCE}`)
      return write(address, { nonce })
    },
    setSlot: (address: Address, key: Slot, value: bigint) =>
      write(address, { slots: new Map([[key, value]]) }),
  }
}

function changeOf(view: StateView, address: Address, writes: AccountWrites): ChangeSet {
  const changes = emptyChangeSet()
  // Whom that brings to life need not be looked for, but on a fork, where it has to be fetched before it is changed.
  const isSought = view.isPartial === true || !bringsToLife(writes)
  const isNew = isSought && view.account(address) === undefined
  changes.accounts.set(address, isNew ? { life: 'created', ...writes } : writes)
  return changes
}

type ClockCheats = Pick<
  ControlPort,
  'increaseTime' | 'setTime' | 'setNextBlockTimestamp' | 'setBlockTimestampInterval'
>

function clockCheats(dev: DevChain): ClockCheats {
  const { clock } = dev
  const parentTime = (): bigint => dev.chain.head.block.header.timestamp
  return {
    increaseTime: (seconds) => clock.increase(seconds),
    setTime(timestamp) {
      if (timestamp > MAX_TIMESTAMP) return refused(tooLate(timestamp))
      return { kind: 'done', value: clock.set(timestamp) }
    },
    setNextBlockTimestamp(timestamp) {
      if (timestamp > MAX_TIMESTAMP) return refused(tooLate(timestamp))
      if (timestamp <= parentTime()) {
        return refused(
          `timestamp ${timestamp} is lower than or equal to the previous block's timestamp ${parentTime()}`,
        )
      }
      clock.setNext(timestamp)
      return DONE
    },
    setBlockTimestampInterval(seconds) {
      const had = clock.state.interval !== undefined
      clock.setInterval(seconds)
      return had
    },
  }
}

function tooLate(timestamp: bigint): string {
  return `timestamp ${timestamp}: expected at most ${MAX_TIMESTAMP} seconds`
}

async function mine(
  dev: DevChain,
  { blocks, intervalSeconds, timestamp }: MineOptions,
): Promise<Control<readonly Hash[]>> {
  const parentTime = dev.chain.head.block.header.timestamp
  if (timestamp !== undefined && timestamp <= parentTime) {
    return refused(
      `timestamp ${timestamp} is lower than or equal to the previous block's timestamp ${parentTime}`,
    )
  }
  const mined: Hash[] = []
  let previous: bigint | undefined
  for (let at = 0; at < blocks; at++) {
    // viem sends 0 when it was given none: then the clock decides.
    const spaced =
      previous === undefined || !intervalSeconds ? undefined : previous + intervalSeconds
    if ((at + 1) % PIECE === 0) await setImmediate()
    const { hash, header } = await dev.mine(at === 0 ? timestamp : spaced)
    mined.push(hash)
    previous = header.timestamp
  }
  return { kind: 'done', value: mined }
}
