/** The state of the machine between instructions. The interpreter keeps the first three in locals while it runs. */
import { FRAMES } from '../layout'

/** The gas left in the running frame. */
export let gas: i64 = 0
/** The next instruction. */
export let pc: usize = 0
/** The item on top of the stack. */
export let sp: usize = 0

/** The running frame, and how many are below it. */
export let frame: usize = FRAMES
export let depth: i32 = -1
/** Its memory: where it begins, how much of it is in use (a multiple of 32), how much there is room for. */
export let mem: usize = 0
export let memSize: usize = 0
export let memRoom: usize = 0
export let isStatic: bool = false

/** What the last call returned. */
export let returnData: usize = 0
export let returnSize: usize = 0

export let fork: i32 = 0
export let refund: i64 = 0

@inline
export function setGas(value: i64): void {
  gas = value
}
@inline
export function setPc(value: usize): void {
  pc = value
}
@inline
export function setSp(value: usize): void {
  sp = value
}
@inline
export function setFrame(at: usize, level: i32): void {
  frame = at
  depth = level
}
@inline
export function setMemory(at: usize, size: usize, room: usize): void {
  mem = at
  memSize = size
  memRoom = room
}
@inline
export function setStatic(value: bool): void {
  isStatic = value
}
@inline
export function setReturn(at: usize, size: usize): void {
  returnData = at
  returnSize = size
}
@inline
export function setFork(value: i32): void {
  fork = value
}
@inline
export function setRefund(value: i64): void {
  refund = value
}
