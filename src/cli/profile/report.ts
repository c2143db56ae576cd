import { COMMON, WINDOW, readArguments } from './arguments.ts'
import { print, runCommand } from './command.ts'
import { COMPARED, writeHtmlReport } from './report-html.ts'
import { lanesOf } from './report-lanes.ts'
import { renderReport } from './report-text.ts'
import type { Report } from './shapes.ts'
import { withSubject } from './subject.ts'
import { colorsFor } from './text.ts'

const USAGE = `usage: heddle report [WINDOW | SCENARIO] [options]
  Which variable orders transactions, where it is read and written, and what curing it would gain.
  WINDOW     latest, a block, or blocks as 4..9; without it the newest 100 transactions as one block
  SCENARIO   a bundle or forge broadcast (.json), a module (.ts), or a contract by name: on a node of its own
  --last N           the newest N transactions that are no deployments
  --blocks A..B      the transactions of several blocks
  --as-block         run them again as one block
  --spread-senders   and each from a sender of its own, who stands in for the recorded one
  --all              all locations that were looked into
  --artifacts DIR    where a scenario's contracts are, when not in out/ and artifacts/
  --rpc-url URL      the node to ask ($HEDDLE_RPC_URL or port 8545 here)
  --html FILE        a page with charts that opens from the file, without a node; of one block with its
                     lanes, which each executor runs once more for it
  --json             the answer of parallel_getContention`

/** @returns the exit code: 0, or 2 for bad usage and no node */
export async function report(argv: readonly string[]): Promise<number> {
  return runCommand('report', USAGE, argv, async () => {
    const { values, positionals } = readArguments(argv, {
      ...COMMON,
      ...WINDOW,
      all: { type: 'boolean' },
      html: { type: 'string' },
      artifacts: { type: 'string' },
    })
    return withSubject(positionals, values, async ({ ask, subject, note }) => {
      const answer = (await ask('parallel_getContention', subject)) as Report
      if (values.html !== undefined) {
        const compared = await ask('parallel_compare', subject, COMPARED)
        await writeHtmlReport(values.html, answer, compared, await lanesOf(ask, subject))
        return 0
      }
      print(answer, values.json, () =>
        renderReport(answer, colorsFor(process.stdout), { all: values.all === true, note }),
      )
      return 0
    })
  })
}
