import { create2Address, createAddress } from '../../model/create-address.ts'
import { isActive } from '../../model/fork.ts'
import { EMPTY_BYTES, bigIntToFixedBytes } from '../../primitives/bytes.ts'
import type { Address, Hash } from '../../primitives/hex.ts'
import { VOLATILE_READS } from '../../state/record.ts'
import type { FrameKind, Observer } from '../observer.ts'
import { opcodeName } from '../tracer/opcode-names.ts'
import { DraftStep } from './draft-step.ts'
import { frameErrorOf, undefinedOpcode } from './halt.ts'
import type { Instance } from './instance.ts'
import {
  ACCOUNT_BALANCE,
  ACCOUNT_NONCE,
  CODE_BYTES,
  CODE_LENGTH,
  FRAME_SIZE,
  LOG_ACCOUNT,
  LOG_BYTES,
  LOG_COUNT,
  LOG_DATA_SIZE,
  LOG_TOPICS,
  OPCODES,
  OPCODE_LEAST,
  RESULT_DETAIL,
  RESULT_DETAIL2,
  SCRATCH,
} from './layout.ts'
import type { Machine } from './machine.ts'
import { CALL, CALLCODE, CREATE, CREATE2, DELEGATECALL, STATICCALL } from './status.ts'

// Places in a frame's record: see `assembly/frame-layout.ts`.
const SAVED_GAS = 8
const STACK_BOTTOM = 28
const CODE_OF_FRAME = 32
const KIND = 36
const ACCOUNT_OF_FRAME = 44
const CODE_ACCOUNT = 48
const CALLER = 52
const INPUT = 56
const INPUT_SIZE = 60
const GIVEN_GAS = 104
const VALUE = 112

const KINDS: Readonly<Record<number, FrameKind>> = {
  [CREATE]: 'CREATE',
  [CALL]: 'CALL',
  [CALLCODE]: 'CALLCODE',
  [DELEGATECALL]: 'DELEGATECALL',
  [CREATE2]: 'CREATE2',
  [STATICCALL]: 'STATICCALL',
}
/** What changes or moves the memory, so that it has to be copied before. */
const CHANGES_MEMORY: ReadonlySet<number> = new Set([
  0x20, 0x37, 0x39, 0x3c, 0x3e, 0x51, 0x52, 0x53, 0x5e, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xf0, 0xf1,
  0xf2, 0xf3, 0xf4, 0xf5, 0xfa, 0xfd,
])

const SSTORE = 0x55

/** Words that a stack holds at most. */
const STACK_WORDS = 1024

/** Tells an observer of one execution after another, from what the artefact for observers calls out. */
export class Listener {
  #machine: Machine | undefined
  #observer: Observer = {}
  /** The instruction at work, until it is known what it cost. */
  #draft: DraftStep | undefined
  /** The limbs of the stack as it was before the instruction at work. */
  readonly #limbs: BigUint64Array = new BigUint64Array(STACK_WORDS * 4)
  readonly #halves: Uint32Array = new Uint32Array(this.#limbs.buffer)
  /** The memory as it was before the instruction at work, when that changes it. */
  #memory: Uint8Array = new Uint8Array(4096)
  /** Addresses of accounts, by where the instance keeps them. */
  readonly #addresses: Map<number, Address> = new Map()
  #addressesOf: Instance | undefined

