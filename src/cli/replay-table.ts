import { basename } from 'node:path'

import { groupThousands, oneLine } from './format.ts'
import type { Parallelism } from './replay-parallelism.ts'

/** How a block was executed; `ms` is the median of execution, in milliseconds. */
export interface ReplayedBlock {
  readonly number: number
  readonly txs: number
  readonly gasUsed: string
  readonly ms: number
  readonly pass: boolean
  readonly error?: string
  /** Why what differs is no fault. */
  readonly note?: string
  /** Of a block that ran to its end. */
  readonly parallelism?: Parallelism
  readonly executor: {
    readonly name: string
    readonly workers: number
    readonly incarnations: number
    readonly aborts: number
    /** Why a parallel executor ran the block in order. */
    readonly inOrder?: string
  }
}

export interface ReplayRow extends ReplayedBlock {
  readonly file: string
}

const COLUMNS = [
  ['block', 10],
  ['txs', 6],
  ['gas', 12],
  ['ms', 9],
  ['Mgas/s', 8],
  ['runs', 6],
  ['again', 6],
  ['waits', 6],
  ['bound', 6],
] as const

/** The table's first line. Figures are measured, but what waits and the bound, which are modelled. */
export function replayHead(): string {
  return `${COLUMNS.map(([name, width]) => name.padStart(width)).join(' ')}  executor`
}

/** A block as a line of the table: of one that failed, why. */
export function replayRow({
  file,
  number,
  txs,
  gasUsed,
  ms,
  pass,
  error,
  note,
  parallelism,
  executor,
}: ReplayRow): string {
  if (!pass)
    return `${String(number).padStart(10)} ${oneLine(basename(file))}: ${oneLine(error ?? 'failed')}`
  const gas = Number(gasUsed)
  const speed = ms === 0 ? '-' : (gas / 1000 / ms).toFixed(0)
  const { name, workers, incarnations, aborts, inOrder } = executor
  const cells = [
    number,
    txs,
    groupThousands(gas),
    ms.toFixed(2),
    speed,
    incarnations,
    aborts,
    parallelism?.dependent ?? '-',
    parallelism === undefined ? '-' : `${parallelism.bound.toFixed(1)}x`,
  ]
  const how = inOrder === undefined ? `${name}, ${workers}` : `${name}, in order: ${inOrder}`
  const remark = note === undefined ? '' : ` (${oneLine(note)})`
  return `${cells.map((cell, i) => String(cell).padStart(COLUMNS[i]![1])).join(' ')}  ${how}${remark}`
}
