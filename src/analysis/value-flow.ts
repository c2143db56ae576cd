import { type Address, type Slot, slotOf } from '../primitives/hex.ts'
import { locationKey } from '../state/location.ts'
import type { ValueUse } from './input.ts'
import { poppedBy, pushedBy } from './opcode-arity.ts'

/** What an observer of an engine hears before each instruction; the rest of a step is not looked at. */
export interface FlowStep {
  readonly depth: number
  readonly opcode: number
  /** The account whose storage it works on. */
  readonly address: Address
  readonly stackSize: number
  /** Bottom first. Looked at only where it matters. */
  readonly stack: readonly bigint[]
}

/**
 * How a word depends on what a slot held: `plus`: it is that value and something independent of it; `test`: it is a comparison with it;
 * `other`: in any other way.
 */
type Dependence = 'plus' | 'test' | 'other'
/** By slot, as `locationKey` has it. undefined: on none. */
type Tag = ReadonlyMap<string, Dependence> | undefined

interface Frame {
  readonly stack: Tag[]
  /** Words of memory that hold something tagged, by the byte where they begin. */
  readonly memory: Map<number, Tag>
}

const ADD = 0x01
const SUB = 0x03
const COMPARISONS: ReadonlySet<number> = new Set([0x10, 0x11, 0x12, 0x13, 0x14, 0x15])
/** AND, OR, XOR, NOT: of tests they are tests. */
const LOGIC: ReadonlySet<number> = new Set([0x16, 0x17, 0x18, 0x19])
const POP = 0x50
const MLOAD = 0x51
const MSTORE = 0x52
const SLOAD = 0x54
const SSTORE = 0x55
const JUMPI = 0x57
const DUP1 = 0x80
const SWAP1 = 0x90
const FREE: ReadonlySet<number> = new Set([POP, 0x5b])
/** Pairs of offset and length in memory that an instruction reads, by their places from the top of the stack. */
const READS_MEMORY: ReadonlyMap<number, readonly (readonly [offset: number, length: number])[]> =
  new Map([
    [0x20, [[0, 1]]],
    [0x5e, [[1, 2]]],
    [0xa0, [[0, 1]]],
    [0xa1, [[0, 1]]],
    [0xa2, [[0, 1]]],
    [0xa3, [[0, 1]]],
    [0xa4, [[0, 1]]],
    [0xf0, [[1, 2]]],
    [0xf1, [[3, 4]]],
    [0xf2, [[3, 4]]],
    [0xf3, [[0, 1]]],
    [0xf4, [[2, 3]]],
    [0xf5, [[1, 2]]],
    [0xfa, [[2, 3]]],
    [0xfd, [[0, 1]]],
  ])
/** Instructions whose result depends on their arguments and on nothing else, and which do nothing besides. */
const isPure = (opcode: number): boolean => opcode <= 0x1e && opcode !== 0x00

/**
 * Follows the values of slots through a transaction: which of the slots that it wrote it only added to. Errs to `used`: a value that
 * shares its slot with others, or goes through a call, counts as used.
 */
export class ValueFlow {
  readonly #frames: Frame[] = []
  /** What each slot that was written holds now. */
  readonly #held: Map<string, Tag> = new Map()
  readonly #written: Set<string> = new Set()
  readonly #guarded: Set<string> = new Set()
  readonly #used: Set<string> = new Set()

