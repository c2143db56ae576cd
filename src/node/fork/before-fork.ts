import type { BlockRef } from '../../rpc/block-ref.ts'
import { type RpcError, serverError } from '../../rpc/error.ts'

/** Where a request of ours names a block or a transaction, by the place of the parameter. */
export type Place = { readonly at: number; readonly kind: 'block' | 'transaction' | 'range' }

const block = (at: number): Place => ({ at, kind: 'block' })
const transaction = (at: number): Place => ({ at, kind: 'transaction' })
const range = (at: number): Place => ({ at, kind: 'range' })

/** Methods that no remote has, and that need a block to have been executed here, or its state to be here. */
export const OWN: Readonly<Record<string, readonly Place[]>> = {
  heddle_explainTransaction: [transaction(0)],
  heddle_getStateDiff: [transaction(0)],
  heddle_getChanges: [range(1)],
  heddle_getStorage: [block(1)],
  heddle_getContract: [block(1)],
  heddle_listBlocks: [block(0)],
  parallel_getBlockReport: [block(0)],
  parallel_getDependencies: [block(0)],
  parallel_getExecution: [block(0)],
  parallel_getCertificate: [block(0)],
  parallel_replayBlock: [block(0)],
  parallel_diffExecution: [block(0)],
  parallel_exportTrace: [block(0)],
  parallel_checkBlockAccessList: [block(0)],
  parallel_getTransactionReport: [transaction(0)],
  parallel_explain: [transaction(0), transaction(1)],
  parallel_getAccessSet: [transaction(0), block(1)],
  parallel_checkAccessList: [transaction(0), block(1)],
  parallel_simulateBundle: [block(1)],
  parallel_getContention: [range(0)],
  parallel_compare: [range(0)],
  parallel_assertNoConflict: [range(0)],
}

/** Why nothing is said of what came before the fork. @param number of the block that it is in */
export function beforeFork(what: string, number: bigint, fork: bigint): RpcError {
  return serverError(
    `${what} is from before the fork at block ${fork}: the remote chain executed it, this node did not. ` +
      `heddle replay --rpc URL ${number} runs that block, debug_* and trace_* ask the remote for its traces, and a fork at block ` +
      `${number > 0n ? number - 1n : 0n} can run it anew`,
  )
}

/** The beginning of `{fromBlock, toBlock}`. */
export function startOf(subject: unknown): unknown {
  return typeof subject === 'object' && subject !== null && 'fromBlock' in subject
    ? subject.fromBlock
    : undefined
}

export function nameOf(ref: BlockRef): string {
  if (ref.kind === 'hash') return `block ${ref.hash}`
  return ref.kind === 'tag' ? `block ${ref.tag}` : `block ${ref.number}`
}
