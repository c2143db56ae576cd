import {
  type Address,
  type Hex,
  type Slot,
  bytesToHex,
  slotOf,
  toQuantity,
} from '../../primitives/hex.ts'
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

/** One instruction, in the order of fields that Geth writes. */
interface StructLog {
  readonly pc: number
  readonly op: string
  readonly gas: number
  readonly gasCost: number
  readonly depth: number
  error?: string
  stack?: readonly Hex[]
  returnData?: Hex
  memory?: readonly Hex[]
  storage?: Readonly<Record<Slot, Hex>>
  refund?: number
}

const SLOAD = 0x54
const SSTORE = 0x55
/** V8 cannot hold a string of more than 512 MiB, and the answer must fit in one. */
const MAX_BYTES = 256 * 2 ** 20
/** JSON of a step without stack, memory and storage. */
const STEP_BYTES = 90
const ADVICE = 'pass `limit` in bytes, `disableStack` or `disableStorage`, or use a named tracer'
/** What fails before the instruction begins, and so belongs to its step. */
const STEP_ERRORS = /^(out of gas|gas uint64 overflow|stack underflow|stack limit reached)/

/** A step whose effect is still to be seen. */
interface Last {
  readonly log: StructLog
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
  const logs: StructLog[] = []
  const storage = new Map<Address, Map<Slot, bigint>>()
  let last: Last | undefined
  let bytes = 0

  const settle = (loaded: bigint | undefined): void => {
    if (last === undefined) return
    if (last.loads !== undefined) {
      const { address, key } = last.loads
      const known = slotsOf(storage, address)
      known.set(key, loaded ?? known.get(key) ?? context.view.slot(address, key))
      last.log.storage = toStorage(known)
    }
    bytes += config.limit === 0 ? estimateBytes(last.log) : JSON.stringify(last.log).length
    if (bytes > maxBytes) logs.length = 0
    last = undefined
  }
  const add = (step: Step): void => {
    const log = toLog(step, config)
    const key = config.disableStorage ? undefined : step.stack.at(-1)
    const value = step.stack.at(-2)
    if (step.opcode === SSTORE && key !== undefined && value !== undefined) {
      const known = slotsOf(storage, step.address)
      known.set(slotOf(key), value)
      log.storage = toStorage(known)
    }
    const loads =
      step.opcode === SLOAD && key !== undefined
        ? { address: step.address, key: slotOf(key) }
        : undefined
    logs.push(log)
    last = { log, depth: step.depth, loads }
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
      return {
        gas: Number(outcome.gasUsed),
        failed: outcome.kind !== 'success',
        returnValue: outcome.kind === 'halt' ? '0x' : bytesToHex(outcome.output),
        structLogs: logs,
      }
    },
  }
}

function toLog(step: Step, config: StructLoggerConfig): StructLog {
  const log: StructLog = {
    pc: step.pc,
    op: opcodeName(step.opcode),
    gas: Number(step.gas),
    gasCost: Number(step.gasCost),
    depth: step.depth + 1,
  }
  if (!config.disableStack) log.stack = step.stack.map(toQuantity)
  if (config.enableReturnData && step.returnData.length > 0) {
    log.returnData = bytesToHex(step.returnData)
  }
  if (config.enableMemory && step.memory.length > 0) log.memory = toWords(step.memory)
  if (step.refund !== 0n) log.refund = Number(step.refund)
  return log
}

/** Memory in words of 32 bytes, the last one filled up with zeros. */
function toWords(memory: Uint8Array): readonly Hex[] {
  const words: Hex[] = []
  for (let at = 0; at < memory.length; at += 32) {
    const digits = bytesToHex(memory.subarray(at, at + 32)).slice(2)
    words.push(`0x${digits.padEnd(64, '0')}`)
  }
  return words
}

function slotsOf(storage: Map<Address, Map<Slot, bigint>>, address: Address): Map<Slot, bigint> {
  let slots = storage.get(address)
  if (slots === undefined) storage.set(address, (slots = new Map()))
  return slots
}

/** Keys in order, as Go writes maps. */
function toStorage(slots: ReadonlyMap<Slot, bigint>): Readonly<Record<Slot, Hex>> {
  const entries = [...slots].map(([key, value]): [Slot, Hex] => [key, slotOf(value)])
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function estimateBytes(log: StructLog): number {
  let size = STEP_BYTES + (log.returnData?.length ?? 0) + (log.memory?.length ?? 0) * 69
  for (const item of log.stack ?? []) size += item.length + 3
  if (log.storage !== undefined) size += Object.keys(log.storage).length * 136
  return size
}

function markError(last: Last | undefined, end: FrameEnd): void {
  if (last === undefined || end.error?.kind !== 'halt' || end.depth !== last.depth) return
  if (STEP_ERRORS.test(end.error.reason)) last.log.error = end.error.reason
}
