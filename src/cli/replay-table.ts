import { basename } from 'node:path'

import { groupThousands, oneLine } from './format.ts'

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
] as const

/** The table's first line. Figures are measured. */
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
  executor,
}: ReplayRow): string {
  if (!pass)
    return `${String(number).padStart(10)} ${oneLine(basename(file))}: ${oneLine(error ?? 'failed')}`
  const gas = Number(gasUsed)
  const speed = ms === 0 ? '-' : (gas / 1000 / ms).toFixed(0)
  const { name, workers, incarnations, aborts, inOrder } = executor
  const cells = [number, txs, groupThousands(gas), ms.toFixed(2), speed, incarnations, aborts]
  const how = inOrder === undefined ? `${name}, ${workers}` : `${name}, in order: ${inOrder}`
  const remark = note === undefined ? '' : ` (${oneLine(note)})`
  return `${cells.map((cell, i) => String(cell).padStart(COLUMNS[i]![1])).join(' ')}  ${how}${remark}`
}
