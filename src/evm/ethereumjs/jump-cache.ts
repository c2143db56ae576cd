import { Common, Mainnet } from '@ethereumjs/common'
import { createEVM } from '@ethereumjs/evm'

/** The part of ethereumjs' interpreter that is replaced. */
interface Analyser {
  readonly _evm: object
  _getValidJumpDestinations: (this: Analyser, code: Uint8Array) => Analysis
}
type Analysis = Readonly<Record<'jumps' | 'pushes' | 'opcodesCached', unknown>>

/** An analysis takes ten times the code's room. */
const MAX_ANALYSES = 64

/** The latest analyses by machine, whose opcodes they name, and by code. */
const known = new WeakMap<object, Map<Uint8Array, Analysis>>()

let installed: Promise<void> | undefined

/**
 * Keeps the analyses of the codes that ran last. ethereumjs repeats the search for jump destinations at each call, which takes
 * 1 ms for a contract of 24 KB, twenty times a transfer.
 */
export function cacheJumpAnalysis(): Promise<void> {
  installed ??= install()
  return installed
}

/** The interpreter's class is not exported, so an opcode of our own fetches it from inside. */
async function install(): Promise<void> {
  const opcode = 0x21
  let prototype: Analyser | undefined
  const evm = await createEVM({
    common: new Common({ chain: Mainnet }),
    customOpcodes: [
      {
        opcode,
        opcodeName: 'PROBE',
        baseFee: 0,
        logicFunction: ({ interpreter }) => {
          prototype = Object.getPrototypeOf(interpreter) as Analyser
        },
      },
    ],
  })
  await evm.runCode({ code: Uint8Array.of(opcode), gasLimit: 1n })
  if (prototype === undefined) throw new Error('bug: the probe did not run')
  const analyse = prototype._getValidJumpDestinations
  prototype._getValidJumpDestinations = function (this: Analyser, code: Uint8Array): Analysis {
    let analyses = known.get(this._evm)
    if (analyses === undefined) known.set(this._evm, (analyses = new Map()))
    const analysis = analyses.get(code) ?? analyse.call(this, code)
    analyses.delete(code)
    analyses.set(code, analysis)
    if (analyses.size > MAX_ANALYSES) analyses.delete(analyses.keys().next().value!)
    return analysis
  }
}
