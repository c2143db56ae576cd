/** Instructions that are seldom, long, or change frames. */
import {
  BASE_FEE,
  BLOB_BASE_FEE,
  CHAIN_ID,
  CODE_LENGTH,
  COINBASE,
  GAS_LIMIT,
  GAS_PRICE,
  NUMBER,
  ORIGIN,
  PREVRANDAO,
  RESULT_DETAIL,
  TIMESTAMP,
} from '../layout'
import {
  INVALID_OPCODE,
  OUT_OF_GAS,
  REVERTED,
  SPURIOUS_DRAGON,
  SUCCESS,
} from '../status'
import { bitLength, copy, set64 } from '../../../primitives/assembly/u256'
import { exp } from '../../../primitives/assembly/u256-exp'
import { pushAddress } from './accounts'
import { call } from './calls'
import {
  callDataCopy,
  codeCopy,
  extCodeCopy,
  log,
  memoryCopy,
  returnDataCopy,
} from './copies'
import { create, selfdestruct } from './creates'
import {
  balance,
  blobHash,
  blockHash,
  extCodeHash,
  extCodeSize,
  noteVolatile,
  selfBalance,
} from './environment'
import {
  ACCOUNT_OF_FRAME,
  CALLER,
  CODE_OF_FRAME,
  INPUT_SIZE,
  VALUE,
} from './frame-layout'
import { end } from './frames'
import { endOf, pay, small } from './gas'
import { TRACED, tellSpent } from './hooks'
import { fork, frame, gas, mem, returnSize, setGas, setSp } from './registers'
import { tload, tstore } from './slots'

/** What EXP costs for its exponent. */
function powerGas(exponent: usize): i64 {
  const bytes = (bitLength(exponent) + 7) >> 3
  return <i64>bytes * (fork >= SPURIOUS_DRAGON ? 50 : 10)
}

/** EXP: base at `at`, exponent below, which becomes the power. */
function power(at: usize): i32 {
  const cost = powerGas(at - 32)
  if (cost > gas) return OUT_OF_GAS
  setGas(gas - cost)
  exp(at - 32, at, at - 32)
  return 0
}

/** RETURN and REVERT. */
function leave(at: usize, status: i32): i32 {
  const size = small(at - 32)
  const fault = pay(endOf(at, size), 0, 0)
  if (fault != 0) return fault
  if (TRACED) tellSpent(gas)
  return end(status, size == 0 ? mem : mem + <usize>load<u64>(at), <usize>size)
}

/** A word on top of the stack. */
@inline
function pushed(at: usize): usize {
  setSp(at + 32)
  return at + 32
}

@inline
function pushWord(at: usize, from: usize): i32 {
  copy(pushed(at), from)
  return 0
}

@inline
function pushVolatile(at: usize, from: usize, bit: u32): i32 {
  noteVolatile(bit)
  return pushWord(at, from)
}

@inline
function pushSmall(at: usize, value: u64): i32 {
  set64(pushed(at), value)
  return 0
}

/** Takes `count` items away when the instruction went well. */
@inline
function pop(at: usize, count: usize, status: i32): i32 {
  setSp(at - (count << 5))
  return status
}

@inline
function pushAccount(at: usize, account: usize): i32 {
  pushAddress(pushed(at), account)
  return 0
}

/**
 * Runs an instruction with the registers in their places.
 * @param at the item on top of the stack
 * @returns 0 to go on, or why not
 */
export function other(op: i32, at: usize): i32 {
  switch (op) {
    case 0x00:
      if (TRACED) tellSpent(gas)
      return end(SUCCESS, mem, 0)
    case 0x0a: return pop(at, 1, power(at))
    case 0x30: return pushAccount(at, load<u32>(frame, ACCOUNT_OF_FRAME))
    case 0x31: return balance(at)
    case 0x32: return pushWord(at, ORIGIN)
    case 0x33: return pushAccount(at, load<u32>(frame, CALLER))
    case 0x34: return pushWord(at, frame + VALUE)
    case 0x36: return pushSmall(at, load<u32>(frame, INPUT_SIZE))
    case 0x37: return pop(at, 3, callDataCopy(at))
    case 0x38: return pushSmall(at, load<u32>(load<usize>(frame, CODE_OF_FRAME), CODE_LENGTH))
    case 0x39: return pop(at, 3, codeCopy(at))
    case 0x3a: return pushWord(at, GAS_PRICE)
    case 0x3b: return extCodeSize(at)
    case 0x3c: {
      const status = extCodeCopy(at)
      return status == 0 ? pop(at, 4, 0) : status
    }
    case 0x3d: return pushSmall(at, returnSize)
    case 0x3e: return pop(at, 3, returnDataCopy(at))
    case 0x3f: return extCodeHash(at)
    case 0x40: return blockHash(at)
    case 0x41: return pushVolatile(at, COINBASE, 4)
    case 0x42: return pushVolatile(at, TIMESTAMP, 1)
    case 0x43: return pushVolatile(at, NUMBER, 2)
    case 0x44: return pushVolatile(at, PREVRANDAO, 8)
    case 0x45: return pushVolatile(at, GAS_LIMIT, 32)
    case 0x46: return pushWord(at, CHAIN_ID)
    case 0x47: selfBalance(pushed(at)); return 0
    case 0x48: return pushVolatile(at, BASE_FEE, 64)
    case 0x49: blobHash(at); return 0
    case 0x4a: return pushVolatile(at, BLOB_BASE_FEE, 128)
    case 0x5c: return tload(at)
    case 0x5d: return pop(at, 2, tstore(at))
    case 0x5e: return pop(at, 3, memoryCopy(at))
    case 0xa0: return pop(at, 2, log(at, 0))
    case 0xa1: return pop(at, 3, log(at, 1))
    case 0xa2: return pop(at, 4, log(at, 2))
    case 0xa3: return pop(at, 5, log(at, 3))
    case 0xa4: return pop(at, 6, log(at, 4))
    case 0xf0: return create(op, at)
    case 0xf1: return call(op, at)
    case 0xf2: return call(op, at)
    case 0xf3: return leave(at, SUCCESS)
    case 0xf4: return call(op, at)
    case 0xf5: return create(op, at)
    case 0xfa: return call(op, at)
    case 0xfd: return leave(at, REVERTED)
    case 0xff: return selfdestruct(at)
    default:
      store<u32>(RESULT_DETAIL, op)
      return INVALID_OPCODE
  }
}
