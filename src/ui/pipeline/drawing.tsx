import type { ConsensusTimeline, TimelineBlock } from '../../rpc/consensus-port.ts'
import { formatCount } from '../parts/format.ts'
import { Link } from '../router.tsx'
import { ticks } from '../parallel/timeline-view.ts'
import { duration } from '../parallel/words.ts'
import { type Part, partsOf, spanOf } from './stages.ts'

const ROW = 34
const AXIS = 20
const WIDTH = 1000
/** From here on a time stands left of its mark: right of it is no room. */
const LAST = 0.84

const FILL: Readonly<Record<Part['what'], string>> = {
  ordered: 'var(--chart-6)',
  voted: 'var(--chart-1)',
  executing: 'var(--chart-5)',
  committing: 'var(--chart-3)',
  verified: 'var(--text)',
  withdrawn: 'var(--chart-2)',
}

const LEGEND: readonly (readonly [Part['what'], string])[] = [
  ['ordered', 'proposed, waiting for votes'],
  ['voted', 'voted, waiting to be final'],
  ['executing', 'executing'],
  ['committing', 'committing'],
  ['verified', 'root certified'],
  ['withdrawn', 'withdrawn'],
]

/** Blocks on their way, a row each, the newest on top: consensus above, execution below it. */
export function PipelineDrawing({
  blocks,
  nowMs,
}: {
  readonly blocks: readonly TimelineBlock[]
  readonly nowMs: number
}) {
  const newestFirst = blocks.toReversed()
  const span = spanOf(blocks, nowMs)
  const xOf = (ms: number): number => ((ms - span.fromMs) / (span.toMs - span.fromMs)) * WIDTH
  return (
    <div className="pipeline">
      <ul className="pipeline-legend">
        {LEGEND.map(([what, words]) => (
          <li key={what}>
            <span className="swatch" style={{ background: FILL[what] }} />
            {words}
          </li>
        ))}
      </ul>
      <div className="pipeline-drawing">
        <ol className="pipeline-names" style={{ paddingTop: AXIS }}>
          {newestFirst.map((block) => (
            <li key={block.id} style={{ height: ROW }} data-state={block.state}>
              {/* The node has no block any more that it took back. */}
              {block.hash === null || !block.canonical ? (
                <span className="number">{formatCount(block.number)}</span>
              ) : (
                <Link href={`/block/${block.hash}`} className="number">
                  {formatCount(block.number)}
                </Link>
              )}
              <span className="soft">
                {block.state}
                <span className="pipeline-by"> · by {block.leader}</span> ·{' '}
                {formatCount(block.transactions)} tx
              </span>
            </li>
          ))}
        </ol>
        <svg
          viewBox={`0 0 ${WIDTH} ${AXIS + ROW * blocks.length}`}
          preserveAspectRatio="none"
          style={{ height: AXIS + ROW * blocks.length }}
          role="img"
          aria-label={`The way of ${blocks.length} blocks through the pipeline; the table below has the times`}
        >
          {ticks({ from: span.fromMs, to: span.toMs }, 6).map((mark) => (
            <line
              key={mark}
              x1={xOf(mark)}
              x2={xOf(mark)}
              y1={AXIS}
              y2={AXIS + ROW * blocks.length}
              className="pipeline-mark"
            />
          ))}
          {newestFirst.map((block, row) => (
            <Row key={block.id} block={block} top={AXIS + row * ROW} nowMs={nowMs} xOf={xOf} />
          ))}
        </svg>
        <div className="pipeline-axis" aria-hidden="true">
          {ticks({ from: span.fromMs, to: span.toMs }, 6).map((mark) => {
            const share = xOf(mark) / WIDTH
            return (
              <span
                key={mark}
                style={{ left: `${share * 100}%` }}
                data-last={share > LAST || undefined}
              >
                {duration(mark)}
              </span>
            )
          })}
        </div>
      </div>
    </div>
  )
}

function Row({
  block,
  top,
  nowMs,
  xOf,
}: {
  readonly block: TimelineBlock
  readonly top: number
  readonly nowMs: number
  readonly xOf: (ms: number) => number
}) {
  const { consensus, execution } = partsOf(block, nowMs)
  const draw = (part: Part, y: number) => {
    const width = Math.max(3, xOf(part.toMs) - xOf(part.fromMs))
    return (
      <rect
        key={part.what}
        x={xOf(part.fromMs)}
        y={y}
        width={width}
        height={11}
        fill={FILL[part.what]}
        opacity={block.canonical ? 1 : 0.45}
      >
        <title>
          {`block ${block.number}, ${part.what}: ${duration(Math.max(0, part.toMs - part.fromMs))}`}
        </title>
      </rect>
    )
  }
  return (
    <g>
      {consensus.map((part) => draw(part, top + 4))}
      {execution.map((part) => draw(part, top + 17))}
    </g>
  )
}

/** Rounds in a row: who led, and whether a certificate or a timeout ended it. */
export function RoundStrip({ rounds }: { readonly rounds: ConsensusTimeline['rounds'] }) {
  return (
    <ol className="rounds" aria-label="Rounds, the newest last">
      {rounds.map(({ round, leader, beganMs, endedMs, end }) => (
        <li
          key={round}
          data-end={end ?? 'open'}
          title={`round ${round}, leader ${leader}, ${end ?? 'lasts'}${endedMs === null ? '' : ` after ${duration(endedMs - beganMs)}`}`}
        >
          <span className="number">{leader}</span>
          <span className="heard">
            {`leads round ${round}, which ${end === null ? 'lasts' : `ended by a ${end}`}`}
          </span>
        </li>
      ))}
    </ol>
  )
}
