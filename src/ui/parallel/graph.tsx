import {
  Controls,
  type Edge,
  Handle,
  type Node,
  Position,
  ReactFlow,
  type ReactFlowInstance,
} from '@xyflow/react'
import '@xyflow/react/dist/style.css'
import { useMemo, useRef } from 'react'

import type { Contention } from '../../client/answers.ts'
import { formatCount } from '../parts/format.ts'
import { BOX, type DependencyLayout, layOut } from './dependency-layout.ts'
import { dependencySvg } from './dependency-svg.ts'
import { save } from './export.ts'
import { callName } from './words.ts'

export interface Waiting {
  readonly from: number
  readonly to: number
}

type BoxNode = Node<{ readonly call: Contention['calls'][number]; readonly isCritical: boolean }>
type NamedEdge = Edge<{ readonly waiting: Waiting }>

const NODE_TYPES = { box: Box }
/** So many edges are listed for who cannot see the graph. */
const LISTED = 100

/** Who waits for whom, each right of all that it waits for; the critical path stands out. */
export default function DependencyGraph({
  report,
  onPick,
}: {
  readonly report: Contention
  readonly onPick: (waiting: Waiting) => void
}) {
  const layout = useMemo(
    () =>
      layOut(
        report.transactions,
        report.dependencies,
        report.criticalPath.byGas.map(({ tx }) => tx),
      ),
    [report],
  )
  const nodes = useMemo(() => layout.placed.map((each) => nodeOf(each, report)), [layout, report])
  const edges = useMemo(() => layout.edges.map(edgeOf), [layout])
  const drawing = useRef<HTMLDivElement>(null)
  const labelOf = (tx: number): string => report.calls[tx]?.label ?? ''
  return (
    <>
      {layout.placed.length === 0 ? (
        <p className="graph-note">
          None of the {formatCount(report.transactions)} transactions waits for another.
        </p>
      ) : (
        <div
          className="graph"
          ref={drawing}
          data-nodes={nodes.length}
          style={{ height: heightOf(layout) }}
        >
          <ReactFlow
            nodes={nodes}
            edges={edges}
            nodeTypes={NODE_TYPES}
            nodesDraggable={false}
            nodesConnectable={false}
            nodesFocusable={false}
            edgesFocusable={false}
            onlyRenderVisibleElements
            minZoom={0.04}
            defaultViewport={BEGINNING}
            onInit={(flow) => void lookAt(flow, drawing.current!)}
            colorMode="system"
            preventScrolling={false}
            onEdgeClick={(_, edge) => onPick((edge as NamedEdge).data!.waiting)}
            aria-label="Dependency graph"
          >
            <Controls showInteractive={false} />
          </ReactFlow>
        </div>
      )}
      <GraphNotes layout={layout} />
      {layout.placed.length === 0 ? null : (
        <div className="graph-foot">
          <button
            type="button"
            onClick={() =>
              save('dependencies.svg', dependencySvg(layout, labelOf), 'image/svg+xml')
            }
          >
            Save as SVG
          </button>
          <details>
            <summary>As a list</summary>
            <ul className="graph-list">
              {layout.edges.slice(0, LISTED).map(({ from, to, names, isCritical }) => (
                <li key={`${from}-${to}`}>
                  <button type="button" onClick={() => onPick({ from, to })}>
                    {callName(report.calls[to]!)} waits for {callName(report.calls[from]!)}
                  </button>{' '}
                  by <code>{names.join(', ')}</code>
                  {isCritical ? ' (on the critical path)' : ''}
                </li>
              ))}
            </ul>
            {layout.edges.length > LISTED ? (
              <p className="soft">
                The first {LISTED} of {formatCount(layout.edges.length)}; all are in the JSON.
              </p>
            ) : null}
          </details>
        </div>
      )}
    </>
  )
}

/** Below this the boxes cannot be read. */
const READABLE = 0.5
const BEGINNING = { x: 24, y: 24, zoom: 0.8 }

/** All of the graph where it can be read then, else its beginning: there it is already, and boxes too small to be read take long to draw. */
async function lookAt(
  flow: ReactFlowInstance<BoxNode, NamedEdge>,
  { clientWidth, clientHeight }: HTMLElement,
): Promise<void> {
  const { width, height } = flow.getNodesBounds(flow.getNodes())
  if (Math.min(clientWidth / width, clientHeight / height) < READABLE) return
  await flow.fitView({ maxZoom: 1, padding: 0.08 })
}

function heightOf({ placed }: DependencyLayout): number {
  return Math.max(...placed.map(({ y }) => y)) + BOX.height + 140
}

function GraphNotes({ layout }: { readonly layout: DependencyLayout }) {
  const notes = [
    layout.independent > 0 &&
      layout.placed.length > 0 &&
      `${formatCount(layout.independent)} more depend on none and none on them`,
    layout.leftOut > 0 &&
      `${formatCount(layout.leftOut)} with the fewest dependencies are left out of the drawing`,
  ].filter((note) => note !== false)
  return notes.length === 0 ? null : <p className="graph-note">{notes.join('; ')}.</p>
}

function nodeOf(
  { tx, x, y, isCritical }: DependencyLayout['placed'][number],
  { calls }: Contention,
): BoxNode {
  const call = calls[tx]!
  return {
    id: `${tx}`,
    type: 'box',
    position: { x, y },
    width: BOX.width,
    height: BOX.height,
    data: { call, isCritical },
    ariaLabel: `Transaction ${callName(call)}`,
  }
}

function edgeOf({ from, to, names, isCritical }: DependencyLayout['edges'][number]): NamedEdge {
  return {
    id: `${from}-${to}`,
    source: `${from}`,
    target: `${to}`,
    data: { waiting: { from, to } },
    className: isCritical ? 'critical' : '',
    interactionWidth: 14,
    ariaLabel: `${to} waits for ${from} by ${names.join(', ')}`,
  }
}

function Box({ data: { call, isCritical } }: { readonly data: BoxNode['data'] }) {
  return (
    <div className="graph-box" data-critical={isCritical} data-failed={call.failed}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <span className="soft">
        {call.tx}
        {call.failed ? ' · failed' : ''} · {formatCount(call.gasUsed)} gas
      </span>
      <span className="graph-label">{call.label}</span>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  )
}
