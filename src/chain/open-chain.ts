import type { Executor } from '../executor/executor.ts'
import { CodeStore } from '../state/codes.ts'
import type { Preimages } from '../state/world.ts'
import { type Kv, KvError } from '../store/kv.ts'
import type { Archive } from './archive.ts'
import type { LiveRecord } from './block-record.ts'
import { Chain } from './chain.ts'
import type { GenesisSpec } from './genesis.ts'
import { createGenesis } from './genesis.ts'
import { History } from './history.ts'
import { KvArchive } from './kv-archive.ts'
import { MemoryArchive } from './memory-archive.ts'
import { namesIn } from './state-records.ts'
import { WriteBehind } from './write-behind.ts'

/** A chain, and what writes it to disk: undefined keeps it in memory only. */
export interface OpenedChain {
  readonly chain: Chain
  readonly disk: WriteBehind | undefined
  /** Names accounts and slots that were read from disk. */
  readonly names: Preimages | undefined
}

/** A chain of its genesis alone, in memory. @param keptStates how many blocks' states are kept: all, unless said otherwise */
export function newChain(spec: GenesisSpec, executor: Executor, keptStates?: number): Chain {
  const codes = new CodeStore()
  const archive = new MemoryArchive(spec.header.number, keptStates)
  return chainOf(spec, executor, new History(archive, () => genesisRecord(spec, codes)), codes)
}

export interface DiskOptions {
  /** Names what makes two chains the same: one kept with another identity is refused. */
  readonly identity: string
  /** How many blocks' states are answered from; all unless said otherwise. */
  readonly keptStates?: number | undefined
  /** Told once, of the first write that failed. */
  readonly onFailure?: ((error: unknown) => void) | undefined
}

/**
 * The chain that `kv` holds, or a new one that is kept there.
 * @throws {KvError} when what is kept cannot be read or is another chain's
 */
export function openChain(
  spec: GenesisSpec,
  executor: Executor,
  kv: Kv,
  options: DiskOptions,
): OpenedChain & { readonly disk: WriteBehind } {
  const codes = new CodeStore(kv)
  const disk = new WriteBehind(kv, options.onFailure)
  const { identity, keptStates = Number.POSITIVE_INFINITY } = options
  const archive = new KvArchive(
    { kv, behind: disk, codes, identity, keptStates },
    spec.header.number,
  )
  const history = new History(archive, () => genesisRecord(spec, codes))
  return { chain: chainOf(spec, executor, history, codes), disk, names: namesIn(kv) }
}

/**
 * What a folder holds, whatever it was started with, to look at.
 * @throws {KvError} when there is no chain in it
 */
export function openArchive(kv: Kv): {
  readonly archive: Archive
  readonly codes: CodeStore
  readonly names: Preimages
} {
  const codes = new CodeStore(kv)
  const behind = new WriteBehind(kv)
  const keptStates = Number.POSITIVE_INFINITY
  const archive = new KvArchive({ kv, behind, codes, identity: undefined, keptStates }, 0n)
  if (archive.length === 0) throw new KvError('the folder holds no chain')
  return { archive, codes, names: namesIn(kv) }
}

function chainOf(spec: GenesisSpec, executor: Executor, history: History, codes: CodeStore): Chain {
  return new Chain(spec.config, history, codes, executor, () => genesisRecord(spec, codes))
}

function genesisRecord(spec: GenesisSpec, codes: CodeStore): LiveRecord {
  const { block, version } = createGenesis(spec, codes)
  return { block, receipts: [], totalDifficulty: block.header.difficulty, version }
}
