import type { Engine, Outcome } from '../evm/engine.ts'
import type { Transaction } from '../model/transaction.ts'
import type { Overlay } from '../state/overlay.ts'
import type { BlockInput, BlockOutcome, Executor } from './executor.ts'
import { type Progress, exceedsBlock, executeBlock, record, reject } from './frame.ts'

/** One transaction after another: the oracle of every other executor, and their refuge. */
export function createSerialExecutor(engine: Engine): Executor {
  return {
    name: 'serial',
    async execute(block, base) {
      const started = performance.now()
      const ticks =
        block.recorded === true ? new Float64Array(block.transactions.length + 1) : undefined
      const tick = ticks && ((at: number) => void (ticks[at] = performance.now() - started))
      const executed = await executeBlock(engine, block, base, (working, progress) =>
        runTransactions(engine, block, working, progress, tick),
      )
      if (executed.kind !== 'executed') return executed
      const report = {
        executor: 'serial',
        engine: engine.name,
        workers: 1,
        incarnations: executed.transactions.length,
        aborts: 0,
        ms: performance.now() - started,
        ticks,
      }
      return Object.assign(executed, { report })
    },
  }
}

async function runTransactions(
  engine: Engine,
  block: BlockInput,
  working: Overlay,
  progress: Progress,
  tick: ((at: number) => void) | undefined,
): Promise<BlockOutcome | undefined> {
  tick?.(0)
  for (const [index, tx] of block.transactions.entries()) {
    const running = runOne(engine, block, working, progress, index, tx)
    const outcome = running instanceof Promise ? await running : running
    tick?.(index + 1)
    if (outcome.kind === 'rejected') {
      const ended = reject(progress, block, index, outcome.rejection)
      if (ended !== undefined) return ended
      continue
    }
    working.apply(outcome.access.writes)
    record(progress, block, tx, outcome, working.changes)
  }
  return undefined
}

function runOne(
  engine: Engine,
  block: BlockInput,
  working: Overlay,
  progress: Progress,
  index: number,
  tx: Transaction,
): Outcome | Promise<Outcome> {
  const options = block.optionsOf?.(index)
  const rejection = exceedsBlock(block, progress, tx)
  if (rejection !== undefined) return { kind: 'rejected', rejection }
  return engine.transact(tx, block.env, working, options)
}
