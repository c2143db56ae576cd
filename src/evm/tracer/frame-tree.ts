import type { Address, Hash } from '../../primitives/hex.ts'
import type { FrameEnd, FrameError, FrameKind, FrameStart, Observer } from '../observer.ts'
import { TraceTooLarge } from './tracer.ts'

/** A log as its frame emitted it. */
export interface TreeLog {
  readonly address: Address
  readonly topics: readonly Hash[]
  readonly data: Uint8Array
  /** How many calls its frame had made before it. */
  readonly position: number
  /** Its place among all logs of the transaction, reverted ones included. */
  readonly sequence: number
}

/** A call with those it made, named as Geth names it: a delegate call is from its caller to the code. */
export interface TreeFrame {
  readonly kind: FrameKind
  readonly from: Address
  readonly to: Address
  /** undefined for STATICCALL, which carries none; a delegate call has its caller's. */
  readonly valueWei: bigint | undefined
  readonly gas: bigint
  gasUsed: bigint
  readonly input: Uint8Array
  output: Uint8Array
  error: FrameError | undefined
  readonly calls: TreeFrame[]
  readonly logs: TreeLog[]
}

export interface FrameTree {
  readonly observer: Required<Pick<Observer, 'frameStart' | 'frameEnd' | 'log'>>
  /** undefined when no frame began. @throws {TraceTooLarge} */
  root(): TreeFrame | undefined
}

/** Input, output and log data of all frames: a loop of calls repeats its input for almost no gas. */
const MAX_BYTES = 128 * 2 ** 20
/** What a frame or a log counts besides its data. */
const OVERHEAD_BYTES = 300

/** Follows the frames of one transaction; bytes are copied, because the engine may reuse them. */
export function createFrameTree(): FrameTree {
  const open: TreeFrame[] = []
  let root: TreeFrame | undefined
  let logs = 0
  let bytes = 0
  return {
    root() {
      if (bytes > MAX_BYTES) throw new TraceTooLarge(MAX_BYTES, 'use the 4byteTracer instead')
      return root
    },
    observer: {
      frameStart(start) {
        bytes += start.input.length + OVERHEAD_BYTES
        if (bytes > MAX_BYTES) return
        const parent = open.at(-1)
        const frame = toFrame(start, parent)
        if (parent === undefined) root ??= frame
        else parent.calls.push(frame)
        open.push(frame)
      },
      frameEnd(end) {
        bytes += end.output.length
        if (bytes > MAX_BYTES) return
        const frame = open.pop()
        if (frame !== undefined) close(frame, end)
      },
      log(log) {
        bytes += log.data.length + OVERHEAD_BYTES
        if (bytes > MAX_BYTES) return
        const frame = open.at(-1)
        const sequence = logs++
        frame?.logs.push({
          address: log.address,
          topics: log.topics,
          data: log.data.slice(),
          position: frame.calls.length,
          sequence,
        })
      },
    },
  }
}

/** The error in Geth's words. */
export function errorWords(error: FrameError): string {
  return error.kind === 'revert' ? 'execution reverted' : error.reason
}

function toFrame(start: FrameStart, parent: TreeFrame | undefined): TreeFrame {
  const borrowed = start.kind === 'DELEGATECALL' || start.kind === 'CALLCODE'
  return {
    kind: start.kind,
    from: borrowed ? start.to : start.from,
    to: borrowed ? start.codeAddress : start.to,
    valueWei: valueOf(start, parent),
    gas: start.gas,
    gasUsed: 0n,
    input: start.input.slice(),
    output: new Uint8Array(0),
    error: undefined,
    calls: [],
    logs: [],
  }
}

function valueOf(start: FrameStart, parent: TreeFrame | undefined): bigint | undefined {
  if (start.kind === 'STATICCALL') return undefined
  if (start.kind === 'DELEGATECALL' && parent !== undefined) return parent.valueWei ?? 0n
  return start.valueWei
}

function close(frame: TreeFrame, end: FrameEnd): void {
  frame.gasUsed = end.gasUsed
  frame.output = end.output.slice()
  frame.error = end.error
}
