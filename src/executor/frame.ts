import type { BlockGas, Engine } from '../evm/engine.ts'
import { blockBloom } from '../model/bloom.ts'
import { GAS_PER_BLOB, blobGasOf } from '../model/fees.ts'
import { isActive } from '../model/fork.ts'
import { type Resources, networkOf } from '../model/network.ts'
import { NO_RESOURCES, addResources, usedUp } from '../model/resources.ts'
import type { Receipt } from '../model/receipt.ts'
import type { Rejection } from '../model/rejection.ts'
import type { Transaction } from '../model/transaction.ts'
import { TRANSACTION_GAS_CAP } from '../model/validity.ts'
import { equalBytes } from '../primitives/bytes.ts'
import { bringHere } from '../state/absent.ts'
import type { AccessSet, ChangeSet } from '../state/access.ts'
import {
  type BlockAccessList,
  type StepAccess,
  blockAccessList,
  encodeBlockAccessList,
} from '../state/block-access-list.ts'
import { Overlay } from '../state/overlay.ts'
import { RecordedAccess, resourcesAt } from '../state/record.ts'
import type { StateView } from '../state/view.ts'
import type { BlockInput, BlockOutcome, ExecutedBlock, Results } from './executor.ts'
import { afterTransactions, beforeTransactions } from './protocol.ts'
import type { ExecutedOutcome } from './receipts.ts'
import { failureOf, receiptOf, receiptsRoot } from './receipts.ts'
import { type EncodedReceipts, LaterReceipts } from './record-receipts.ts'

interface Gathered extends Results {
  readonly receipts: Receipt[]
  readonly accesses: AccessSet[]
  readonly outputs: Uint8Array[]
  readonly failures: (string | undefined)[]
}

/** What has been executed so far, in the order of the block. */
export interface Progress {
  readonly transactions: Transaction[]
  /** Of each transaction, where they were gathered one by one. */
  readonly gathered: Gathered
  /** Of all transactions, where they are read from records. */
  recorded: Results | undefined
  readonly skipped: { readonly index: number; readonly rejection: Rejection }[]
  /** The receipts together, where they were encoded from records. */
  encoded: EncodedReceipts | undefined
  /** What the transactions changed and the state after them, where it is not in the overlay. */
  after: { readonly changes: ChangeSet; readonly view: StateView } | undefined
  /** What the receipts add up to. */
  paidGas: bigint
  /** What counts towards the block's limit: before Amsterdam what is paid, of one kind. */
  blockGas: BlockGas
  blobGasUsed: bigint
  /** Beside gas, where the network counts it. */
  resources: Resources
}

/**
 * Runs the transactions: what they did goes into `progress`, what they changed into `working`, in the order of the block, or
 * into `progress.after` as one.
 * @returns what ends the block, if anything does
 */
export type RunTransactions = (
  working: Overlay,
  progress: Progress,
) => Promise<BlockOutcome | undefined>

/**
 * Executes a block: what the protocol does before and after the transactions, and between that `run`.
 * @param concluded hears in the end what the protocol changed after the transactions, and the state after all
 */
export async function executeBlock(
  engine: Engine,
  block: BlockInput,
  base: StateView,
  run: RunTransactions,
  concluded?: (late: ChangeSet, view: StateView) => void,
): Promise<Exclude<BlockOutcome, ExecutedBlock> | Omit<ExecutedBlock, 'report'>> {
  if (base.isPartial) await bringHere(readsForetold(block, base))
  const working = new Overlay(base)
  const around = protocolSteps(block)
  if (block.protocol === 'full') {
    const hear = around && ((access: StepAccess) => around.before.push(access))
    await beforeTransactions(block.header, block.env, engine, working, hear)
  }
  const progress = newProgress()
  const stopped = await run(working, progress)
  if (stopped !== undefined) return stopped
  const hear = around && ((access: StepAccess) => around.after.push(access))
  const { after, transactions, skipped, blockGas, blobGasUsed } = progress
  const results = progress.recorded ?? progress.gathered
  const encoded = progress.encoded ?? new LaterReceipts(() => encodedOf(results))
  const late = new Overlay(after?.view ?? working)
  const requests =
    block.protocol === 'full'
      ? await afterTransactions(block, engine, late, results, hear)
      : undefined
  if (requests !== undefined && 'kind' in requests) {
    return { kind: 'invalidBlock', detail: requests.detail }
  }
  const list = around && hasList(block) ? listOf(block, around, results.accesses) : undefined
  if (block.accessList !== undefined && !isSameList(list, block.accessList)) {
    return { kind: 'invalidBlock', detail: 'the block access list is not what the block accesses' }
  }
  concluded?.(late.changes, late)
  return {
    kind: 'executed',
    transactions,
    skipped,
    results,
    get receipts() {
      return results.receipts
    },
    get accesses() {
      return results.accesses
    },
    get outputs() {
      return results.outputs
    },
    get failures() {
      return results.failures
    },
    blobGasUsed,
    gasUsed: blockGas.regular > blockGas.state ? blockGas.regular : blockGas.state,
    get logsBloom() {
      return encoded.logsBloom
    },
    get receiptsRoot() {
      return encoded.receiptsRoot
    },
    requests,
    blockAccessList: list,
    ...(block.recorded === true && { around }),
    changes: [working.changes, ...(after === undefined ? [] : [after.changes]), late.changes],
  }
}

function encodedOf({ receipts }: Results): EncodedReceipts {
  return { receiptsRoot: receiptsRoot(receipts), logsBloom: blockBloom(receipts) }
}

