import { useQuery } from '@tanstack/react-query'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useRef, useState } from 'react'

import { blockQuery } from '../net/blocks.ts'
import { useHead } from '../net/live.ts'
import { Age } from '../parts/age.tsx'
import { ShareBar } from '../parts/bar.tsx'
import { formatCount } from '../parts/format.ts'
import { Hex } from '../parts/hex.tsx'
import { Panel } from '../parts/panel.tsx'
import { Loading } from '../parts/state.tsx'
import { Link } from '../router.tsx'
import './blocks.css'

const ROW_PX = 34

/** Every block, newest first: those in sight are asked for, the others take room only. */
export default function BlocksPage() {
  const head = useHead()
  if (head === undefined) return <Loading what="Asking for the newest block" />
  return (
    <>
      <h1>Blocks</h1>
      <Panel title={`${formatCount(head.number + 1n)} blocks`} aside="newest first">
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
        {rows.getVirtualItems().map(({ index, key, start }) => (
          <BlockRow key={key} number={head - BigInt(index)} index={index} y={start - top} />
        ))}
      </div>
    </div>
  )
}

function BlockRow({
  number,
  index,
  y,
}: {
  readonly number: bigint
  readonly index: number
  readonly y: number
}) {
  const { data } = useQuery(blockQuery(number))
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
      <span role="cell">{data === undefined ? null : <Age timestamp={data.timestamp} />}</span>
      <span role="cell">{data === undefined ? '…' : formatCount(data.transactions.length)}</span>
      <span role="cell">
        {data === undefined ? null : (
          <ShareBar
            share={data.gasLimit === 0n ? 0 : Number(data.gasUsed) / Number(data.gasLimit)}
          />
        )}
      </span>
      <span role="cell">
        {data === undefined ? null : <Hex value={data.hash} what="block hash" />}
      </span>
    </div>
  )
}
