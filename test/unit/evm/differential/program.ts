import { FORKS, type ForkName } from '../../../../src/model/fork.ts'
import { concatBytes } from '../../../../src/primitives/bytes.ts'
import { type Address, hexToBytes } from '../../../../src/primitives/hex.ts'
import type { RandomBytes } from '../precompiles-random.ts'

/** What an argument should be to do something more often than not. */
type Kind = 'word' | 'offset' | 'size' | 'address' | 'key' | 'gas' | 'value' | 'number'

interface Instruction {
  readonly opcode: number
  /** The first is on top of the stack. */
  readonly takes: readonly Kind[]
  readonly gives: number
  readonly since: ForkName
  readonly weight: number
}

function row(
  opcode: number,
  takes: string,
  gives: number,
  weight = 2,
  since: ForkName = 'frontier',
): Instruction {
  return { opcode, takes: takes.split(' ').filter(Boolean) as Kind[], gives, weight, since }
}

const calls = (opcode: number, hasValue: boolean, since: ForkName): Instruction =>
  row(opcode, `gas address ${hasValue ? 'value ' : ''}offset size offset size`, 1, 8, since)

const INSTRUCTIONS: readonly Instruction[] = [
  ...[0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x10, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18].map(
    (opcode) => row(opcode, 'word word', 1),
  ),
  ...[0x15, 0x19].map((opcode) => row(opcode, 'word', 1)),
  ...[0x08, 0x09].map((opcode) => row(opcode, 'word word word', 1)),
  row(0x0a, 'number number', 1),
  ...[0x0b, 0x1a].map((opcode) => row(opcode, 'number word', 1)),
  ...[0x1b, 0x1c, 0x1d].map((opcode) => row(opcode, 'number word', 1, 2, 'constantinople')),
  row(0x1e, 'word', 1, 2, 'osaka'),
  row(0x20, 'offset size', 1, 4),
  ...[0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a].map((opcode) => row(opcode, '', 1, 1)),
  ...[0x41, 0x42, 0x43, 0x44, 0x45, 0x58, 0x59, 0x5a].map((opcode) => row(opcode, '', 1, 1)),
  row(0x31, 'address', 1, 4),
  row(0x35, 'offset', 1),
  ...[0x37, 0x39].map((opcode) => row(opcode, 'offset offset size', 0)),
  row(0x3b, 'address', 1, 3),
  row(0x3c, 'address offset offset size', 0, 3),
  row(0x3d, '', 1, 2, 'byzantium'),
  row(0x3e, 'offset number size', 0, 2, 'byzantium'),
  row(0x3f, 'address', 1, 3, 'constantinople'),
  row(0x40, 'number', 1, 1),
  row(0x46, '', 1, 1, 'istanbul'),
  row(0x47, '', 1, 3, 'istanbul'),
  row(0x48, '', 1, 1, 'london'),
  row(0x49, 'number', 1, 1, 'cancun'),
  row(0x4a, '', 1, 1, 'cancun'),
  row(0x50, 'word', 0),
  row(0x51, 'offset', 1, 4),
  row(0x52, 'offset word', 0, 8),
  row(0x53, 'offset word', 0, 3),
  row(0x54, 'key', 1, 10),
  row(0x55, 'key number', 0, 14),
  row(0x5c, 'key', 1, 4, 'cancun'),
  row(0x5d, 'key number', 0, 5, 'cancun'),
  row(0x5e, 'offset offset size', 0, 3, 'cancun'),
  row(0x5f, '', 1, 1, 'shanghai'),
  row(0xa0, 'offset size', 0, 2),
  row(0xa1, 'offset size word', 0),
  row(0xa2, 'offset size word word', 0, 1),
  row(0xa4, 'offset size word word word word', 0, 1),
  calls(0xf1, true, 'frontier'),
  calls(0xf2, true, 'frontier'),
  calls(0xf4, false, 'homestead'),
  calls(0xfa, false, 'byzantium'),
]

const MSTORE = 0x52
const JUMPDEST = 0x5b
const word32 = (bytes: Uint8Array) => Uint8Array.of(0x7f, ...bytes)

export interface ProgramContext {
  readonly fork: ForkName
  /** Whom it may call, look at and pay. */
  readonly addresses: readonly Address[]
}

/** Bytecode that mostly makes sense: arguments of the right kind, forward jumps, loops, creations, and an end. */
export function randomProgram(random: RandomBytes, context: ProgramContext, depth = 0): Uint8Array {
  const parts: number[] = []
  const known = INSTRUCTIONS.filter(
    ({ since }) => FORKS.indexOf(since) <= FORKS.indexOf(context.fork),
  )
  const statements = 2 + random.below(depth === 0 ? 16 : 5)
  for (let count = 0; count < statements; count++) {
    const kind = random.below(24)
    if (kind === 0) branch(random, context, known, parts)
    else if (kind === 1) loop(random, context, known, parts)
    else if (kind === 2 && depth < 2) create(random, context, parts, depth)
    else if (kind === 3) parts.push(0x80 + random.below(random.below(4) === 0 ? 16 : 3))
    else if (kind === 4) parts.push(0x90 + random.below(random.below(4) === 0 ? 16 : 2))
    else statement(random, context, known, parts)
  }
  finish(random, context, parts)
  const code = Uint8Array.from(parts)
  if (random.below(12) === 0) code[random.below(code.length)] = random.below(256)
  return code
}

