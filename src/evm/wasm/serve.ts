import { whenHere } from '../../state/absent.ts'
import type { StateView } from '../../state/view.ts'
import type { Machine } from './machine.ts'
import {
  NEED_BLOCK_HASH,
  NEED_CODE,
  NEED_PRECOMPILE_RUN,
  NEED_SLOT_VALUE,
  NEED_STATE,
  NEED_STORAGE_KNOWLEDGE,
} from './status.ts'

/**
 * Answers what a machine needs from a view and its block.
 * @returns a promise when that takes time: a precompile's library has to load, or state to be fetched. Then the machine runs on, and needs
 * the same again if it was not answered
 */
export function serve(machine: Machine, view: StateView): Promise<void> | undefined {
  if (view.isPartial !== true) return answer(machine, view)
  const waiting = whenHere(() => answer(machine, view))
  return waiting instanceof Promise ? waiting : undefined
}

function answer(machine: Machine, view: StateView): Promise<void> | undefined {
  switch (machine.need) {
    case NEED_STATE:
      machine.answerState(view.account(machine.neededAddress))
      return undefined
    case NEED_SLOT_VALUE:
      machine.answerSlot(view.slot(machine.neededAddress, machine.neededKey))
      return undefined
    case NEED_CODE:
      machine.answerCode(view.code(machine.neededCodeHash))
      return undefined
    case NEED_BLOCK_HASH:
      machine.answerBlockHash(machine.env!.blockHash(machine.neededNumber))
      return undefined
    case NEED_STORAGE_KNOWLEDGE:
      machine.answerStorage(view.hasStorage(machine.neededAddress))
      return undefined
    case NEED_PRECOMPILE_RUN:
      return machine.runPrecompile()
    default:
      throw new Error(`bug: a view cannot answer the need ${machine.need}`)
  }
}
