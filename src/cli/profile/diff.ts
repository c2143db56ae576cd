import { readFile } from 'node:fs/promises'
import type { Colors } from 'picocolors/types.js'

import { type Difference, reportDifferences } from '../../client/report-difference.ts'
import { COMMON, Misuse, readArguments } from './arguments.ts'
import { print, runCommand } from './command.ts'
import { ScenarioError } from './scenario/scenario.ts'
import type { Report } from './shapes.ts'
import { colorsFor, grouped, shortName, table, times } from './text.ts'

const USAGE = `usage: heddle diff RUN_A RUN_B [options]
  What a change did: two reports that were kept with heddle report --json, before and after.
  --json   the differences`

/** @returns the exit code: 0, or 2 for bad usage and files that are no reports */
export async function diff(argv: readonly string[]): Promise<number> {
  return runCommand('diff', USAGE, argv, async () => {
    const { values, positionals } = readArguments(argv, COMMON)
    const [a, b, ...more] = positionals
    if (a === undefined || b === undefined || more.length > 0) {
      throw new Misuse('expected two reports')
    }
    const [before, after] = [await readReport(a), await readReport(b)]
    const locations = reportDifferences(before, after)
    const answer = { bound: [before.bound.byGas, after.bound.byGas], locations }
    print(answer, values.json, () =>
      renderDiff(before, after, locations, colorsFor(process.stdout)),
    )
    return 0
  })
}

async function readReport(file: string): Promise<Report> {
  const json: unknown = await readFile(file, 'utf8')
    .then((text) => JSON.parse(text) as unknown)
    .catch(() => undefined)
  if (typeof json !== 'object' || json === null || !('fixFirst' in json) || !('bound' in json)) {
    throw new ScenarioError(`${file} is no report: keep one with heddle report --json > FILE`)
  }
  return json as Report
}

function renderDiff(
  before: Report,
  after: Report,
  locations: readonly Difference[],
  colors: Colors,
): string {
  const at = (report: Report, cores: number): string => {
    const point = report.curve.find((each) => each.cores === cores)
    return point === undefined ? '' : times(point.scheduled)
  }
  const rows = [
    ['transactions', grouped(before.transactions), grouped(after.transactions)],
    ['gas, measured', grouped(before.serialGas), grouped(after.serialGas)],
    ['bound, modelled', times(before.bound.byGas), times(after.bound.byGas)],
    ...[2, 4, 8, 16].map((cores) => [
      `on ${cores} cores, modelled`,
      at(before, cores),
      at(after, cores),
    ]),
  ]
  const [head, ...lines] = table([['', 'before', 'after'], ...rows])
  const text = [colors.bold(head!), ...lines, '']
  if (locations.length === 0)
    return [...text, 'The same dependencies by the same names.', ''].join('\n')
  const [title, ...changed] = table([
    ['DEPENDENCIES', 'before', 'after', 'gas behind', ''],
    ...locations.map(({ name, dependencies: [a, b], gasBehind: [x, y] }) => [
      shortName(name),
      grouped(a),
      grouped(b),
      grouped(x),
      `-> ${grouped(y)}`,
    ]),
  ])
  return [...text, colors.bold(title!), ...changed, ''].join('\n')
}
