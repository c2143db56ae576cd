import { bytesToHex, toQuantity } from '../../primitives/hex.ts'
import { type TreeFrame, type TreeLog, createFrameTree, errorWords } from './frame-tree.ts'
import { revertWords } from './revert-reason.ts'
import type { ExecutedOutcome, TraceContext, Tracer } from './tracer.ts'

export interface CallTracerConfig {
  /** Leave out the calls that the transaction's own frame made. */
  readonly onlyTopCall: boolean
  /** List the logs of frames that did not fail. */
  readonly withLog: boolean
}

/** Geth's `callTracer`: the transaction's frame with its calls inside. Quantities are hex. */
export function createCallTracer(config: CallTracerConfig, context: TraceContext): Tracer {
  const tree = createFrameTree()
  const { observer } = tree
  return {
    observer: config.withLog
      ? observer
      : { frameStart: observer.frameStart, frameEnd: observer.frameEnd },
    result(outcome) {
      const root = tree.root()
      if (root === undefined) return {}
      const indexes = config.withLog ? numberLogs(root, context) : new Map<TreeLog, number>()
      return showFrame(asTransaction(root, outcome, context), indexes, config)
    },
  }
}

/** The top frame speaks of the whole transaction: its gas limit and the gas that was paid for. */
export function asTransaction(
  root: TreeFrame,
  outcome: ExecutedOutcome,
  context: TraceContext,
): TreeFrame {
  return { ...root, gas: context.transaction.gasLimit, gasUsed: outcome.gasUsed }
}

/** Index in the block of every log that took effect; logs of failed frames and of those below have none. */
export function numberLogs(root: TreeFrame, context: TraceContext): Map<TreeLog, number> {
  const lasting: TreeLog[] = []
  const collect = (frame: TreeFrame): void => {
    if (frame.error !== undefined) return
    lasting.push(...frame.logs)
    for (const call of frame.calls) collect(call)
  }
  collect(root)
  lasting.sort((a, b) => a.sequence - b.sequence)
  const first = context.place?.firstLogIndex ?? 0
  return new Map(lasting.map((log, index) => [log, first + index]))
}

/**
 * A frame as Geth shows it, with those below.
 * @param more what else is said of a frame; it is asked in the order in which frames began
 */
export function showFrame(
  frame: TreeFrame,
  indexes: ReadonlyMap<TreeLog, number>,
  config: CallTracerConfig,
  more?: (frame: TreeFrame) => object,
): Record<string, unknown> {
  const result: Record<string, unknown> = {
    from: frame.from,
    gas: toQuantity(frame.gas),
    gasUsed: toQuantity(frame.gasUsed),
    ...more?.(frame),
  }
  const creates = frame.kind === 'CREATE' || frame.kind === 'CREATE2'
  if (!creates || frame.error === undefined) result['to'] = frame.to
  result['input'] = bytesToHex(frame.input)
  addOutcome(result, frame)
  if (!config.onlyTopCall && frame.calls.length > 0) {
    result['calls'] = frame.calls.map((call) => showFrame(call, indexes, config, more))
  }
  const logs = frame.logs.filter((log) => indexes.has(log))
  if (logs.length > 0) {
    result['logs'] = logs.map((log) => ({
      address: log.address,
      topics: log.topics,
      data: bytesToHex(log.data),
      position: toQuantity(config.onlyTopCall ? 0 : log.position),
      index: toQuantity(indexes.get(log)!),
    }))
  }
  if (frame.valueWei !== undefined) result['value'] = toQuantity(frame.valueWei)
  result['type'] = frame.kind
  return result
}

/** Output of success and of a revert; a halt has none. */
function addOutcome(result: Record<string, unknown>, frame: TreeFrame): void {
  const { error, output } = frame
  if (output.length > 0 && error?.kind !== 'halt') result['output'] = bytesToHex(output)
  if (error === undefined) return
  result['error'] = errorWords(error)
  const reason = error.kind === 'revert' ? revertWords(output) : undefined
  if (reason !== undefined) result['revertReason'] = reason
}
