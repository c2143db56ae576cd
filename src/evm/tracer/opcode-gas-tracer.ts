import type { Step } from '../observer.ts'
import { opcodeName } from './opcode-names.ts'
import type { Tracer } from './tracer.ts'

interface Use {
  count: number
  gasUsed: bigint
}

interface OpenFrame {
  last: { readonly opcode: number; readonly gas: bigint } | undefined
  /** Used by what the last instruction called. */
  inner: bigint
}

/** How often each instruction ran and what it cost, without what the calls that it made used. */
export function createOpcodeGasTracer(): Tracer {
  const uses = new Map<string, Use>()
  const open: OpenFrame[] = []
  const settle = (frame: OpenFrame | undefined, gasLeft: bigint): void => {
    if (frame?.last === undefined) return
    const name = opcodeName(frame.last.opcode)
    const use = uses.get(name) ?? { count: 0, gasUsed: 0n }
    use.count++
    use.gasUsed += frame.last.gas - gasLeft - frame.inner
    uses.set(name, use)
    frame.last = undefined
    frame.inner = 0n
  }
  const begin: bigint[] = []
  return {
    observer: {
      frameStart({ gas }) {
        open.push({ last: undefined, inner: 0n })
        begin.push(gas)
      },
      step({ opcode, gas }: Step) {
        const frame = open.at(-1)
        settle(frame, gas)
        if (frame !== undefined) frame.last = { opcode, gas }
      },
      frameEnd({ gasUsed }) {
        settle(open.pop(), (begin.pop() ?? 0n) - gasUsed)
        const caller = open.at(-1)
        if (caller !== undefined) caller.inner += gasUsed
      },
    },
    result: () =>
      [...uses].map(([opcode, { count, gasUsed }]) => ({
        opcode,
        count,
        gasUsed: Number(gasUsed),
      })),
  }
}