  /** Call it for every instruction, in order. */
  step(step: FlowStep): void {
    const { depth, opcode } = step
    while (this.#frames.length > depth + 1) this.#frames.pop()
    while (this.#frames.length <= depth) this.#frames.push({ stack: [], memory: new Map() })
    const frame = this.#frames[depth]!
    resize(frame.stack, step.stackSize)
    if (opcode >= DUP1 && opcode < SWAP1) frame.stack.push(frame.stack.at(DUP1 - 1 - opcode))
    else if (opcode >= SWAP1 && opcode < SWAP1 + 16) swap(frame.stack, opcode - SWAP1 + 1)
    else if (passesBy(frame, opcode)) {
      for (let n = poppedBy(opcode); n > 0; n--) frame.stack.pop()
      for (let n = pushedBy(opcode); n > 0; n--) frame.stack.push(undefined)
    } else this.#run(frame, step)
  }

  /** Of the slots that were written, by `locationKey`. */
  uses(): ReadonlyMap<string, ValueUse> {
    const uses = new Map<string, ValueUse>()
    for (const key of this.#written) {
      uses.set(key, this.#used.has(key) ? 'used' : this.#guarded.has(key) ? 'guarded' : 'added')
    }
    return uses
  }

  #run(frame: Frame, { opcode, address, stack }: FlowStep): void {
    const count = poppedBy(opcode)
    const tags: Tag[] = []
    for (let n = 0; n < count; n++) tags.push(frame.stack.pop())
    const word = (n: number): bigint => stack.at(-1 - n) ?? 0n
    const result = this.#resultOf(frame, opcode, address, tags, word)
    for (let n = 0; n < pushedBy(opcode); n++) frame.stack.push(result)
  }

  #resultOf(
    frame: Frame,
    opcode: number,
    address: Address,
    tags: readonly Tag[],
    word: (n: number) => bigint,
  ): Tag {
    for (const [offset, length] of READS_MEMORY.get(opcode) ?? []) {
      this.#readMemory(frame, word(offset), word(length))
    }
    if (FREE.has(opcode)) return undefined
    if (isPure(opcode)) return combine(opcode, tags)
    switch (opcode) {
      case MLOAD:
        this.#use(tags[0])
        return load(frame, Number(word(0)))
      case MSTORE:
        this.#use(tags[0])
        store(frame, word(0), tags[1])
        return undefined
      case SLOAD: {
        this.#use(tags[0])
        const key = keyOf(address, slotOf(word(0)))
        return this.#written.has(key) ? this.#held.get(key) : new Map([[key, 'plus']])
      }
      case SSTORE:
        this.#use(tags[0])
        this.#write(keyOf(address, slotOf(word(0))), tags[1])
        return undefined
      case JUMPI:
        this.#use(tags[0])
        for (const [key, dependence] of tags[1] ?? []) {
          if (dependence === 'other') this.#used.add(key)
          else this.#guarded.add(key)
        }
        return undefined
      default:
        for (const tag of tags) this.#use(tag)
        return undefined
    }
  }

  #write(key: string, tag: Tag): void {
    this.#written.add(key)
    this.#held.set(key, tag)
    for (const other of tag?.keys() ?? []) if (other !== key) this.#used.add(other)
    if (tag?.get(key) !== 'plus') this.#used.add(key)
  }

  #readMemory(frame: Frame, offset: bigint, length: bigint): void {
    for (const [at, tag] of frame.memory) {
      if (BigInt(at) < offset + length && BigInt(at) + 32n > offset) this.#use(tag)
    }
  }

  #use(tag: Tag): void {
    for (const key of tag?.keys() ?? []) this.#used.add(key)
  }
}

function keyOf(address: Address, key: Slot): string {
  return locationKey({ kind: 'slot', address, key })
}

/** Storage and memory: what they do matters whatever their arguments depend on. */
const HOLDS: ReadonlySet<number> = new Set([MLOAD, MSTORE, SLOAD, SSTORE])

/** Whether an instruction has nothing to do with what slots held: most of them. */
function passesBy({ stack, memory }: Frame, opcode: number): boolean {
  if (HOLDS.has(opcode) || (memory.size > 0 && READS_MEMORY.has(opcode))) return false
  for (let at = stack.length - poppedBy(opcode); at < stack.length; at++) {
    if (stack[at] !== undefined) return false
  }
  return true
}

/** Instructions that were not seen, such as the end of a call, leave the stack longer or shorter. */
function resize(stack: Tag[], length: number): void {
  while (stack.length < length) stack.push(undefined)
  while (stack.length > length) stack.pop()
}

function swap(stack: Tag[], distance: number): void {
  const top = stack.length - 1
  const kept = stack[top]
  stack[top] = stack[top - distance]
  stack[top - distance] = kept
}

function combine(opcode: number, tags: readonly Tag[]): Tag {
  const [first, second] = tags
  if (tags.every((tag) => tag === undefined)) return undefined
  const result = new Map<string, Dependence>()
  for (const tag of tags) {
    for (const [key, dependence] of tag ?? []) {
      const isInBoth = first?.has(key) === true && second?.has(key) === true
      result.set(
        key,
        isInBoth && opcode <= SUB ? 'other' : dependenceOf(opcode, tag, first, dependence),
      )
    }
  }
  return result
}

function dependenceOf(opcode: number, tag: Tag, first: Tag, before: Dependence): Dependence {
  if (COMPARISONS.has(opcode)) return before === 'other' ? 'other' : 'test'
  if (LOGIC.has(opcode)) return before === 'test' ? 'test' : 'other'
  const keeps = opcode === ADD || (opcode === SUB && tag === first)
  return keeps && before === 'plus' ? 'plus' : 'other'
}

function load(frame: Frame, offset: number): Tag {
  const whole = frame.memory.get(offset)
  if (whole !== undefined) return whole
  const result = new Map<string, Dependence>()
  for (const [at, tag] of frame.memory) {
    if (Math.abs(at - offset) >= 32) continue
    for (const key of tag?.keys() ?? []) result.set(key, 'other')
  }
  return result.size === 0 ? undefined : result
}

/** Words that it covers in part are no longer what they were. */
function store(frame: Frame, offset: bigint, tag: Tag): void {
  const start = Number(offset)
  for (const [at, known] of frame.memory) {
    if (at === start || Math.abs(at - start) >= 32) continue
    frame.memory.set(at, new Map(Array.from(known?.keys() ?? [], (key) => [key, 'other'])))
  }
  if (tag === undefined) frame.memory.delete(start)
  else frame.memory.set(start, tag)
}
