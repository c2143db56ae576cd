import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

import type { Engine } from '../evm/engine.ts'
import type { BlockInput, ExecutedBlock, Executor } from '../executor/executor.ts'
import type { Header } from '../model/block.ts'
import { DecodeError } from '../model/codec/field.ts'
import { isActive, rulesAt } from '../model/fork.ts'
import { describeRejection } from '../model/rejection.ts'
import { equalBytes } from '../primitives/bytes.ts'
import { type Hash, toQuantity } from '../primitives/hex.ts'
import { EMPTY_ROOT } from '../primitives/keccak.ts'
import { ForkConfigError } from '../node/fork/fork-config.ts'
import { RemoteError } from '../node/fork/remote.ts'
import { openRemote } from './fetch.ts'
import { fetchBundle } from './remote-bundle.ts'
import { whyNotComparable } from './replay-rules.ts'
import { type ReplayBlock, readBlockHashes, readReplayBlock } from './replay-fixture.ts'
import { parallelismOf } from './replay-parallelism.ts'
import { type ReplayRow, type ReplayedBlock, replayHead, replayRow } from './replay-table.ts'
import { FixtureError, fixtureError, fixturesIn, readFixture } from './tool-files.ts'
import {
  type OptionValues,
  anyValue,
  countValue,
  engineOf,
  engineValue,
  executorOf,
  executorValue,
  lastValue,
  parseToolOptions,
  workersValue,
} from './tool-options.ts'
import {
  type Progress,
  complain,
  createProgress,
  describeThrown,
  misused,
  printLine,
} from './tool-output.ts'

const USAGE = `usage: heddle replay [options] FILE[.gz]|DIR...
       heddle replay --rpc URL [options] BLOCK...
  Executes recorded blocks, or blocks of a remote chain, and compares gas, logs bloom and receipts with their headers; says how many
  transactions depend on an earlier one, and how many times faster than in order the block could run at best (modelled, by gas).
  --rpc URL          where the chain answers; may be given again, for when the first fails
  --header LINE      an HTTP header for it
  --hashes FILE      hashes of earlier blocks (default: block_hashes.json beside the block)
  --runs N           measured runs, of which the median counts (default 3, after a warm-up)
  --executor NAME    serial (default), optimistic, block-stm, dag or bal
  --workers N        threads of a parallel executor, auto (default) for one a processor
  --engine NAME      wasm (default) or ethereumjs
  --format NAME      table (default on a terminal) or json, a line for each block`

const HASHES_FILE = 'block_hashes.json'
const DEFAULT_RUNS = 3

/** What `heddle replay` prints of a block. `ms` is the median of execution alone, in milliseconds. */
interface ReplayResult extends ReplayedBlock {
  readonly receiptsRoot: string
}

type BlockHashes = ReadonlyMap<bigint, Hash>

/**
 * Executes recorded mainnet blocks: a row or a JSON line each on stdout.
 * @param argv what follows the command's name
 * @returns the exit code: 0 all pass, 1 some fail, 2 bad usage or an unreadable file
 */