  readonly imports: WebAssembly.ModuleImports = {
    step: (...args) => this.#step(...(args as StepArguments)),
    spent: (gas) => this.#spent(gas as bigint),
    parked: () => {
      this.#draft = undefined
    },
    start: (depth, frame) => {
      if (!this.#machine!.isDoomed) this.#start(depth as number, frame as number)
    },
    end: (...args) => {
      if (!this.#machine!.isDoomed) this.#end(...(args as EndArguments))
    },
    failure: (...args) => this.#failure(...(args as FailureArguments)),
    destruction: (...args) => this.#destruction(...(args as [number, bigint, number, number])),
    log: (...args) => this.#log(...(args as [number, bigint, number])),
    hashed: (...args) => this.#hashed(...(args as HashedArguments)),
    volatileRead: (...args) => this.#volatileRead(...(args as VolatileArguments)),
  }

  /** @param machine calls out, and runs what is heard */
  begin(machine: Machine, observer: Observer): void {
    this.#machine = machine
    this.#addressesOf = undefined
    this.#observer = observer
    this.#draft = undefined
  }

  end(): void {
    this.#machine = undefined
    this.#observer = {}
  }

  get #instance(): Instance {
    const { instance } = this.#machine!
    instance.refresh()
    return instance
  }

  #address(account: number): Address {
    const instance = this.#instance
    if (instance !== this.#addressesOf) this.#addresses.clear()
    this.#addressesOf = instance
    const known = this.#addresses.get(account)
    if (known !== undefined) return known
    instance.fn.addressBytes(account)
    const address = instance.hex(SCRATCH, 20) as Address
    this.#addresses.set(account, address)
    return address
  }

  #step(
    depth: number,
    frame: number,
    opcode: number,
    pc: number,
    sp: number,
    mem: number,
    memSize: number,
    gas: bigint,
    refund: bigint,
    returnData: number,
    returnSize: number,
  ): void {
    this.#spent(gas, this.#draft?.opcode === SSTORE ? refund : undefined)
    if (this.#observer.step === undefined) return
    const instance = this.#instance
    const stackSize = this.#copyStack(instance, instance.pointer(frame + STACK_BOTTOM), sp)
    const isKept = CHANGES_MEMORY.has(opcode)
    if (isKept) this.#keepMemory(instance, mem, memSize)
    const memory = isKept
      ? () => this.#memory.subarray(0, memSize)
      : () => instance.u8.subarray(mem, mem + memSize)
    const isDefined = instance.u8[OPCODES + opcode * 8 + OPCODE_LEAST + 1] !== 0xff
    const draft = new DraftStep(this.#limbs, memory)
    draft.depth = depth
    draft.pc = pc
    draft.opcode = opcode
    draft.name = isDefined ? this.#nameOf(opcode) : undefinedName(opcode)
    draft.gas = gas
    draft.refund = refund
    draft.address = this.#address(instance.pointer(frame + ACCOUNT_OF_FRAME))
    draft.codeAddress = this.#address(instance.pointer(frame + CODE_ACCOUNT))
    draft.stackSize = stackSize
    if (returnSize > 0) draft.returnData = instance.copyOut(returnData, returnSize)
    this.#draft = draft
  }

  #keepMemory({ u8 }: Instance, at: number, size: number): void {
    if (size > this.#memory.length) this.#memory = new Uint8Array(2 * size)
    this.#memory.set(u8.subarray(at, at + size))
  }

  /** @param bottom the word below the lowest @param top the highest word @returns how many words */
  #copyStack({ u32 }: Instance, bottom: number, top: number): number {
    const from = (bottom + 32) >>> 2
    const length = (top - bottom) >>> 2
    const to = this.#halves
    // Stacks are short: copying as one piece would cost more.
    for (let at = 0; at < length; at++) to[at] = u32[from + at]!
    return length >>> 3
  }

  #nameOf(opcode: number): string {
    const isRandom = opcode === 0x44 && isActive(this.#machine!.env!.rules, 'paris')
    return isRandom ? 'PREVRANDAO' : opcodeName(opcode)
  }

  /** The instruction at work left this much gas. @param refund with what it gave back, which Geth counts before it runs */
  #spent(gas: bigint, refund: bigint | undefined = this.#draft?.refund): void {
    const draft = this.#draft
    if (draft === undefined) return
    this.#draft = undefined
    draft.gasCost = draft.gas - gas
    if (refund !== undefined) draft.refund = refund
    this.#observer.step?.(draft)
  }

