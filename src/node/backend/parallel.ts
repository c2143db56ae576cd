import { reportOf } from '../../analysis/report.ts'
import type { BlockRecord } from '../../chain/block-record.ts'
import {
  DEPENDENCY_FORMATS,
  type DependencyFormat,
  showDependencies,
} from '../../chain/block-report.ts'
import { firstAccessListDifference } from '../../chain/check-access-list.ts'
import type { DevChain } from '../../chain/dev-chain.ts'
import { listAccesses } from '../../chain/list-accesses.ts'
import { type RecordedBlock, recordBlock } from '../../chain/record-block.ts'
import { reexecute } from '../../chain/reexecute.ts'
import { transactionReport } from '../../chain/transaction-report.ts'
import type { Engine } from '../../evm/engine.ts'
import { createSerialExecutor } from '../../executor/serial.ts'
import type { BlockRef } from '../../rpc/block-ref.ts'
import type { NotRerun, ParallelPort, Shown } from '../../rpc/parallel-port.ts'
import { accountAccesses, encodeBlockAccessList } from '../../state/block-access-list.ts'
import { type Resolver, recordOf } from './resolve.ts'

export interface ParallelParts {
  readonly dev: DevChain
  readonly engine: Engine
  readonly resolver: Resolver
}

/** What conflicts are told by: single slots, and single fields of accounts. */
const GRANULARITY = 'slot'
const UNKNOWN_BLOCK = { kind: 'unknownBlock' } as const

/** Block access lists, and what `parallel_*` shows of blocks. */
export function parallelPort({ dev, engine, resolver }: ParallelParts): ParallelPort {
  const optionsOf: DevChain['optionsOf'] = (tx) => dev.optionsOf(tx)
  const listed = async (ref: BlockRef) => {
    const record = resolver.mined(ref)
    return record === undefined ? UNKNOWN_BLOCK : listAccesses(dev.chain, engine, record, optionsOf)
  }
  const show = async (
    record: BlockRecord,
    made: (recorded: RecordedBlock) => object,
  ): Promise<Shown | NotRerun> => {
    const recorded = await recordBlock(dev.chain, engine, record, optionsOf)
    if (recorded.kind !== 'recorded') return recorded
    return { kind: 'shown', value: { ...headOf(record), ...made(recorded) } }
  }
  return {
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
      const record = recordOf(resolved)
      // Not timed in the observed run: observers take time.
      const plain = await reexecute(dev.chain, createSerialExecutor(engine), record, optionsOf)
      if (plain.kind !== 'executed') return plain
      const { executor, ms, workers, engine: by } = plain.executed.report
      return show(record, ({ recording, graph, book }) => ({
        ...reportOf(recording, graph, book),
        measured: { basis: 'measured', run: 'again, now', executor, workers, engine: by, ms },
      }))
    },
    async transactionReport(hash) {
      const place = dev.chain.history.place(hash)
      if (place === undefined) return UNKNOWN_BLOCK
      return show(place.record, (recorded) => ({
        transactionHash: hash,
        ...transactionReport(recorded, place.index),
      }))
    },
  }
}

function headOf({ block }: BlockRecord): object {
  const { header, hash } = block
  return { blockNumber: Number(header.number), blockHash: hash, granularity: GRANULARITY }
}

function isFormat(text: string): text is DependencyFormat {
  return (DEPENDENCY_FORMATS as readonly string[]).includes(text)
}