export async function replay(argv: readonly string[]): Promise<number> {
  const request = parseToolOptions(argv, {
    '--rpc': anyValue,
    '--header': anyValue,
    '--hashes': anyValue,
    '--runs': countValue(1000),
    '--executor': executorValue,
    '--workers': workersValue,
    '--engine': engineValue,
    '--format': formatValue,
  })
  if (request.kind === 'help') {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  if (request.kind === 'bad') return misused('replay', request.problem)
  const runs = Number(lastValue(request.values, '--runs') ?? DEFAULT_RUNS)
  const progress = createProgress()
  try {
    const engine = await engineOf(request.values)
    const sources = request.values.has('--rpc')
      ? await remoteSources(request.values, request.paths, engine)
      : await fileSources(request.values, request.paths)
    const opened = executorOf(request.values, engine)
    const format = lastValue(request.values, '--format')
    const isTable = format === undefined ? process.stdout.isTTY : format === 'table'
    const print = isTable ? tablePrinter() : printLine
    const exitCode = await replayAll(sources, opened.executor, runs, progress, print)
    await opened.close()
    return exitCode
  } catch (error) {
    progress?.clear()
    if (error instanceof ForkConfigError) return misused('replay', error.message)
    if (!(error instanceof FixtureError || error instanceof RemoteError)) throw error
    return complain('replay', error.message)
  }
}

/** A block to replay, read when its turn comes. */
interface Source {
  readonly file: string
  readonly open: () => Promise<{ readonly block: ReplayBlock; readonly hashes: BlockHashes }>
}

async function fileSources(values: OptionValues, paths: readonly string[]): Promise<Source[]> {
  const hashesFile = lastValue(values, '--hashes')
  const given =
    hashesFile === undefined ? undefined : await readFixture(hashesFile, readBlockHashes)
  return (await filesOf(paths)).map((file) => ({
    file,
    open: async () => ({
      block: await readFixture(file, readReplayBlock),
      hashes: given ?? (await hashesBeside(file)),
    }),
  }))
}

async function remoteSources(
  values: OptionValues,
  paths: readonly string[],
  engine: Engine,
): Promise<Source[]> {
  const wrong = paths.find((path) => !/^\d{1,15}$/.test(path))
  if (wrong !== undefined) throw new ForkConfigError(`expected the number of a block, got ${wrong}`)
  const { remote, chainId } = await openRemote(values)
  return paths.map((path) => ({
    file: `${remote.name} ${path}`,
    async open() {
      const { json, hashes } = await fetchBundle(remote, engine, chainId, BigInt(path))
      return { block: readReplayBlock(json), hashes }
    },
  }))
}

function formatValue(value: string): string | undefined {
  return value === 'table' || value === 'json' ? undefined : `expected table or json, got ${value}`
}

function tablePrinter(): (row: ReplayRow) => void {
  process.stdout.write(`${replayHead()}\n`)
  return (row) => void process.stdout.write(`${replayRow(row)}\n`)
}

async function filesOf(paths: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const path of paths) {
    const files = await fixturesIn(path, ['.json', '.json.gz'])
    found.push(...files.filter((file) => file === path || basename(file) !== HASHES_FILE))
  }
  return found
}

async function replayAll(
  sources: readonly Source[],
  executor: Executor,
  runs: number,
  progress: Progress | undefined,
  print: (row: ReplayRow) => void,
): Promise<number> {
  let exitCode = 0
  const { length } = sources
  for (const [index, { file, open }] of sources.entries()) {
    const label = `${index + 1}/${length} ${basename(file)}`
    const show = progress && ((part: number) => progress.show((index + part) / length, label))
    show?.(0)
    const read = await open().catch(fixtureError)
    if (read instanceof FixtureError) {
      progress?.clear()
      exitCode = complain('replay', read.message)
      continue
    }
    const { block, hashes } = read
    const result = await replayBlock(block, hashes, executor, runs, show)
    progress?.clear()
    if (!result.pass) exitCode = Math.max(exitCode, 1)
    print({ file, ...result })
  }
  return exitCode
}

async function hashesBeside(file: string): Promise<BlockHashes> {
  const beside = join(dirname(file), HASHES_FILE)
  return existsSync(beside) ? readFixture(beside, readBlockHashes) : new Map()
}

/**
 * Executes one block once to warm up and `runs` times measured. What is thrown on the way is a failure of this block.
 * @param show takes the part of the work that is done, from 0 to 1
 */
