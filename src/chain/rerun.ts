import type { BlockEnv, Engine, ExecutionOptions, Outcome, Patience } from '../evm/engine.ts'
import type { Observer } from '../evm/observer.ts'
import { beforeTransactions } from '../executor/protocol.ts'
import type { Transaction } from '../model/transaction.ts'
import { invariant } from '../primitives/invariant.ts'
import type { Soon } from '../primitives/soon.ts'
import { Overlay } from '../state/overlay.ts'
import type { Chain } from './chain.ts'
import type { BlockRecord } from './block-record.ts'

/** A transaction of a mined block, about to run again. */
export interface Rerun {
  readonly tx: Transaction
  readonly index: number
  readonly env: BlockEnv
  /** The state before it. Valid until the next transaction. */
  readonly view: Overlay
}

/** Observed, a transaction of 30 million gas takes seconds. Other work gets its turns meanwhile; it ended once, and will again. */
const RERUN_PATIENCE: Patience = { yieldMs: 20, limitMs: Infinity }

/**
 * Runs a mined block's transactions again, up to and with index `last`, on the state that the block ran on.
 * @param observe is asked for an observer before each transaction
 * @param after is told of each outcome, and waited for
 * @returns the state after them; undefined, having run nothing, when the state before the block is not kept
 */
export async function rerunBlock(
  chain: Chain,
  engine: Engine,
  record: BlockRecord,
  last: number,
  optionsOf: (tx: Transaction) => ExecutionOptions,
  observe: (rerun: Rerun) => Observer | undefined,
  after: (rerun: Rerun, outcome: Exclude<Outcome, { kind: 'rejected' }>) => Soon<void>,
): Promise<Overlay | undefined> {
  const { block } = record
  const parent = chain.history.byHash(block.header.parentHash)
  invariant(parent !== undefined, 'a block that is run again has its parent in the chain')
  const env = chain.minedEnv(block, parent)
  if (parent.version === undefined) return undefined
  const state = new Overlay(chain.view(parent.version))
  await beforeTransactions(block.header, env, engine, state)
  for (const [index, tx] of block.transactions.slice(0, last + 1).entries()) {
    const rerun = { tx, index, env, view: state }
    const options = { ...optionsOf(tx), observer: observe(rerun), patience: RERUN_PATIENCE }
    const outcome = await engine.transact(tx, env, state, options)
    invariant(outcome.kind !== 'rejected', `a mined transaction runs again: ${tx.hash}`)
    await after(rerun, outcome)
    state.apply(outcome.access.writes)
  }
  return state
}

/** Where a transaction of a mined block begins: the block, and the state that those before it led to. */
export interface Beginning {
  readonly env: BlockEnv
  readonly view: Overlay
}

/** @returns undefined when the state that the block ran on is not kept, or the block is the chain's first */
export async function beginningOf(
  chain: Chain,
  engine: Engine,
  record: BlockRecord,
  index: number,
  optionsOf: (tx: Transaction) => ExecutionOptions,
): Promise<Beginning | undefined> {
  const parent = chain.history.byHash(record.block.header.parentHash)
  if (parent === undefined) return undefined
  const env = chain.minedEnv(record.block, parent)
  const nobody = (): undefined => undefined
  const view = await rerunBlock(chain, engine, record, index - 1, optionsOf, nobody, nobody)
  return view && { env, view }
}
