import type { Engine, Outcome } from '../evm/engine.ts'
import { GAS_PER_BLOB, blobGasOf } from '../model/fees.ts'
import { isActive } from '../model/fork.ts'
import type { Log, Receipt } from '../model/receipt.ts'
import type { Rejection } from '../model/rejection.ts'
import type { Transaction } from '../model/transaction.ts'
import type { AccessSet, ChangeSet } from '../state/access.ts'
import { Overlay } from '../state/overlay.ts'
import type { StateView } from '../state/view.ts'
import type { BlockInput, BlockOutcome, Executor } from './executor.ts'
import { afterTransactions, beforeTransactions } from './protocol.ts'
import type { ExecutedOutcome } from './receipts.ts'
import { bloomOf, failureOf, receiptOf } from './receipts.ts'

/** One transaction after another: the oracle of every other executor, and their refuge. */
export function createSerialExecutor(engine: Engine): Executor {
  return {
    name: 'serial',
    execute: (block, base) => executeSerially(engine, block, base),
  }
}

/** What has been executed so far, in the order of the block. */
interface Progress {
  readonly transactions: Transaction[]
  readonly receipts: Receipt[]
  readonly accesses: AccessSet[]
  readonly outputs: Uint8Array[]
  readonly failures: (string | undefined)[]
  readonly skipped: { readonly index: number; readonly rejection: Rejection }[]
  readonly logs: Log[]
  gasUsed: bigint
  blobGasUsed: bigint
}

async function executeSerially(
  engine: Engine,
  block: BlockInput,
  base: StateView,
): Promise<BlockOutcome> {
  const started = performance.now()
  const working = new Overlay(base)
  if (block.protocol === 'full') {
    await beforeTransactions(block.header, block.env, engine, working)
  }
  const progress = newProgress()
  const stopped = await runTransactions(engine, block, working, progress)
  if (stopped !== undefined) return stopped
  const requests =
    block.protocol === 'full'
      ? await afterTransactions(block, engine, working, progress.logs)
      : undefined
  if (requests !== undefined && 'kind' in requests) {
    return { kind: 'invalidBlock', detail: requests.detail }
  }
  const { logs, ...executed } = progress
  return {
    kind: 'executed',
    ...executed,
    logsBloom: bloomOf(logs),
    requests,
    changes: working.changes,
    report: {
      executor: 'serial',
      engine: engine.name,
      workers: 1,
      incarnations: progress.transactions.length,
      aborts: 0,
      ms: performance.now() - started,
    },
  }
}

function newProgress(): Progress {
  return {
    transactions: [],
    receipts: [],
    accesses: [],
    outputs: [],
    failures: [],
    skipped: [],
    logs: [],
    gasUsed: 0n,
    blobGasUsed: 0n,
  }
}

async function runTransactions(
  engine: Engine,
  block: BlockInput,
  working: Overlay,
  progress: Progress,
): Promise<BlockOutcome | undefined> {
  for (const [index, tx] of block.transactions.entries()) {
    const outcome = await runOne(engine, block, working, progress, index, tx)
    if (outcome.kind === 'rejected') {
      const { rejection } = outcome
      if (block.onRejection === 'stop') return { kind: 'invalid', index, rejection }
      progress.skipped.push({ index, rejection })
      continue
    }
    working.apply(outcome.access.writes)
    record(progress, block, tx, outcome, working.changes)
  }
  return undefined
}

function runOne(
  engine: Engine,
  block: BlockInput,
  working: Overlay,
  progress: Progress,
  index: number,
  tx: Transaction,
): Outcome | Promise<Outcome> {
  const options = block.optionsOf?.(index)
  const rejection = exceedsBlock(block, progress, tx)
  if (rejection !== undefined) return { kind: 'rejected', rejection }
  return engine.transact(tx, block.env, working, options)
}

/** Whether what is left of the block's gas and blob gas takes `tx`. */
function exceedsBlock(
  block: BlockInput,
  progress: Progress,
  tx: Transaction,
): Rejection | undefined {
  const availableGas = block.header.gasLimit - progress.gasUsed
  if (tx.gasLimit > availableGas) {
    return { kind: 'gasLimitAboveBlock', gasLimit: tx.gasLimit, availableGas }
  }
  const blobGas = blobGasOf(tx)
  const maxBlobs = BigInt(block.env.rules.blob?.max ?? 0)
  const availableBlobGas = maxBlobs * GAS_PER_BLOB - progress.blobGasUsed
  if (blobGas > availableBlobGas) return { kind: 'blobGasAboveBlock', blobGas, availableBlobGas }
  return undefined
}

function record(
  progress: Progress,
  block: BlockInput,
  tx: Transaction,
  outcome: ExecutedOutcome,
  changes: ChangeSet,
): void {
  progress.gasUsed += outcome.gasUsed
  progress.blobGasUsed += blobGasOf(tx)
  const { rules } = block.env
  const stateRoot = isActive(rules, 'byzantium') ? undefined : block.intermediateRoot?.(changes)
  const receipt = receiptOf(tx, outcome, block.header, rules, progress.gasUsed, stateRoot)
  progress.transactions.push(tx)
  progress.receipts.push(receipt)
  progress.accesses.push(outcome.access)
  progress.outputs.push(outcome.output)
  progress.failures.push(failureOf(outcome))
  progress.logs.push(...receipt.logs)
}