function statement(
  random: RandomBytes,
  context: ProgramContext,
  known: readonly Instruction[],
  parts: number[],
): void {
  let at = random.below(known.reduce((sum, { weight }) => sum + weight, 0))
  const chosen = known.find(({ weight }) => (at -= weight) < 0)!
  for (const kind of chosen.takes.toReversed()) {
    // What is on the stack will do at times.
    if (random.below(12) > 0) argument(random, context, kind, parts)
  }
  parts.push(chosen.opcode)
}

function argument(random: RandomBytes, context: ProgramContext, kind: Kind, parts: number[]): void {
  const isOdd = random.below(40) === 0
  if (isOdd || kind === 'word') push(parts, oddWord(random))
  else if (kind === 'address') {
    push(parts, hexToBytes(context.addresses[random.below(context.addresses.length)]!))
  } else if (kind === 'gas' && random.below(3) > 0) parts.push(0x5a)
  else if (kind === 'gas') push(parts, Uint8Array.of(random.below(200), random.below(256)))
  else if (kind === 'offset') push(parts, Uint8Array.of(random.below(6) * 32 + random.below(2)))
  else if (kind === 'size') push(parts, Uint8Array.of([0, 1, 31, 32, 33, 64][random.below(6)]!))
  else if (kind === 'value') push(parts, Uint8Array.of(random.below(3) === 0 ? 1 : 0))
  else push(parts, Uint8Array.of(random.below(kind === 'key' ? 4 : random.below(2) === 0 ? 3 : 70)))
}

function oddWord(random: RandomBytes): Uint8Array {
  const length = [1, 1, 2, 8, 9, 16, 20, 31, 32][random.below(9)]!
  if (random.below(4) === 0) return new Uint8Array(length).fill(random.below(2) === 0 ? 255 : 128)
  return random.bytes(length)
}

function push(parts: number[], bytes: Uint8Array): void {
  parts.push(0x5f + bytes.length, ...bytes)
}

/** PUSH cond, PUSH target, JUMPI, statements, JUMPDEST. */
function branch(
  random: RandomBytes,
  context: ProgramContext,
  known: readonly Instruction[],
  parts: number[],
): void {
  argument(random, context, 'number', parts)
  const target = parts.length + 1
  parts.push(0x61, 0, 0, 0x57)
  for (let count = random.below(3); count >= 0; count--) statement(random, context, known, parts)
  const there = parts.length + (random.below(20) === 0 ? 1 : 0)
  parts[target] = there >> 8
  parts[target + 1] = there & 255
  parts.push(JUMPDEST)
}

/** Some turns of statements that leave their results on the stack, counted in memory. */
function loop(
  random: RandomBytes,
  context: ProgramContext,
  known: readonly Instruction[],
  parts: number[],
): void {
  const counter = [0x61, 0x01, 0xe0]
  parts.push(0x60, 1 + random.below(6), ...counter, MSTORE)
  const start = parts.length
  parts.push(JUMPDEST)
  for (let count = random.below(3); count >= 0; count--) statement(random, context, known, parts)
  parts.push(
    0x60,
    1,
    ...counter,
    0x51,
    0x03,
    0x80,
    ...counter,
    MSTORE,
    0x61,
    start >> 8,
    start & 255,
  )
  parts.push(0x57)
}

/** Puts init code into memory and creates, with CREATE2 at times. */
function create(
  random: RandomBytes,
  context: ProgramContext,
  parts: number[],
  depth: number,
): void {
  const runtime = randomProgram(random, context, depth + 1).subarray(0, 60)
  const isPlain = random.below(4) === 0
  const init = isPlain ? runtime : deploying(runtime)
  const room = (init.length + 31) & ~31
  const padded = concatBytes(init, new Uint8Array(room - init.length))
  for (let at = 0; at < room; at += 32) {
    parts.push(...word32(padded.subarray(at, at + 32)), 0x60, at, MSTORE)
  }
  const isSalted = random.below(2) === 0
  if (isSalted) push(parts, Uint8Array.of(random.below(2)))
  push(parts, Uint8Array.of(init.length))
  parts.push(0x60, 0, 0x60, random.below(8) === 0 ? 1 : 0, isSalted ? 0xf5 : 0xf0)
}

/** Init code that deploys `runtime`, of less than 256 bytes. */
export function deploying(runtime: Uint8Array): Uint8Array {
  const copy = [0x60, runtime.length, 0x80, 0x60, 11, 0x60, 0, 0x39, 0x60, 0, 0xf3]
  return Uint8Array.from([...copy, ...runtime])
}

function finish(random: RandomBytes, context: ProgramContext, parts: number[]): void {
  const end = random.below(12)
  if (end < 5) parts.push(0x60, 0x40, 0x60, random.below(64), 0xf3)
  else if (end < 7) parts.push(0x60, 0x40, 0x60, random.below(64), 0xfd)
  else if (end === 7) {
    argument(random, context, 'address', parts)
    parts.push(0xff)
  } else if (end === 8) parts.push(0xfe)
  else if (end === 9) parts.push(0x00)
}
