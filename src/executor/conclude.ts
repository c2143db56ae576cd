import { checkAdmission } from '../evm/admission.ts'
import { outcomeOf } from '../evm/wasm/outcome.ts'
import type { Rejection } from '../model/rejection.ts'
import type { Transaction } from '../model/transaction.ts'
import type { Overlay } from '../state/overlay.ts'
import type { TransactionRecord } from '../state/record.ts'
import type { StateView } from '../state/view.ts'
import type { BlockInput, BlockOutcome } from './executor.ts'
import { type Progress, exceedsBlock, record, reject } from './frame.ts'
import type { LeftOut } from './lane/attempts.ts'
import type { Worked } from './lane/stage.ts'
import type { Plan } from './plan.ts'
import { encodeReceipts } from './record-receipts.ts'
import type { ExecutedOutcome } from './receipts.ts'

/** Not an outcome: the block is still to be executed. */
export const GIVEN_UP: BlockOutcome = { kind: 'invalidBlock', detail: 'the shared state gave up' }

/** Takes what was done on shared state as if it had been done here, in order. @returns what ends the block, if anything does */
export function conclude(
  block: BlockInput,
  plan: Plan,
  worked: Worked,
  working: Overlay,
  progress: Progress,
): BlockOutcome | undefined {
  const precision = plan.block.reference === undefined ? 'exact' : 'accounts'
  const blooms = encodeMerged(block, plan, worked, progress)
  let next = 0
  for (const [index, tx] of block.transactions.entries()) {
    const refused = plan.refused.get(index)
    if (refused === undefined && next >= worked.settled && worked.stop === undefined) {
      throw new Error('bug: a transaction was neither merged nor left out')
    }
    const out = refused === undefined ? worked.leftOut.get(next) : undefined
    if (refused !== undefined || out !== undefined) {
      const rejection =
        exceedsBlock(block, progress, tx) ?? refused ?? refusal(block, index, out!, worked, working)
      const ended = reject(progress, block, index, rejection)
      if (ended !== undefined) return ended
      if (refused === undefined) next++
      continue
    }
    const outcome = executedOf(worked.recordOf(next), tx, precision)
    record(progress, block, tx, outcome, working.changes, blooms[progress.receipts.length])
    next++
  }
  const changes = worked.changes()
  if (changes === undefined) return GIVEN_UP
  progress.after = { changes, view: worked.after(working, changes) }
  return undefined
}

/** Encodes the receipts of what was merged, all at once. @returns their blooms */
function encodeMerged(
  block: BlockInput,
  { places }: Plan,
  worked: Worked,
  progress: Progress,
): readonly Uint8Array[] {
  const merged: number[] = []
  for (let index = 0; index < worked.settled; index++) {
    if (!worked.leftOut.has(index)) merged.push(index)
  }
  const types = merged.map((index) => block.transactions[places[index]!]!.type)
  const { blooms, ...encoded } = encodeReceipts(worked.recordsOf(merged), types)
  progress.encoded = encoded
  return blooms
}

function executedOf(
  found: TransactionRecord,
  tx: Transaction,
  precision: 'exact' | 'accounts',
): ExecutedOutcome {
  const outcome = outcomeOf(found, tx.to === null)
  if (precision === 'exact') return outcome
  const { reads, writes, volatile } = outcome.access
  const access = { reads, writes, volatile, precision }
  return outcome.kind === 'success'
    ? { ...outcome, logs: outcome.logs, access }
    : { ...outcome, access }
}

/** Why the state refused a transaction when its turn came. */
function refusal(
  block: BlockInput,
  index: number,
  { sender }: LeftOut,
  worked: Worked,
  base: StateView,
): Rejection {
  const view: StateView = {
    account: () => sender,
    slot: () => 0n,
    code: (hash) => worked.code(hash) ?? base.code(hash),
    hasStorage: () => false,
  }
  const tx = block.transactions[index]!
  const switches = block.optionsOf?.(index)?.switches ?? {}
  const rejection = checkAdmission(tx, block.env, view, switches)
  if (rejection === undefined) throw new Error('bug: lanes alone reject a transaction')
  return rejection
}
