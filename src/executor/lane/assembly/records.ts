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
 * The records of the first `count` transactions, close together: as they lie, if they lie so, as those of one thread do, else copied.
 * @returns u32 where they are and how many bytes, then for each u32 where it begins, from there, or `NOT_MERGED`; 0 when there is no room
 */
export function gather(count: u32): usize {
  const list = allocate(GATHERED_HEADER + (<usize>count << 2))
  if (list == 0) return 0
  let first: usize = usize.MAX_VALUE
  let end: usize = 0
  let size: usize = 0
  for (let i: u32 = 0; i < count; i++) {
    const record = recordOf(i)
    if (record == 0) continue
    const length: usize = load<u32>(record, RECORD_SIZE)
    size += length
    if (record < first) first = record
    if (record + length > end) end = record + length
  }
  const areClose = size == 0 || end - first <= 2 * size
  const start = areClose ? first : allocate(size)
  if (start == 0) return 0
  store<u32>(list, size == 0 ? 0 : <u32>start)
  store<u32>(list, size == 0 ? 0 : <u32>(areClose ? end - first : size), 4)
  let to = start
  for (let i: u32 = 0; i < count; i++) {
    const record = recordOf(i)
    const entry = list + GATHERED_HEADER + (<usize>i << 2)
    if (record == 0) store<u32>(entry, NOT_MERGED)
    else if (areClose) store<u32>(entry, <u32>(record - start))
    else {
      const length: usize = load<u32>(record, RECORD_SIZE)
      memory.copy(to, record, length)
      store<u32>(entry, <u32>(to - start))
      to += length
    }
  }
  return list
}
