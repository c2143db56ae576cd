import type { DevChain } from '../../chain/dev-chain.ts'
import { orderTransactions } from '../../chain/pool.ts'
import {
  type OrderedBlock as SpentBlock,
  type ReserveRule,
  ReserveBudget,
  spendingOf,
} from '../../chain/reserve-budget.ts'
import type { Account } from '../../model/account.ts'
import { rulesAt } from '../../model/fork.ts'
import type { Transaction } from '../../model/transaction.ts'
import type { Address } from '../../primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../../primitives/keccak.ts'
import type { StateView } from '../../state/view.ts'
import type { OrderedBlock } from './ledger.ts'

export interface Selection {
  readonly dev: DevChain
  readonly rule: ReserveRule
  /** Of the block that is to be ordered; the time is in seconds. */
  readonly number: bigint
  readonly timestamp: bigint
  /** Its ancestors that are not executed, oldest first. */
  readonly unexecuted: readonly OrderedBlock[]
  /** What it holds already, when it is shown in parts. */
  readonly begun: readonly Transaction[]
  readonly maxTransactions: number
}

/**
 * Transactions of the pool that the next block may hold, in its order: each can be paid for whatever its ancestors that are
 * not executed yet come to, and all of them fit by their gas limits.
 * @throws {Absent} when an account is far away
 */
export function selectTransactions(selection: Selection): readonly Transaction[] {
  const { dev, number, timestamp, unexecuted, begun, maxTransactions } = selection
  const inFlight = new Map<Address, bigint>()
  const ahead = [...unexecuted.flatMap(({ payload }) => payload.transactions), ...begun]
  for (const { sender } of ahead) {
    inFlight.set(sender, (inFlight.get(sender) ?? 0n) + 1n)
  }
  const { view } = dev
  const nonceOf = (sender: Address): bigint =>
    (view.account(sender)?.nonce ?? 0n) + (inFlight.get(sender) ?? 0n)
  const baseFeeWei = highestBaseFee(dev.nextBaseFeeWei(), unexecuted.length)
  const { ready } = dev.pool.split(nonceOf, baseFeeWei)
  if (ready.length === 0) return begun
  const ordered = orderTransactions(ready, dev.rules.order, baseFeeWei ?? 0n)
  const budget = budgetOf(selection, baseFeeWei ?? 0n)
  const chosen: Transaction[] = []
  const passedOver = new Set<Address>()
  const { blob } = rulesAt(dev.chain.config, number, timestamp)
  let [gasLeft, blobsLeft] = [dev.settings.gasLimit, blob?.max ?? 0]
  for (const tx of [...begun, ...ordered]) {
    if (chosen.length === maxTransactions) break
    if (passedOver.has(tx.sender)) continue
    const blobs = tx.type === 3 ? tx.blobVersionedHashes.length : 0
    const fits = tx.gasLimit <= gasLeft && blobs <= blobsLeft
    if (!fits || budget.add(spendingOf(tx, baseFeeWei ?? 0n, selection.rule)) !== undefined) {
      // Later nonces of the sender cannot go before it.
      passedOver.add(tx.sender)
      continue
    }
    gasLeft -= tx.gasLimit
    blobsLeft -= blobs
    chosen.push(tx)
  }
  return chosen
}

/** What the base fee can have risen to: by an eighth in each block whose gas is not known yet (EIP-1559). */
function highestBaseFee(next: bigint | undefined, blocks: number): bigint | undefined {
  let highest = next
  for (let at = 0; at < blocks && highest !== undefined; at++) highest += highest / 8n + 1n
  return highest
}

/** By the state k blocks below, or by an older one when execution lags further behind. */
function budgetOf({ dev, rule, number, unexecuted }: Selection, baseFeeWei: bigint): ReserveBudget {
  const { chain } = dev
  const head = chain.head.block.header.number
  const delayBlocks = Math.max(rule.delayBlocks, unexecuted.length + 1)
  const known = number - BigInt(delayBlocks)
  const at = chain.history.byNumber(known > 0n ? known : 0n)
  const version = known < head ? at?.version : chain.head.version
  const view = version === undefined ? dev.view : chain.view(version)
  const spendings = (transactions: readonly Transaction[]) =>
    transactions.map((tx) => spendingOf(tx, baseFeeWei, rule))
  const ancestors: SpentBlock[] = []
  for (let below = known + 1n; below <= head; below++) {
    const block = chain.history.byNumber(below)?.block
    if (block !== undefined)
      ancestors.push({ number: below, spendings: spendings(block.transactions) })
  }
  for (const { number: at, payload } of unexecuted) {
    ancestors.push({ number: at, spendings: spendings(payload.transactions) })
  }
  const accountAt = (address: Address) => {
    const account = view.account(address)
    return {
      balanceWei: account?.balanceWei ?? 0n,
      isDelegated: account !== undefined && isDelegated(account, view),
    }
  }
  return new ReserveBudget({ ...rule, delayBlocks }, number, ancestors, accountAt)
}

/** EIP-7702: its code names another account's. */
function isDelegated({ codeHash }: Account, view: StateView): boolean {
  return codeHash !== EMPTY_CODE_HASH && view.code(codeHash).length === 23
}