  #start(depth: number, frame: number): void {
    const instance = this.#instance
    const given = instance.u64[(frame + GIVEN_GAS) >>> 3]!
    const kind = instance.pointer(frame + KIND)
    const creates = kind === CREATE || kind === CREATE2
    if (depth > 0) {
      const left = instance.u64[(frame - FRAME_SIZE + SAVED_GAS) >>> 3]!
      // A creation's own gas is no cost of the instruction, as Geth has it.
      this.#spent(creates ? left + given : left)
    }
    if (this.#observer.frameStart === undefined) return
    const caller = instance.pointer(
      depth === 0 ? frame + CALLER : frame - FRAME_SIZE + ACCOUNT_OF_FRAME,
    )
    const code = instance.pointer(frame + CODE_OF_FRAME)
    const input = creates
      ? instance.copyOut(code + CODE_BYTES, instance.pointer(code + CODE_LENGTH))
      : instance.copyOut(instance.pointer(frame + INPUT), instance.pointer(frame + INPUT_SIZE))
    this.#observer.frameStart?.({
      kind: KINDS[kind]!,
      depth,
      from: this.#address(caller),
      to: this.#address(instance.pointer(frame + ACCOUNT_OF_FRAME)),
      codeAddress: this.#address(instance.pointer(frame + CODE_ACCOUNT)),
      valueWei: instance.word(frame + VALUE),
      gas: given,
      input,
    })
  }

  #end(
    depth: number,
    frame: number,
    status: number,
    gas: bigint,
    output: number,
    size: number,
  ): void {
    const instance = this.#instance
    const given = instance.u64[(frame + GIVEN_GAS) >>> 3]!
    this.#observer.frameEnd?.({
      depth,
      gasUsed: given - gas,
      output: size === 0 ? EMPTY_BYTES : instance.copyOut(output, size),
      error: frameErrorOf(status, [
        instance.pointer(RESULT_DETAIL),
        instance.pointer(RESULT_DETAIL2),
      ]),
    })
  }

  #failure(
    depth: number,
    frame: number,
    opcode: number,
    at: number,
    mem: number,
    gas: bigint,
    given: bigint,
    status: number,
  ): void {
    this.#spent(gas)
    const instance = this.#instance
    const self = instance.pointer(frame + ACCOUNT_OF_FRAME)
    const from = this.#address(self)
    const creates = opcode === CREATE || opcode === CREATE2
    const hasValue = opcode === CALL || opcode === CALLCODE
    const inputAt = at - 32 * (creates ? 1 : hasValue ? 3 : 2)
    const size = Number(instance.word(inputAt - 32))
    const offset = size === 0 ? 0 : Number(instance.word(inputAt))
    const input = instance.copyOut(mem + offset, size)
    let callee: Address
    if (opcode === CREATE) {
      callee = createAddress(from, instance.u64[(self + ACCOUNT_NONCE) >>> 3]!)
    } else if (opcode === CREATE2) {
      callee = create2Address(from, bigIntToFixedBytes(instance.word(at - 96), 32), input)
    } else callee = this.#addressIn(at - 32)
    const value = creates
      ? instance.word(at)
      : hasValue
        ? instance.word(at - 64)
        : opcode === DELEGATECALL
          ? instance.word(frame + VALUE)
          : 0n
    this.#observer.frameStart?.({
      kind: KINDS[opcode]!,
      depth: depth + 1,
      from,
      to: opcode === CALL || opcode === STATICCALL || creates ? callee : from,
      codeAddress: callee,
      valueWei: value,
      gas: given,
      input,
    })
    const error = frameErrorOf(status, [0, 0])
    this.#observer.frameEnd?.({ depth: depth + 1, gasUsed: 0n, output: EMPTY_BYTES, error })
  }

  /** The address in a word. */
  #addressIn(at: number): Address {
    const instance = this.#instance
    instance.fn.wordBytes(at)
    return instance.hex(SCRATCH + 12, 20) as Address
  }

  #destruction(depth: number, gas: bigint, self: number, heir: number): void {
    this.#spent(gas)
    const to = this.#address(heir)
    this.#observer.frameStart?.({
      kind: 'SELFDESTRUCT',
      depth: depth + 1,
      from: this.#address(self),
      to,
      codeAddress: to,
      valueWei: this.#instance.word(self + ACCOUNT_BALANCE),
      gas: 0n,
      input: EMPTY_BYTES,
    })
    this.#observer.frameEnd?.({ depth: depth + 1, gasUsed: 0n, output: EMPTY_BYTES })
  }

  #log(depth: number, gas: bigint, record: number): void {
    this.#spent(gas)
    const instance = this.#instance
    const index = instance.pointer(LOG_COUNT)
    const address = this.#address(instance.pointer(record + LOG_ACCOUNT))
    const count = instance.pointer(record + LOG_TOPICS)
    const topics: Hash[] = []
    for (let i = 0; i < count; i++) {
      topics.push(instance.hex(record + LOG_BYTES + 32 * i, 32) as Hash)
    }
    const size = instance.pointer(record + LOG_DATA_SIZE)
    const data = instance.copyOut(record + LOG_BYTES + 32 * count, size)
    this.#observer.log?.({ depth, address, topics, data, index })
  }

  #hashed(depth: number, frame: number, pc: number, input: number, size: number, at: number): void {
    if (this.#observer.hashed === undefined) return
    const instance = this.#instance
    const codeAddress = this.#address(instance.pointer(frame + CODE_ACCOUNT))
    instance.fn.wordBytes(at)
    const hash = instance.hex(SCRATCH, 32) as Hash
    this.#observer.hashed({ depth, pc, codeAddress, input: instance.copyOut(input, size), hash })
  }

  #volatileRead(depth: number, frame: number, pc: number, bit: number): void {
    if (this.#observer.volatileRead === undefined) return
    const codeAddress = this.#address(this.#instance.pointer(frame + CODE_ACCOUNT))
    const read = VOLATILE_READS[31 - Math.clz32(bit)]!
    this.#observer.volatileRead({ depth, pc, codeAddress, read })
  }
}

function undefinedName(opcode: number): string {
  return opcode === 0xfe ? 'INVALID' : undefinedOpcode(opcode)
}

type StepArguments = [
  depth: number,
  frame: number,
  opcode: number,
  pc: number,
  sp: number,
  mem: number,
  memSize: number,
  gas: bigint,
  refund: bigint,
  returnData: number,
  returnSize: number,
]
type HashedArguments = [
  depth: number,
  frame: number,
  pc: number,
  input: number,
  size: number,
  at: number,
]
type VolatileArguments = [depth: number, frame: number, pc: number, bit: number]
type EndArguments = [
  depth: number,
  frame: number,
  status: number,
  gas: bigint,
  output: number,
  size: number,
]
type FailureArguments = [
  depth: number,
  frame: number,
  opcode: number,
  at: number,
  mem: number,
  gas: bigint,
  given: bigint,
  status: number,
]
