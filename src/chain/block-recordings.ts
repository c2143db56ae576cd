import type {
  ExecutedBlock,
  ExecutionReport,
  MergeReport,
  ProtocolSteps,
  Results,
  RunLog,
  RunReport,
  StepReport,
} from '../executor/executor.ts'
import { type BlockRecords, RecordedResults } from '../executor/recorded.ts'
import { runsInOrder } from '../executor/runs.ts'
import type { Hash } from '../primitives/hex.ts'
import type { AccessSet } from '../state/access.ts'
import type { StepAccess } from '../state/block-access-list.ts'
import { recordsInRow, rowOfRecords } from '../state/record-row.ts'
import { writeRecord } from '../state/record-content.ts'
import { contentOf } from '../state/record-of.ts'
import {
  RecordedAccess,
  type RecordMemory,
  type TransactionRecord,
  recordMemory,
} from '../state/record.ts'
import { EMPTY_BYTES } from '../primitives/bytes.ts'

/** How a block was executed when it was made or imported. */
export interface KeptBlock {
  /** One per transaction: what it read, with the values it found, and wrote. */
  readonly accesses: readonly AccessSet[]
  /** What the protocol accessed by itself. */
  readonly around: ProtocolSteps
  readonly report: ExecutionReport
  /** Of transactions that are in the block, by their places in it. Times in milliseconds from the start of its execution. */
  readonly runs: readonly RunReport[]
  /** Of a block that ran in lanes. */
  readonly merges: readonly MergeReport[]
  /** What the time went to: what the executor tells of, the state's root, the commit. */
  readonly steps: readonly StepReport[]
}

interface PackedBlock {
  /** One per transaction. */
  readonly records: BlockRecords
  readonly precision: AccessSet['precision']
  /** The protocol's steps before the transactions, and those after. */
  readonly around: RecordMemory
  readonly before: number
  readonly report: ExecutionReport
  /** Places, among what was offered, of transactions that are not in the block. */
  readonly skipped: readonly number[]
  /** Of a block that ran in order its ticks. */
  readonly runs: RunLog | Float64Array | undefined
  readonly steps: readonly StepReport[]
}

/** Blocks with more than this are forgotten before their time. */
const MAX_BYTES = 64 * 1024 * 1024

/** The records of the newest blocks. A block's record is what its executor has anyway, and its runs as numbers. */
export class BlockRecordings {
  #limit = 0
  #bytes = 0
  /** The oldest first. */
  readonly #blocks = new Map<Hash, PackedBlock>()

  /** How many blocks are kept; 0 records nothing. */
  get limit(): number {
    return this.#limit
  }

  set limit(blocks: number) {
    this.#limit = blocks
    this.#forgetOld()
  }

  /**
   * Keeps what came of a block. Nothing, if it was not executed as one to be recorded.
   * @param later steps that came after its execution
   */
  keep(hash: Hash, executed: ExecutedBlock, later: readonly StepReport[] = []): void {
    if (this.#limit === 0 || executed.around === undefined) return
    this.#forget(hash)
    const packed = pack(executed, later)
    this.#blocks.set(hash, packed)
    this.#bytes += bytesOf(packed)
    this.#forgetOld()
  }

  /** undefined when the block is not among those kept. */
  find(hash: Hash): KeptBlock | undefined {
    const packed = this.#blocks.get(hash)
    return packed && unpack(packed)
  }

  #forgetOld(): void {
    for (const hash of this.#blocks.keys()) {
      if (this.#blocks.size <= this.#limit && this.#bytes <= MAX_BYTES) return
      this.#forget(hash)
    }
  }

  #forget(hash: Hash): void {
    const packed = this.#blocks.get(hash)
    if (packed === undefined) return
    this.#bytes -= bytesOf(packed)
    this.#blocks.delete(hash)
  }
}

function bytesOf({ records, around, runs }: PackedBlock): number {
  const plain = records.memory.u8.length + records.starts.byteLength + around.u8.length
  return plain + (runs?.byteLength ?? 0)
}

function pack(
  { results, around, report, skipped }: ExecutedBlock,
  later: readonly StepReport[],
): PackedBlock {
  const { before = [], after = [] } = around ?? {}
  const { log, steps = [], ticks, ...rest } = report
  const { records, precision } = recordsOf(results)
  return {
    records,
    precision,
    around: rowOfRecords([...before, ...after].map(recordOf)),
    before: before.length,
    report: rest,
    skipped: skipped.map(({ index }) => index),
    runs: ticks ?? log,
    steps: [...steps, ...later],
  }
}

/** Of a block that was executed on shared state they are there already. */
function recordsOf(results: Results): Pick<PackedBlock, 'records' | 'precision'> {
  if (results instanceof RecordedResults) {
    const { memory, starts, precision } = results.source
    return { records: { memory, starts }, precision }
  }
  const { accesses } = results
  const memory = rowOfRecords(accesses.map(recordOf))
  const starts = Uint32Array.from(recordsInRow(memory), ({ at }) => at)
  return { records: { memory, starts }, precision: accesses[0]?.precision ?? 'exact' }
}

/** The record that the engine wrote, or one that says the same. */
export function recordOf(access: StepAccess | AccessSet): TransactionRecord {
  if (access instanceof RecordedAccess) return access.record
  const whole: AccessSet = { volatile: new Set(), precision: 'exact', ...access }
  const nothing = { status: 0, gasUsed: 0n, gasRefunded: 0n, output: EMPTY_BYTES, logs: [] }
  const bytes = writeRecord(contentOf({ ...nothing, created: null, access: whole }))
  return { memory: recordMemory(bytes.buffer), at: 0 }
}

function unpack(packed: PackedBlock): KeptBlock {
  const { records, precision, around, before, report, skipped, runs, steps } = packed
  const { memory } = records
  const accesses = Array.from(records.starts, (at) => new RecordedAccess({ memory, at }))
  const accessed = recordsInRow(around).map((record) => new RecordedAccess(record))
  return {
    accesses: precision === 'exact' ? accesses : accesses.map(approximate),
    around: { before: accessed.slice(0, before), after: accessed.slice(before) },
    report,
    runs: placedIn(runs instanceof Float64Array ? runsInOrder(runs) : (runs?.runs ?? []), skipped),
    merges: placedIn(runs instanceof Float64Array ? [] : (runs?.merges ?? []), skipped),
    steps,
  }
}

function approximate({ reads, writes, volatile }: AccessSet): AccessSet {
  return { reads, writes, volatile, precision: 'accounts' }
}

/** Those of transactions in the block, by their places in it. */
function placedIn<T extends { readonly index: number }>(
  runs: readonly T[],
  skipped: readonly number[],
): readonly T[] {
  if (skipped.length === 0) return runs
  const gone = new Set(skipped)
  return runs
    .filter(({ index }) => !gone.has(index))
    .map((run) => ({ ...run, index: run.index - skipped.filter((it) => it < run.index).length }))
}
