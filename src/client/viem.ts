import type { Client } from 'viem'

import type { Assertion, Contention, Explanation } from './answers.ts'
import { type Ask, type BlockActions, blockActions } from './block-actions.ts'
import { type ConsensusActions, consensusActions } from './consensus-actions.ts'
import { type BundleTransaction, type Subject, wireSubject, wireTransaction } from './subject.ts'

/** What `client.extend(parallelActions())` adds to a viem client. Of them only consensus' faults and clock change the chain. */
export type ParallelActions = BlockActions &
  ConsensusActions & {
    /** Which variables order transactions, on which lines, and what curing them gains. */
    getContention(subject: Subject): Promise<Contention>
    /** Why the later of two transactions depends on the earlier. */
    explain(args: { readonly earlier: string; readonly later: string }): Promise<Explanation>
    /** What each chain's executor would make of them: modelled. */
    compareExecutors(
      subject: Subject,
      options?: { readonly cores?: readonly number[]; readonly policies?: readonly string[] },
    ): Promise<{
      readonly runs: readonly Readonly<Record<string, unknown>>[]
      readonly bound: number
    }>
    /** Whether nothing conflicts but what is allowed, and whether they are so many times faster on so many cores. */
    assertNoConflict(subject: Subject, gate?: Gate): Promise<Assertion>
    /** What orders transactions that were never sent, and whether another order would do something else. */
    simulateBundle(
      transactions: readonly BundleTransaction[],
      options?: {
        readonly orders?: 'given' | 'all' | number
        readonly workers?: readonly number[]
      },
    ): Promise<Contention & Readonly<Record<'orders' | 'workers' | 'conflicts', unknown>>>
    getAccessSet(
      transaction: string | BundleTransaction,
      options?: { readonly format?: 'named' | 'eip2930' | 'bal' | 'monad-pages' },
    ): Promise<Readonly<Record<string, unknown>>>
    checkAccessList(
      transaction: string | BundleTransaction,
    ): Promise<Readonly<Record<string, unknown>>>
    /** Each function of a contract against each other. */
    explainContract(
      contract: string,
      options?: { readonly callers?: number; readonly last?: number },
    ): Promise<Readonly<Record<string, unknown>>>
  }

/** What may conflict: names (`Pool.reserve0`), variables (`Token.balanceOf`), `Pool.*`. Without a wish of any kind nothing may. */
export interface Gate {
  readonly allow?: readonly string[] | undefined
  /** `4@8`: four times faster on eight cores. */
  readonly minSpeedup?: string | undefined
}

/** For `client.extend(parallelActions())`. */
export function parallelActions(): (client: Client) => ParallelActions {
  return (client) => {
    const ask: Ask = async <T>(method: string, ...params: readonly unknown[]) =>
      (await client.request({ method, params } as never)) as T
    return {
      ...blockActions(client, ask),
      ...consensusActions(ask),
      getContention: (subject) => ask('parallel_getContention', wireSubject(subject)),
      explain: ({ earlier, later }) => ask('parallel_explain', earlier, later),
      compareExecutors: (subject, options = {}) =>
        ask('parallel_compare', wireSubject(subject), options),
      assertNoConflict: (subject, gate = {}) =>
        ask('parallel_assertNoConflict', wireSubject(subject), gate),
      simulateBundle: (transactions, options = {}) =>
        ask('parallel_simulateBundle', transactions.map(wireTransaction), 'latest', options),
      getAccessSet: (transaction, options = {}) =>
        ask('parallel_getAccessSet', wireOrHash(transaction), 'latest', options),
      checkAccessList: (transaction) => ask('parallel_checkAccessList', wireOrHash(transaction)),
      explainContract: (contract, options = {}) =>
        ask('parallel_explainContract', contract, options),
    }
  }
}

function wireOrHash(transaction: string | BundleTransaction): unknown {
  return typeof transaction === 'string' ? transaction : wireTransaction(transaction)
}
