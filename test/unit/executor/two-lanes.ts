import { AttemptLog } from '../../../src/executor/lane/attempts.ts'
import type { LaneRun } from '../../../src/executor/lane/merge.ts'
import type { Runner } from '../../../src/executor/lane/runner.ts'
import { BlockWords } from '../../../src/executor/lane/shared.ts'
import { TransactionWords } from '../../../src/executor/lane/transaction-words.ts'
import {
  SharedState,
  createSharedMemory,
  loadSharedState,
} from '../../../src/executor/lane/shared-state.ts'
import { type Address, slotOf } from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../../../src/primitives/keccak.ts'
import type { StateView } from '../../../src/state/view.ts'
import { recordOf } from './records.ts'

const SIZES = { lanes: 2, arena: 1024 * 1024, base: 1024 * 1024 }
export const ALICE = '0x00000000000000000000000000000000000a11ce' as Address
export const SLOT = slotOf(7n)
/** Alice's slots hold 100 each. */
export const base: StateView = {
  account: () => ({ nonce: 1n, balanceWei: 1_000n, codeHash: EMPTY_CODE_HASH }),
  slot: () => 100n,
  code: () => new Uint8Array(0),
  hasStorage: () => false,
}

const module = await loadSharedState()

/** Two lanes at work on a block of so many transactions, each of which adds one to the slot. The second is recorded. */
export function twoLanes(transactions: number): readonly [one: LaneRun, two: LaneRun] {
  const memory = createSharedMemory(SIZES)
  const laneOf = (lane: number): LaneRun => {
    const shared = new SharedState(module, memory, SIZES, lane)
    return {
      lane,
      shared,
      words: new BlockWords(memory),
      txs: new TransactionWords(memory),
      runner: adder(shared),
      limits: { gas: 100_000_000, blobGas: 0, stopsAtRejection: false },
      bring: () => undefined,
      chaos: undefined,
      isRecorded: lane === 1,
      attempts: new AttemptLog(),
      aborts: [],
      leftOut: [],
    }
  }
  const one = laneOf(0)
  one.shared.fn.beginEpoch()
  one.shared.fn.beginBlock()
  one.shared.enter()
  one.words.begin(transactions)
  for (let tx = 0; tx < transactions; tx++) one.txs.set(tx, 0, 21_000, 0, 0)
  one.shared.fn.at(0, 1)
  one.shared.fillSlot(ALICE, SLOT, base)
  return [one, laneOf(1)]
}

function adder(shared: SharedState): Runner {
  return {
    sender: () => ALICE,
    run(tx, sight) {
      shared.fn.at(tx, sight === 'merged' ? 1 : 0)
      const read = shared.slot(ALICE, SLOT)
      if (typeof read !== 'bigint') return 'wait'
      return shared.keep(
        recordOf([{ address: ALICE, slots: [{ key: 7n, read, written: read + 1n }] }]),
      )
    },
  }
}

/** The slot as the transaction sees it. */
export function slotAt({ shared }: LaneRun, tx: number, isMerged: boolean): unknown {
  shared.fn.at(tx, isMerged ? 1 : 0)
  return shared.slot(ALICE, SLOT)
}
