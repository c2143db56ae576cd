/** What observers hear: imported functions, of the artefact for observers alone. */
import { CODE_BYTES, CODE_LENGTH } from '../layout'
import { CODE_OF_FRAME } from './frame-layout'
import { depth, frame, gas, mem, memSize, pc, refund, returnData, returnSize } from './registers'

// @ts-ignore: the compiler's command line gives it
export const TRACED: bool = HOOKS != 0

@external("hooks", "step")
declare function step(
  depth: i32,
  frame: usize,
  op: i32,
  pc: usize,
  sp: usize,
  mem: usize,
  memSize: usize,
  gas: i64,
  refund: i64,
  returnData: usize,
  returnSize: usize,
): void
@external("hooks", "spent")
declare function spent(gas: i64): void
@external("hooks", "parked")
declare function parked(): void
@external("hooks", "start")
declare function start(depth: i32, frame: usize): void
@external("hooks", "end")
declare function end(depth: i32, frame: usize, status: i32, gas: i64, output: usize, size: usize): void
@external("hooks", "failure")
declare function failure(
  depth: i32,
  frame: usize,
  kind: i32,
  at: usize,
  mem: usize,
  gas: i64,
  given: i64,
  status: i32,
): void
@external("hooks", "destruction")
declare function destruction(depth: i32, gas: i64, self: usize, heir: usize): void
@external("hooks", "log")
declare function logged(depth: i32, gas: i64, record: usize): void

@external("hooks", "hashed")
declare function hashed(depth: i32, frame: usize, pc: usize, input: usize, size: usize, at: usize): void
@external("hooks", "volatileRead")
declare function volatileRead(depth: i32, frame: usize, pc: usize, bit: u32): void

/** The place of the instruction at work, which the counter is behind. */
@inline
function here(): usize {
  return pc - 1 - CODE_BYTES - load<usize>(frame, CODE_OF_FRAME)
}

/** Before an instruction; what it costs is not known yet. An account without code has none. */
export function tellStep(op: i32, next: usize, sp: usize, left: i64): void {
  const code = load<usize>(frame, CODE_OF_FRAME)
  if (load<u32>(code, CODE_LENGTH) == 0) return
  const place = next - CODE_BYTES - code
  step(depth, frame, op, place, sp, mem, memSize, left, refund, returnData, returnSize)
}

/** What is left after an instruction that ends its frame; negative when it cost more than there was. */
export function tellSpent(left: i64): void {
  spent(left)
}

/** The instruction will be told of again. */
export function tellParked(): void {
  parked()
}

export function tellStart(): void {
  start(depth, frame)
}

export function tellEnd(status: i32): void {
  end(depth, frame, status, gas, returnData, returnSize)
}

/** A frame that does not begin. @param left after the instruction has paid, also for what it would hand on */
export function tellFailure(kind: i32, at: usize, left: i64, given: i64, status: i32): void {
  failure(depth, frame, kind, at, mem, left, given, status)
}

export function tellDestruction(self: usize, heir: usize): void {
  destruction(depth, gas, self, heir)
}

export function tellLog(record: usize): void {
  logged(depth, gas, record)
}

/** KECCAK256 put the digest of `size` bytes at `input` into the word at `at`. */
export function tellHash(input: usize, size: usize, at: usize): void {
  hashed(depth, frame, here(), input, size, at)
}

export function tellVolatile(bit: u32): void {
  volatileRead(depth, frame, here(), bit)
}
