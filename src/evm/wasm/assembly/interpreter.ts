/** The interpreter: one switch. What is frequent and short is here, the rest is in `instructions.ts`. */
import { CODE_BYTES, CODE_JUMPS, CODE_LENGTH, SEGMENT_END, SEGMENT_GAS } from '../layout'
import { BAD_JUMP, DONE, NEED, OUT_OF_FUEL } from '../status'
import * as word from '../../../primitives/assembly/u256'
import {
  loadBytes,
  loadBytes32,
  storeBytes32,
  swapBytes,
} from '../../../primitives/assembly/u256-bytes'
import { addmod, div, mod, mulmod, sdiv, smod } from '../../../primitives/assembly/u256-div'
import { sar, shl, shr, signextend } from '../../../primitives/assembly/u256-shift'
import { callDataLoad, hash } from './copies'
import { CODE_OF_FRAME, IS_PRECOMPILE, STACK_BOTTOM } from './frame-layout'
import { askPrecompile, end } from './frames'
import { DEAR, HUGE, endOf, jumpsOf, pay } from './gas'
import { TRACED, tellParked, tellSpent, tellStep } from './hooks'
import { other } from './instructions'
import { PARKED, SWITCHED } from './needs'
import {
  depth,
  frame,
  gas,
  mem,
  memSize,
  pc as savedPc,
  setGas,
  setPc,
  setSp,
  sp as savedSp,
} from './registers'
import { check, isKept, isPaid, priceOf, pricesOf, segmentAt } from './segments'
import { sload, sstore } from './slots'

/** Pays for `size` bytes of memory at the offset at `at`. */
function reach(at: usize, size: u64): i32 {
  return pay(endOf(at, size), 0, 0)
}

/** Whether `size` bytes at the offset at `at` are in use already. */
@inline
function isThere(at: usize, size: u64): bool {
  const offset = load<u64>(at)
  return word.fits64(at) && offset < HUGE && offset + size <= <u64>memSize
}

@inline
function isDestination(jumps: usize, to: usize): bool {
  return ((load<u8>(jumps + (to >> 3)) >> (<u8>to & 7)) & 1) != 0
}

/** Whether this is the next instruction and paid for: both can then be done at once. */
@inline
function isNext(op: u32, pc: usize, until: usize): bool {
  return pc < until && load<u8>(pc) == op
}

@inline
function swap(a: usize, b: usize): void {
  const a0 = load<u64>(a)
  const a1 = load<u64>(a, 8)
  const a2 = load<u64>(a, 16)
  const a3 = load<u64>(a, 24)
  word.copy(a, b)
  word.set(b, a0, a1, a2, a3)
}

/** What is left of the fuel where a frame gives way to another. */
let fuelLeft: i32 = 0

/**
 * Runs until the outermost frame ends, something is needed, or `fuel` jumps were made: a frame that begins or ends is one, too, and an
 * instruction that takes long is many.
 * @returns DONE, NEED or OUT_OF_FUEL
 */
export function run(fuel: i32): i32 {
  fuelLeft = fuel
  while (true) {
    if (depth < 0) return DONE
    if (load<u32>(frame, IS_PRECOMPILE) != 0) {
      askPrecompile()
      return NEED
    }
    const status = runFrame()
    if (status == PARKED) return NEED
    if (status == OUT) return OUT_OF_FUEL
    if (--fuelLeft < 0 && depth >= 0) return OUT_OF_FUEL
  }
}

const OUT: i32 = OUT_OF_FUEL + 200
/** Not an opcode of any fork: what follows has to be paid for. */
const BEGIN: i32 = 0x0c
/** A comparison was made. */
const DECIDED: i32 = OUT_OF_FUEL + 201

