/** How frames begin and end. */
import {
  ACCOUNT_CODE,
  ACCOUNT_CODE_HASH,
  CODE_BYTES,
  CODE_BYTE_GAS,
  CODE_HASH,
  CODE_SET,
  CODE_STATE,
  FRAME_SIZE,
  FRAMES,
  LOG_COUNT,
  MAX_CODE_SIZE,
  NEED_ACCOUNT,
  NEED_GAS,
  NEED_INPUT,
  NEED_INPUT_SIZE,
  NEED_KIND,
  NEED_PRECOMPILE,
  RESULT_CREATED,
  RESULT_GAS,
  RESULT_OUTPUT,
  RESULT_OUTPUT_SIZE,
  RESULT_REFUND,
  RESULT_STATUS,
  RETURN_DATA,
  RETURN_DATA_SIZE,
  STACKS,
  STACKS_END,
} from '../layout'
import {
  BAD_CODE_PREFIX,
  CODE_TOO_LARGE,
  COMPUTE_EXCEEDED,
  CREATE,
  CREATE2,
  DATA_EXCEEDED,
  DEPOSIT_OUT_OF_GAS,
  HOMESTEAD,
  LONDON,
  NEED_PRECOMPILE_RUN,
  OUT_OF_GAS,
  RESERVE_DIPPED,
  REVERTED,
  SPURIOUS_DRAGON,
  SUCCESS,
} from '../status'
import { copy, set64 } from '../../../primitives/assembly/u256'
import { keccak256 } from '../../../primitives/assembly/keccak'
import { pushAddress } from './accounts'
import { analyse, codeWith } from './codes'
import { logMark, revertLogs } from './copies'
import {
  ACCOUNT_OF_FRAME,
  CODE_ACCOUNT,
  CODE_OF_FRAME,
  GIVEN_GAS,
  HEAP_MARK,
  INPUT,
  INPUT_SIZE,
  IS_PRECOMPILE,
  IS_STATIC,
  JOURNAL_MARK,
  KIND,
  LOG_COUNT_MARK,
  LOG_MARK,
  MEMORY_BELOW,
  OUTPUT,
  OUTPUT_SIZE,
  REFUND_MARK,
  SAVED_GAS,
  SAVED_MEM,
  SAVED_MEM_ROOM,
  SAVED_MEM_SIZE,
  SAVED_PC,
  SAVED_SP,
  STACK_BOTTOM,
  STACKS_LIMIT,
} from './frame-layout'
import { dropTo, frameBase, pin } from './heap'
import { TRACED, TRACED, tellEnd, tellStart } from './hooks'
import { excess, judge, setAside } from './meter'
import { mark, noteCode, raise, revertTo } from './journal'
import { SWITCHED } from './needs'
import { dips } from './reserve'
import {
  EXCESS_SIZE,
  areCounted,
  countCode,
  exceeded,
  excessOf,
  openResources,
  returnStipend,
  uncount,
} from './resources'
import {
  depth,
  fork,
  frame,
  gas,
  mem,
  memRoom,
  memSize,
  pc,
  refund,
  returnData,
  returnSize,
  setFrame,
  setGas,
  setMemory,
  setPc,
  setRefund,
  setReturn,
  setSp,
  setStatic,
  sp,
} from './registers'

const STACK_BYTES: usize = 32768
/** A stack, and what vector loads may look at beyond it. */
const STACK_ROOM: usize = STACK_BYTES + 64
const STACK_CHUNK: usize = 0x100000

const DIGEST: usize = memory.data(32)

let returnRoom: usize = RETURN_DATA_SIZE

export function resetFrames(): void {
  setFrame(FRAMES - FRAME_SIZE, -1)
  setReturn(RETURN_DATA, 0)
  setRefund(0)
  returnRoom = RETURN_DATA_SIZE
}

/** Where output of `size` bytes can be put, to be the return data. */
export function returnBuffer(size: usize): usize {
  if (size > returnRoom) {
    returnRoom = size * 2
    setReturn(pin(returnRoom), 0)
  }
  return returnData
}

/** Puts the registers away before another frame runs. */
export function save(): void {
  if (depth < 0) return
  store<usize>(frame, pc, SAVED_PC)
  store<usize>(frame, sp, SAVED_SP)
  store<i64>(frame, gas, SAVED_GAS)
  store<usize>(frame, mem, SAVED_MEM)
  store<usize>(frame, memSize, SAVED_MEM_SIZE)
  store<usize>(frame, memRoom, SAVED_MEM_ROOM)
}

