import type { Engine } from '../evm/engine.ts'
import type { ChangeSet } from '../state/access.ts'
import type { StateView } from '../state/view.ts'
import { GIVEN_UP, conclude } from './conclude.ts'
import type { BlockInput, BlockOutcome, ExecutedBlock } from './executor.ts'
import { executeBlock } from './frame.ts'
import type { LaneBlock, Worked } from './lane/stage.ts'
import { type Plan, onState } from './plan.ts'

/** What came of a block whose transactions ran on shared state. */
export interface OnState {
  /** undefined when the shared state gave up: the block is still to be executed. */
  readonly executed:
    | Exclude<BlockOutcome, ExecutedBlock>
    | Omit<ExecutedBlock, 'report'>
    | undefined
  readonly worked: Worked
}

/** Executes a block, its transactions by `run` on shared state. @param run gets the block and the state it is on */
export async function executeOnState(
  engine: Engine,
  block: BlockInput,
  base: StateView,
  plan: Plan,
  run: (block: LaneBlock, view: StateView) => Promise<Worked>,
): Promise<OnState> {
  let worked: Worked | undefined
  let ending: { readonly late: ChangeSet; readonly view: StateView } | undefined
  const executed = await executeBlock(
    engine,
    block,
    base,
    async (working, progress) => {
      worked = await run(onState(plan, block, working, working.changes), working)
      if (worked.stop === 'abandoned') return GIVEN_UP
      return conclude(block, plan, worked, working, progress)
    },
    (late, view) => (ending = { late, view }),
  )
  if (executed === GIVEN_UP) return { executed: undefined, worked: worked! }
  if (executed.kind !== 'executed') return { executed, worked: worked! }
  const became = (stateId: object): void => worked!.follow(ending!.late, ending!.view, stateId)
  return { executed: Object.assign(executed, { became }), worked: worked! }
}
