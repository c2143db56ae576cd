import { readFile, writeFile } from 'node:fs/promises'

import { ScenarioError } from './scenario/scenario.ts'
import type { Conflict, Report } from './shapes.ts'

/** What a check found, for a file to commit: the same bytes on any machine. */
export interface Snapshot {
  readonly version: 1
  readonly transactions: number
  readonly failed: number
  /** Measured. */
  readonly gas: number
  /** Modelled, by gas: times faster on so many cores, to two decimals. */
  readonly speedup: Readonly<Record<string, number>>
  /** Dependencies by the name of what they are by. */
  readonly conflicts: Readonly<Record<string, number>>
}

const CORES: ReadonlySet<number> = new Set([2, 4, 8, 16])

export function snapshotOf(report: Report, conflicts: readonly Conflict[]): Snapshot {
  const byName = new Map<string, number>()
  for (const { name, edges } of conflicts) byName.set(name, (byName.get(name) ?? 0) + edges)
  const named = [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const points = report.curve.filter(({ cores }) => CORES.has(cores))
  return {
    version: 1,
    transactions: report.transactions,
    failed: report.subject.failed,
    gas: report.serialGas,
    speedup: Object.fromEntries(
      points.map(({ cores, scheduled }) => [cores, Math.round(scheduled * 100) / 100]),
    ),
    conflicts: Object.fromEntries(named),
  }
}

/** `orders.json` -> `orders.parallel.json`; `Orders.sol:Name` -> `Name.parallel.json`. */
export function snapshotPath(scenario: string): string {
  const [file, name] = scenario.split(':') as [string, string | undefined]
  const folder = /^(.*[/\\])?/.exec(file)?.[0] ?? ''
  const base = name ?? file.slice(folder.length)
  return `${folder}${base.replace(/(?:\.t)?\.(?:json|sol|[cm]?[jt]s)$/, '')}.parallel.json`
}

/** @throws {ScenarioError} when it is no snapshot */
export async function readSnapshot(file: string): Promise<Snapshot> {
  const parsed: unknown = await readFile(file, 'utf8')
    .then((text) => JSON.parse(text) as unknown)
    .catch(() => undefined)
  const isRecord = typeof parsed === 'object' && parsed !== null
  if (!isRecord || !('version' in parsed) || !('conflicts' in parsed)) {
    throw new ScenarioError(`${file} is no snapshot: write it anew with --update`)
  }
  if (parsed.version !== 1) throw new ScenarioError(`${file} is of a newer heddle`)
  return parsed as Snapshot
}

export async function writeSnapshot(file: string, snapshot: Snapshot): Promise<void> {
  await writeFile(file, `${JSON.stringify(snapshot, null, 2)}\n`)
}
