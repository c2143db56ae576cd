import { effectiveGasPrice, maxCost } from '../model/fees.ts'
import type { Rejection } from '../model/rejection.ts'
import type { Transaction } from '../model/transaction.ts'
import type { Address } from '../primitives/hex.ts'
import { authoritiesOf } from './reserve-spenders.ts'

/**
 * Which transactions may be ordered while those ahead of them are not executed yet, so that none gets into a block that its sender
 * cannot pay for. Source: "Reserve Balance" in Monad's developer documentation and its initial specification.
 */

/** What is kept of each account for the fees of what is in flight. */
export interface ReserveRule {
  /** Of a larger balance, so much. In wei. */
  readonly reserveWei: bigint
  /** k: whoever orders block n knows the state after block n - k. */
  readonly delayBlocks: number
  /** Whether a transaction may be in a block only when its value is covered too, and its fees at their caps: Ethereum's rules. */
  readonly isValueDue: boolean
}

/** What Ethereum's rules need: all that an account has may be spent, and a transaction must be covered as a whole. */
export function wholeBalanceRule(delayBlocks: number): ReserveRule {
  return { reserveWei: 2n ** 256n, delayBlocks, isValueDue: true }
}

/** What a transaction takes from its sender for certain, and what it may take beyond. In wei. */
export interface Spending {
  readonly sender: Address
  /** Due whatever becomes of it. */
  readonly feesWei: bigint
  readonly valueWei: bigint
  /** Who signed its authorisations (EIP-7702). */
  readonly authorities: readonly Address[]
}

/** @param baseFeeWei of its block, per gas */
export function spendingOf(tx: Transaction, baseFeeWei: bigint, rule: ReserveRule): Spending {
  const { sender, valueWei } = tx
  const authorities = authoritiesOf(tx)
  if (rule.isValueDue) return { sender, feesWei: maxCost(tx), valueWei: 0n, authorities }
  const feesWei = tx.gasLimit * effectiveGasPrice(tx, baseFeeWei)
  return { sender, feesWei, valueWei, authorities }
}

/** A block that is ordered, with its transactions in their order. */
export interface OrderedBlock {
  readonly number: bigint
  readonly spendings: readonly Spending[]
}

/** An account as it was after block n - k. */
export interface DelayedAccount {
  readonly balanceWei: bigint
  /** Its code names another account's (EIP-7702). */
  readonly isDelegated: boolean
}

interface Budget {
  balanceWei: bigint
  /** What is left for fees. */
  reserveWei: bigint
  readonly isDelegated: boolean
  /** The newest block in which it sent or signed an authorisation; undefined when that is long ago. */
  latest: bigint | undefined
}

/**
 * What each account can still pay for in block `number`. An account's first transaction in k blocks may take all that it has, if the
 * account is not delegated; the fees of all others come from the reserve, which no execution goes below.
 */
export class ReserveBudget {
  readonly #rule: ReserveRule
  readonly #number: bigint
  readonly #ancestors: readonly OrderedBlock[]
  readonly #accountAt: (address: Address) => DelayedAccount
  readonly #budgets = new Map<Address, Budget>()

  /**
   * @param number n, of the block that is to be ordered
   * @param ancestors those of the blocks n - 2k + 2 to n - 1 that there are, in their order; others are passed over
   * @param accountAt the state after block n - k, or after genesis when that is before it; an account that is not there has no wei
   */
  constructor(
    rule: ReserveRule,
    number: bigint,
    ancestors: readonly OrderedBlock[],
    accountAt: (address: Address) => DelayedAccount,
  ) {
    const oldest = number - 2n * BigInt(rule.delayBlocks) + 2n
    this.#rule = rule
    this.#number = number
    this.#ancestors = ancestors.filter((block) => block.number >= oldest && block.number < number)
    this.#accountAt = accountAt
  }

  /**
   * Takes a transaction as the block's next one.
   * @returns why it must not be in the block: nothing is changed then, and others of its sender may still fit
   */
  add(spending: Spending): Rejection | undefined {
    const budget = this.#budgetOf(spending.sender)
    const availableWei = this.#availableOf(budget, spending, this.#number)
    if (spending.feesWei > availableWei) {
      const { sender, feesWei } = spending
      return { kind: 'reserveExceeded', sender, availableWei, feesWei }
    }
    // Before the first change: the budgets of the authorities are made from the blocks before.
    const authorities = spending.authorities.map((address) => this.#budgetOf(address))
    this.#charge(budget, spending, this.#number)
    for (const authority of authorities) authority.latest = this.#number
    return undefined
  }

  #budgetOf(address: Address): Budget {
    let budget = this.#budgets.get(address)
    if (budget === undefined) {
      budget = this.#inFlight(address)
      this.#budgets.set(address, budget)
    }
    return budget
  }

  /** What the blocks before leave of an account. */
  #inFlight(address: Address): Budget {
    const { balanceWei, isDelegated } = this.#accountAt(address)
    const reserveWei = smaller(balanceWei, this.#rule.reserveWei)
    const budget: Budget = { balanceWei, reserveWei, isDelegated, latest: undefined }
    const known = this.#number - BigInt(this.#rule.delayBlocks)
    for (const { number, spendings } of this.#ancestors) {
      for (const spending of spendings) {
        const isSender = spending.sender === address
        if (isSender && number > known) this.#charge(budget, spending, number)
        if (isSender || spending.authorities.includes(address)) budget.latest = number
      }
    }
    return budget
  }

  #isEmptying(budget: Budget, { sender, authorities }: Spending, number: bigint): boolean {
    if (budget.isDelegated || authorities.includes(sender)) return false
    return budget.latest === undefined || number - budget.latest >= BigInt(this.#rule.delayBlocks)
  }

  #availableOf(budget: Budget, spending: Spending, number: bigint): bigint {
    return this.#isEmptying(budget, spending, number) ? budget.balanceWei : budget.reserveWei
  }

  #charge(budget: Budget, spending: Spending, number: bigint): void {
    const { feesWei, valueWei } = spending
    if (this.#isEmptying(budget, spending, number)) {
      budget.balanceWei = less(budget.balanceWei, feesWei + valueWei)
      budget.reserveWei = smaller(budget.balanceWei, this.#rule.reserveWei)
    } else budget.reserveWei = less(budget.reserveWei, feesWei)
    budget.latest = number
  }
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function less(from: bigint, amount: bigint): bigint {
  return from > amount ? from - amount : 0n
}
