import { checkAdmission } from '../evm/admission.ts'
import { blobGasOf } from '../model/fees.ts'
import { networkOf } from '../model/network.ts'
import { addResources } from '../model/resources.ts'
import type { Rejection } from '../model/rejection.ts'
import type { Hash } from '../primitives/hex.ts'
import type { Overlay } from '../state/overlay.ts'
import { RECORD_CODES } from '../state/record-layout.ts'
import { codesIn, gasUsedAt, resourcesAt } from '../state/record.ts'
import type { StateView } from '../state/view.ts'
import type { BlockInput, BlockOutcome } from './executor.ts'
import { type Progress, exceedsBlock, isFull, reject } from './frame.ts'
import type { LeftOut } from './lane/attempts.ts'
import type { Worked } from './lane/stage.ts'
import type { Plan } from './plan.ts'
import { LaterReceipts, encodeReceipts } from './record-receipts.ts'
import { type BlockRecords, RecordedResults } from './recorded.ts'

/** Not an outcome: the block is still to be executed. Lanes do not see how full it is of anything but gas. */
export const GIVEN_UP: BlockOutcome = { kind: 'invalidBlock', detail: 'the shared state gave up' }

/** Takes what was done on shared state as if it had been done here, in order. @returns what ends the block, if anything does */
export function conclude(
  block: BlockInput,
  plan: Plan,
  worked: Worked,
  working: Overlay,
  progress: Progress,
): BlockOutcome | undefined {
  const records = worked.records()
  if (records === undefined) return GIVEN_UP
  const { memory, starts } = records
  const hasLimits = networkOf(block.env.rules).limits !== undefined
  const merged: number[] = []
  let gas = 0
  let next = 0
  for (const [index, tx] of block.transactions.entries()) {
    const refused = plan.refused.get(index)
    if (refused === undefined && next >= worked.settled && worked.stop === undefined) {
      throw new Error('bug: a transaction was neither merged nor left out')
    }
    const out = refused === undefined ? worked.leftOut.get(next) : undefined
    if (refused !== undefined || out !== undefined) {
      spend(progress, gas)
      const rejection =
        exceedsBlock(block, progress, tx) ?? refused ?? refusal(block, index, out!, worked, working)
      const ended = reject(progress, block, index, rejection)
      if (ended !== undefined) return ended
      if (refused === undefined) next++
      continue
    }
    if (hasLimits && isFull(block, progress) !== undefined) return GIVEN_UP
    const at = starts[next++]!
    if (hasLimits) {
      progress.resources = addResources(progress.resources, resourcesAt(memory, at))
    }
    gas += gasUsedAt(memory, at)
    if (tx.type === 3) progress.blobGasUsed += blobGasOf(tx)
    merged.push(at)
    progress.transactions.push(tx)
  }
  spend(progress, gas)
  const included = { memory, starts: Uint32Array.from(merged) }
  takeRecords(block, plan, included, progress)
  const types = Uint8Array.from(progress.transactions, ({ type }) => type)
  progress.encoded = new LaterReceipts(
    () => worked.receipts(included, types) ?? encodeReceipts(included, types),
  )
  const changes = worked.changes(newCodes(included))
  if (changes === undefined) return GIVEN_UP
  progress.after = { changes, view: worked.after(working, changes) }
  return undefined
}

/** The codes that transactions brought. */
function newCodes({ memory, starts }: BlockRecords): Map<Hash, Uint8Array> {
  const codes = new Map<Hash, Uint8Array>()
  for (const at of starts) {
    if (memory.u32[(at + RECORD_CODES) >>> 2] === 0) continue
    for (const [hash, code] of codesIn({ memory, at })) codes.set(hash, code)
  }
  return codes
}

/** @param gas that all transactions up to here have paid for */
function spend(progress: Progress, gas: number): void {
  progress.paidGas = BigInt(gas)
  progress.blockGas = { regular: progress.paidGas, state: 0n }
}

/** What is made of records when it is asked for. @param records of the transactions that are included */
function takeRecords(
  { header, env }: BlockInput,
  { block: { reference } }: Plan,
  records: BlockRecords,
  progress: Progress,
): void {
  const { transactions } = progress
  const precision = reference === undefined ? 'exact' : 'accounts'
  progress.recorded = new RecordedResults(
    { transactions, header, rules: env.rules, precision },
    records,
  )
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
