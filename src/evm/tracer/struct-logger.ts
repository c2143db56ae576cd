import { type Address, type Slot, bytesToHex, slotOf } from '../../primitives/hex.ts'
import { JsonPieces } from '../../primitives/json-pieces.ts'
import type { FrameEnd, Step } from '../observer.ts'
import { opcodeName } from './opcode-names.ts'
import { type TraceContext, type Tracer, TraceTooLarge } from './tracer.ts'

export interface StructLoggerConfig {
  readonly disableStack: boolean
  readonly disableStorage: boolean
  readonly enableMemory: boolean
  readonly enableReturnData: boolean
  /** Stops adding steps once those listed are longer than this many bytes of JSON, as Geth does; 0 is no limit. */
  readonly limit: number
}

const SLOAD = 0x54
const SSTORE = 0x55
/** An answer is no longer than this. */
const MAX_BYTES = 256 * 2 ** 20
/** Pieces of about this length are written to the client. */
const PIECE = 1 << 16
const ADVICE = 'pass `limit` in bytes, `disableStack` or `disableStorage`, or use a named tracer'
/** What fails before the instruction begins, and so belongs to its step. */
const STEP_ERRORS = /^(out of gas|gas uint64 overflow|stack underflow|stack limit reached)/

/** The JSON of one instruction, in the order in which Geth writes its fields; what is absent is no text. */
interface StepText {
  readonly head: string
  error: string
  readonly middle: string
  storage: string
  readonly refund: string
}

/** A step whose effect is still to be seen. */
interface Last {
  readonly step: StepText
  readonly depth: number
  /** Of SLOAD: what it loads is on top of the stack of the next step. */
  readonly loads: { readonly address: Address; readonly key: Slot } | undefined
}

/**
 * Geth's default tracer: every instruction with the machine's state before it (execution-apis, opcode tracer).
 * Steps of more than `maxBytes` together are let go, and the result is refused.
 */
export function createStructLogger(
  config: StructLoggerConfig,
  context: TraceContext,
  maxBytes: number = MAX_BYTES,
): Tracer {
  const pieces: string[] = []
  const storage = new Map<Address, Map<Slot, bigint>>()
  let last: Last | undefined
  let bytes = 0
  /** What is not a piece yet. */
  let piece = ''

  const settle = (loaded: bigint | undefined): void => {
    if (last === undefined) return
    const { step } = last
    if (last.loads !== undefined) {
      const { address, key } = last.loads
      const known = slotsOf(storage, address)
      known.set(key, loaded ?? known.get(key) ?? context.view.slot(address, key))
      step.storage = storageText(known)
    }
    const text = `${step.head}${step.error}${step.middle}${step.storage}${step.refund}}`
    piece += bytes === 0 ? text : `,${text}`
    bytes += text.length + 1
    if (piece.length > PIECE) flush()
    if (bytes > maxBytes) {
      pieces.length = 0
      piece = ''
    }
    last = undefined
  }
  const flush = (): void => {
    if (piece !== '') pieces.push(flattened(piece))
    piece = ''
  }
  const add = (step: Step): void => {
    const text = toText(step, config)
    const key = config.disableStorage ? undefined : step.stack.at(-1)
    const value = step.stack.at(-2)
    if (step.opcode === SSTORE && key !== undefined && value !== undefined) {
      const known = slotsOf(storage, step.address)
      known.set(slotOf(key), value)
      text.storage = storageText(known)
    }
    const loads =
      step.opcode === SLOAD && key !== undefined
        ? { address: step.address, key: slotOf(key) }
        : undefined
    last = { step: text, depth: step.depth, loads }
  }
  return {
    observer: {
      step(step) {
        settle(step.depth === last?.depth ? step.stack.at(-1) : undefined)
        if (bytes > maxBytes || (config.limit !== 0 && bytes > config.limit)) return
        add(step)
      },
      frameStart: () => settle(undefined),
      frameEnd(end) {
        markError(last, end)
        settle(undefined)
      },
    },
    result(outcome) {
      if (bytes > maxBytes) throw new TraceTooLarge(maxBytes, ADVICE)
      flush()
      return {
        gas: Number(outcome.gasUsed),
        failed: outcome.kind !== 'success',
        returnValue: outcome.kind === 'halt' ? '0x' : bytesToHex(outcome.output),
        structLogs: new JsonPieces(pieces),
      }
    },
  }
}

/** V8 keeps what was put together as a tree of its parts, and the collector walks those of all pieces. The text is ASCII. */
function flattened(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

function toText(step: Step, config: StructLoggerConfig): StepText {
  const { pc, opcode, gas, gasCost, depth, refund } = step
  let middle = ''
  if (!config.disableStack) middle += `,"stack":${quantitiesText(step.stack)}`
  if (config.enableReturnData && step.returnData.length > 0) {
    middle += `,"returnData":"${bytesToHex(step.returnData)}"`
  }
  if (config.enableMemory && step.memory.length > 0) middle += `,"memory":${wordsText(step.memory)}`
  return {
    head: `{"pc":${pc},"op":"${opcodeName(opcode)}","gas":${gas},"gasCost":${gasCost},"depth":${depth + 1}`,
    error: '',
    middle,
    storage: '',
    refund: refund === 0n ? '' : `,"refund":${refund}`,
  }
}

function quantitiesText(values: readonly bigint[]): string {
  let text = '['
  for (const value of values)
    text += text.length === 1 ? `"0x${value.toString(16)}"` : `,"0x${value.toString(16)}"`
  return `${text}]`
}

/** Memory in words of 32 bytes, the last one filled up with zeros. */
function wordsText(memory: Uint8Array): string {
  const words: string[] = []
  for (let at = 0; at < memory.length; at += 32) {
    const digits = bytesToHex(memory.subarray(at, at + 32)).slice(2)
    words.push(`"0x${digits.padEnd(64, '0')}"`)
  }
  return `[${words.join(',')}]`
}

function slotsOf(storage: Map<Address, Map<Slot, bigint>>, address: Address): Map<Slot, bigint> {
  let slots = storage.get(address)
  if (slots === undefined) storage.set(address, (slots = new Map()))
  return slots
}

/** Keys in order, as Go writes maps. */
function storageText(slots: ReadonlyMap<Slot, bigint>): string {
  const keys = [...slots.keys()].sort()
  return `,"storage":{${keys.map((key) => `"${key}":"${slotOf(slots.get(key)!)}"`).join(',')}}`
}

function markError(last: Last | undefined, end: FrameEnd): void {
  if (last === undefined || end.error?.kind !== 'halt' || end.depth !== last.depth) return
  const { reason } = end.error
  if (STEP_ERRORS.test(reason)) last.step.error = `,"error":${JSON.stringify(reason)}`
}
