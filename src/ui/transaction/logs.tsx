import type { Log } from 'viem'

import { useBook } from '../net/contracts.ts'
import { decodeLog } from '../net/decode.ts'
import { formatCount } from '../parts/format.ts'
import { Address } from '../parts/hex.tsx'
import { Panel } from '../parts/panel.tsx'
import { Arguments } from '../parts/value.tsx'

const MOST = 200

/** What contracts logged, by the events' names. */
export function Logs({ logs }: { readonly logs: readonly Log[] }) {
  const book = useBook(logs.map(({ address }) => address))
  if (logs.length === 0) return null
  return (
    <Panel title="Events" aside={formatCount(logs.length)}>
      <ol className="lines">
        {logs.slice(0, MOST).map((log) => {
          const event = decodeLog(book.abiOf(log.address), log)
          return (
            <li key={log.logIndex}>
              <span className="line-who">
                <Address value={log.address} name={book.nameOf(log.address)} />
              </span>
              <span className="line-what">
                {event === undefined ? (
                  <code>{[...log.topics, log.data].filter((word) => word !== '0x').join(' ')}</code>
                ) : (
                  <>
                    <span className="method">{event.name}</span>
                    <Arguments args={event.args} book={book} />
                  </>
                )}
              </span>
            </li>
          )
        })}
      </ol>
      {logs.length > MOST ? <p className="note">The first {MOST} are shown.</p> : null}
    </Panel>
  )
}
