import type { Hex as HexText, Transaction, TransactionReceipt } from 'viem'
import { getTransaction, getTransactionReceipt } from 'viem/actions'

import { blockQuery } from '../net/blocks.ts'
import { client } from '../net/client.ts'
import { type Book, useBook } from '../net/contracts.ts'
import { decodeCall } from '../net/decode.ts'
import { useLive } from '../net/live.ts'
import { Age } from '../parts/age.tsx'
import { formatCount, shorten } from '../parts/format.ts'
import { Address, Hex, Wei } from '../parts/hex.tsx'
import { Fact, Facts, Panel } from '../parts/panel.tsx'
import { Answer, Empty } from '../parts/state.tsx'
import { Tag } from '../parts/tag.tsx'
import { methodName } from '../parts/transactions.tsx'
import { ArgumentList } from '../parts/value.tsx'
import { Link } from '../router.tsx'
import type { PageProps } from '../routes.ts'
import { Calls } from '../transaction/calls.tsx'
import { FailureReason } from '../transaction/failure.tsx'
import { Logs } from '../transaction/logs.tsx'
import { StateDiff } from '../transaction/state-diff.tsx'
import '../transaction/transaction.css'
import { useQuery } from '@tanstack/react-query'

/** One transaction, in a block or in the pool. */
export default function TransactionPage({ parts }: PageProps) {
  const { hash = '' } = parts
  if (!/^0x[0-9a-f]{64}$/i.test(hash)) {
    return <Empty title="No transaction">{`"${hash}" is no transaction hash.`}</Empty>
  }
  return <Found hash={hash as HexText} />
}

function Found({ hash }: { readonly hash: HexText }) {
  const found = useLive(['transaction', hash], () => getTransaction(client, { hash }))
  const isMined = found.data?.blockNumber != null
  const receipt = useLive(['receipt', hash, isMined], () =>
    isMined ? getTransactionReceipt(client, { hash }) : Promise.resolve(null),
  )
  return (
    <Answer query={found} what="Transaction">
      {(transaction) => (
        <TransactionView transaction={transaction} receipt={receipt.data ?? undefined} />
      )}
    </Answer>
  )
}

function TransactionView({
  transaction,
  receipt,
}: {
  readonly transaction: Transaction
  readonly receipt: TransactionReceipt | undefined
}) {
  const { hash, from, to } = transaction
  const created = receipt?.contractAddress ?? undefined
  const book = useBook([from, to, created])
  const called = to === null ? undefined : decodeCall(book.abiOf(to), transaction.input)
  return (
    <>
      <div className="page-head">
        <h1>{headingOf(transaction, book)}</h1>
        <Status receipt={receipt} />
        {receipt === undefined ? null : (
          <Link className="button" href={`/access/${hash}`}>
            Access list
          </Link>
        )}
      </div>
      {receipt?.status === 'reverted' ? <FailureReason hash={hash} to={to} /> : null}
      <Panel title="Transaction">
        <Facts>
          <Fact name="Hash">
            <Hex value={hash} what="transaction hash" whole />
          </Fact>
          {receipt === undefined ? null : <MinedIn receipt={receipt} />}
          <Fact name="From">
            <Address value={from} name={book.nameOf(from)} whole />
          </Fact>
          <Fact name={to === null ? 'Created' : 'To'}>
            {to !== null ? (
              <Address value={to} name={book.nameOf(to)} whole />
            ) : created === undefined ? (
              'a new contract'
            ) : (
              <Address value={created} name={book.nameOf(created)} whole />
            )}
          </Fact>
          <Fact name="Value">
            <Wei value={transaction.value} digits={18} />
          </Fact>
          <Gas transaction={transaction} receipt={receipt} />
          <Fact name="Nonce">{formatCount(transaction.nonce)}</Fact>
          <Fact name="Type">{transaction.type}</Fact>
        </Facts>
      </Panel>
      {transaction.input === '0x' ? null : (
        <Panel
          title={to === null ? 'Init code' : 'Input'}
          aside={`${formatCount((transaction.input.length - 2) / 2)} bytes`}
        >
          {called === undefined ? null : called.args.length === 0 ? (
            <p className="note">{called.name}()</p>
          ) : (
            <ArgumentList args={called.args} book={book} />
          )}
          <Raw text={transaction.input} />
        </Panel>
      )}
      {receipt === undefined ? null : (
        <>
          <Logs logs={receipt.logs} />
          <StateDiff hash={hash} />
          <Calls hash={hash} />
        </>
      )}
    </>
  )
}

function Status({ receipt }: { readonly receipt: TransactionReceipt | undefined }) {
  if (receipt === undefined) return <Tag kind="warn">in the pool</Tag>
  return receipt.status === 'success' ? (
    <Tag kind="good">✓ succeeded</Tag>
  ) : (
    <Tag kind="bad">✕ failed</Tag>
  )
}

function MinedIn({ receipt }: { readonly receipt: TransactionReceipt }) {
  const { data: block } = useQuery(blockQuery(receipt.blockNumber))
  return (
    <Fact name="Block">
      <Link href={`/block/${receipt.blockNumber}`}>{formatCount(receipt.blockNumber)}</Link>, place{' '}
      {receipt.transactionIndex}
      {block === undefined ? null : (
        <>
          , <Age timestamp={block.timestamp} />
        </>
      )}
    </Fact>
  )
}

function Gas({
  transaction,
  receipt,
}: {
  readonly transaction: Transaction
  readonly receipt: TransactionReceipt | undefined
}) {
  if (receipt === undefined) {
    return <Fact name="Gas limit">{formatCount(transaction.gas)}</Fact>
  }
  const { gasUsed, effectiveGasPrice } = receipt
  return (
    <>
      <Fact name="Gas">
        {formatCount(gasUsed)} of {formatCount(transaction.gas)}
      </Fact>
      <Fact name="Fee">
        <Wei value={gasUsed * effectiveGasPrice} digits={9} />
        <span className="soft">
          {' '}
          at <Wei value={effectiveGasPrice} /> a gas
        </span>
      </Fact>
    </>
  )
}

function Raw({ text }: { readonly text: string }) {
  return (
    <details className="raw">
      <summary>Raw bytes</summary>
      <code>{text}</code>
    </details>
  )
}

function headingOf(transaction: Transaction, book: Book): string {
  const { to, input } = transaction
  if (to === null) return 'Contract creation'
  if (input === '0x' && book.nameOf(to) === undefined) return 'Transfer'
  return `${book.nameOf(to) ?? shorten(to)}.${input === '0x' ? 'receive' : methodName(transaction, book)}`
}
