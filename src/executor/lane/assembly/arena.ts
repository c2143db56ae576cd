/** Memory. Each lane has an arena of its own that lasts a block; locations and codes come from one that all share. */
import {
  ARENA_HEADER,
  BASE_CHUNK,
  BASE_END,
  BASE_NEXT,
  EPOCH,
  GENERATION,
  OVERFLOW,
} from '../layout'

/** Of this instance alone: its arena. */
export let arena: usize = 0
let arenaNext: usize = 0
let arenaEnd: usize = 0
let chunkNext: usize = 0
let chunkEnd: usize = 0

/** As they are for the block in execution. */
export let generation: u32 = 0
export let epoch: u32 = 0

/** Gives this instance its arena. */
export function attach(start: usize, end: usize): void {
  arena = start
  arenaEnd = end
  enter()
}

/** A block begins: what the arena held is gone. */
export function enter(): void {
  arenaNext = arena + ARENA_HEADER
  generation = atomic.load<u32>(GENERATION)
  const current = atomic.load<u32>(EPOCH)
  if (current == epoch) return
  // The base may have been cleared with the last epoch.
  epoch = current
  chunkNext = 0
  chunkEnd = 0
}

/** Memory that lasts this block, at a multiple of 8; 0 when the arena is full. */
export function allocate(size: usize): usize {
  const at = arenaNext
  const next = at + ((size + 7) & ~7)
  if (next > arenaEnd || next < at) {
    atomic.store<u32>(OVERFLOW, 1)
    return 0
  }
  arenaNext = next
  return at
}

/** Memory that lasts beyond this block; 0 when there is no more. */
export function allocateBase(size: usize): usize {
  const rounded = (size + 7) & ~7
  if (rounded > <usize>BASE_CHUNK / 4) return take(rounded)
  if (chunkEnd - chunkNext < rounded) {
    chunkNext = take(BASE_CHUNK)
    if (chunkNext == 0) {
      chunkEnd = 0
      return 0
    }
    chunkEnd = chunkNext + BASE_CHUNK
  }
  const at = chunkNext
  chunkNext += rounded
  return at
}

function take(size: usize): usize {
  const at: usize = atomic.add<u32>(BASE_NEXT, <u32>size)
  const end: usize = atomic.load<u32>(BASE_END)
  if (at + size <= end) return at
  // Never far above the end, so that it does not come round.
  atomic.store<u32>(BASE_NEXT, <u32>end)
  atomic.store<u32>(OVERFLOW, 1)
  return 0
}
