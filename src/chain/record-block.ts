import { type DependencyGraph, graphInSlices } from '../analysis/graph.ts'
import type { RecordedTransaction, Recording, Trace } from '../analysis/input.ts'
import { type NameBook, bookInSlices } from '../analysis/names/name-book.ts'
import { TraceRecorder } from '../analysis/trace-recorder.ts'
import type { Engine, Executable, ExecutionOptions } from '../evm/engine.ts'
import { createSerialExecutor } from '../executor/serial.ts'
import type { Transaction } from '../model/transaction.ts'
import { EMPTY_BYTES } from '../primitives/bytes.ts'
import { type Address, type Hash, bytesToHex } from '../primitives/hex.ts'
import { Pace, inTurns } from '../primitives/slices.ts'
import type { AccessSet } from '../state/access.ts'
import { Overlay } from '../state/overlay.ts'
import type { StateView } from '../state/view.ts'
import type { BlockRecord } from './block-record.ts'
import type { KeptBlock } from './block-recordings.ts'
import type { Chain } from './chain.ts'
import { type Reexecution, reexecute } from './reexecute.ts'

/** What is known of transactions, ready to be analysed. */
export interface RecordedBlock {
  readonly kind: 'recorded'
  readonly recording: Recording
  readonly graph: DependencyGraph
  readonly book: NameBook
  /** How it was executed when it came to be; undefined when that is not kept. */
  readonly kept?: KeptBlock | undefined
}

/** What was recorded, before it has names. */
export interface Unnamed {
  readonly recording: Recording
  /** Inputs of KECCAK256. */
  readonly hashed: readonly Uint8Array[]
  /** The code of an account after all of it; empty for an account without. */
  codeOf(address: Address): Uint8Array
}

/** Finds the names of what was recorded. */
export type Namer = (unnamed: Unnamed) => NameBook | Promise<NameBook>

/** Without artefacts: places have names of standards and of their shape. */
const namesOfShape: Namer = ({ recording, hashed }) =>
  inTurns(
    bookInSlices({
      contracts: [],
      sites: recording.transactions.flatMap(({ trace }) => trace?.sites ?? []),
      hashed,
      sources: new Map(),
    }),
  )

/**
 * What a kept record of the block says, and what only an observer sees: for that it is executed once more, in order. Without a kept
 * record that run is all there is; without the state it ran on the record is.
 */
export async function recordBlock(
  chain: Chain,
  engine: Engine,
  record: BlockRecord,
  optionsOf: (tx: Transaction) => ExecutionOptions,
  namer: Namer = namesOfShape,
): Promise<RecordedBlock | Exclude<Reexecution, { kind: 'executed' }>> {
  const kept = chain.recordings.find(record.block.hash)
  const observed = await observeBlock(chain, engine, record, optionsOf)
  if (observed.kind !== 'observed' && kept === undefined) return observed
  const hashed = observed.kind === 'observed' ? observed.hashed : []
  const recording =
    observed.kind === 'observed' ? timed(observed.recording, kept) : recordingOf(record, kept!)
  const after = observed.kind === 'observed' ? observed.after : undefined
  const codeOf = (address: Address): Uint8Array =>
    after === undefined ? EMPTY_BYTES : codeIn(after, address)
  const book = await namer({ recording, hashed, codeOf })
  const graph = await inTurns(graphInSlices(recording))
  return { kind: 'recorded', recording, graph, book, kept }
}

/** What an observed run shows, with what the run that made the block accessed and took. */
function timed(observed: Recording, kept: KeptBlock | undefined): Recording {
  if (kept === undefined) return observed
  const ms = timesOf(kept)
  const transactions = observed.transactions.map((it, index) => ({
    ...it,
    ms: ms.get(index),
    access: kept.accesses[index]!,
  }))
  return { ...observed, transactions }
}