export async function replayBlock(
  block: ReplayBlock,
  hashes: BlockHashes,
  executor: Executor,
  runs: number,
  show?: (part: number) => void,
): Promise<ReplayResult> {
  const { header, transactions } = block
  const total = (runs + 1) * transactions.length
  let done = 0
  const input = inputOf(block, hashes, () => show?.(done++ / total))
  const txs = transactions.length
  const number = Number(header.number)
  const none = { name: executor.name, workers: 1, incarnations: 0, aborts: 0 }
  const nothing = { number, txs, gasUsed: '0x0', receiptsRoot: EMPTY_ROOT, ms: 0 }
  try {
    const times: number[] = []
    let last: ExecutedBlock | undefined
    for (let run = 0; run <= runs; run++) {
      const startedMs = performance.now()
      const outcome = await executor.execute(input, block.pre)
      if (run > 0) times.push(performance.now() - startedMs)
      if (outcome.kind === 'invalid') {
        const why = describeRejection(outcome.rejection)
        const error = `transaction ${outcome.index}: ${why}`
        return { ...nothing, pass: false, error, executor: none }
      }
      if (outcome.kind === 'invalidBlock') {
        return { ...nothing, pass: false, error: outcome.detail, executor: none }
      }
      last = outcome
    }
    return conclude(block, last!, median(times))
  } catch (error) {
    return { ...nothing, pass: false, error: describeThrown(error), executor: none }
  }
}

function inputOf(block: ReplayBlock, hashes: BlockHashes, began: () => void): BlockInput {
  const { header, transactions, config, chainId } = block
  const rules = rulesAt(config, header.number, header.timestamp)
  return {
    config,
    env: {
      rules,
      chainId,
      header,
      blockHash: (number) => hashOf(number, header, hashes),
    },
    header,
    // The runs after the first find in shared memory what the first one read.
    stateId: block,
    transactions,
    ommers: [],
    withdrawals: undefined,
    optionsOf() {
      began()
      return undefined
    },
    onRejection: 'stop',
    protocol: 'none',
  }
}

/** A hash that the file lacks would give another result without a word, so it is an error. */
function hashOf(number: bigint, header: Header, hashes: BlockHashes): Hash | undefined {
  const depth = header.number - number
  if (depth < 1n || depth > 256n || number < 0n) return undefined
  const hash = depth === 1n ? header.parentHash : hashes.get(number)
  if (hash === undefined) throw new DecodeError(`the hash of block ${number} is not among --hashes`)
  return hash
}

/** Before Byzantium receipts held state roots, which a partial state cannot give: their root is printed and not compared. */
function conclude(
  { header, config, chainId }: ReplayBlock,
  executed: ExecutedBlock,
  ms: number,
): ReplayResult {
  const { gasUsed, report, receiptsRoot: root } = executed
  const faults: string[] = []
  if (gasUsed !== header.gasUsed) faults.push(`gasUsed: the header says ${header.gasUsed}`)
  if (!equalBytes(executed.logsBloom, header.logsBloom)) faults.push('logsBloom differs')
  const rules = rulesAt(config, header.number, header.timestamp)
  if (isActive(rules, 'byzantium') && root !== header.receiptsRoot) {
    faults.push(`receiptsRoot: the header says ${header.receiptsRoot}`)
  }
  return {
    number: Number(header.number),
    txs: executed.transactions.length,
    gasUsed: toQuantity(gasUsed),
    receiptsRoot: root,
    ms: Math.round(ms * 1000) / 1000,
    ...verdictOf(faults, whyNotComparable(chainId)),
    parallelism: parallelismOf(executed, header),
    executor: {
      name: report.executor,
      workers: report.workers,
      incarnations: report.incarnations,
      aborts: report.aborts,
      ...(report.inOrder === undefined ? {} : { inOrder: report.inOrder }),
    },
  }
}

function verdictOf(
  faults: readonly string[],
  excuse: string | undefined,
): Pick<ReplayResult, 'pass' | 'error' | 'note'> {
  if (faults.length === 0) return { pass: true }
  const text = faults.join('; ')
  return excuse === undefined
    ? { pass: false, error: text }
    : { pass: true, note: `${excuse}: ${text}` }
}

function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
