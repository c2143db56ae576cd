/** What the host calls. Pointers are u32; a root is a node or 0. */
import { BATCH, BATCH_ROOM, KEY, OUT } from './buffers'
import { RECORD, RECORD_ROOM } from './records'

export { drop, madeCount, retain, sweep, usedBytes } from './arena'
export { apply } from './apply'
export { evict } from './evict'
export { hashCount, rootHash } from './encode'
export { seal } from './seal'
export { divide, replace, subtrieCount, subtriesAt, survey } from './subtries'
export { prove } from './proof'
export { branchesApart, leavesApart, superseded } from './diff'
export {
  childrenOf,
  collect,
  leafCount,
  leafSize,
  loadCount,
  markStored,
  readRoot,
  writeRoot,
} from './records'
export { find, nodeAt } from './trie'

/** Where the host puts a batch, at most `batchRoom` bytes. */
export function batchAt(): usize {
  return BATCH
}
export function batchRoom(): i32 {
  return BATCH_ROOM
}
/** 32 bytes each: a key that goes in, a hash that comes out. */
export function keyAt(): usize {
  return KEY
}
export function outAt(): usize {
  return OUT
}
/** Where the host puts a record, at most `recordRoom` bytes. */
export function recordAt(): usize {
  return RECORD
}
export function recordRoom(): i32 {
  return RECORD_ROOM
}
