import type { BlockRecord } from '../../chain/block-record.ts'
import type { DevEvent } from '../../chain/dev-event.ts'
import type { ExecutedBlock } from '../../executor/executor.ts'

/** A block that came, or that is somewhere else than before. */
export interface ToldBlock {
  readonly record: BlockRecord
  /** In the chain; beside it, as an imported block that is not better than the head; or taken out of it. */
  readonly place: 'head' | 'side' | 'removed'
  /** Its execution, of a block that just came. */
  readonly executed: ExecutedBlock | undefined
  /** The same as far as it is known. */
  readonly run: Pick<ExecutedBlock, 'accesses' | 'report'> | undefined
}

/** What an event says of blocks, in their order. @param runOf how a block was executed that came before, if that is kept */
export function toldOf(
  event: DevEvent,
  runOf: (record: BlockRecord) => ToldBlock['run'],
): readonly ToldBlock[] {
  switch (event.kind) {
    case 'mined': {
      const { record, executed } = event.built
      return [{ record, place: 'head', executed, run: executed }]
    }
    case 'imported': {
      const { record, executed, adopted } = event
      const place = adopted.length === 0 ? 'side' : 'head'
      const again = adopted
        .slice(0, -1)
        .map((it): ToldBlock => ({ record: it, place, executed: undefined, run: runOf(it) }))
      return [...again, { record, place, executed, run: executed }]
    }
    case 'removed':
      return event.records.map((record) => ({
        record,
        place: 'removed',
        executed: undefined,
        run: undefined,
      }))
    case 'pooled':
    case 'dropped':
    case 'changed':
    case 'configured':
      return []
  }
}
