import type { Colors } from 'picocolors/types.js'

import { COMMON, Misuse, WINDOW, countOf, readArguments } from './arguments.ts'
import { print, runCommand } from './command.ts'
import type { Head } from './shapes.ts'
import { withSubject } from './subject.ts'
import { colorsFor, percent, table, times } from './text.ts'

const USAGE = `usage: heddle compare [WINDOW | SCENARIO] [options]
  What each chain's executor would make of the transactions: modelled in virtual time, by gas.
  WINDOW, SCENARIO, --last, --blocks, --as-block, --spread-senders, --artifacts: as for heddle report
  --cores LIST     numbers of cores (2,4,8,16,64)
  --policies LIST  some of them: serial, optimistic, block-stm, dag, bal, occ-rounds, ...
  --rpc-url URL    the node to ask ($HEDDLE_RPC_URL or port 8545 here)
  --json           the answer of parallel_compare`

interface Run {
  readonly policy: string
  readonly standsFor: string
  readonly cores: number
  readonly speedup: number
  readonly wasted: number
  readonly rejected: number
  readonly deferred: number
}

interface Comparison {
  readonly subject: Head
  readonly runs: readonly Run[]
  readonly bound: number
}

/** @returns the exit code: 0, or 2 for bad usage and no node */
export async function compare(argv: readonly string[]): Promise<number> {
  return runCommand('compare', USAGE, argv, async () => {
    const { values, positionals } = readArguments(argv, {
      ...COMMON,
      ...WINDOW,
      artifacts: { type: 'string' },
      cores: { type: 'string' },
      policies: { type: 'string' },
    })
    const cores = values.cores?.split(',').map((each) => countOf('--cores', each))
    if (cores?.some((count) => count > 1024) === true) {
      throw new Misuse('--cores: expected numbers from 1 to 1024')
    }
    const policies = values.policies?.split(',')
    const options = { ...(cores && { cores }), ...(policies && { policies }) }
    return withSubject(positionals, values, async ({ ask, subject, note }) => {
      const answer = (await ask('parallel_compare', subject, options)) as Comparison
      print(answer, values.json, () => renderComparison(answer, note, colorsFor(process.stdout)))
      return 0
    })
  })
}

function renderComparison(
  { subject, runs, bound }: Comparison,
  note: string | undefined,
  colors: Colors,
): string {
  const cores = [...new Set(runs.map((run) => run.cores))]
  const policies = [...new Set(runs.map(({ policy }) => policy))]
  const most = cores.at(-1)
  const rows = policies.map((policy) => {
    const own = runs.filter((run) => run.policy === policy)
    const last = own.find((run) => run.cores === most)!
    const out = last.rejected + last.deferred
    return [
      policy,
      last.standsFor,
      ...own.map(({ speedup }) => times(speedup)),
      last.wasted === 0 ? '' : percent(last.wasted),
      out === 0 ? '' : `${out}`,
    ]
  })
  const heads = cores.map((count) => `${count} cores`)
  const [head, ...lines] = table(
    [['', 'stands for', ...heads, `wasted at ${most}`, 'left out'], ...rows],
    2,
  )
  return [
    `${colors.bold(subject.text)}, at most ${times(bound)}`,
    colors.dim('modelled in virtual time, a gas a tick; no overheads'),
    ...(note === undefined ? [] : [colors.dim(note)]),
    '',
    colors.bold(head!),
    ...lines,
    '',
  ].join('\n')
}
