/** Receipts as the trie holds them (EIP-2718, since Byzantium), written from access records. */
import {
  RECORD_GAS_USED,
  RECORD_LOGS,
  RECORD_LOGS_AT,
  RECORD_LOG_ADDRESS,
  RECORD_LOG_BYTES,
  RECORD_LOG_DATA_SIZE,
  RECORD_LOG_TOPICS,
  RECORD_STATUS,
} from '../../state/record-layout'
import {
  headSize,
  numberSize,
  stringSize,
  writeHead,
  writeNumber,
  writeString,
} from '../../primitives/assembly/rlp'
import { BLOOM_BYTES, learn, learnAll, mark, unite } from './bloom'

const ADDRESS_BYTES: usize = 20
/** How many logs' topics are hashed together: fewer names than would crowd each other out of what is kept. */
const TOGETHER: u32 = 32
const ADDRESS: usize = memory.data(24)
/** The head of 256 bytes and the bytes. */
const BLOOM_SIZE: usize = 259

/**
 * Writes the receipt of `record` to `out`.
 * @param type of the transaction @param cumulative gas of the block up to and with it
 * @param blockBloom 256 bytes, which get the receipt's bits too @param known 256 bytes, the receipt's bits if they are known, else 0
 * @returns the end of what was written
 */
export function writeReceipt(
  out: usize,
  record: usize,
  type: u32,
  cumulative: u64,
  blockBloom: usize,
  known: usize,
): usize {
  const count = load<u32>(record, RECORD_LOGS)
  const logs = record + load<u32>(record, RECORD_LOGS_AT)
  const logsSize = sizeOfLogs(logs, count)
  const payload = 1 + numberSize(cumulative) + BLOOM_SIZE + headSize(logsSize) + logsSize
  let at = out
  if (type != 0) store<u8>(at++, type)
  at = writeHead(at, payload, 0xc0)
  at = writeNumber(at, load<u32>(record, RECORD_STATUS) == 0 ? 1 : 0)
  at = writeNumber(at, cumulative)
  at = writeHead(at, BLOOM_BYTES, 0x80)
  const bloom = at
  if (known != 0) {
    memory.copy(bloom, known, BLOOM_BYTES)
  } else {
    memory.fill(bloom, 0, BLOOM_BYTES)
    markLogs(bloom, logs, count)
  }
  at = writeHead(at + BLOOM_BYTES, logsSize, 0xc0)
  let log = logs
  for (let i: u32 = 0; i < count; i++) {
    at = writeLog(at, log)
    log += sizeOfRecord(log)
  }
  if (count != 0) unite(blockBloom, bloom)
  return at
}

/** Hashes the topics of `record` together with others', before its receipt is written, if they are few. `learnAll` ends it. */
export function learnTopics(record: usize): void {
  if (load<u32>(record, RECORD_LOGS) > TOGETHER) return
  learnLogs(record + load<u32>(record, RECORD_LOGS_AT), load<u32>(record, RECORD_LOGS))
}

/** The bits of `count` logs, one after another. @param bloom 256 bytes, which get them too */
export function markLogs(bloom: usize, logs: usize, count: u32): void {
  let log = logs
  for (let from: u32 = 0; from < count; from += TOGETHER) {
    const some = min<u32>(TOGETHER, count - from)
    learnLogs(log, some)
    learnAll()
    for (let i: u32 = 0; i < some; i++) {
      markLog(bloom, log)
      log += sizeOfRecord(log)
    }
  }
}

function learnLogs(logs: usize, count: u32): void {
  let log = logs
  for (let i: u32 = 0; i < count; i++) {
    const topics = topicsOf(log)
    for (let topic: usize = 0; topic < topics; topic++) learn(log + RECORD_LOG_BYTES + (topic << 5))
    log += sizeOfRecord(log)
  }
}

@inline
export function gasUsed(record: usize): u64 {
  return load<u64>(record, RECORD_GAS_USED)
}

@inline
function topicsOf(log: usize): usize {
  return load<u32>(log, RECORD_LOG_TOPICS)
}

@inline
function dataSizeOf(log: usize): usize {
  return load<u32>(log, RECORD_LOG_DATA_SIZE)
}

@inline
function dataOf(log: usize): usize {
  return log + RECORD_LOG_BYTES + (topicsOf(log) << 5)
}

@inline
function sizeOfRecord(log: usize): usize {
  return RECORD_LOG_BYTES + (topicsOf(log) << 5) + ((dataSizeOf(log) + 7) & ~7)
}

function payloadOfLog(log: usize): usize {
  const topics = topicsOf(log) * 33
  return 21 + headSize(topics) + topics + stringSize(dataOf(log), dataSizeOf(log))
}

function sizeOfLogs(logs: usize, count: u32): usize {
  let size: usize = 0
  let log = logs
  for (let i: u32 = 0; i < count; i++) {
    const payload = payloadOfLog(log)
    size += headSize(payload) + payload
    log += sizeOfRecord(log)
  }
  return size
}

function markLog(bloom: usize, log: usize): void {
  storeAddress(log)
  mark(bloom, ADDRESS, ADDRESS_BYTES)
  const topics = topicsOf(log)
  for (let i: usize = 0; i < topics; i++) mark(bloom, log + RECORD_LOG_BYTES + (i << 5), 32)
}

function writeLog(out: usize, log: usize): usize {
  const topics = topicsOf(log)
  storeAddress(log)
  let at = writeString(writeHead(out, payloadOfLog(log), 0xc0), ADDRESS, ADDRESS_BYTES)
  at = writeHead(at, topics * 33, 0xc0)
  for (let i: usize = 0; i < topics; i++) {
    const topic = log + RECORD_LOG_BYTES + (i << 5)
    at = writeString(at, topic, 32)
  }
  return writeString(at, dataOf(log), dataSizeOf(log))
}

/** The limbs of the log's address as 20 bytes. */
function storeAddress(log: usize): void {
  store<u32>(ADDRESS, bswap<u32>(<u32>load<u64>(log, RECORD_LOG_ADDRESS + 16)))
  store<u64>(ADDRESS, bswap<u64>(load<u64>(log, RECORD_LOG_ADDRESS + 8)), 4)
  store<u64>(ADDRESS, bswap<u64>(load<u64>(log, RECORD_LOG_ADDRESS)), 12)
}
