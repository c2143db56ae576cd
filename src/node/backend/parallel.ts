import { runsToChromeTrace, toChromeTrace } from '../../analysis/formats/chrome-trace.ts'
import { gasCosts, reportInSlices } from '../../analysis/report.ts'
import { POLICIES } from '../../analysis/simulate/policies.ts'
import { NO_OVERHEADS, type Policy, workOf } from '../../analysis/simulate/policy.ts'
import type { BlockRecord } from '../../chain/block-record.ts'
import {
  DEPENDENCY_FORMATS,
  type DependencyFormat,
  showDependencies,
} from '../../chain/block-report.ts'
import { firstAccessListDifference } from '../../chain/check-access-list.ts'
import type { KeptBlock } from '../../chain/block-recordings.ts'
import { certifyBlock } from '../../chain/certify.ts'
import type { DevChain } from '../../chain/dev-chain.ts'
import { listAccesses } from '../../chain/list-accesses.ts'
import { type Namer, type RecordedBlock, recordBlock } from '../../chain/record-block.ts'
import { transactionReport } from '../../chain/transaction-report.ts'
import { Turns } from '../../chain/turns.ts'
import { EXECUTOR_NAMES } from '../../executor/names.ts'
import { inTurns } from '../../primitives/slices.ts'
import type { Json } from '../../rpc/backend.ts'
import type { BlockRef } from '../../rpc/block-ref.ts'
import type { NotRerun, ParallelPort, ReplayOptions, Shown } from '../../rpc/parallel-port.ts'
import { accountAccesses, encodeBlockAccessList } from '../../state/block-access-list.ts'
import type { ParallelFeeds } from './feeds.ts'
import { changedSettings, shownFaults } from './parallel-config.ts'
import {
  type ReplayParts,
  type Replayed,
  isExecutor,
  replayBlock,
  showDifference,
  showReplay,
} from './replay.ts'
import { type Resolver, recordOf } from './resolve.ts'

type JsonObject = Readonly<Record<string, Json>>

export interface ParallelParts extends ReplayParts {
  readonly feeds: ParallelFeeds
  readonly resolver: Resolver
  readonly namer: Namer
}

/** What conflicts are told by: single slots, and single fields of accounts. */
const GRANULARITY = 'slot'
const UNKNOWN_BLOCK = { kind: 'unknownBlock' } as const

