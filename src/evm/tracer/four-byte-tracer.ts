import { bytesToHex } from '../../primitives/hex.ts'
import { isPrecompile } from './precompiles.ts'
import type { TraceContext, Tracer } from './tracer.ts'

/** Geth's `4byteTracer`: how often each selector was called, by the length of its arguments: `0xa9059cbb-64`. */
export function createFourByteTracer(context: TraceContext): Tracer {
  const counts = new Map<string, number>()
  return {
    observer: {
      frameStart({ kind, to, codeAddress, input }) {
        if (input.length < 4) return
        if (kind === 'CREATE' || kind === 'CREATE2' || kind === 'SELFDESTRUCT') return
        const called = kind === 'DELEGATECALL' || kind === 'CALLCODE' ? codeAddress : to
        if (isPrecompile(called, context.env.rules)) return
        const key = `${bytesToHex(input.subarray(0, 4))}-${input.length - 4}`
        counts.set(key, (counts.get(key) ?? 0) + 1)
      },
    },
    result: () => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}