/** What a block will read for certain, and what its transactions say that they do (EIP-2930): where that is far away, it comes together. */
function* readsForetold({ env, transactions }: BlockInput, base: StateView) {
  yield () => base.account(env.header.beneficiary)
  for (const tx of transactions) {
    const { sender, to } = tx
    yield () => base.account(sender)
    if (to !== null) yield () => base.account(to)
    if (tx.type === 0) continue
    for (const { address, storageKeys } of tx.accessList) {
      yield () => base.account(address)
      for (const key of storageKeys) yield () => base.slot(address, key)
    }
  }
}

/** For a block that has an access list, or is recorded. */
function protocolSteps(block: BlockInput): HeardSteps | undefined {
  return hasList(block) || block.recorded === true ? { before: [], after: [] } : undefined
}

interface HeardSteps {
  readonly before: StepAccess[]
  readonly after: StepAccess[]
}

function hasList({ env, protocol, accessList, accessLists }: BlockInput): boolean {
  if (accessList !== undefined) return true
  return protocol === 'full' && (isActive(env.rules, 'amsterdam') || accessLists === 'everyFork')
}

/** undefined when the list was only asked for and the engine has not recorded all of it. */
function listOf(
  { accessLists }: BlockInput,
  { before, after }: HeardSteps,
  accesses: readonly AccessSet[],
): BlockAccessList | undefined {
  const steps: (readonly StepAccess[])[] = [before, ...accesses.map((access) => [access]), after]
  const isWhole = steps.every((step) => step.every(({ touched }) => touched !== undefined))
  return isWhole || accessLists === undefined ? blockAccessList(steps) : undefined
}

function isSameList(one: BlockAccessList | undefined, other: BlockAccessList): boolean {
  return one !== undefined && equalBytes(encodeBlockAccessList(one), encodeBlockAccessList(other))
}

function newProgress(): Progress {
  return {
    transactions: [],
    gathered: { receipts: [], accesses: [], outputs: [], failures: [] },
    recorded: undefined,
    skipped: [],
    encoded: undefined,
    after: undefined,
    paidGas: 0n,
    blockGas: { regular: 0n, state: 0n },
    blobGasUsed: 0n,
    resources: NO_RESOURCES,
  }
}

/** A transaction that cannot be in the block. @returns what that ends the block with, if it does */
export function reject(
  progress: Progress,
  block: BlockInput,
  index: number,
  rejection: Rejection,
): BlockOutcome | undefined {
  if (block.onRejection === 'stop') return { kind: 'invalid', index, rejection }
  progress.skipped.push({ index, rejection })
  return undefined
}

/** Whether what is left of the block's gas, blob gas and resources takes `tx`. */
export function exceedsBlock(
  block: BlockInput,
  progress: Progress,
  tx: Transaction,
): Rejection | undefined {
  const { gasLimit } = tx
  const { regular, state } = progress.blockGas
  const availableGas = block.header.gasLimit - (regular > state ? regular : state)
  if (gasLimit > availableGas && exceedsGas(block, progress.blockGas, gasLimit)) {
    return { kind: 'gasLimitAboveBlock', gasLimit, availableGas }
  }
  const blobGas = blobGasOf(tx)
  const maxBlobs = BigInt(block.env.rules.blob?.max ?? 0)
  const availableBlobGas = maxBlobs * GAS_PER_BLOB - progress.blobGasUsed
  if (blobGas > availableBlobGas) return { kind: 'blobGasAboveBlock', blobGas, availableBlobGas }
  return isFull(block, progress)
}

/** Whether the block takes no more transactions, whatever they are: the last one may have gone beyond what it may have. */
export function isFull({ env }: BlockInput, { resources }: Progress): Rejection | undefined {
  const limit = networkOf(env.rules).limits?.block
  const resource = limit && usedUp(resources, limit)
  if (resource === undefined) return undefined
  return { kind: 'blockFull', resource, used: resources[resource], limit: limit![resource] }
}

/** EIP-8037, Amsterdam: gas above the cap of EIP-7825 is for state only. */
function exceedsGas(block: BlockInput, used: BlockGas, gasLimit: bigint): boolean {
  if (!isActive(block.env.rules, 'amsterdam')) return true
  const { gasLimit: blockLimit } = block.header
  const regular = gasLimit < TRANSACTION_GAS_CAP ? gasLimit : TRANSACTION_GAS_CAP
  return regular > blockLimit - used.regular || gasLimit > blockLimit - used.state
}

/**
 * A transaction that was executed.
 * @param changes of the block up to here, for receipts that carry a root
 */
export function record(
  progress: Progress,
  block: BlockInput,
  tx: Transaction,
  outcome: ExecutedOutcome,
  changes: ChangeSet,
): void {
  progress.paidGas += outcome.gasUsed
  const { regular, state } = outcome.blockGas ?? { regular: outcome.gasUsed, state: 0n }
  progress.blockGas = {
    regular: progress.blockGas.regular + regular,
    state: progress.blockGas.state + state,
  }
  progress.blobGasUsed += blobGasOf(tx)
  const { rules } = block.env
  if (networkOf(rules).limits !== undefined && outcome.access instanceof RecordedAccess) {
    const { memory, at } = outcome.access.record
    progress.resources = addResources(progress.resources, resourcesAt(memory, at))
  }
  const stateRoot = isActive(rules, 'byzantium') ? undefined : block.intermediateRoot?.(changes)
  const { transactions, gathered, paidGas } = progress
  transactions.push(tx)
  gathered.receipts.push(receiptOf(tx, outcome, block.header, rules, paidGas, stateRoot))
  gathered.accesses.push(outcome.access)
  gathered.outputs.push(outcome.output)
  gathered.failures.push(failureOf(outcome))
}
