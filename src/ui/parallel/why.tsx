import type { Contention, Explanation } from '../../client/answers.ts'
import { client } from '../net/client.ts'
import { useFixed } from '../net/live.ts'
import { Link } from '../router.tsx'
import { Answer } from '../parts/state.tsx'
import { LocationName } from './location-name.tsx'
import { callName } from './words.ts'

type Call = Contention['calls'][number]
type Reason = Explanation['hops'][number]['reasons'][number]

/** Why the later of two transactions waits for the earlier: variable, both lines, both call paths. */
export function Why({ earlier, later }: { readonly earlier: Call; readonly later: Call }) {
  if (earlier.hash === undefined || later.hash === undefined) {
    return <p className="soft">Only transactions of the chain can be explained.</p>
  }
  return <Asked earlier={earlier.hash} later={later.hash} />
}

function Asked({ earlier, later }: { readonly earlier: string; readonly later: string }) {
  const query = useFixed(['explain', earlier, later], () => client.explain({ earlier, later }))
  return (
    <Answer query={query} what="Running both once more">
      {(found) =>
        found.depends ? (
          <ol className="hops">
            {found.hops.map((hop) => (
              <li key={`${hop.from.tx}-${hop.to.tx}`}>
                <p>
                  <CallLink call={hop.to} /> waits for <CallLink call={hop.from} />
                </p>
                <ul>
                  {hop.reasons.map((reason) => (
                    <ReasonLine key={`${reason.kind}-${reason.name}`} reason={reason} />
                  ))}
                </ul>
              </li>
            ))}
          </ol>
        ) : (
          <p>They do not depend on each other.</p>
        )
      }
    </Answer>
  )
}

function ReasonLine({ reason: { name, written, read } }: { readonly reason: Reason }) {
  return (
    <li className="reason">
      <LocationName name={name} />
      <Sites what="written" sites={written} />
      <Sites what="read" sites={read} />
    </li>
  )
}

function Sites({ what, sites }: { readonly what: string; readonly sites: Reason['read'] }) {
  return sites.map((site) => (
    <span key={`${site.pc}-${site.path.join()}`} className="site">
      <span className="soft">{what}</span>{' '}
      <span className="mono">{site.line ?? `at ${site.pc}, of no known source`}</span>{' '}
      <span className="soft">in {site.path.join(' › ')}</span>
    </span>
  ))
}

function CallLink({ call }: { readonly call: Call }) {
  return call.hash === undefined ? (
    callName(call)
  ) : (
    <Link href={`/tx/${call.hash}`}>{callName(call)}</Link>
  )
}
