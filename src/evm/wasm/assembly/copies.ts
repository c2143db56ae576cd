/** Instructions that move bytes, hash them or log them. */
import {
  CODE_BYTES,
  CODE_LENGTH,
  FIRST_LOG,
  LOG_ACCOUNT,
  LOG_BYTES,
  LOG_BYTE_GAS,
  LOG_COUNT,
  LOG_DATA_SIZE,
  LOG_NEXT,
  LOG_TOPICS,
  LOG_TOPIC_GAS,
  READ_CODE,
} from '../layout'
import { OUT_OF_GAS, RETURN_DATA_BOUNDS, WRITE_PROTECTION } from '../status'
import { copy, fits64, isEqual, set64 } from '../../../primitives/assembly/u256'
import { loadBytes32, storeBytes32 } from '../../../primitives/assembly/u256-bytes'
import { keccakWord } from '../../../primitives/assembly/keccak'
import { keccakPair } from '../../../primitives/assembly/keccak-pair'
import { accountOf, coldGas, isLoaded, noteRead, warm } from './accounts'
import { codeOf } from './codes'
import { ACCOUNT_OF_FRAME, CODE_OF_FRAME, INPUT, INPUT_SIZE } from './frame-layout'
import { endOf, expandTo, memoryGas, pay, small, wordsOf } from './gas'
import { pin } from './heap'
import { TRACED, tellHash, tellLog } from './hooks'
import { setAside } from './meter'
import { areCounted, beyondStipend, countLog } from './resources'
import { needCode, needState } from './needs'
import { frame, gas, isStatic, mem, memSize, returnData, returnSize, setGas } from './registers'

const DIGEST: usize = memory.data(32)

/** Two words, as every mapping hashes them. */
const PAIR_GAS: i64 = 12

let lastLog: usize = 0
let logRoom: usize = 0
let logNext: usize = 0

export function resetLogs(): void {
  lastLog = 0
  logRoom = 0
  store<u32>(FIRST_LOG, 0)
  store<u32>(LOG_COUNT, 0)
}

@inline
export function logMark(): usize {
  return lastLog
}

/** Forgets the logs after `mark`. */
export function revertLogs(mark: usize, count: u32): void {
  lastLog = mark
  if (mark == 0) store<u32>(FIRST_LOG, 0)
  else store<u32>(mark, 0, LOG_NEXT)
  store<u32>(LOG_COUNT, count)
}

/** KECCAK256: offset at `at`, size below, which becomes the hash. */
export function hash(at: usize): i32 {
  const size = small(at - 32)
  const offset = small(at)
  if (size == 64 && offset + 64 <= <u64>memSize) {
    if (gas < PAIR_GAS) return OUT_OF_GAS
    setGas(gas - PAIR_GAS)
    keccakPair(at - 32, mem + <usize>offset)
    if (TRACED) tellHash(mem + <usize>offset, 64, at - 32)
    return 0
  }
  const end = endOf(at, size)
  const status = pay(end, wordsOf(size), 6)
  if (status != 0) return status
  const input = size == 0 ? mem : mem + <usize>offset
  if (size == 64) keccakPair(at - 32, input)
  else keccakWord(at - 32, input, <i32>size)
  if (TRACED) tellHash(input, <usize>size, at - 32)
  return 0
}

/** Copies from a buffer that has zeros beyond its end: destination at `at`, source and size below. */
function copyFrom(at: usize, source: usize, sourceSize: usize): i32 {
  const size = small(at - 64)
  const status = pay(endOf(at, size), wordsOf(size), 3)
  if (status != 0) return status
  fillFrom(at, at - 32, <usize>size, source, sourceSize)
  return 0
}

function fillFrom(to: usize, offset: usize, size: usize, source: usize, sourceSize: usize): void {
  if (size == 0) return
  const target = mem + <usize>load<u64>(to)
  const from = small(offset)
  let there: usize = 0
  if (from < <u64>sourceSize) {
    there = sourceSize - <usize>from
    if (there > size) there = size
    memory.copy(target, source + <usize>from, there)
  }
  if (there < size) memory.fill(target + there, 0, size - there)
}

export function callDataCopy(at: usize): i32 {
  return copyFrom(at, load<u32>(frame, INPUT), load<u32>(frame, INPUT_SIZE))
}

