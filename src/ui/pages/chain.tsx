import { useQueries } from '@tanstack/react-query'
import { type LightBlock, blockQuery, transactionQuery } from '../net/blocks.ts'
import { type Head, useHead } from '../net/live.ts'
import { Age } from '../parts/age.tsx'
import { ShareBar } from '../parts/bar.tsx'
import { Figure, Figures } from '../parts/figure.tsx'
import { formatCount } from '../parts/format.ts'
import { Hex, Wei } from '../parts/hex.tsx'
import { Panel } from '../parts/panel.tsx'
import { Empty, Failure, Loading } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { TransactionTable } from '../parts/transactions.tsx'
import { Link } from '../router.tsx'

const SHOWN_BLOCKS = 12
const SHOWN_TRANSACTIONS = 12

/** The first view: the newest blocks and what was in them, as they come. */
export default function ChainPage() {
  const head = useHead()
  if (head === undefined) return <Loading what="Asking for the newest block" />
  return (
    <>
      <h1 className="heard">Chain</h1>
      <HeadFigures head={head} />
      <Latest head={head.number} />
    </>
  )
}

function HeadFigures({ head }: { readonly head: Head }) {
  return (
    <Figures>
      <Figure name="Newest block">{formatCount(head.number)}</Figure>
      <Figure name="Mined">
        <Age timestamp={head.timestamp} />
      </Figure>
      <Figure name="Gas used">{formatCount(head.gasUsed)}</Figure>
      <Figure name="Gas limit">{formatCount(head.gasLimit)}</Figure>
      {head.baseFeeWei === undefined ? null : (
        <Figure name="Base fee">
          <Wei value={head.baseFeeWei} digits={3} />
        </Figure>
      )}
    </Figures>
  )
}

function Latest({ head }: { readonly head: bigint }) {
  const length = Math.min(SHOWN_BLOCKS, Number(head) + 1)
  const numbers = Array.from({ length }, (_, back) => head - BigInt(back))
  const answers = useQueries({ queries: numbers.map(blockQuery) })
  const blocks = answers.flatMap(({ data }) => (data === undefined ? [] : [data]))
  const error = answers.find((answer) => answer.error !== null)?.error
  const hashes = blocks
    .flatMap(({ transactions }) => transactions.toReversed())
    .slice(0, SHOWN_TRANSACTIONS)
  return (
    <div className="columns">
      <Panel title="Blocks" aside={<Link href="/blocks">All</Link>}>
        {error === undefined ? null : <Failure error={error} />}
        <Table
          caption="Newest blocks"
          columns={BLOCK_COLUMNS}
          rows={blocks}
          keyOf={({ hash }) => hash}
        />
      </Panel>
      <Panel title="Transactions">
        <LatestTransactions hashes={hashes} />
      </Panel>
    </div>
  )
}

function LatestTransactions({ hashes }: { readonly hashes: readonly `0x${string}`[] }) {
  const answers = useQueries({ queries: hashes.map(transactionQuery) })
  const rows = answers.flatMap(({ data }) => (data === undefined ? [] : [data]))
  if (hashes.length === 0) {
    return (
      <Empty title="None in the newest blocks">
        Send one from a wallet or a script, and it is shown here at once.
      </Empty>
    )
  }
  return <TransactionTable caption="Newest transactions" rows={rows} />
}

const BLOCK_COLUMNS: readonly Column<LightBlock>[] = [
  {
    name: 'Block',
    cell: ({ number }) => <Link href={`/block/${number}`}>{formatCount(number)}</Link>,
  },
  { name: 'Age', cell: ({ timestamp }) => <Age timestamp={timestamp} /> },
  {
    name: 'Transactions',
    kind: 'number',
    cell: ({ transactions }) => formatCount(transactions.length),
  },
  {
    name: 'Gas',
    kind: 'number',
    cell: ({ gasUsed, gasLimit }) => (
      <ShareBar share={gasLimit === 0n ? 0 : Number(gasUsed) / Number(gasLimit)} />
    ),
  },
  { name: 'Hash', wide: true, cell: ({ hash }) => <Hex value={hash} what="block hash" /> },
]
