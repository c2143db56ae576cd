import type { Transaction } from 'viem'

import { type Book, useBook } from '../net/contracts.ts'
import { decodeCall } from '../net/decode.ts'
import { Link } from '../router.tsx'
import { Address, Hex, Wei } from './hex.tsx'
import { type Column, Table } from './table.tsx'

const FEW = 50

/** Transactions, with whom and what they call by name. */
export function TransactionTable({
  caption,
  rows,
  withBlock = false,
}: {
  readonly caption: string
  readonly rows: readonly Transaction[]
  readonly withBlock?: boolean
}) {
  // Who sends, and of many who only gets ether, has rarely a name: it is not worth asking about each.
  const called = rows.length <= FEW ? rows : rows.filter(({ input }) => input !== '0x')
  const book = useBook(called.map(({ to }) => to))
  const columns = columnsOf(book)
  return (
    <Table
      caption={caption}
      columns={withBlock ? [BLOCK, ...columns] : columns}
      rows={rows}
      keyOf={({ hash }) => hash}
    />
  )
}

/** What a transaction is for: the function's name, a transfer, a creation, else the selector. */
export function methodName({ to, input }: Pick<Transaction, 'to' | 'input'>, book: Book): string {
  if (to === null) return 'creation'
  if (input === '0x') return 'transfer'
  return decodeCall(book.abiOf(to), input)?.name ?? input.slice(0, 10)
}

const BLOCK: Column<Transaction> = {
  name: 'Block',
  cell: ({ blockNumber }) =>
    blockNumber === null ? (
      'pool'
    ) : (
      <Link href={`/block/${blockNumber}`}>{blockNumber.toString()}</Link>
    ),
}

function columnsOf(book: Book): readonly Column<Transaction>[] {
  return [
    {
      name: 'Transaction',
      cell: ({ hash }) => <Hex value={hash} href={`/tx/${hash}`} what="transaction hash" />,
    },
    {
      name: 'Does',
      cell: (transaction) => <span className="method">{methodName(transaction, book)}</span>,
    },
    { name: 'From', cell: ({ from }) => <Address value={from} name={book.nameOf(from)} /> },
    {
      name: 'To',
      cell: ({ to }) =>
        to === null ? (
          <span className="soft">new contract</span>
        ) : (
          <Address value={to} name={book.nameOf(to)} />
        ),
    },
    { name: 'Value', kind: 'number', cell: ({ value }) => <Wei value={value} digits={4} /> },
  ]
}