export function codeCopy(at: usize): i32 {
  const code: usize = load<u32>(frame, CODE_OF_FRAME)
  return copyFrom(at, code + CODE_BYTES, load<u32>(code, CODE_LENGTH))
}

export function returnDataCopy(at: usize): i32 {
  const size = small(at - 64)
  const from = small(at - 32)
  if (from + size > <u64>returnSize) return RETURN_DATA_BOUNDS
  return copyFrom(at, returnData, returnSize)
}

/** MCOPY: destination at `at`, source and size below. */
export function memoryCopy(at: usize): i32 {
  const size = small(at - 64)
  const end = max(endOf(at, size), endOf(at - 32, size))
  const status = pay(end, wordsOf(size), 3)
  if (status != 0 || size == 0) return status
  memory.copy(mem + <usize>load<u64>(at), mem + <usize>load<u64>(at - 32), <usize>size)
  return 0
}

/** EXTCODECOPY: address at `at`, destination, source and size below. */
export function extCodeCopy(at: usize): i32 {
  const size = small(at - 96)
  const end = endOf(at - 32, size)
  const account = accountOf(at)
  const cost = memoryGas(end) + <i64>(wordsOf(size) * 3) + coldGas(account)
  if (cost > gas) return OUT_OF_GAS
  if (!isLoaded(account)) return needState(account)
  const code = codeOf(account)
  if (code == 0) return needCode(account)
  setGas(gas - cost)
  const status = expandTo(end)
  if (status != 0) return status
  warm(account)
  noteRead(account, READ_CODE)
  fillFrom(at - 32, at - 64, <usize>size, code + CODE_BYTES, load<u32>(code, CODE_LENGTH))
  return 0
}

/** LOG0 to LOG4: offset at `at`, size and topics below. */
export function log(at: usize, topics: i32): i32 {
  if (isStatic) return WRITE_PROTECTION
  const size = small(at - 32)
  const status = pay(endOf(at, size), size, 8)
  if (status != 0) return status
  const price = <i64>size * load<i64>(LOG_BYTE_GAS) + <i64>topics * load<i64>(LOG_TOPIC_GAS)
  if (price != 0) {
    const storage = beyondStipend(price)
    if (storage > gas) return OUT_OF_GAS
    setGas(gas - storage)
    setAside(storage)
    if (areCounted()) countLog(topics, size)
  }
  const record = room(LOG_BYTES + (<usize>topics << 5) + <usize>size)
  store<u32>(record, load<u32>(frame, ACCOUNT_OF_FRAME), LOG_ACCOUNT)
  store<u32>(record, 0, LOG_NEXT)
  store<u32>(record, topics, LOG_TOPICS)
  store<u32>(record, <u32>size, LOG_DATA_SIZE)
  let to = record + LOG_BYTES
  for (let i = 0; i < topics; i++) {
    storeBytes32(to, at - 64 - (<usize>i << 5))
    to += 32
  }
  if (size > 0) memory.copy(to, mem + <usize>load<u64>(at), <usize>size)
  if (lastLog == 0) store<u32>(FIRST_LOG, <u32>record)
  else store<u32>(lastLog, <u32>record, LOG_NEXT)
  lastLog = record
  if (TRACED) tellLog(record)
  store<u32>(LOG_COUNT, load<u32>(LOG_COUNT) + 1)
  return 0
}

function room(size: usize): usize {
  const aligned = (size + 15) & ~15
  if (aligned > logRoom) {
    logRoom = aligned > 0x8000 ? aligned : 0x8000
    logNext = pin(logRoom)
  }
  const at = logNext
  logNext += aligned
  logRoom -= aligned
  return at
}

/** CALLDATALOAD */
@inline
export function callDataLoad(at: usize): void {
  const size: usize = load<u32>(frame, INPUT_SIZE)
  const offset = load<u64>(at)
  if (!fits64(at) || offset >= <u64>size) return set64(at, 0)
  const source = <usize>load<u32>(frame, INPUT) + <usize>offset
  const there = size - <usize>offset
  if (there >= 32) return loadBytes32(at, source)
  loadPartly(at, source, there)
}

function loadPartly(at: usize, source: usize, there: usize): void {
  memory.fill(DIGEST, 0, 32)
  memory.copy(DIGEST, source, there)
  loadBytes32(at, DIGEST)
}
