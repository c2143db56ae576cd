import { type DependencyGraph, dependencyGraph } from '../analysis/graph.ts'
import type { RecordedTransaction, Recording } from '../analysis/input.ts'
import { NameBook } from '../analysis/names/name-book.ts'
import { TraceRecorder } from '../analysis/trace-recorder.ts'
import type { Engine, ExecutionOptions } from '../evm/engine.ts'
import type { ExecutedBlock } from '../executor/executor.ts'
import { createSerialExecutor } from '../executor/serial.ts'
import type { Transaction } from '../model/transaction.ts'
import { type Address, bytesToHex } from '../primitives/hex.ts'
import type { StateView } from '../state/view.ts'
import type { BlockRecord } from './block-record.ts'
import type { Chain } from './chain.ts'
import { type Reexecution, reexecute } from './reexecute.ts'

/** What is known of a block's transactions, ready to be analysed. */
export interface RecordedBlock {
  readonly kind: 'recorded'
  readonly recording: Recording
  readonly graph: DependencyGraph
  /** Without artefacts: places have names of standards and of their shape. */
  readonly book: NameBook
}

/** Executes a block once more, in order and observed. */
export async function recordBlock(
  chain: Chain,
  engine: Engine,
  record: BlockRecord,
  optionsOf: (tx: Transaction) => ExecutionOptions,
): Promise<RecordedBlock | Exclude<Reexecution, { kind: 'executed' }>> {
  const { transactions, header } = record.block
  const hashed = new Map<string, Uint8Array>()
  const recorders = new Map(transactions.map((tx) => [tx.hash, new TraceRecorder(hashed)]))
  const again = await reexecute(chain, createSerialExecutor(engine), record, (tx) => ({
    ...optionsOf(tx),
    observer: recorders.get(tx.hash),
  }))
  if (again.kind !== 'executed') return again
  const { executed, base } = again
  const recorded = transactions.map((tx, index): RecordedTransaction => ({
    hash: tx.hash,
    sender: tx.sender,
    to: tx.to,
    selector:
      tx.to !== null && tx.data.length >= 4 ? bytesToHex(tx.data.subarray(0, 4)) : undefined,
    nonce: tx.nonce,
    gasUsed: Number(executed.receipts[index]!.gasUsed),
    access: executed.accesses[index]!,
    declared: tx.type === 0 ? undefined : tx.accessList,
    trace: recorders.get(tx.hash)!.trace(),
  }))
  const balancesWei = balancesBefore(executed, base)
  const recording = { transactions: recorded, beneficiary: header.beneficiary, balancesWei }
  const book = new NameBook({
    contracts: [],
    sites: recorded.flatMap(({ trace }) => trace?.sites ?? []),
    hashed: [...hashed.values()],
    sources: new Map(),
  })
  return { kind: 'recorded', recording, graph: dependencyGraph(recording), book }
}

/** Of all accounts that a transaction read or wrote. */
function balancesBefore(
  { accesses }: ExecutedBlock,
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