/** Block access lists, and what `parallel_*` shows of blocks. */
export function parallelPort(parts: ParallelParts): ParallelPort {
  const { dev, engine, resolver, own, feeds, namer } = parts
  // Each has threads of its own.
  const replays = new Turns()
  const optionsOf: DevChain['optionsOf'] = (tx) => dev.optionsOf(tx)
  const listed = async (ref: BlockRef) => {
    const record = resolver.mined(ref)
    return record === undefined ? UNKNOWN_BLOCK : listAccesses(dev.chain, engine, record, optionsOf)
  }
  const show = async (
    record: BlockRecord,
    made: (recorded: RecordedBlock) => object | Promise<object>,
  ): Promise<Shown | NotRerun> => {
    const recorded = await recordBlock(dev.chain, engine, record, optionsOf, namer)
    if (recorded.kind !== 'recorded') return recorded
    return { kind: 'shown', value: { ...headOf(record), ...(await made(recorded)) } }
  }
  const replay = async (
    ref: BlockRef,
    executor: string,
    options: ReplayOptions,
    made: (replayed: Replayed) => object | string,
  ): Promise<Shown | NotRerun> => {
    if (!isExecutor(executor)) {
      return { kind: 'unknownName', name: 'executor', known: EXECUTOR_NAMES }
    }
    const record = resolver.mined(ref)
    if (record === undefined) return UNKNOWN_BLOCK
    const replayed = await replays.run(() => replayBlock(parts, record, executor, options))
    if (replayed.kind !== 'replayed') return replayed
    const value = made(replayed)
    if (typeof value === 'string') return { kind: 'refused', reason: value }
    return { kind: 'shown', value: { ...headOf(record), ...value } }
  }
  /** A block as it ran when it came to be. */
  const asItRan = (ref: BlockRef): Shown | undefined => {
    const record = resolver.mined(ref)
    const kept = record && dev.chain.recordings.find(record.block.hash)
    if (record === undefined || kept === undefined) return undefined
    const { executor } = kept.report
    const trace = runsToChromeTrace({ ...kept, executor }, (tx) => `tx ${tx}`)
    return { kind: 'shown', value: { ...headOf(record), run: 'as mined', ...trace } }
  }
  /** Why there are no measured figures. */
  const unavailable = (ref?: BlockRef): { readonly basis: 'unavailable'; readonly why: string } => {
    const { limit } = dev.chain.recordings
    const isPending = ref?.kind === 'tag' && ref.tag === 'pending'
    if (isPending) return { basis: 'unavailable', why: 'the block is not mined yet' }
    const kept =
      limit === 0
        ? 'nothing is recorded (--record 0)'
        : `those of the newest ${limit} blocks with transactions are (--record ${limit})`
    return { basis: 'unavailable', why: `the record of the block is not kept: ${kept}` }
  }
  const config = (): object => {
    const { executor, workers, forceParallel, faults } = own.settings
    return {
      executor,
      workers,
      forceParallel,
      record: dev.chain.recordings.limit,
      seed: faults?.seed ?? null,
      faults: shownFaults(faults),
      engine: engine.name,
      network: dev.chain.config.network ?? 'ethereum',
      granularity: GRANULARITY,
      executors: EXECUTOR_NAMES,
      policies: POLICIES.map(({ name, standsFor }) => ({ name, standsFor, basis: 'modelled' })),
    }
  }
  return {
    replay: (ref, options) =>
      replay(ref, options.executor ?? own.settings.executor, options, (replayed) =>
        showReplay(replayed, options.seed),
      ),
    async diffExecution(ref, options) {
      const executor =
        options.executor ??
        (own.settings.executor === 'serial' ? 'block-stm' : own.settings.executor)
      if (executor === 'serial') {
        return {
          kind: 'refused',
          reason: '`options.executor`: serial is what others are compared to',
        }
      }
      return replay(ref, executor, options, (replayed) => {
        const inOrder = replayed.other?.executed.report.inOrder ?? null
        return { executor, inOrder, ...showDifference(replayed) }
      })
    },
    async exportTrace(ref, options) {
      if (options.policy === undefined) {
        const kept = isPlain(options) ? asItRan(ref) : undefined
        if (kept !== undefined) return kept
        return replay(ref, options.executor ?? own.settings.executor, options, measuredTrace)
      }
      const policy = POLICIES.find(({ name }) => name === options.policy)
      if (policy === undefined) {
        const known = POLICIES.map(({ name }) => name)
        return { kind: 'unknownName', name: 'policy', known }
      }
      const record = resolver.mined(ref)
      if (record === undefined) return UNKNOWN_BLOCK
      return show(record, (recorded) => modelledTrace(recorded, policy, options.cores ?? 4))
    },
    config,
    setConfig(change) {
      const changed = changedSettings(own.settings, change)
      if (changed.kind !== 'decided') return changed
      own.settings = changed.settings
      if (change.record !== undefined) dev.chain.recordings.limit = change.record
      feeds.tell('parallelEvents', () => [{ event: 'HEDDLE_CONFIG', ...(config() as JsonObject) }])
      return { kind: 'shown', value: config() }
    },
    async certificate(ref, { proofs }) {
      const record = resolver.mined(ref)
      if (record === undefined) return UNKNOWN_BLOCK
      const certified = await certifyBlock(dev.chain, engine, record, optionsOf, proofs)
      if (certified.kind !== 'certified') return certified
      const { kind: _kind, certificate, ...how } = certified
      return { kind: 'shown', value: { ...how, ...certificate } }
    },
    async accessList(ref) {
      const found = await listed(ref)
      if (found.kind !== 'listed') return found
      const { list } = found
      return {
        kind: 'listed',
        accounts: accountAccesses(list),
        encoded: encodeBlockAccessList(list),
      }
    },
    async checkAccessList(ref, given) {
      const found = await listed(ref)
      if (found.kind !== 'listed') return found
      const difference = firstAccessListDifference(accountAccesses(found.list), given)
      return { kind: 'checked', difference }
    },
    async dependencies(ref, format) {
      if (!isFormat(format)) {
        return { kind: 'unknownName', name: 'format', known: DEPENDENCY_FORMATS }
      }
      const resolved = await resolver.resolve(ref)
      if (resolved === undefined) return UNKNOWN_BLOCK
      return show(recordOf(resolved), (recorded) => ({
        basis: 'measured',
        transactions: recorded.recording.transactions.map(({ hash }) => hash),
        undecidedChecks: recorded.graph.undecidedChecks,
        ...showDependencies(recorded, format),
      }))
    },
    async blockReport(ref) {
      const resolved = await resolver.resolve(ref)
      if (resolved === undefined) return UNKNOWN_BLOCK
      return show(recordOf(resolved), async ({ recording, graph, book, kept }) => ({
        ...(await inTurns(reportInSlices(recording, graph, book))),
        measured: kept === undefined ? unavailable(ref) : measuredOf(kept),
      }))
    },
    execution(ref) {
      const record = resolver.mined(ref)
      if (record === undefined) return UNKNOWN_BLOCK
      const kept = dev.chain.recordings.find(record.block.hash)
      const measured = kept === undefined ? unavailable(ref) : measuredOf(kept)
      return { kind: 'shown', value: { ...headOf(record), measured } }
    },
    async transactionReport(hash) {
      const place = dev.chain.history.place(hash)
      if (place === undefined) return UNKNOWN_BLOCK
      return show(place.record, (recorded) => ({
        transactionHash: hash,
        ...transactionReport(recorded, place.index),
        ...(recorded.kept === undefined && { unavailable: unavailable().why }),
      }))
    },
  }
}

