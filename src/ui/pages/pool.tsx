import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Transaction } from 'viem'
import { formatTransaction } from 'viem'

import { ask, socket } from '../net/client.ts'
import { useBook } from '../net/contracts.ts'
import { useLive } from '../net/live.ts'
import { Action } from '../parts/action.tsx'
import { Address, Hex, Wei } from '../parts/hex.tsx'
import { Panel } from '../parts/panel.tsx'
import { Answer, Empty } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { Tag } from '../parts/tag.tsx'
import { methodName } from '../parts/transactions.tsx'

type Wire = Parameters<typeof formatTransaction>[0]
type BySender = Readonly<Record<string, Readonly<Record<string, Wire>>>>

type Pooled = Transaction & { readonly waits: boolean }

const PACE_MS = 250

/** Transactions that wait for a block, as they come. */
export default function PoolPage() {
  usePoolEvents()
  const answer = useLive(['pool'], loadPool)
  return (
    <>
      <h1>Pool</h1>
      <Answer query={answer} what="Pool">
        {(pooled) => (
          <Panel title="Transactions that wait for a block" aside={`${pooled.length}`}>
            {pooled.length === 0 ? (
              <Empty title="The pool is empty">
                Transactions are mined as they arrive, unless mining is set otherwise under
                Controls.
              </Empty>
            ) : (
              <>
                <Rows pooled={pooled} />
                <div className="panel-actions">
                  <Action
                    label="Mine a block"
                    isPrimary
                    run={async () => {
                      await ask('evm_mine')
                      return 'Mined'
                    }}
                  />
                  <Action
                    label="Drop all"
                    run={async () => {
                      await ask('anvil_dropAllTransactions')
                      return 'Dropped'
                    }}
                  />
                </div>
              </>
            )}
          </Panel>
        )}
      </Answer>
    </>
  )
}

function Rows({ pooled }: { readonly pooled: readonly Pooled[] }) {
  const book = useBook(pooled.flatMap(({ from, to }) => [from, to]))
  const columns: readonly Column<Pooled>[] = [
    {
      name: 'Transaction',
      cell: ({ hash }) => <Hex value={hash} href={`/tx/${hash}`} what="transaction hash" />,
    },
    { name: 'Does', cell: (row) => <span className="method">{methodName(row, book)}</span> },
    { name: 'From', cell: ({ from }) => <Address value={from} name={book.nameOf(from)} /> },
    { name: 'Nonce', kind: 'number', cell: ({ nonce }) => nonce },
    {
      name: 'Most a gas',
      kind: 'number',
      wide: true,
      cell: ({ maxFeePerGas, gasPrice }) => <Wei value={maxFeePerGas ?? gasPrice ?? 0n} />,
    },
    { name: 'Value', kind: 'number', cell: ({ value }) => <Wei value={value} digits={4} /> },
    {
      name: 'State',
      cell: ({ waits }) =>
        waits ? <Tag kind="warn">waits for a nonce</Tag> : <Tag kind="good">ready</Tag>,
    },
    {
      name: '',
      cell: ({ hash }) => (
        <Action
          label="Drop"
          run={async () => {
            await ask('anvil_dropTransaction', hash)
            return 'Dropped'
          }}
        />
      ),
    },
  ]
  return <Table caption="Pool" columns={columns} rows={pooled} keyOf={({ hash }) => hash} />
}

async function loadPool(): Promise<readonly Pooled[]> {
  const { pending, queued } = await ask<{ readonly pending: BySender; readonly queued: BySender }>(
    'txpool_content',
  )
  const listed = (some: BySender, waits: boolean): Pooled[] =>
    Object.values(some)
      .flatMap((byNonce) => Object.values(byNonce))
      .map((tx) => ({ ...(formatTransaction(tx) as Transaction), waits }))
  return [...listed(pending, false), ...listed(queued, true)]
}

/** Transactions that come without a block. */
function usePoolEvents(): void {
  const queries = useQueryClient()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const end = socket.subscribe(['newPendingTransactions'], () => {
      timer ??= setTimeout(() => {
        timer = undefined
        void queries.invalidateQueries({ queryKey: ['live', 'pool'] })
      }, PACE_MS)
    })
    return () => {
      clearTimeout(timer)
      end()
    }
  }, [queries])
}
