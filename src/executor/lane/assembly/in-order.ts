/**
 * A block's transactions one after another, by one thread: what `merge.ts` of the host does for lanes, without a step into JavaScript. What an
 * engine imports as `block` (`evm/wasm/assembly/block.ts`).
 */
import { RECORD_GAS_USED, RECORD_REJECTED, RECORD_STATUS } from '../../../state/record-layout'
import { TX_SIZE } from '../../../evm/wasm/transaction-layout'
import {
  MERGED,
  TRANSACTIONS,
  TX_BLOBS,
  TX_ENCODED,
  TX_GAS_LIMIT,
  TX_RECORD,
  TX_STATUS,
  TX_WORDS,
  WORD_BLOB_GAS,
  WORD_COUNT,
  WORD_GAS,
  WORD_MERGED,
  WORD_STOP,
} from '../layout'
import { allocate } from './arena'
import { showCodes } from './codes'
import { merge } from './merge'
import { at } from './versions'

/** `put` writes so many bytes more than it is asked for. */
const SLACK: usize = 24

let gasLimit: f64 = 0
let blobGasLimit: f64 = 0
let tx: u32 = 0
let encoded: usize = 0
let record: usize = 0

/** A block with these limits begins. */
export function beginOrder(gas: f64, blobGas: f64): void {
  gasLimit = gas
  blobGasLimit = blobGas
  record = 0
}

@inline
function wordsOf(index: u32): usize {
  return TRANSACTIONS + <usize>index * TX_WORDS
}

/** @returns bytes of the transaction at the ticket; 0 when there is none, or not gas enough for it */
export function take(): usize {
  const next = load<u32>(WORD_MERGED)
  if (load<u32>(WORD_STOP) != 0 || next >= load<u32>(WORD_COUNT)) return 0
  const words = wordsOf(next)
  if (load<f64>(words, TX_GAS_LIMIT) > gasLimit - load<f64>(WORD_GAS)) return 0
  if (<f64>load<u32>(words, TX_BLOBS) > blobGasLimit - load<f64>(WORD_BLOB_GAS)) return 0
  tx = next
  at(tx, true)
  return open(load<u32>(words, TX_ENCODED))
}

/** The transaction at `place` is to be read. @returns its bytes */
export function open(place: usize): usize {
  encoded = place
  return load<u32>(encoded, TX_SIZE)
}

/** Eight bytes of the transaction. */
export function input(offset: usize): u64 {
  return load<u64>(encoded + offset)
}

/** Makes room for a record. @returns whether there was any */
export function room(size: usize): bool {
  record = allocate(size + SLACK)
  return record != 0
}

/** 32 bytes of the record. */
export function put(offset: usize, a: u64, b: u64, c: u64, d: u64): void {
  const to = record + offset
  store<u64>(to, a)
  store<u64>(to, b, 8)
  store<u64>(to, c, 16)
  store<u64>(to, d, 24)
}

/** The transaction takes effect. @returns whether it did: else its record is `kept`, which is 0 when there was no room for what it did */
export function keep(): bool {
  if (load<u32>(record, RECORD_STATUS) == RECORD_REJECTED) return false
  if (merge(record, tx) != 0 || showCodes(record) != 0) {
    record = 0
    return false
  }
  const words = wordsOf(tx)
  store<u32>(words, <u32>record, TX_RECORD)
  store<u32>(words, MERGED, TX_STATUS)
  store<f64>(WORD_GAS, load<f64>(WORD_GAS) + <f64>load<u64>(record, RECORD_GAS_USED))
  store<f64>(WORD_BLOB_GAS, load<f64>(WORD_BLOB_GAS) + <f64>load<u32>(words, TX_BLOBS))
  store<u32>(WORD_MERGED, tx + 1)
  return true
}

/** The last record for which there was room. */
export function kept(): usize {
  return record
}
