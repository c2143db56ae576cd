import { keepPreviousData, useQueries } from '@tanstack/react-query'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useRef, useState } from 'react'

import { type BlockSummary, summariesQuery } from '../net/blocks.ts'
import { useHead } from '../net/live.ts'
import { Age } from '../parts/age.tsx'
import { ShareBar } from '../parts/bar.tsx'
import { formatCount } from '../parts/format.ts'
import { Hex } from '../parts/hex.tsx'
import { Panel } from '../parts/panel.tsx'
import { Failure, Loading } from '../parts/state.tsx'
import { Tag } from '../parts/tag.tsx'
import { Link } from '../router.tsx'
import './blocks.css'

const ROW_PX = 34

/** Every block, newest first: those in sight are asked for, the others take room only. */
export default function BlocksPage() {
  const head = useHead()
  if (head === undefined) return <Loading what="Asking for the newest block" />
  const count = head.number + 1n
  return (
    <>
      <h1>Blocks</h1>
      <Panel
        title={`${formatCount(count)} ${count === 1n ? 'block' : 'blocks'}`}
        aside="newest first"
      >
        <BlockRows head={head.number} />
      </Panel>
    </>
  )
}

function BlockRows({ head }: { readonly head: bigint }) {
  const list = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), [])
  const rows = useWindowVirtualizer({
    count: Number(head) + 1,
    estimateSize: () => ROW_PX,
    overscan: 8,
    scrollMargin: top,
    // Rows stay with their blocks when one comes on top.
    getItemKey: (index) => Number(head) - index,
  })
  const items = rows.getVirtualItems()
  const { summaries, error } = useSummaries(
    items.map(({ index }) => head - BigInt(index)),
    head,
  )
  if (error !== null) return <Failure error={error} />
  return (
    <div role="table" aria-label="Blocks" aria-rowcount={Number(head) + 2} className="block-table">
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className="block-row block-row-head">
          <span role="columnheader">Block</span>
          <span role="columnheader">Age</span>
          <span role="columnheader">Transactions</span>
          <span role="columnheader">Gas used</span>
          <span role="columnheader">Hash</span>
        </div>
      </div>
      <div
        role="rowgroup"
        ref={list}
        className="block-rows"
        style={{ height: rows.getTotalSize() }}
      >
        {items.map(({ index, key, start }) => (
          <BlockRow
            key={key}
            number={head - BigInt(index)}
            block={summaries.get(head - BigInt(index))}
            index={index}
            y={start - top}
          />
        ))}
      </div>
    </div>
  )
}

/** Of blocks in sight, asked for by the page of the list. */
function useSummaries(numbers: readonly bigint[], head: bigint) {
  const pages = new Map(
    numbers.map((number) => {
      const query = summariesQuery(number, head)
      return [query.queryKey.join(), { ...query, placeholderData: keepPreviousData }] as const
    }),
  )
  const answers = useQueries({ queries: [...pages.values()] })
  const summaries = new Map<bigint, BlockSummary>()
  for (const { data = [] } of answers) for (const each of data) summaries.set(each.number, each)
  return { summaries, error: answers.find((answer) => answer.error !== null)?.error ?? null }
}

function BlockRow({
  number,
  block,
  index,
  y,
}: {
  readonly number: bigint
  readonly block: BlockSummary | undefined
  readonly index: number
  readonly y: number
}) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className="block-row"
      style={{ transform: `translateY(${y}px)`, height: ROW_PX }}
    >
      <span role="cell">
        <Link href={`/block/${number}`}>{formatCount(number)}</Link>
      </span>
      <span role="cell">{block === undefined ? null : <Age timestamp={block.timestamp} />}</span>
      <span role="cell">{block === undefined ? '…' : <Statuses block={block} />}</span>
      <span role="cell" className="block-gas">
        {block === undefined ? null : (
          <>
            <span className="number">{formatCount(block.gasUsed)}</span>
            <ShareBar
              share={block.gasLimit === 0n ? 0 : Number(block.gasUsed) / Number(block.gasLimit)}
            />
          </>
        )}
      </span>
      <span role="cell">
        {block === undefined ? null : <Hex value={block.hash} what="block hash" />}
      </span>
    </div>
  )
}

/** How many transactions, and how many of them failed. */
function Statuses({ block: { transactions, failed } }: { readonly block: BlockSummary }) {
  return (
    <>
      {formatCount(transactions)}
      {failed === null || failed === 0 ? null : (
        <>
          {' '}
          <Tag kind="bad">{`${formatCount(failed)} failed`}</Tag>
        </>
      )}
    </>
  )
}