function headOf({ block }: BlockRecord): object {
  const { header, hash } = block
  return { blockNumber: Number(header.number), blockHash: hash, granularity: GRANULARITY }
}

/** Whether nothing is asked for that a run in the past has not. */
function isPlain({ executor, workers, seed }: ReplayOptions): boolean {
  return executor === undefined && workers === undefined && seed === undefined
}

/** How a block was executed, ready for JSON. */
function measuredOf({ report, runs, merges, steps }: KeptBlock): object {
  const { inOrder, failure, trace: _trace, ...rest } = report
  const maxIncarnation = runs.reduce((most, { incarnation }) => Math.max(most, incarnation), 0)
  return {
    basis: 'measured',
    run: 'as mined',
    ...rest,
    maxIncarnation,
    inOrder: inOrder ?? null,
    failure: failure ?? null,
    runs,
    merges,
    steps,
  }
}

function measuredTrace({ other, serial }: Replayed): object | string {
  const { report } = (other ?? serial).executed
  const { log, inOrder = 'serial has one lane', executor, steps } = report
  if (log === undefined) {
    return `it ran in order (${inOrder}): name a parallel executor, or a policy for a modelled schedule`
  }
  const { runs, merges } = log
  return runsToChromeTrace({ executor, runs, merges, steps }, (tx) => `tx ${tx}`)
}

/** Gas shows as microseconds. */
function modelledTrace(
  { recording, graph, book }: RecordedBlock,
  policy: Policy,
  cores: number,
): object {
  const machine = { cores, overheads: NO_OVERHEADS }
  const schedule = policy.simulate(workOf(recording, graph, gasCosts(recording)), machine)
  const causeOf = (place: number): string => book.nameOf(graph.touches.locations[place]!).name
  return toChromeTrace(schedule, (tx) => `tx ${tx}`, causeOf)
}

function isFormat(text: string): text is DependencyFormat {
  return (DEPENDENCY_FORMATS as readonly string[]).includes(text)
}
