import type { Executor } from '../executor/executor.ts'
import { CodeStore } from '../state/codes.ts'
import type { Version } from '../state/world.ts'
import type { Kv } from '../store/kv.ts'
import { VersionStore } from '../store/version-store.ts'
import { Chain } from './chain.ts'
import { ChainStore } from './chain-store.ts'
import type { GenesisSpec } from './genesis.ts'
import { createGenesis } from './genesis.ts'
import { History } from './history.ts'

/** A chain, and where it is kept: undefined keeps it in memory only. */
export interface OpenedChain {
  readonly chain: Chain
  readonly store: ChainStore | undefined
}

/** A chain of its genesis alone, in memory. */
export function newChain(spec: GenesisSpec, executor: Executor): Chain {
  const codes = new CodeStore()
  return new Chain(spec.config, genesisHistory(spec, codes), codes, executor)
}

/**
 * The chain that `kv` holds, or a new one that is kept there.
 * @param identity names what makes two chains the same: one kept with another identity is refused
 * @throws {KvError} when what is kept cannot be read or is another chain's
 */
export function openChain(
  spec: GenesisSpec,
  executor: Executor,
  kv: Kv,
  identity: string,
): OpenedChain {
  const codes = new CodeStore(kv)
  const versions = new VersionStore(kv)
  const store = new ChainStore(kv, codes, versions)
  const kept = store.load(identity)
  const history = kept ?? genesisHistory(spec, codes, versions.empty())
  const genesis = history.genesis
  if (kept === undefined) store.save([genesis], genesis.block.header.number, 0n, identity)
  return { chain: new Chain(spec.config, history, codes, executor), store }
}

function genesisHistory(spec: GenesisSpec, codes: CodeStore, world?: Version): History {
  const { block, version } = createGenesis(spec, codes, world)
  const totalDifficulty = block.header.difficulty
  return new History({ block, receipts: [], totalDifficulty, report: undefined, version })
}
