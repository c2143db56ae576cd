import type { Engine, ExecutionOptions } from '../evm/engine.ts'
import { SYSTEM_CONTRACTS } from '../executor/system-contracts.ts'
import type { Block } from '../model/block.ts'
import type { Transaction } from '../model/transaction.ts'
import type { Address, Slot } from '../primitives/hex.ts'
import { type Change, changesOfAccount, decodeChangeLog, mayName } from '../state/change-log.ts'
import { type FoundChanges, changesOf } from './block-changes.ts'
import type { BlockRecord } from './block-record.ts'
import type { Chain } from './chain.ts'

/** What one step of a block did to a location; `wiped`: all storage of the account went, and what was in it is not listed. */
export interface LocatedChange {
  readonly block: Block
  /** As EIP-7928 counts: 0 the protocol before the transactions, these from 1, last the protocol after them. */
  readonly step: number
  readonly change: Change | 'wiped'
}

export interface WantedHistory {
  readonly address: Address
  /** undefined: all that the account is and has. */
  readonly slot: Slot | undefined
  /** Of blocks, both included. */
  readonly from: bigint
  readonly to: bigint
}

export type FoundHistory =
  | { readonly kind: 'history'; readonly changes: readonly LocatedChange[] }
  /** Of one block it cannot be told. */
  | {
      readonly kind: 'unknown'
      readonly block: bigint
      readonly why: Exclude<FoundChanges, { kind: 'changes' }>
    }

/** Blocks that are looked through before others have their turn. */
const PIECE = 256

/**
 * Who changed a location, by the change sets of blocks, the oldest first. Genesis has none, and a cheat is in no block: that it was there shows in
 * a `before` that is not the last `after`.
 */
export async function historyOf(
  chain: Chain,
  engine: Engine,
  { address, slot, from, to }: WantedHistory,
  optionsOf: (tx: Transaction) => ExecutionOptions,
): Promise<FoundHistory> {
  const changes: LocatedChange[] = []
  const first = chain.history.genesis.block.header.number + 1n
  let looked = 0
  for (const record of chain.history.range(from > first ? from : first, to)) {
    if (++looked % PIECE === 0) await new Promise(setImmediate)
    const found = await changesOfOne(chain, engine, record, address, optionsOf)
    if (found === undefined) continue
    const { block } = record
    if (found.kind !== 'changes') return { kind: 'unknown', block: block.header.number, why: found }
    for (const [step, accounts] of found.log.steps.entries()) {
      for (const account of accounts) {
        if (account.address !== address) continue
        if (account.isWiped) changes.push({ block, step, change: 'wiped' })
        for (const change of changesOfAccount(account, step)) {
          const { location } = change
          if (slot !== undefined && (location.kind !== 'slot' || location.key !== slot)) continue
          changes.push({ block, step, change })
        }
      }
    }
  }
  return { kind: 'history', changes }
}

/** undefined when the block leaves the account alone, as can be seen at once. */
async function changesOfOne(
  chain: Chain,
  engine: Engine,
  record: BlockRecord,
  address: Address,
  optionsOf: (tx: Transaction) => ExecutionOptions,
): Promise<FoundChanges | undefined> {
  const { header, transactions, withdrawals, ommers } = record.block
  const stored = chain.history.changesOf(header.number)
  if (stored !== undefined) {
    return mayName(stored, address) ? { kind: 'changes', log: decodeChangeLog(stored) } : undefined
  }
  const isQuiet = transactions.length + ommers.length + (withdrawals?.length ?? 0) === 0
  if (isQuiet && header.beneficiary !== address && !SYSTEM_CONTRACTS.has(address)) return undefined
  return changesOf(chain, engine, record, optionsOf)
}
