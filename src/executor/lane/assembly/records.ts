/** The records of merged transactions, for the host. When nobody runs any more. */
import { RECORD_SIZE } from '../../../state/record-layout'
import { GATHERED_HEADER, MERGED, NOT_MERGED, STATUS_MASK, TRANSACTIONS, TX_RECORD, TX_STATUS, TX_WORDS } from '../layout'
import { allocate } from './arena'

/** @returns where the record of a merged transaction is; 0 of one that was left out */
@inline
function recordOf(index: u32): usize {
  const words: usize = TRANSACTIONS + <usize>index * TX_WORDS
  return (load<u32>(words, TX_STATUS) & STATUS_MASK) == MERGED ? load<u32>(words, TX_RECORD) : 0
}

/**
 * Where the records of the first `count` transactions are.
 * @returns u32 from where to where they lie, and how many bytes they are together; then for each u32 its place, or `NOT_MERGED`; 0 when there
 * is no room
 */
export function gather(count: u32): usize {
  const list = allocate(GATHERED_HEADER + (<usize>count << 2))
  if (list == 0) return 0
  let first: usize = usize.MAX_VALUE
  let end: usize = 0
  let size: usize = 0
  for (let i: u32 = 0; i < count; i++) {
    const record = recordOf(i)
    store<u32>(list + GATHERED_HEADER + (<usize>i << 2), record == 0 ? NOT_MERGED : <u32>record)
    if (record == 0) continue
    const length: usize = load<u32>(record, RECORD_SIZE)
    size += length
    if (record < first) first = record
    if (record + length > end) end = record + length
  }
  store<u32>(list, <u32>first)
  store<u32>(list, <u32>end, 4)
  store<u32>(list, <u32>size, 8)
  return list
}
