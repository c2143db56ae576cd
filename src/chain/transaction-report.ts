import { criticalPath, finishTimes, selectEdges } from '../analysis/critical-path.ts'
import { EDGE_KINDS, type EdgeKind } from '../analysis/graph.ts'
import { gasCosts } from '../analysis/report.ts'
import type { RunReport } from '../executor/executor.ts'
import { type Location, locationKey } from '../state/location.ts'
import { slotOf, toQuantity } from '../primitives/hex.ts'
import type { AccountReads, AccountWrites } from '../state/access.ts'
import type { RecordedBlock } from './record-block.ts'

/** What one transaction did in its block, and who it waits for: ready for JSON. Places are those of transactions in the block. */
export interface TransactionReport {
  readonly index: number
  readonly gasUsed: number
  /** Of the schedule that runs all that depend on nothing left at once; 0 for the first. */
  readonly wave: number
  readonly onCriticalPath: boolean
  readonly basis: Readonly<
    Record<'gasUsed' | 'incarnations' | 'readSet' | 'writeSet', 'measured'> &
      Record<'wave' | 'onCriticalPath', 'modelled'>
  >
  /** Every run of it, measured; undefined when the block's record is not kept. */
  readonly incarnations: readonly ShownRun[] | undefined
  readonly readSet: readonly ShownRead[]
  readonly writeSet: readonly ShownValue[]
  readonly dependsOn: readonly ShownDependency[]
  readonly neededBy: readonly ShownDependency[]
  /** Values of the block that it read. */
  readonly volatile: readonly string[]
  /** `accounts`: reads of account fields are over-approximated, as the reference engine has them. */
  readonly precision: 'exact' | 'accounts'
}

interface ShownValue {
  readonly location: Location
  readonly label: string
  readonly value: string | boolean
}

interface ShownRead extends ShownValue {
  /** Who in the block wrote what was read; empty for what was there before the block. */
  readonly writtenBy: readonly number[]
  /** The runs that wrote it, as block-stm has versions; undefined when the block's record is not kept. */
  readonly versions: readonly { readonly tx: number; readonly incarnation: number }[] | undefined
}

/** Milliseconds from the start of the block's execution. */
interface ShownRun extends Omit<RunReport, 'index' | 'start' | 'end'> {
  readonly startMs: number
  readonly endMs: number
}

interface ShownDependency {
  readonly tx: number
  readonly kind: EdgeKind
  readonly location: Location
  readonly label: string
}

export function transactionReport(
  { recording, graph, book, kept }: RecordedBlock,
  index: number,
): TransactionReport {
  const { access, gasUsed } = recording.transactions[index]!
  const labelOf = (location: Location): string => book.nameOf(location).name
  const dependencies = Array.from(graph.to, (to, edge) => {
    const location = graph.touches.locations[graph.location[edge]!]!
    const kind = EDGE_KINDS[graph.kind[edge]!]!
    return { from: graph.from[edge]!, to, kind, location, label: labelOf(location) }
  })
  const before = dependencies.filter(({ to }) => to === index)
  const after = dependencies.filter(({ from }) => from === index)
  const writers = new Map<string, number[]>()
  for (const { from, location } of before) {
    const key = locationKey(location)
    writers.set(key, [...(writers.get(key) ?? []), from])
  }
  const shown = ([location, value]: Found): ShownValue => {
    return { location, label: labelOf(location), value }
  }
  const incarnations = new Map(
    kept?.runs
      .filter(({ outcome }) => outcome === 'merged')
      .map((run) => [run.index, run.incarnation] as const),
  )
  const ones = new Float64Array(graph.transactions).fill(1)
  return {
    index,
    gasUsed,
    wave: finishTimes(graph, ones, selectEdges(graph, {}))[index]! - 1,
    onCriticalPath: criticalPath(graph, gasCosts(recording)).some(({ tx }) => tx === index),
    basis: {
      gasUsed: 'measured',
      incarnations: 'measured',
      readSet: 'measured',
      writeSet: 'measured',
      wave: 'modelled',
      onCriticalPath: 'modelled',
    },
    incarnations: kept?.runs
      .filter((run) => run.index === index)
      .map(({ index: _index, start: startMs, end: endMs, ...run }) => ({ ...run, startMs, endMs })),
    readSet: [...access.reads].flatMap(([address, reads]) =>
      valuesRead(address, reads).map((found) => ({
        ...shown(found),
        writtenBy: writers.get(locationKey(found[0])) ?? [],
        versions:
          kept &&
          (writers.get(locationKey(found[0])) ?? []).map((tx) => ({
            tx,
            incarnation: incarnations.get(tx) ?? 0,
          })),
      })),
    ),
    writeSet: [...access.writes.accounts].flatMap(([address, writes]) =>
      valuesWritten(address, writes).map(shown),
    ),
    dependsOn: before.map(({ from: tx, kind, location, label }) => ({ tx, kind, location, label })),
    neededBy: after.map(({ to: tx, kind, location, label }) => ({ tx, kind, location, label })),
    volatile: [...access.volatile],
    precision: access.precision,
  }
}

type Found = readonly [Location, string | boolean]

function valuesRead(address: Location['address'], reads: AccountReads): readonly Found[] {
  const found: Found[] = []
  const { balance, nonce, codeHash, life, slots } = reads
  if (balance !== undefined) found.push([{ kind: 'balance', address }, balanceText(balance)])
  if (nonce !== undefined) found.push([{ kind: 'nonce', address }, toQuantity(nonce)])
  if (codeHash !== undefined) found.push([{ kind: 'code', address }, codeHash])
  if (life !== undefined) found.push([{ kind: 'life', address }, life])
  for (const [key, value] of slots ?? []) {
    found.push([{ kind: 'slot', address, key }, slotOf(value)])
  }
  return found
}

/** A check reads no more than its answer. */
function balanceText(read: NonNullable<AccountReads['balance']>): string {
  switch (read.strength) {
    case 'exact':
      return toQuantity(read.wei)
    case 'atLeast':
      return `${read.held ? 'at least' : 'less than'} ${toQuantity(read.wei)}`
    case 'isEmpty':
      return read.empty ? 'empty' : 'not empty'
  }
}

function valuesWritten(address: Location['address'], writes: AccountWrites): readonly Found[] {
  const found: Found[] = []
  const { life, balanceWei, nonce, codeHash, slots } = writes
  if (life !== undefined) found.push([{ kind: 'life', address }, life])
  if (balanceWei !== undefined) found.push([{ kind: 'balance', address }, toQuantity(balanceWei)])
  if (nonce !== undefined) found.push([{ kind: 'nonce', address }, toQuantity(nonce)])
  if (codeHash !== undefined) found.push([{ kind: 'code', address }, codeHash])
  for (const [key, value] of slots ?? []) {
    found.push([{ kind: 'slot', address, key }, slotOf(value)])
  }
  return found
}
