/**
 * Memory beyond the fixed places. Frames take and give back from the top; what must outlive a frame is pinned, and the
 * heap never sinks below it until the next transaction.
 */
import { HEAP, HIT_MEMORY_CAP, POOL, POOL_END } from '../layout'
import { mem, memRoom, memSize, setMemory } from './registers'

let top: usize = HEAP
let pinned: usize = HEAP
let end: usize = 0
let poolNext: usize = POOL
let poolEnd: usize = POOL_END

const POOL_CHUNK: usize = 0x40000
/** The least by which the memory grows: 1 MiB. */
const GROWTH: usize = 0x100000
/** The cap: 1 GiB. */
const MOST: usize = 0x40000000

export function resetHeap(): void {
  top = HEAP
  pinned = HEAP
  end = (<usize>memory.size()) << 16
  poolNext = POOL
  poolEnd = POOL_END
}

function reach(to: usize): bool {
  if (to <= end) return true
  let more = (to - end + 0xffff) >> 16
  if (more < GROWTH >> 16) more = GROWTH >> 16
  if (memory.grow(<i32>more) < 0) {
    store<u32>(HIT_MEMORY_CAP, 1)
    return false
  }
  end += more << 16
  return true
}

/** Room that stays until the next transaction. Traps at the memory's cap: the host then gives this instance up. */
export function pin(size: usize): usize {
  const at = (top + 15) & ~15
  if (size > MOST || !reach(at + size)) unreachable()
  top = at + size
  pinned = top
  return at
}

/** An entry of a table: small, and there until the next transaction. All zeros. */
export function entry(size: usize): usize {
  if (poolNext + size > poolEnd) {
    poolNext = pin(POOL_CHUNK)
    poolEnd = poolNext + POOL_CHUNK
  }
  const at = poolNext
  poolNext += size
  memory.fill(at, 0, size)
  return at
}

/** Where a frame that begins now has its memory. */
@inline
export function frameBase(): usize {
  return (top + 31) & ~31
}

/** Takes room for a frame at `frameBase`. Traps at the cap. */
export function takeForFrame(size: usize): usize {
  const at = frameBase()
  if (size > MOST || !reach(at + size)) unreachable()
  top = at + size
  return at
}

/** Gives back all above `base`, but what is pinned. */
@inline
export function dropTo(base: usize): void {
  top = base > pinned ? base : pinned
}

/** Makes the running frame's memory `size` bytes long, more than it is, a multiple of 32. False at the cap. */
export function expand(size: usize): bool {
  if (size > memRoom && !makeRoom(size)) return false
  memory.fill(mem + memSize, 0, size - memSize)
  setMemory(mem, size, memRoom)
  return true
}

function makeRoom(size: usize): bool {
  // There never is so much, and half as much again would not be a number.
  if (size > MOST) {
    store<u32>(HIT_MEMORY_CAP, 1)
    return false
  }
  // Nothing is above it but what alignment left out.
  if (mem + memRoom == frameBase()) {
    const room = (size + 1023) & ~1023
    if (!reach(mem + room)) return false
    top = mem + room
    setMemory(mem, memSize, room)
    return true
  }
  const room = size + (size >> 1)
  const at = frameBase()
  if (!reach(at + room)) return false
  memory.copy(at, mem, memSize)
  top = at + room
  setMemory(at, memSize, room)
  return true
}