/** A block as its record has it, without what only an observer sees. */
export function recordingOf(
  { block, receipts }: BlockRecord,
  kept: Pick<KeptBlock, 'accesses' | 'runs'>,
): Recording {
  const ms = timesOf(kept)
  const transactions = block.transactions.map((tx, index) => ({
    ...recordedOf(tx, kept.accesses[index]!, receipts[index]!.gasUsed),
    ms: ms.get(index),
  }))
  return { transactions, beneficiary: block.header.beneficiary }
}

/** Milliseconds of the runs that count, by the transaction's place. */
function timesOf({ runs }: Pick<KeptBlock, 'runs'>): ReadonlyMap<number, number> {
  const merged = runs.filter(({ outcome }) => outcome === 'merged')
  return new Map(merged.map(({ index, start, end }) => [index, end - start] as const))
}

interface ObservedBlock {
  readonly kind: 'observed'
  readonly recording: Recording
  readonly hashed: readonly Uint8Array[]
  readonly after: StateView
}

/** Executes a block once more and observes what its transactions do. */
export async function observeBlock(
  chain: Chain,
  engine: Engine,
  record: BlockRecord,
  optionsOf: (tx: Transaction) => ExecutionOptions,
): Promise<ObservedBlock | Exclude<Reexecution, { kind: 'executed' }>> {
  const { transactions, header } = record.block
  const hashed = new Map<string, Uint8Array>()
  const recorders = new Map(transactions.map((tx) => [tx.hash, new TraceRecorder(hashed)]))
  const again = await reexecute(chain, createSerialExecutor(withTurns(engine)), record, (tx) => ({
    ...optionsOf(tx),
    observer: recorders.get(tx.hash),
  }))
  if (again.kind !== 'executed') return again
  const { executed, base } = again
  const recorded = transactions.map((tx, index) =>
    recordedOf(
      tx,
      executed.accesses[index]!,
      executed.receipts[index]!.gasUsed,
      recorders.get(tx.hash)!.trace(),
    ),
  )
  const balancesWei = balancesBefore(executed.accesses, base)
  const after = new Overlay(base)
  for (const changes of executed.changes) after.apply(changes)
  return {
    kind: 'observed',
    recording: { transactions: recorded, beneficiary: header.beneficiary, balancesWei },
    hashed: [...hashed.values()],
    after,
  }
}

/** Between transactions others get a turn. */
function withTurns(engine: Engine): Engine {
  const pace = new Pace()
  return {
    name: engine.name,
    transact(...run) {
      const turn = pace.turn()
      return turn === undefined ? engine.transact(...run) : turn.then(() => engine.transact(...run))
    },
    systemCall: (...call) => engine.systemCall(...call),
  }
}

/** A transaction as the analysis takes it. */
export function recordedOf(
  tx: Executable & { readonly hash?: Hash },
  access: AccessSet,
  gasUsed: bigint,
  trace?: Trace,
): RecordedTransaction {
  const { to, data } = tx
  return {
    hash: tx.hash,
    sender: tx.sender,
    to,
    selector: to !== null && data.length >= 4 ? bytesToHex(data.subarray(0, 4)) : undefined,
    nonce: tx.nonce,
    gasUsed: Number(gasUsed),
    access,
    declared: tx.type === 0 ? undefined : tx.accessList,
    trace,
  }
}

/** The code of an account; empty for an account without. */
export function codeIn(view: StateView, address: Address): Uint8Array {
  const account = view.account(address)
  return account === undefined ? EMPTY_BYTES : view.code(account.codeHash)
}

/** Of all accounts that a transaction read or wrote. */
export function balancesBefore(
  accesses: readonly AccessSet[],
  base: StateView,
): ReadonlyMap<Address, bigint> {
  const balances = new Map<Address, bigint>()
  for (const { reads, writes } of accesses) {
    for (const address of [...reads.keys(), ...writes.accounts.keys()]) {
      if (balances.has(address)) continue
      balances.set(address, base.account(address)?.balanceWei ?? 0n)
    }
  }
  return balances
}
