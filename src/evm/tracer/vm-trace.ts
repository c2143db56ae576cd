import { type Address, type Hex, bytesToHex, toQuantity } from '../../primitives/hex.ts'
import type { FrameEnd, FrameStart, Observer, Step } from '../observer.ts'
import { opcodeName } from './opcode-names.ts'
import { type TraceContext, TraceTooLarge } from './tracer.ts'

/** The code of one frame and what its instructions did. */
interface VmTrace {
  readonly code: Hex
  readonly ops: VmOperation[]
}

interface VmOperation {
  readonly cost: number
  /** null when the instruction failed. */
  ex: VmEffect | null
  readonly pc: number
  /** What a call or a creation ran. */
  sub: VmTrace | null
  readonly op: string
}

interface VmEffect {
  readonly mem: { readonly data: Hex; readonly off: number } | null
  /** What the instruction left on the stack, the deepest first. */
  readonly push: readonly Hex[]
  readonly store: { readonly key: Hex; readonly val: Hex } | null
  /** Gas that is left. */
  readonly used: number
}

/** An instruction whose effect is still to be seen. */
interface Pending {
  readonly operation: VmOperation
  readonly pushes: number
  readonly store: VmEffect['store']
  readonly memory: { readonly offset: number; readonly length: number } | undefined
  readonly gasLeft: bigint
}

interface OpenFrame {
  readonly trace: VmTrace
  readonly creates: Address | undefined
  pending: Pending | undefined
}

const MAX_BYTES = 128 * 2 ** 20
const OPERATION_BYTES = 160
const SSTORE = 0x55
/** Where a memory-writing instruction has its offset and its length on the stack, from the top; or a fixed length. */
const MEMORY: ReadonlyMap<number, readonly [offset: number, length: number]> = new Map([
  [0x37, [0, 2]],
  [0x39, [0, 2]],
  [0x3c, [1, 3]],
  [0x3e, [0, 2]],
  [0x5e, [0, 2]],
  [0xf1, [5, 6]],
  [0xf2, [5, 6]],
  [0xf4, [4, 5]],
  [0xfa, [4, 5]],
])
/** MLOAD too: Parity shows the word that was read. */
const WORDS: ReadonlyMap<number, number> = new Map([
  [0x51, 32],
  [0x52, 32],
  [0x53, 1],
])
/** Instructions that leave nothing on the stack. */
const SILENT: ReadonlySet<number> = new Set([
  0x00, 0x37, 0x39, 0x3c, 0x3e, 0x50, 0x52, 0x53, 0x55, 0x56, 0x57, 0x5b, 0x5d, 0x5e, 0xa0, 0xa1,
  0xa2, 0xa3, 0xa4, 0xf3, 0xfd, 0xfe, 0xff,
])

