import { bytesToHex } from '../../primitives/hex.ts'
import type { FrameError } from '../observer.ts'
import { combineObservers } from './combine.ts'
import { actionOf, callsPrecompile, parityWords, resultOf, typeOf } from './flat-call-tracer.ts'
import { type TreeFrame, createFrameTree, errorWords } from './frame-tree.ts'
import { stateDiff } from './state-diff.ts'
import type { TraceContext, Tracer } from './tracer.ts'
import { createVmTracer } from './vm-trace.ts'

/** What trace_* is asked for. */
export interface ParityTracerConfig {
  readonly trace: boolean
  readonly vmTrace: boolean
  readonly stateDiff: boolean
}

/**
 * A transaction as Parity's trace_* has it: `output`, the flat list of calls, every instruction, and what became of the state.
 * What was not asked for is an empty list or null. The top frame has the gas that was left after the intrinsic gas.
 */
export function createParityTracer(config: ParityTracerConfig, context: TraceContext): Tracer {
  const tree = createFrameTree()
  const vm = config.vmTrace ? createVmTracer(context) : undefined
  const frames = { frameStart: tree.observer.frameStart, frameEnd: tree.observer.frameEnd }
  return {
    observer: vm === undefined ? frames : combineObservers([frames, vm.observer]),
    result(outcome) {
      const root = tree.root()
      return {
        output: outcome.kind === 'halt' ? '0x' : bytesToHex(outcome.output),
        stateDiff: config.stateDiff ? stateDiff(outcome.access.writes, context.view) : null,
        trace: config.trace && root !== undefined ? flatten(root, context) : [],
        vmTrace: vm?.result() ?? null,
      }
    },
  }
}

function flatten(root: TreeFrame, context: TraceContext): readonly object[] {
  const list: object[] = []
  const visit = (frame: TreeFrame, traceAddress: readonly number[]): void => {
    const calls = frame.calls.filter((call) => !isHidden(call, context))
    list.push(entryOf(frame, calls.length, traceAddress))
    for (const [index, call] of calls.entries()) visit(call, [...traceAddress, index])
  }
  visit(root, [])
  return list
}

/** Parity does not list calls of precompiles that move no ether. */
function isHidden(frame: TreeFrame, context: TraceContext): boolean {
  return (frame.valueWei ?? 0n) === 0n && callsPrecompile(frame, context)
}

function entryOf(frame: TreeFrame, subtraces: number, traceAddress: readonly number[]): object {
  const { error } = frame
  return {
    action: { ...actionOf(frame), ...methodOf(frame) },
    ...(error !== undefined && { error: wordsOf(error) }),
    result: (error?.kind === 'halt' ? undefined : resultOf(frame)) ?? null,
    subtraces,
    traceAddress,
    type: typeOf(frame),
  }
}

/** Geth's flatCallTracer leaves this one as it is. */
function wordsOf(error: FrameError): string {
  const words = errorWords(error)
  return words === 'write protection' ? 'Mutable Call In Static Context' : parityWords(words)
}

function methodOf({ kind }: TreeFrame): { readonly creationMethod?: string } {
  if (kind !== 'CREATE' && kind !== 'CREATE2') return {}
  return { creationMethod: kind.toLowerCase() }
}
