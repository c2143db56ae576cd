import type { Method, MethodTable } from './method.ts'
import { accounts } from './methods/accounts.ts'
import { cheatsChain } from './methods/cheats-chain.ts'
import { cheatsMining } from './methods/cheats-mining.ts'
import { cheatsState } from './methods/cheats-state.ts'
import { cheatsTokens } from './methods/cheats-tokens.ts'
import { changes } from './methods/changes.ts'
import { contracts } from './methods/contracts.ts'
import { consensus } from './methods/consensus.ts'
import { debug } from './methods/debug.ts'
import { debugState } from './methods/debug-state.ts'
import { erigon } from './methods/erigon.ts'
import { ethBlocks } from './methods/eth-blocks.ts'
import { ethCalls } from './methods/eth-calls.ts'
import { ethFees } from './methods/eth-fees.ts'
import { ethFilters } from './methods/eth-filters.ts'
import { ethSimulate } from './methods/eth-simulate.ts'
import { ethState } from './methods/eth-state.ts'
import { ethTransactions } from './methods/eth-transactions.ts'
import { explain } from './methods/explain.ts'
import { blockList } from './methods/block-list.ts'
import { bundle } from './methods/bundle.ts'
import { many } from './methods/many.ts'
import { megaeth } from './methods/megaeth.ts'
import { netWeb3 } from './methods/net-web3.ts'
import { nodeAdmin } from './methods/node-admin.ts'
import { parallel } from './methods/parallel.ts'
import { profiler } from './methods/profiler.ts'
import { reorg } from './methods/reorg.ts'
import { sending } from './methods/sending.ts'
import { testing } from './methods/testing.ts'
import { ots } from './methods/ots.ts'
import { trace } from './methods/trace.ts'
import { txpool } from './methods/txpool.ts'
import { wallet } from './methods/wallet.ts'

const TABLES: readonly MethodTable[] = [
  netWeb3,
  accounts,
  ethBlocks,
  ethTransactions,
  ethState,
  ethCalls,
  ethSimulate,
  ethFees,
  ethFilters,
  txpool,
  bundle,
  many,
  debug,
  debugState,
  trace,
  ots,
  explain,
  blockList,
  changes,
  contracts,
  erigon,
  parallel,
  consensus,
  profiler,
  testing,
  sending,
  megaeth,
  nodeAdmin,
  wallet,
  cheatsState,
  cheatsTokens,
  reorg,
  cheatsMining,
  cheatsChain,
]

/** Every method by its name. A map: names come from outside, and `constructor` is not a method. */
export function methodRegistry(more: readonly MethodTable[] = []): ReadonlyMap<string, Method> {
  return new Map([...TABLES, ...more].flatMap((table) => Object.entries(table)))
}
