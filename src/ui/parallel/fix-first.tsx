import type { Contention } from '../../client/answers.ts'
import { OriginMark } from '../parts/figure.tsx'
import { formatCount, formatShare } from '../parts/format.ts'
import { Empty } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { type CureStep, cureSteps, stepName } from './cure-steps.ts'
import { LocationName } from './location-name.tsx'
import { patternName, times } from './words.ts'

type Hot = Contention['fixFirst'][number]

/** The others are in the table of hot locations. */
const SHOWN = 3

/** The first things to change, each on top of those before it: what it is, where it is, what changing it gains. */
export function FixFirst({ report }: { readonly report: Contention }) {
  const steps = cureSteps(report.fixFirst, report.bound.byGas)
  if (report.fixFirst.length === 0) {
    return (
      <Empty title="Nothing to fix">
        No variable makes one of these transactions wait for another.
      </Empty>
    )
  }
  if (steps.length === 0) {
    return (
      <Empty title="Nothing to gain">
        Some wait for others, but no chain of them is longer than the longest transaction.
      </Empty>
    )
  }
  return (
    <ol className="fixes">
      {steps.slice(0, SHOWN).map((step, place) => (
        <Fix key={place} step={step} place={place + 1} most={report.transactions} />
      ))}
    </ol>
  )
}

function Fix({
  step,
  place,
  most,
}: {
  readonly step: CureStep
  readonly place: number
  readonly most: number
}) {
  const hot = step.locations[0]!
  const { pattern, cure, commutative, packed, together } = hot
  const gasBehind = step.locations.reduce((sum, each) => sum + each.gasBehind, 0)
  return (
    <li className="fix">
      <div className="fix-head">
        <span className="fix-place" aria-hidden="true">
          {place}
        </span>
        <div className="fix-name">
          <LocationName name={stepName(step)} />
          <Lines sites={step.locations.flatMap(({ sites }) => sites)} />
          <p>
            {sentence(patternName(pattern))}: {cure}.
          </p>
        </div>
        <Gain step={step} most={most} isFirst={place === 1} />
      </div>
      <ul className="fix-notes">
        <li>
          {step.locations.length === 1
            ? `${hot.readers} read and ${hot.writers} write it`
            : `together they gain, one by one nothing`}
          ; {formatCount(gasBehind)} gas waits behind {step.locations.length === 1 ? 'it' : 'them'}
        </li>
        {hot.gasShare > 0.2 ? (
          <li>
            its writers take {formatShare(hot.gasShare)} of the gas; Solana would stop one account
            near 20 %
          </li>
        ) : null}
        {commutative === undefined || step.locations.length > 1 ? null : (
          <li>
            {commutative.adders} only add to it (
            {commutative.evidence === 'dataflow' ? 'followed in the code' : 'by equal steps'}): if
            additions did not order, {times(commutative.boundAsDelta)}
          </li>
        )}
        {packed === undefined ? null : (
          <li>
            its slot holds {packed.fields.map(({ path }) => path).join(', ')}: with a slot for each,{' '}
            {times(packed.boundUnpacked)}
          </li>
        )}
        {together.length === 0 ? null : (
          <li>
            with the same dependencies, to be cured together:{' '}
            {together.map((other) => (
              <LocationName key={JSON.stringify(other.location)} name={other.name} />
            ))}
          </li>
        )}
      </ul>
    </li>
  )
}

/** From what the whole allows today to what it would allow, on a scale that ends at the number of transactions. */
function Gain({
  step: { from, to },
  most,
  isFirst,
}: {
  readonly step: CureStep
  readonly most: number
  readonly isFirst: boolean
}) {
  const share = (value: number): string =>
    `${most <= 1 ? 0 : Math.min(100, (100 * Math.log(value)) / Math.log(most))}%`
  return (
    <div className="gain">
      <span className="gain-text">
        <span className="soft">{times(from)}</span> → <strong>{times(to)}</strong>{' '}
        <OriginMark origin="modelled" />
      </span>
      <span className="gain-bar" aria-hidden="true">
        <span className="gain-after" style={{ width: share(to) }} />
        <span className="gain-now" style={{ width: share(from) }} />
      </span>
      <span className="soft gain-what">
        {isFirst ? 'at most, without it' : 'at most, without it and those above'}
      </span>
    </div>
  )
}

function Lines({ sites }: { readonly sites: Hot['sites'] }) {
  const lines = [...new Set(sites.map(({ line }) => line).filter((line) => line !== undefined))]
  if (lines.length === 0) return <span className="soft">no source tells the line</span>
  return <span className="mono soft">{lines.join(', ')}</span>
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** All hot locations. @param rerun how often a location made a transaction run again, where lanes ran */
export function HotTable({
  report,
  rerun,
}: {
  readonly report: Contention
  readonly rerun?: ((location: Hot['location']) => number) | undefined
}) {
  const columns: readonly Column<Hot>[] = [
    {
      name: 'Variable',
      cell: ({ name, sites }) => (
        <span className="hot-name">
          <LocationName name={name} />
          <Lines sites={sites} />
        </span>
      ),
    },
    { name: 'Readers', kind: 'number', cell: ({ readers }) => formatCount(readers) },
    { name: 'Writers', kind: 'number', cell: ({ writers }) => formatCount(writers) },
    { name: 'Waits', kind: 'number', wide: true, cell: ({ edges }) => formatCount(edges) },
    ...(rerun === undefined
      ? []
      : [
          {
            name: 'Run again (measured)',
            kind: 'number' as const,
            cell: ({ location }: Hot) => formatCount(rerun(location)),
          },
        ]),
    { name: 'Gas behind', kind: 'number', cell: ({ gasBehind }) => formatCount(gasBehind) },
    {
      name: 'Bound without it',
      kind: 'number',
      cell: ({ boundWithout }) => times(boundWithout),
    },
    {
      name: 'and those above',
      kind: 'number',
      wide: true,
      cell: ({ boundWithoutUpTo }) => times(boundWithoutUpTo),
    },
  ]
  if (report.fixFirst.length === 0) return null
  return (
    <Table
      caption="Hot locations, the most worth changing first; bounds are modelled"
      columns={columns}
      rows={report.fixFirst}
      keyOf={(hot) => JSON.stringify(hot.location)}
    />
  )
}
