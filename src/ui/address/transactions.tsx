import { useState } from 'react'
import type { Transaction } from 'viem'
import { formatTransaction } from 'viem'

import { ask } from '../net/client.ts'
import { useLive } from '../net/live.ts'
import { Answer, Empty } from '../parts/state.tsx'
import { TransactionTable } from '../parts/transactions.tsx'

const PAGE = 25

interface Found {
  readonly txs: readonly Parameters<typeof formatTransaction>[0][]
  /** There are none before. */
  readonly lastPage: boolean
}

/** Transactions from, to and through an account, newest first. */
export function AddressTransactions({ address }: { readonly address: string }) {
  const [before, setBefore] = useState<readonly number[]>([])
  const at = before.at(-1) ?? 0
  const answer = useLive(['addressTransactions', address, at], () =>
    ask<Found>('ots_searchTransactionsBefore', address, at, PAGE),
  )
  return (
    <Answer query={answer} what="Transactions">
      {({ txs, lastPage }) => {
        if (txs.length === 0) {
          return <Empty title="None yet">Nobody sent to it, and it sent nothing.</Empty>
        }
        const rows = txs.map((tx) => formatTransaction(tx) as Transaction)
        return (
          <>
            <TransactionTable caption="Transactions of the account" rows={rows} withBlock />
            <p className="more">
              {before.length === 0 ? null : (
                <button type="button" onClick={() => setBefore(before.slice(0, -1))}>
                  Newer
                </button>
              )}
              {lastPage ? null : (
                <button
                  type="button"
                  onClick={() => setBefore([...before, Number(rows.at(-1)?.blockNumber ?? 0n)])}
                >
                  Older
                </button>
              )}
            </p>
          </>
        )
      }}
    </Answer>
  )
}
