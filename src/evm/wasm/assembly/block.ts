/** A block's transactions one after another, from another instance that takes their records, without a step out of WebAssembly. */
import { MAX_KEPT_BYTES, RECORD } from '../layout'
import { DONE, OUT_OF_FUEL, REFUSED } from '../status'
import { RECORD_SIZE } from '../../../state/record-layout'
import { begin, hasEnded, run } from './transaction'

@external("block", "take")
declare function take(): i32
@external("block", "input")
declare function input(offset: usize): u64
@external("block", "room")
declare function room(size: usize): i32
@external("block", "put")
declare function put(offset: usize, a: u64, b: u64, c: u64, d: u64): void
@external("block", "keep")
declare function keep(): i32
@external("block", "ended")
declare function ended(): void

/** So many, and what V8 has compiled better meanwhile is put in. */
const AT_A_TIME: i32 = 64

/**
 * Goes on with the transaction at work, if there is one, and then with the block's next ones. @param isTimed whether `ended` is called after each that was kept
 * @returns DONE when there is none to take, REFUSED when one's record was not kept; else as `run`, of the transaction at work
 */
export function runBlock(fuel: i32, isTimed: bool): i32 {
  for (let i = 0; i < AT_A_TIME; i++) {
    if (hasEnded()) {
      if (memory.size() > MAX_KEPT_BYTES >> 16) return OUT_OF_FUEL
      const size = take()
      if (size == 0) return DONE
      fetch(size)
    }
    const state = run(fuel)
    if (state != DONE) return state
    if (!give() || keep() == 0) return REFUSED
    if (isTimed) ended()
  }
  return OUT_OF_FUEL
}

/** Begins the transaction that the other instance has opened. */
export function fetch(size: usize): void {
  read(begin(size), size)
}

function read(to: usize, size: usize): void {
  for (let at: usize = 0; at < size; at += 8) store<u64>(to + at, input(at))
}

/** Gives the record away. @returns whether there was room for it */
export function give(): bool {
  const record: usize = load<u32>(RECORD)
  const size = load<u32>(record, RECORD_SIZE)
  if (room(size) == 0) return false
  let at: usize = 0
  for (; at + 32 <= size; at += 32) {
    const from = record + at
    put(at, load<u64>(from), load<u64>(from, 8), load<u64>(from, 16), load<u64>(from, 24))
  }
  if (at < size) {
    const from = record + at
    put(at, load<u64>(from), size - at > 8 ? load<u64>(from, 8) : 0, size - at > 16 ? load<u64>(from, 16) : 0, 0)
  }
  return true
}