/** Every instruction of a transaction, as Parity's `vmTrace` has it. */
export function createVmTracer(context: TraceContext): {
  readonly observer: Observer
  /** undefined when no code ran. @throws {TraceTooLarge} */
  result(): object | undefined
} {
  const open: OpenFrame[] = []
  /** Code that came to be in this transaction. */
  const deployed = new Map<Address, Hex>()
  let root: VmTrace | undefined
  let bytes = 0

  const codeOf = (frame: FrameStart): Hex => {
    if (isCreation(frame)) return bytesToHex(frame.input)
    const fresh = deployed.get(frame.codeAddress)
    if (fresh !== undefined) return fresh
    const account = context.view.account(frame.codeAddress)
    return account === undefined ? '0x' : bytesToHex(context.view.code(account.codeHash))
  }
  const settle = (frame: OpenFrame | undefined, step: Step | undefined, gasLeft: bigint): void => {
    const pending = frame?.pending
    if (frame === undefined || pending === undefined) return
    frame.pending = undefined
    const push = step === undefined ? [] : topOf(step.stack, pending.pushes)
    const mem = step === undefined ? null : memoryOf(step.memory, pending.memory)
    pending.operation.ex = { mem, push, store: pending.store, used: Number(gasLeft) }
    bytes += OPERATION_BYTES + push.length * 70 + (mem?.data.length ?? 0)
  }
  return {
    observer: {
      frameStart(frame) {
        if (frame.kind === 'SELFDESTRUCT') {
          open.push({ trace: { code: '0x', ops: [] }, creates: undefined, pending: undefined })
          return
        }
        const trace: VmTrace = { code: codeOf(frame), ops: [] }
        bytes += trace.code.length
        root ??= trace
        const caller = open.at(-1)?.pending?.operation
        if (caller !== undefined && trace.code !== '0x') caller.sub = trace
        open.push({ trace, creates: isCreation(frame) ? frame.to : undefined, pending: undefined })
      },
      frameEnd(end) {
        const frame = open.pop()
        endFrame(frame, end)
        if (frame?.creates !== undefined && end.error === undefined) {
          deployed.set(frame.creates, bytesToHex(end.output))
        }
      },
      step(step) {
        const frame = open.at(-1)
        settle(frame, step, step.gas)
        if (frame === undefined || bytes > MAX_BYTES) return
        const operation = {
          cost: Number(step.gasCost),
          ex: null,
          pc: step.pc,
          sub: null,
          op: opcodeName(step.opcode),
        }
        frame.trace.ops.push(operation)
        frame.pending = pendingOf(operation, step)
      },
    },
    result() {
      if (bytes > MAX_BYTES)
        throw new TraceTooLarge(MAX_BYTES, 'ask for `trace` instead of `vmTrace`')
      return root?.code === '0x' ? undefined : root
    },
  }

  /** The last instruction: it ended the frame, or it failed and has no effect. */
  function endFrame(frame: OpenFrame | undefined, end: FrameEnd): void {
    if (end.error?.kind === 'halt' || frame?.pending === undefined) return
    settle(frame, undefined, frame.pending.gasLeft)
  }
}

function isCreation({ kind }: FrameStart): boolean {
  return kind === 'CREATE' || kind === 'CREATE2'
}

function pendingOf(operation: VmOperation, step: Step): Pending {
  const { opcode, stack } = step
  const at = (depth: number): bigint | undefined => stack.at(-1 - depth)
  const [key, value] = [at(0), at(1)]
  const isStore = opcode === SSTORE && key !== undefined && value !== undefined
  return {
    operation,
    pushes: pushesOf(opcode),
    store: isStore ? { key: toQuantity(key), val: toQuantity(value) } : null,
    memory: rangeOf(opcode, at),
    gasLeft: step.gas - step.gasCost,
  }
}

/** DUP and SWAP count every word that they reach. */
function pushesOf(opcode: number): number {
  if (opcode >= 0x80 && opcode <= 0x8f) return opcode - 0x80 + 2
  if (opcode >= 0x90 && opcode <= 0x9f) return opcode - 0x90 + 2
  return SILENT.has(opcode) ? 0 : 1
}

function rangeOf(opcode: number, at: (depth: number) => bigint | undefined): Pending['memory'] {
  const word = WORDS.get(opcode)
  const places = MEMORY.get(opcode)
  const offset = at(places?.[0] ?? 0)
  const length = word ?? (places === undefined ? undefined : at(places[1]))
  if (offset === undefined || length === undefined || Number(length) === 0) return undefined
  return { offset: Number(offset), length: Number(length) }
}

function memoryOf(memory: Uint8Array, range: Pending['memory']): VmEffect['mem'] {
  if (range === undefined || range.offset + range.length > memory.length) return null
  const { offset, length } = range
  return { data: bytesToHex(memory.subarray(offset, offset + length)), off: offset }
}

function topOf(stack: readonly bigint[], count: number): readonly Hex[] {
  return count === 0 ? [] : stack.slice(-count).map(toQuantity)
}
