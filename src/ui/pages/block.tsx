import { useLayoutEffect } from 'react'
import type { Block } from 'viem'
import { getBlock } from 'viem/actions'

import { isPageKey } from '../frame/keys.ts'
import { client } from '../net/client.ts'
import { useFixed, useHead, useLive } from '../net/live.ts'
import { Age } from '../parts/age.tsx'
import { ShareBar } from '../parts/bar.tsx'
import { formatCount, formatTime } from '../parts/format.ts'
import { Address, Hex, Wei } from '../parts/hex.tsx'
import { Fact, Facts, Panel } from '../parts/panel.tsx'
import { Answer, Empty } from '../parts/state.tsx'
import { TransactionTable } from '../parts/transactions.tsx'
import { Link, navigate } from '../router.tsx'
import type { PageProps } from '../routes.ts'

type FullBlock = Block<bigint, true, 'latest'>
type Tag = 'latest' | 'earliest' | 'safe' | 'finalized'

/** More are shown on demand. */
const PAGE = 200

/** One block by number, hash or tag. */
export default function BlockPage({ parts, query }: PageProps) {
  const { block: wanted = '' } = parts
  const isTag = /^(?:latest|earliest|safe|finalized)$/.test(wanted)
  if (!isTag && !/^(?:\d+|0x[0-9a-f]{64})$/i.test(wanted)) {
    return <Empty title="No block">{`"${wanted}" is no block number and no block hash.`}</Empty>
  }
  return isTag ? (
    <Tagged tag={wanted as Tag} query={query} />
  ) : (
    <Numbered wanted={wanted} query={query} />
  )
}

function Tagged({ tag, query }: { readonly tag: Tag; readonly query: URLSearchParams }) {
  const answer = useLive(['block', tag], () =>
    getBlock(client, { blockTag: tag, includeTransactions: true }),
  )
  return (
    <Answer query={answer} what="Block">
      {(block) => <BlockView block={block as FullBlock} query={query} />}
    </Answer>
  )
}

function Numbered({ wanted, query }: { readonly wanted: string; readonly query: URLSearchParams }) {
  const answer = useFixed(['fullBlock', wanted], () =>
    wanted.startsWith('0x')
      ? getBlock(client, { blockHash: wanted as `0x${string}`, includeTransactions: true })
      : getBlock(client, { blockNumber: BigInt(wanted), includeTransactions: true }),
  )
  return (
    <Answer query={answer} what="Block">
      {(block) => <BlockView block={block as FullBlock} query={query} />}
    </Answer>
  )
}

function BlockView({
  block,
  query,
}: {
  readonly block: FullBlock
  readonly query: URLSearchParams
}) {
  const { number, transactions, gasUsed, gasLimit } = block
  const shown = Math.max(PAGE, Number(query.get('show') ?? PAGE) || PAGE)
  return (
    <>
      <div className="page-head">
        <h1>Block {formatCount(number)}</h1>
        <Neighbours number={number} />
        <Link className="button" href={`/parallel?block=${number}`}>
          Parallelism
        </Link>
      </div>
      <Panel title="Header">
        <Facts>
          <Fact name="Time">
            {formatTime(block.timestamp)} (<Age timestamp={block.timestamp} />)
          </Fact>
          <Fact name="Gas used">
            {formatCount(gasUsed)} of {formatCount(gasLimit)}{' '}
            <ShareBar share={gasLimit === 0n ? 0 : Number(gasUsed) / Number(gasLimit)} />
          </Fact>
          {block.baseFeePerGas == null ? null : (
            <Fact name="Base fee">
              <Wei value={block.baseFeePerGas} />
            </Fact>
          )}
          <Fact name="Hash">
            <Hex value={block.hash} what="block hash" whole />
          </Fact>
          <Fact name="Parent">
            <Hex
              value={block.parentHash}
              href={number === 0n ? undefined : `/block/${block.parentHash}`}
              what="parent hash"
              whole
            />
          </Fact>
          <Fact name="State root">
            <Hex value={block.stateRoot} what="state root" whole />
          </Fact>
          <Fact name="Fee recipient">
            <Address value={block.miner} whole />
          </Fact>
          <Fact name="Size">{formatCount(block.size)} bytes</Fact>
        </Facts>
      </Panel>
      <Panel title="Transactions" aside={formatCount(transactions.length)}>
        {transactions.length === 0 ? (
          <Empty title="None">The block is empty.</Empty>
        ) : (
          <TransactionTable
            caption={`Transactions of block ${number}`}
            rows={transactions.slice(0, shown)}
          />
        )}
        {transactions.length > shown ? (
          <p className="more">
            <button
              type="button"
              onClick={() =>
                navigate(`/block/${number}?show=${shown + 5 * PAGE}`, { replace: true })
              }
            >
              Show more of {formatCount(transactions.length)}
            </button>
          </p>
        ) : null}
      </Panel>
    </>
  )
}

/** The blocks before and after, also by the keys P and N. */
function Neighbours({ number }: { readonly number: bigint }) {
  const head = useHead()
  const previous = number > 0n ? `/block/${number - 1n}` : undefined
  const next = head !== undefined && number < head.number ? `/block/${number + 1n}` : undefined
  useLayoutEffect(() => {
    const go = (event: KeyboardEvent): void => {
      if (!isPageKey(event)) return
      if (event.key === 'p' && previous !== undefined) navigate(previous)
      if (event.key === 'n' && next !== undefined) navigate(next)
    }
    window.addEventListener('keydown', go)
    return () => window.removeEventListener('keydown', go)
  }, [previous, next])
  return (
    <nav className="neighbours" aria-label="Neighbouring blocks">
      <Neighbour href={previous} label="Previous" letter="P" />
      <Neighbour href={next} label="Next" letter="N" />
    </nav>
  )
}

function Neighbour({
  href,
  label,
  letter,
}: {
  readonly href: string | undefined
  readonly label: string
  readonly letter: string
}) {
  if (href === undefined) {
    return (
      <span className="button" aria-disabled="true">
        {label}
      </span>
    )
  }
  return (
    <Link className="button" href={href} title={`Key ${letter}`} aria-keyshortcuts={letter}>
      {label} <kbd aria-hidden="true">{letter}</kbd>
    </Link>
  )
}