/** The frame at work takes its registers back. */
function restore(): void {
  setPc(load<usize>(frame, SAVED_PC))
  setSp(load<usize>(frame, SAVED_SP))
  setMemory(
    load<usize>(frame, SAVED_MEM),
    load<usize>(frame, SAVED_MEM_SIZE),
    load<usize>(frame, SAVED_MEM_ROOM),
  )
  setStatic(load<u32>(frame, IS_STATIC) != 0)
}

/**
 * Puts a frame on top of the saved one, with all the marks to go back to. Nothing of the state is changed.
 * The fields that are not arguments are the caller's to set.
 */
export function open(kind: i32, account: usize, given: i64, heapMark: usize): void {
  const bottom: usize = depth < 0 ? <usize>STACKS : sp
  let limit: usize = depth < 0 ? <usize>STACKS_END : load<usize>(frame, STACKS_LIMIT)
  const below = depth < 0 ? 0 : load<u32>(frame, MEMORY_BELOW) + <u32>memSize
  setFrame(frame + FRAME_SIZE, depth + 1)
  store<u32>(frame, below, MEMORY_BELOW)
  store<u32>(frame, kind, KIND)
  store<u32>(frame, <u32>account, ACCOUNT_OF_FRAME)
  store<usize>(frame, mark(), JOURNAL_MARK)
  store<i64>(frame, refund, REFUND_MARK)
  store<usize>(frame, logMark(), LOG_MARK)
  store<u32>(frame, load<u32>(LOG_COUNT), LOG_COUNT_MARK)
  store<u32>(frame, 0, IS_PRECOMPILE)
  store<i64>(frame, given, GIVEN_GAS)
  let lowest = bottom
  if (lowest + STACK_ROOM > limit) {
    lowest = pin(STACK_CHUNK)
    limit = lowest + STACK_CHUNK
  }
  store<usize>(frame, limit, STACKS_LIMIT)
  store<usize>(frame, lowest, STACK_BOTTOM)
  store<usize>(frame, heapMark, HEAP_MARK)
  setSp(lowest)
  setGas(given)
  setMemory(frameBase(), 0, 0)
  setReturn(returnData, 0)
  if (areCounted()) openResources()
}

/** Lets the frame that was opened run this code. */
export function start(code: usize, codeAccount: usize, isReadOnly: bool): i32 {
  store<usize>(frame, code, CODE_OF_FRAME)
  store<u32>(frame, <u32>codeAccount, CODE_ACCOUNT)
  store<u32>(frame, u32(isReadOnly), IS_STATIC)
  setStatic(isReadOnly)
  if (load<u32>(code, CODE_STATE) == 0) analyse(code)
  setPc(code + CODE_BYTES)
  if (TRACED) tellStart()
  return SWITCHED
}

/** Lets the frame that was opened run a precompile: the host does. */
export function startPrecompile(which: u32, account: usize, isReadOnly: bool): i32 {
  store<usize>(frame, 0, CODE_OF_FRAME)
  store<u32>(frame, <u32>account, CODE_ACCOUNT)
  store<u32>(frame, u32(isReadOnly), IS_STATIC)
  if (TRACED) tellStart()
  if (which == 4) return identity()
  store<u32>(frame, which, IS_PRECOMPILE)
  return SWITCHED
}

function identity(): i32 {
  const size: usize = load<u32>(frame, INPUT_SIZE)
  const cost = 15 + 3 * <i64>((size + 31) >> 5)
  if (cost > gas) return end(OUT_OF_GAS, 0, 0)
  setGas(gas - cost)
  return end(SUCCESS, load<u32>(frame, INPUT), size)
}

/** Asks the host to run the precompile of the running frame. */
export function askPrecompile(): void {
  store<u32>(NEED_KIND, NEED_PRECOMPILE_RUN)
  store<u32>(NEED_PRECOMPILE, load<u32>(frame, IS_PRECOMPILE))
  store<u32>(NEED_ACCOUNT, load<u32>(frame, CODE_ACCOUNT))
  store<u32>(NEED_INPUT, load<u32>(frame, INPUT))
  store<u32>(NEED_INPUT_SIZE, load<u32>(frame, INPUT_SIZE))
  store<i64>(NEED_GAS, gas)
}

