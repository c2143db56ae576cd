import type { Executor } from '../executor/executor.ts'
import { CodeStore } from '../state/codes.ts'
import type { Version } from '../state/world.ts'
import { type Kv, KvError } from '../store/kv.ts'
import type { LiveRecord } from './block-record.ts'
import { Chain } from './chain.ts'
import type { GenesisSpec } from './genesis.ts'
import { createGenesis } from './genesis.ts'
import { History } from './history.ts'
import { KvArchive } from './kv-archive.ts'
import { MemoryArchive } from './memory-archive.ts'
import type { Origin } from './origin.ts'
import { StateRecords } from './state-records.ts'
import { WriteBehind } from './write-behind.ts'

/** A chain, and what writes it to disk: undefined keeps it in memory only. */
export interface OpenedChain {
  readonly chain: Chain
  readonly disk: WriteBehind | undefined
  /** States on disk; undefined in memory. */
  readonly states: StateRecords | undefined
}

/** A chain of its first block alone, in memory. @param keptStates how many blocks' states are kept: all, unless said otherwise */
export function newChain(
  from: GenesisSpec | Origin,
  executor: Executor,
  keptStates?: number,
): Chain {
  const origin = 'begin' in from ? from : originOf(from)
  const codes = new CodeStore()
  const archive = new MemoryArchive(origin.number, keptStates)
  const history = new History(archive, () => origin.begin(codes))
  return new Chain(origin, history, codes, executor)
}

/** A chain's own genesis. @param world an empty version: where states live */
export function originOf(spec: GenesisSpec, world?: () => Version): Origin {
  return {
    config: spec.config,
    number: spec.header.number,
    begin: (codes) => genesisRecord(spec, codes, world?.()),
  }
}

export interface DiskOptions {
  /** Names what makes two chains the same: one kept with another identity is refused. */
  readonly identity: string
  /** How many blocks' states are answered from; all unless said otherwise. */
  readonly keptStates?: number | undefined
  /** Of the state's nodes in memory. */
  readonly cacheBytes?: number | undefined
  /** Told of a write that failed, and when states could not be deleted. */
  readonly onFailure?: ((error: unknown) => void) | undefined
  /** Told when a disk that was full has taken what was due. */
  readonly onRecovered?: (() => void) | undefined
}

/**
 * The chain that `kv` holds, or a new one that is kept there.
 * @param from what it begins with, or makes that of an empty version
 * @throws {KvError} when what is kept cannot be read or is another chain's
 */
export function openChain(
  from: GenesisSpec | ((world: () => Version) => Origin),
  executor: Executor,
  kv: Kv,
  options: DiskOptions,
): OpenedChain & { readonly disk: WriteBehind; readonly states: StateRecords } {
  const codes = new CodeStore(kv)
  const disk = new WriteBehind(kv, options.onFailure, options.onRecovered)
  const { identity, keptStates = Number.POSITIVE_INFINITY, cacheBytes, onFailure } = options
  const states = new StateRecords(kv, codes, cacheBytes)
  const world = (): Version => states.empty()
  const origin = typeof from === 'function' ? from(world) : originOf(from, world)
  const archive = new KvArchive(
    { behind: disk, states, identity, keptStates, onFailure },
    origin.number,
  )
  const history = new History(archive, () => origin.begin(codes))
  return { chain: new Chain(origin, history, codes, executor), disk, states }
}

/**
 * What a folder holds, whatever it was started with, to look at.
 * @throws {KvError} when there is no chain in it
 */
export function openArchive(kv: Kv): {
  readonly archive: KvArchive
  readonly codes: CodeStore
  readonly states: StateRecords
} {
  const codes = new CodeStore(kv)
  const states = new StateRecords(kv, codes)
  const behind = new WriteBehind(kv)
  const keptStates = Number.POSITIVE_INFINITY
  const archive = new KvArchive({ behind, states, identity: undefined, keptStates }, 0n)
  if (archive.length === 0) throw new KvError('the folder holds no chain')
  return { archive, codes, states }
}

function genesisRecord(spec: GenesisSpec, codes: CodeStore, world?: Version): LiveRecord {
  const { block, version } = createGenesis(spec, codes, world)
  return { block, receipts: [], totalDifficulty: block.header.difficulty, version }
}