/** Runs the frame at work until another is. */
function runFrame(): i32 {
  let fuel = fuelLeft
  let g = gas
  let pc = savedPc
  let sp = savedSp
  const bottom = load<usize>(frame, STACK_BOTTOM)
  const code = load<usize>(frame, CODE_OF_FRAME)
  const first = code + CODE_BYTES
  const jumps: usize = load<u32>(code, CODE_JUMPS)
  const length = <u64>load<u32>(code, CODE_LENGTH)
  const hasSegments = !TRACED && isKept(code)
  // Everything before this is paid for, and the stack allows it.
  let until = pc
  while (true) {
    let op = BEGIN
    if (pc < until) op = load<u8>(pc)
    let status: i32
    let flag: bool = false
    pc++
    switch (op) {
      case BEGIN: {
        pc--
        const next = <i32>load<u8>(pc)
        const height = <u32>(sp - bottom)
        if (TRACED) tellStep(next, pc, sp, g)
        if (hasSegments) {
          const segment = segmentAt(pc)
          if (isPaid(segment, height, g)) {
            g -= <i64>load<u32>(segment, SEGMENT_GAS)
            until = load<u32>(segment, SEGMENT_END)
            if (next == 0x5b) pc++
            continue
          }
        }
        status = check(next, height, g)
        g -= priceOf(next)
        if (status != 0) break
        until = pc + 1
        continue
      }
      // prettier-ignore
      case 0x01: sp -= 32; word.add(sp, sp + 32, sp); continue
      case 0x02: sp -= 32; word.mul(sp, sp + 32, sp); continue
      case 0x03: sp -= 32; word.sub(sp, sp + 32, sp); continue
      case 0x04: sp -= 32; div(sp, sp + 32, sp); continue
      case 0x05: sp -= 32; sdiv(sp, sp + 32, sp); continue
      case 0x06: sp -= 32; mod(sp, sp + 32, sp); continue
      case 0x07: sp -= 32; smod(sp, sp + 32, sp); continue
      case 0x08: sp -= 64; addmod(sp, sp + 64, sp + 32, sp); continue
      case 0x09: sp -= 64; mulmod(sp, sp + 64, sp + 32, sp); continue
      case 0x0b: sp -= 32; signextend(sp, sp + 32, sp); continue
      case 0x10: sp -= 32; flag = word.isLess(sp + 32, sp); status = DECIDED; break
      case 0x11: sp -= 32; flag = word.isLess(sp, sp + 32); status = DECIDED; break
      case 0x12: sp -= 32; flag = word.isLessSigned(sp + 32, sp); status = DECIDED; break
      case 0x13: sp -= 32; flag = word.isLessSigned(sp, sp + 32); status = DECIDED; break
      case 0x14: sp -= 32; flag = word.isEqual(sp + 32, sp); status = DECIDED; break
      case 0x15: flag = word.isZero(sp); status = DECIDED; break
      case 0x16: sp -= 32; word.and(sp, sp + 32, sp); continue
      case 0x17: sp -= 32; word.or(sp, sp + 32, sp); continue
      case 0x18: sp -= 32; word.xor(sp, sp + 32, sp); continue
      case 0x19: word.not(sp, sp); continue
      case 0x1a: sp -= 32; word.byte(sp, sp + 32, sp); continue
      case 0x1b: sp -= 32; shl(sp, sp + 32, sp); continue
      case 0x1c: sp -= 32; shr(sp, sp + 32, sp); continue
      case 0x1d: sp -= 32; sar(sp, sp + 32, sp); continue
      case 0x1e: word.clzWord(sp, sp); continue
      case 0x20: {
        setGas(g)
        if (TRACED) setPc(pc)
        status = hash(sp)
        const paid = g - gas
        g = gas
        if (status != 0) break
        sp -= 32
        if (paid < DEAR) continue
        fuel -= jumpsOf(paid)
        if (fuel >= 0) continue
        setGas(g + pricesOf(pc, until))
        setPc(pc)
        setSp(sp)
        return OUT
      }
      case 0x35: callDataLoad(sp); continue
      case 0x50:
        sp -= 32
        continue
      case 0x51:
        if (!isThere(sp, 32)) {
          setGas(g)
          status = reach(sp, 32)
          g = gas
          if (status != 0) break
        }
        loadBytes32(sp, mem + <usize>load<u64>(sp))
        continue
      case 0x52:
        if (!isThere(sp, 32)) {
          setGas(g)
          status = reach(sp, 32)
          g = gas
          if (status != 0) break
        }
        storeBytes32(mem + <usize>load<u64>(sp), sp - 32)
        sp -= 64
        continue
      case 0x53:
        if (!isThere(sp, 1)) {
          setGas(g)
          status = reach(sp, 1)
          g = gas
          if (status != 0) break
        }
        store<u8>(mem + <usize>load<u64>(sp), load<u8>(sp - 32))
        sp -= 64
        continue
      case 0x54:
        setGas(g)
        status = sload(sp)
        g = gas
        if (status != 0) break
        continue
      case 0x55:
        setGas(g)
        status = sstore(sp)
        g = gas
        if (status != 0) break
        sp -= 64
        continue
      case 0x56:
      case 0x57: {
        const leap: usize = op == 0x56 ? 32 : 64
        if (op != 0x56 && word.isZero(sp - 32)) {
          sp -= 64
          continue
        }
        const to = load<u64>(sp)
        if (!word.fits64(sp) || to >= length || !isDestination(jumps, <usize>to)) {
          status = BAD_JUMP
          break
        }
        sp -= leap
        pc = first + <usize>to
        until = 0
        if (--fuel >= 0) continue
        setGas(g)
        setPc(pc)
        setSp(sp)
        return OUT
      }
      case 0x58: sp += 32; word.set64(sp, pc - first - 1); continue
      case 0x59: sp += 32; word.set64(sp, memSize); continue
      case 0x5a: sp += 32; word.set64(sp, g); continue
      case 0x5b: continue
      case 0x5f: sp += 32; word.set64(sp, 0); continue
      case 0x60: {
        const value = <u64>load<u8>(pc)
        pc++
        if (isNext(0x01, pc, until)) {
          word.add64(sp, value)
          pc++
          continue
        }
        sp += 32
        word.set64(sp, value)
        continue
      }
      case 0x61: {
        const to = <usize>bswap<u16>(load<u16>(pc))
        const next = load<u8>(pc, 2)
        if (pc + 2 >= until || next < 0x56 || next > 0x57) {
          sp += 32
          word.set64(sp, to)
          pc += 2
          continue
        }
        if (next == 0x57) {
          sp -= 32
          if (word.isZero(sp + 32)) {
            pc += 3
            continue
          }
        }
        if (<u64>to >= length || !isDestination(jumps, to)) {
          status = BAD_JUMP
          break
        }
        pc = first + to
        until = 0
        if (--fuel >= 0) continue
        setGas(g)
        setPc(pc)
        setSp(sp)
        return OUT
      }
      case 0x63: sp += 32; word.set64(sp, bswap<u32>(load<u32>(pc))); pc += 4; continue
      case 0x62: case 0x64: case 0x65: case 0x66: case 0x67:
        sp += 32
        word.set64(sp, swapBytes(load<u64>(pc)) >> (<u64>(0x67 - op) << 3))
        pc += op - 0x5f
        continue
      case 0x68: case 0x69: case 0x6a: case 0x6b: case 0x6c: case 0x6d: case 0x6e:
      case 0x6f: case 0x70: case 0x71: case 0x72: case 0x73: case 0x74: case 0x75:
      case 0x76: case 0x77: case 0x78: case 0x79: case 0x7a: case 0x7b: case 0x7c:
      case 0x7d: case 0x7e:
        sp += 32
        loadBytes(sp, pc, op - 0x5f)
        pc += op - 0x5f
        continue
      case 0x7f: sp += 32; loadBytes32(sp, pc); pc += 32; continue
      // A case each, so that all distances are constants: 6 % of what is full of them.
      case 0x80: sp += 32; word.copy(sp, sp - 32); continue
      case 0x81: sp += 32; word.copy(sp, sp - 64); continue
      case 0x82: sp += 32; word.copy(sp, sp - 96); continue
      case 0x83: sp += 32; word.copy(sp, sp - 128); continue
      case 0x84: sp += 32; word.copy(sp, sp - 160); continue
      case 0x85: sp += 32; word.copy(sp, sp - 192); continue
      case 0x86: sp += 32; word.copy(sp, sp - 224); continue
      case 0x87: sp += 32; word.copy(sp, sp - 256); continue
      case 0x88: sp += 32; word.copy(sp, sp - 288); continue
      case 0x89: sp += 32; word.copy(sp, sp - 320); continue
      case 0x8a: sp += 32; word.copy(sp, sp - 352); continue
      case 0x8b: sp += 32; word.copy(sp, sp - 384); continue
      case 0x8c: sp += 32; word.copy(sp, sp - 416); continue
      case 0x8d: sp += 32; word.copy(sp, sp - 448); continue
      case 0x8e: sp += 32; word.copy(sp, sp - 480); continue
      case 0x8f: sp += 32; word.copy(sp, sp - 512); continue
      case 0x90: swap(sp, sp - 32); continue
      case 0x91: swap(sp, sp - 64); continue
      case 0x92: swap(sp, sp - 96); continue
      case 0x93: swap(sp, sp - 128); continue
      case 0x94: swap(sp, sp - 160); continue
      case 0x95: swap(sp, sp - 192); continue
      case 0x96: swap(sp, sp - 224); continue
      case 0x97: swap(sp, sp - 256); continue
      case 0x98: swap(sp, sp - 288); continue
      case 0x99: swap(sp, sp - 320); continue
      case 0x9a: swap(sp, sp - 352); continue
      case 0x9b: swap(sp, sp - 384); continue
      case 0x9c: swap(sp, sp - 416); continue
      case 0x9d: swap(sp, sp - 448); continue
      case 0x9e: swap(sp, sp - 480); continue
      case 0x9f: swap(sp, sp - 512); continue
      default:
        setGas(g)
        setPc(pc)
        setSp(sp)
        status = other(op, sp)
        // The compiler loses what follows the switch when its last branch always leaves it.
        if (status == 0) {
          sp = savedSp
          const paid = g - gas
          g = gas
          if (paid < DEAR) continue
          fuel -= jumpsOf(paid)
          if (fuel >= 0) continue
          return OUT
        }
        g = gas
    }
    if (status == DECIDED) {
      if (isNext(0x15, pc, until)) {
        flag = !flag
        pc++
      }
      // PUSH2 and JUMPI behind it in the segment are done at once.
      if (pc + 3 >= until || load<u8>(pc) != 0x61 || load<u8>(pc, 3) != 0x57) {
        word.set64(sp, u64(flag))
        continue
      }
      sp -= 32
      if (!flag) {
        pc += 4
        continue
      }
      const to = <usize>bswap<u16>(load<u16>(pc, 1))
      if (<u64>to < length && isDestination(jumps, to)) {
        pc = first + to
        until = 0
        if (--fuel >= 0) continue
        setGas(g)
        setPc(pc)
        setSp(sp)
        return OUT
      }
      status = BAD_JUMP
    }
    fuelLeft = fuel
    if (status == SWITCHED) return SWITCHED
    if (status == PARKED) {
      if (TRACED) tellParked()
      setGas(g + priceOf(load<u8>(pc - 1)))
      setPc(pc - 1)
      setSp(sp)
      return PARKED
    }
    if (TRACED) tellSpent(g)
    return end(status, mem, 0)
  }
}
