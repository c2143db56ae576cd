import { bytesToHex, toQuantity } from '../../primitives/hex.ts'
import { asTransaction } from './call-tracer.ts'
import { type TreeFrame, createFrameTree, errorWords } from './frame-tree.ts'
import { isPrecompile } from './precompiles.ts'
import type { TraceContext, Tracer } from './tracer.ts'

export interface FlatCallTracerConfig {
  /** Name errors as Parity does: `Reverted`, `Out of gas`, ... */
  readonly convertParityErrors: boolean
  /** List calls to precompiles too. */
  readonly includePrecompiles: boolean
}

const PARITY_ERRORS: ReadonlyMap<string, string> = new Map([
  ['contract creation code storage out of gas', 'Out of gas'],
  ['out of gas', 'Out of gas'],
  ['gas uint64 overflow', 'Out of gas'],
  ['max code size exceeded', 'Out of gas'],
  ['invalid jump destination', 'Bad jump destination'],
  ['execution reverted', 'Reverted'],
  ['return data out of bounds', 'Out of bounds'],
  ['stack limit reached 1024 (1023)', 'Out of stack'],
  ['precompiled failed', 'Built-in failed'],
  ['invalid input length', 'Built-in failed'],
])

/** Geth's `flatCallTracer`: a list of frames with their place in the tree, as Parity's trace_* has them. */
export function createFlatCallTracer(config: FlatCallTracerConfig, context: TraceContext): Tracer {
  const tree = createFrameTree()
  return {
    observer: { frameStart: tree.observer.frameStart, frameEnd: tree.observer.frameEnd },
    result(outcome) {
      const root = tree.root()
      if (root === undefined) return []
      const list: Record<string, unknown>[] = []
      flatten(asTransaction(root, outcome, context), [], list, config, context)
      return list
    },
  }
}

function flatten(
  frame: TreeFrame,
  traceAddress: readonly number[],
  list: Record<string, unknown>[],
  config: FlatCallTracerConfig,
  context: TraceContext,
): void {
  const calls = config.includePrecompiles
    ? frame.calls
    : frame.calls.filter((call) => !callsPrecompile(call, context))
  list.push(toEntry(frame, calls.length, traceAddress, config, context))
  calls.forEach((call, index) => flatten(call, [...traceAddress, index], list, config, context))
}

export function callsPrecompile(frame: TreeFrame, context: TraceContext): boolean {
  const plain = frame.kind === 'CALL' || frame.kind === 'STATICCALL'
  return plain && isPrecompile(frame.to, context.env.rules)
}

function toEntry(
  frame: TreeFrame,
  subtraces: number,
  traceAddress: readonly number[],
  config: FlatCallTracerConfig,
  context: TraceContext,
): Record<string, unknown> {
  const { place } = context
  const words = frame.error && errorWords(frame.error)
  const result = frame.error?.kind === 'halt' ? undefined : resultOf(frame)
  return {
    action: actionOf(frame),
    blockHash: place?.blockHash ?? null,
    blockNumber: Number(context.env.header.number),
    ...(words === undefined
      ? {}
      : { error: config.convertParityErrors ? parityWords(words) : words }),
    ...(result === undefined ? {} : { result }),
    subtraces,
    traceAddress,
    transactionHash: place?.transactionHash ?? null,
    transactionPosition: place?.index ?? 0,
    type: typeOf(frame),
  }
}

/** What a frame was asked to do, by the names of Parity's `action`. */
export function actionOf(frame: TreeFrame): Record<string, unknown> {
  const { from, to } = frame
  const value = toQuantity(frame.valueWei ?? 0n)
  const gas = toQuantity(frame.gas)
  switch (frame.kind) {
    case 'CREATE':
    case 'CREATE2':
      return { from, gas, init: bytesToHex(frame.input), value }
    case 'SELFDESTRUCT':
      return { address: from, balance: value, refundAddress: to }
    case 'CALL':
    case 'CALLCODE':
    case 'DELEGATECALL':
    case 'STATICCALL': {
      const callType = frame.kind.toLowerCase()
      return { callType, from, gas, input: bytesToHex(frame.input), to, value }
    }
  }
}

/** What a frame gave back; a self-destruct gives nothing. */
export function resultOf(frame: TreeFrame): Record<string, unknown> | undefined {
  const gasUsed = toQuantity(frame.gasUsed)
  const bytes = bytesToHex(frame.output)
  switch (typeOf(frame)) {
    case 'create':
      return frame.error === undefined
        ? { address: frame.to, code: bytes, gasUsed }
        : { code: bytes, gasUsed }
    case 'call':
      return { gasUsed, output: bytes }
    case 'suicide':
      return undefined
  }
}

export function typeOf(frame: TreeFrame): 'call' | 'create' | 'suicide' {
  if (frame.kind === 'SELFDESTRUCT') return 'suicide'
  return frame.kind === 'CREATE' || frame.kind === 'CREATE2' ? 'create' : 'call'
}

/** Geth's words for an error in Parity's. */
export function parityWords(words: string): string {
  if (words.startsWith('invalid opcode:')) return 'Bad instruction'
  if (words.startsWith('stack underflow')) return 'Stack underflow'
  return PARITY_ERRORS.get(words) ?? words
}
