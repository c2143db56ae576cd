import { useState } from 'react'

import { ask } from '../net/client.ts'
import { type Book, useBook } from '../net/contracts.ts'
import { decodeCall, decodeError, decodeLog, decodeOutput } from '../net/decode.ts'
import { useFixed } from '../net/live.ts'
import { formatCount } from '../parts/format.ts'
import { Address, Wei } from '../parts/hex.tsx'
import { Panel } from '../parts/panel.tsx'
import { Answer } from '../parts/state.tsx'
import { Tag } from '../parts/tag.tsx'
import { Arguments } from '../parts/value.tsx'

type HexText = `0x${string}`

/** As `callTracer` has it. */
interface Frame {
  readonly type: string
  readonly from: string
  readonly to?: string
  readonly value?: string
  readonly gasUsed: string
  readonly input: HexText
  readonly output?: HexText
  readonly error?: string
  readonly calls?: readonly Frame[]
  readonly logs?: readonly {
    readonly address: string
    readonly topics: readonly HexText[]
    readonly data: HexText
  }[]
}

/** Deeper frames are folded. */
const OPEN_DEPTH = 4
const MOST_FRAMES = 500

/** The calls of a transaction as a tree, with the gas of each. */
export function Calls({ hash }: { readonly hash: string }) {
  const answer = useFixed(['calls', hash], () =>
    ask<Frame>('debug_traceTransaction', hash, {
      tracer: 'callTracer',
      tracerConfig: { withLog: true },
    }),
  )
  return (
    <Panel title="Calls" aside="gas of each call with those inside it">
      <Answer query={answer} what="Running it again">
        {(root) => <Tree root={root} />}
      </Answer>
    </Panel>
  )
}

function Tree({ root }: { readonly root: Frame }) {
  const frames = flatten(root)
  const book = useBook(frames.slice(0, MOST_FRAMES).flatMap(({ from, to }) => [from, to]))
  return (
    <>
      <ul className="calls">
        <Node frame={root} total={Number(root.gasUsed)} book={book} depth={0} />
      </ul>
      {frames.length > MOST_FRAMES ? (
        <p className="note">
          {formatCount(frames.length)} calls; names are of the first {MOST_FRAMES}.
        </p>
      ) : null}
    </>
  )
}

function Node({
  frame,
  total,
  book,
  depth,
}: {
  readonly frame: Frame
  readonly total: number
  readonly book: Book
  readonly depth: number
}) {
  const { calls = [], logs = [] } = frame
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH)
  const line = <CallLine frame={frame} total={total} book={book} />
  if (calls.length === 0 && logs.length === 0) return <li className="leaf">{line}</li>
  return (
    <li>
      <button
        type="button"
        className="fold"
        aria-expanded={isOpen}
        aria-label={`What is inside ${frame.type.toLowerCase()} of ${formatCount(Number(frame.gasUsed))} gas`}
        onClick={() => setOpen(!isOpen)}
      >
        <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span>
      </button>
      {line}
      {isOpen ? (
        <ul>
          {logs.map((log, index) => (
            <EventLine key={`log ${index}`} log={log} book={book} />
          ))}
          {calls.map((call, index) => (
            <Node key={index} frame={call} total={total} book={book} depth={depth + 1} />
          ))}
        </ul>
      ) : null}
    </li>
  )
}

function EventLine({
  log,
  book,
}: {
  readonly log: NonNullable<Frame['logs']>[number]
  readonly book: Book
}) {
  const event = decodeLog(book.abiOf(log.address), log)
  return (
    <li className="leaf">
      <span className="call-line">
        <Tag>event</Tag>
        <span className="method">{event?.name ?? 'unnamed'}</span>
        {event === undefined ? null : <Arguments args={event.args} book={book} />}
      </span>
    </li>
  )
}

function CallLine({
  frame,
  total,
  book,
}: {
  readonly frame: Frame
  readonly total: number
  readonly book: Book
}) {
  const { type, to = '', input, output = '0x', error } = frame
  const gas = Number(frame.gasUsed)
  const isCreation = type.startsWith('CREATE')
  const abi = book.abiOf(to)
  const called = isCreation ? undefined : decodeCall(abi, input)
  const returned = error === undefined && !isCreation ? decodeOutput(abi, input, output) : undefined
  const why = error === undefined ? undefined : decodeError(abi, output)
  const value = BigInt(frame.value ?? '0x0')
  return (
    <span className="call-line" data-failed={error === undefined ? undefined : ''}>
      <span className="call-gas" title={`${formatCount(gas)} gas`}>
        <span className="bar" aria-hidden="true">
          <span style={{ width: `${total === 0 ? 0 : (gas / total) * 100}%` }} />
        </span>
        {formatCount(gas)}
      </span>
      <Tag>{type.toLowerCase()}</Tag>
      <Address value={to} name={book.nameOf(to)} />
      <span className="method">
        {isCreation
          ? 'constructor'
          : (called?.name ?? (input === '0x' ? 'receive' : input.slice(0, 10)))}
      </span>
      {called === undefined ? null : <Arguments args={called.args} book={book} />}
      {value === 0n ? null : (
        <span>
          with <Wei value={value} />
        </span>
      )}
      {returned === undefined || returned.length === 0 ? null : (
        <span>
          <span className="soft">gives</span> <Arguments args={returned} book={book} />
        </span>
      )}
      {error === undefined ? null : (
        <span className="call-error">
          {why === undefined ? (
            error
          ) : (
            <>
              {why.name}
              <Arguments args={why.args} book={book} />
            </>
          )}
        </span>
      )}
    </span>
  )
}

function flatten(frame: Frame): Frame[] {
  return [frame, ...(frame.calls ?? []).flatMap(flatten)]
}