@inline
function isCreation(): bool {
  const kind = load<u32>(frame, KIND)
  return kind == CREATE || kind == CREATE2
}

/**
 * Ends the running frame, and gives its caller the result. The gas register holds what is left.
 * @param output where the frame's output is, `size` bytes
 */
export function end(ending: i32, output: usize, size: usize): i32 {
  let status = ending
  const creates = isCreation()
  if (creates && status == SUCCESS) {
    // Frontier deploys nothing when that cannot be paid for.
    if (fork < HOMESTEAD && <i64>size * 200 > gas) size = 0
    status = deposit(output, size)
  }
  if (depth == 0) {
    status = judge(status)
    if (status == SUCCESS && dips()) status = RESERVE_DIPPED
  }
  if (areCounted()) {
    const which = status == SUCCESS ? exceeded() : -1
    if (which >= 0) {
      status = depth == 0 ? DATA_EXCEEDED + which : REVERTED
      output = excessOf(which)
      size = EXCESS_SIZE
    }
    if (status != SUCCESS) uncount()
    returnStipend()
  }
  if (status > REVERTED) {
    // What a limit beside gas ended keeps its gas, and what was computed in vain.
    setAside(gas)
    setGas(status >= COMPUTE_EXCEEDED ? gas + excess : 0)
    size = 0
  }
  if (status != SUCCESS) {
    revertTo(load<usize>(frame, JOURNAL_MARK))
    setRefund(load<i64>(frame, REFUND_MARK))
    revertLogs(load<usize>(frame, LOG_MARK), load<u32>(frame, LOG_COUNT_MARK))
  }
  const buffer = returnBuffer(size)
  if (size > 0 && buffer != output) memory.copy(buffer, output, size)
  setReturn(buffer, size)
  if (TRACED) tellEnd(status)
  dropTo(load<usize>(frame, HEAP_MARK))
  const account: usize = load<u32>(frame, ACCOUNT_OF_FRAME)
  const left = gas
  const target: usize = load<u32>(frame, OUTPUT)
  const room: usize = load<u32>(frame, OUTPUT_SIZE)
  setFrame(frame - FRAME_SIZE, depth - 1)
  if (depth < 0) return finish(status, left, account)
  restore()
  setGas(load<i64>(frame, SAVED_GAS) + left)
  if (creates) {
    if (status == SUCCESS) {
      pushAddress(sp, account)
      setReturn(buffer, 0)
    } else set64(sp, 0)
    return SWITCHED
  }
  set64(sp, status == SUCCESS ? 1 : 0)
  const length = size < room ? size : room
  if (length > 0) memory.copy(mem + target, buffer, length)
  return SWITCHED
}

function finish(status: i32, left: i64, account: usize): i32 {
  store<i32>(RESULT_STATUS, status)
  store<i64>(RESULT_GAS, left)
  store<i64>(RESULT_REFUND, refund)
  store<usize>(RESULT_OUTPUT, returnData)
  store<usize>(RESULT_OUTPUT_SIZE, returnSize)
  store<u32>(RESULT_CREATED, <u32>account)
  return SWITCHED
}

/** Sets the code that a creation returned, if it may be and can be paid for. */
function deposit(output: usize, size: usize): i32 {
  if (fork >= LONDON && size > 0 && load<u8>(output) == 0xef) return BAD_CODE_PREFIX
  if (fork >= SPURIOUS_DRAGON && <u32>size > load<u32>(MAX_CODE_SIZE)) return CODE_TOO_LARGE
  const storage = <i64>size * load<i64>(CODE_BYTE_GAS)
  const cost = <i64>size * 200 + storage
  if (cost > gas) return DEPOSIT_OUT_OF_GAS
  setGas(gas - cost)
  setAside(storage)
  if (areCounted()) countCode(size)
  const account: usize = load<u32>(frame, ACCOUNT_OF_FRAME)
  keccak256(DIGEST, output, <i32>size)
  const code = codeWith(DIGEST, output, size)
  noteCode(account)
  raise(account, CODE_SET)
  store<u32>(account, <u32>code, ACCOUNT_CODE)
  copy(account + ACCOUNT_CODE_HASH, code + CODE_HASH)
  return SUCCESS
}
