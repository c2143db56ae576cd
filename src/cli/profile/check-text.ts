import type { Colors } from 'picocolors/types.js'

import type { Change, Verdict } from './check-verdict.ts'
import type { Conflict, Report, ShownCall, ShownSite } from './shapes.ts'
import { grouped, placeOf, plural, shortName, table, times } from './text.ts'

/** Conflicts that are shown in full. */
const SHOWN = 5

/** What a check says, with the two lines of each conflict that is not allowed. */
export function renderVerdict(
  { pass, speedup, notAllowed, worse, better, compared }: Verdict,
  { subject, serialGas, bound, transactions }: Report,
  snapshot: string | undefined,
  colors: Colors,
): string {
  const mark = (good: boolean): string => (good ? 'ok' : 'FAIL')
  const rows: string[][] = []
  if (speedup !== null) {
    rows.push([
      `  on ${plural(speedup.cores, 'core')}, modelled`,
      times(speedup.reached),
      `wanted ${times(speedup.times)}`,
      mark(speedup.pass),
    ])
  }
  rows.push([
    '  conflicts, measured',
    notAllowed.length === 0 ? 'none that is not allowed' : `${notAllowed.length} not allowed`,
    '',
    mark(notAllowed.length === 0),
  ])
  if (compared) {
    rows.push([
      '  against the snapshot',
      worse.length === 0 ? 'no more than before' : `${worse.length} new or more`,
      better.length === 0 ? '' : `${better.length} gone or fewer`,
      mark(worse.length === 0),
    ])
  }
  const failed = subject.failed === 0 ? '' : `, ${subject.failed} of ${transactions} failed`
  const lines = [
    `${colors.bold(subject.text)}, ${grouped(serialGas)} gas, at most ${times(bound.byGas)} (modelled)${failed}`,
    ...table(rows, 3),
    '',
    ...notAllowed.slice(0, SHOWN).flatMap((conflict) => conflictLines(conflict, colors)),
  ]
  if (notAllowed.length > SHOWN)
    lines.push(`and ${notAllowed.length - SHOWN} more (--json has all)`, '')
  lines.push(...changeLines('MORE THAN IN THE SNAPSHOT', worse, colors))
  lines.push(...changeLines('LESS THAN IN THE SNAPSHOT (--update keeps it so)', better, colors))
  if (!compared && snapshot !== undefined && pass) {
    lines.push(colors.dim(`no snapshot: --update writes ${snapshot}`))
  }
  lines.push(pass ? colors.green('passed') : colors.red('not passed'), '')
  return lines.join('\n')
}

function conflictLines(
  { name, edges, from, to, written, read }: Conflict,
  colors: Colors,
): string[] {
  const count = edges === 1 ? '1 dependency' : `${grouped(edges)} dependencies`
  return [
    `${colors.bold(shortName(name))}  ${count}`,
    ...siteLines('written', written, from),
    ...siteLines('read', read, to),
    '',
  ]
}

function siteLines(what: string, sites: readonly ShownSite[], { label, tx }: ShownCall): string[] {
  const by = `by ${shortName(label)} (transaction ${tx})`
  if (sites.length === 0) return [`  ${what.padEnd(8)} ${by}`]
  return [...new Set(sites.map((site) => placeOf(site)))].map(
    (place) => `  ${what.padEnd(8)} ${place}  ${by}`,
  )
}

function changeLines(title: string, changes: readonly Change[], colors: Colors): string[] {
  if (changes.length === 0) return []
  const rows = changes.map(({ name, before, after }) => [
    `  ${shortName(name)}`,
    `${grouped(before)} -> ${grouped(after)}`,
  ])
  return [colors.bold(title), ...table(rows), '']
}
