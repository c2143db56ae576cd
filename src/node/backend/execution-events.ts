import type { BlockRecord } from '../../chain/block-record.ts'
import type { ExecutedBlock, RunReport } from '../../executor/executor.ts'
import { describeRejection } from '../../model/rejection.ts'
import { slotOf, toQuantity } from '../../primitives/hex.ts'
import type { Json } from '../../rpc/backend.ts'
import type { AccessSet } from '../../state/access.ts'
import type { ParallelEventName } from '../../rpc/parallel-port.ts'
import type { ToldBlock } from './told-blocks.ts'

/** A block that was mined or imported, and its execution. */
interface Executed {
  readonly record: BlockRecord
  readonly executed: ExecutedBlock
}

/** Where a block is, if that is not the head it came as. */
export function placeEvent({ record, place }: Pick<ToldBlock, 'record' | 'place'>): Json {
  const { header, hash } = record.block
  return { event: 'HEDDLE_PLACE', blockNumber: Number(header.number), blockHash: hash, place }
}

/**
 * What happened while a block was executed, in the vocabulary of Monad's execution events: the block's beginning, each run of each
 * transaction in the order of time, what came of each transaction in the order of the block, the block's end. Times are milliseconds since
 * the block's execution began, measured; runs are there when the block ran in lanes.
 */
export function executionEvents({ record, executed }: Executed): Json[] {
  const { header, hash } = record.block
  const { report, transactions, receipts, accesses, skipped } = executed
  const blockNumber = Number(header.number)
  const event = (name: ParallelEventName, fields: Readonly<Record<string, Json>>): Json => ({
    event: name,
    blockNumber,
    ...fields,
  })
  const events = [
    event('BLOCK_START', {
      parentHash: header.parentHash,
      executor: report.executor,
      workers: report.workers,
      inOrder: report.inOrder ?? null,
    }),
  ]
  if (report.failure !== undefined) events.push(event('EVM_ERROR', { reason: report.failure }))
  events.push(event('BLOCK_PERF_EVM_ENTER', {}))
  for (const [name, fields] of runEvents(report.log?.runs ?? [])) events.push(event(name, fields))
  events.push(event('BLOCK_PERF_EVM_EXIT', { ms: report.ms }))
  for (const { index, rejection } of skipped) {
    events.push(event('TXN_REJECT', { offered: index, reason: describeRejection(rejection) }))
  }
  for (const [txnIndex, tx] of transactions.entries()) {
    const { outcome, gasUsed, logs } = receipts[txnIndex]!
    events.push(
      event('TXN_HEADER_START', {
        txnIndex,
        transactionHash: tx.hash,
        from: tx.sender,
        to: tx.to,
        nonce: toQuantity(tx.nonce),
      }),
    )
    for (const [logIndex, { address, topics }] of logs.entries()) {
      events.push(event('TXN_LOG', { txnIndex, logIndex, address, topics }))
    }
    events.push(
      event('TXN_EVM_OUTPUT', {
        txnIndex,
        success: outcome.success,
        gasUsed: toQuantity(gasUsed),
        logs: logs.length,
      }),
    )
    for (const [name, fields] of accessEvents(accesses[txnIndex]!)) {
      events.push(event(name, { txnIndex, accessContext: 'TRANSACTION', ...fields }))
    }
    events.push(event('TXN_END', { txnIndex }))
  }
  events.push(event('BLOCK_END', { blockHash: hash, gasUsed: toQuantity(header.gasUsed) }))
  return events
}

type Named = readonly [ParallelEventName, Readonly<Record<string, Json>>]

function runEvents(runs: readonly RunReport[]): Named[] {
  const timed = runs.flatMap((run): { readonly at: number; readonly named: Named }[] => {
    const { index: txnIndex, incarnation, lane, start, end, outcome, cause } = run
    const own = { txnIndex, incarnation, lane }
    const exit = { ...own, ms: end, outcome, ...(cause !== undefined && { cause: { ...cause } }) }
    return [
      { at: start, named: ['TXN_PERF_EVM_ENTER', { ...own, ms: start }] },
      { at: end, named: ['TXN_PERF_EVM_EXIT', exit] },
    ]
  })
  return timed.toSorted((a, b) => a.at - b.at).map(({ named }) => named)
}

function accessEvents({ reads, writes }: AccessSet): Named[] {
  const addresses = new Set([...reads.keys(), ...writes.accounts.keys()])
  const events: Named[] = [['ACCOUNT_ACCESS_LIST_HEADER', { entryCount: addresses.size }]]
  for (const address of addresses) {
    const read = reads.get(address)
    const written = writes.accounts.get(address)
    const keys = new Set([...(read?.slots?.keys() ?? []), ...(written?.slots?.keys() ?? [])])
    const { balanceWei, nonce } = written ?? {}
    events.push([
      'ACCOUNT_ACCESS',
      {
        address,
        isBalanceModified: balanceWei !== undefined,
        isNonceModified: nonce !== undefined,
        startNonce: read?.nonce === undefined ? null : toQuantity(read.nonce),
        modifiedBalance: balanceWei === undefined ? null : toQuantity(balanceWei),
        modifiedNonce: nonce === undefined ? null : toQuantity(nonce),
        storageKeyCount: keys.size,
      },
    ])
    for (const key of keys) {
      const start = read?.slots?.get(key)
      const end = written?.slots?.get(key)
      events.push([
        'STORAGE_ACCESS',
        {
          address,
          key,
          modified: end !== undefined,
          startValue: start === undefined ? null : slotOf(start),
          endValue: end === undefined ? null : slotOf(end),
        },
      ])
    }
  }
  return events
}
