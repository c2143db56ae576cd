import type { BlockInput, BlockOutcome, ExecutedBlock } from '../executor/executor.ts'
import type { Transaction } from '../model/transaction.ts'
import { invariant } from '../primitives/invariant.ts'

type Skipped = ExecutedBlock['skipped']

/**
 * Executes what fits of the transactions offered. Where it matters who of a block sends or authorises first, the rest is executed again
 * without what was left out, until the block is one that comes to the same when it is executed by itself.
 * @param inputOf a block with these, which is `skip`ping
 */
export async function executeFitting(
  offered: readonly Transaction[],
  inputOf: (transactions: readonly Transaction[]) => BlockInput,
  execute: (block: BlockInput) => Promise<BlockOutcome>,
): Promise<ExecutedBlock> {
  let places = [...offered.keys()]
  const earlier: Skipped[number][] = []
  let input = inputOf(offered)
  for (;;) {
    const executed = await execute(input)
    invariant(executed.kind === 'executed', `a built block is valid, not ${executed.kind}`)
    const now = executed.skipped.map((it) => ({ ...it, index: places[it.index]! }))
    const mayMatter = now.length > 0 && input.env.maySpendReserve !== undefined
    const alone = mayMatter ? inputOf(executed.transactions) : input
    if (alone === input || isSame(input, alone)) return withSkipped(executed, earlier, now)
    const left = new Set(executed.skipped.map(({ index }) => index))
    places = places.filter((_, index) => !left.has(index))
    earlier.push(...now)
    input = alone
  }
}

/** Whether nobody of `alone` is another first for what is in `input` beside. */
function isSame(input: BlockInput, alone: BlockInput): boolean {
  return alone.transactions.every(
    (tx) => input.env.maySpendReserve?.(tx) === alone.env.maySpendReserve?.(tx),
  )
}

function withSkipped(executed: ExecutedBlock, earlier: Skipped, now: Skipped): ExecutedBlock {
  if (earlier.length === 0) return executed
  const skipped = [...earlier, ...now].toSorted((a, b) => a.index - b.index)
  return Object.assign(executed, { skipped })
}
