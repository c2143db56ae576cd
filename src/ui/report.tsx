import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import type { Contention } from '../client/answers.ts'
import type { BlockExecution, Replay } from '../client/block-answers.ts'
import { KeptLanes } from './parallel/kept-lanes.tsx'
import { type ExecutorRun, ReportView } from './parallel/report-view.tsx'
import './styles/tokens.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/parts.css'
import './parallel/parallel.css'

/** What `heddle report --html` puts into the file. */
interface Kept {
  readonly report: Contention
  readonly runs: readonly ExecutorRun[]
  /** Of one block. */
  readonly lanes?: {
    readonly measured: BlockExecution['measured']
    readonly replays: readonly Replay[]
  }
  /** When and by what it was made. */
  readonly made: string
}

/** A report that opens from a file: the same parts as the page's, and nobody to ask. */
function KeptReport({ report, runs, lanes, made }: Kept) {
  return (
    <main id="main">
      <div className="page-head">
        <h1>What keeps {report.subject.text} from running in parallel</h1>
      </div>
      <p className="subject">{made}</p>
      <ReportView
        report={report}
        runs={runs}
        {...(lanes && {
          replays: lanes.replays,
          lanes: <KeptLanes {...lanes} report={report} />,
        })}
      />
    </main>
  )
}

const kept = JSON.parse(document.getElementById('report')?.textContent ?? '') as Kept
document.title = `${kept.report.subject.text} · heddle report`
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <KeptReport {...kept} />
  </StrictMode>,
)
