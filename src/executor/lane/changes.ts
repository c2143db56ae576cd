import type { ChangeSet } from '../../state/access.ts'
import { Overlay } from '../../state/overlay.ts'
import type { StateView } from '../../state/view.ts'
import type { SharedState } from './shared-state.ts'

const AFTER_ALL = 0xffffffff

/**
 * The state after a block's transactions, read where it is: in the shared state. What was decoded of `changes` answers once another
 * block is there, and what is seldom asked.
 * @param before the state that the transactions ran on @param isThere whether the block still is in `shared`
 */
export function stateAfter(
  before: StateView,
  changes: ChangeSet,
  shared: SharedState,
  isThere: () => boolean,
): StateView {
  let overlay: Overlay | undefined
  const decoded = (): Overlay => {
    if (overlay === undefined) {
      overlay = new Overlay(before)
      overlay.apply(changes)
    }
    return overlay
  }
  return {
    isPartial: before.isPartial,
    account(address) {
      if (!isThere()) return decoded().account(address)
      shared.fn.at(AFTER_ALL, 1)
      const seen = shared.account(address)
      // Everything the transactions changed is known.
      return typeof seen === 'string' ? before.account(address) : seen
    },
    slot(address, key) {
      if (!isThere()) return decoded().slot(address, key)
      shared.fn.at(AFTER_ALL, 1)
      const seen = shared.slot(address, key)
      if (typeof seen !== 'string') return seen
      return shared.isWiped(address) ? 0n : before.slot(address, key)
    },
    code: (hash) => changes.codes.get(hash) ?? before.code(hash),
    hasStorage: (address) => decoded().hasStorage(address),
  }
}
