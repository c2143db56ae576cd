import type { StoryFrame } from '../../evm/tracer/frame-story.ts'
import { decodeAbi } from '../../primitives/abi.ts'
import { equalBytes } from '../../primitives/bytes.ts'
import { type Address, type Hex, bytesToHex } from '../../primitives/hex.ts'
import type { ArtefactContract } from '../artefact-files.ts'

/** Why the innermost frame failed, as far as its contract's interface tells. */
export type FailureKind =
  | 'revert'
  | 'panic'
  | 'customError'
  | 'outOfGas'
  | 'invalidOpcode'
  | 'halt'
  | 'precompileError'
  | 'contractTooLarge'
  | 'functionNotPayable'
  | 'fallbackNotPayable'
  | 'fallbackNotPayableAndNoReceive'
  | 'invalidParameters'
  | 'unrecognisedFunction'
  | 'missingFallbackOrReceive'
  | 'callToNonContract'
  | 'unexpectedReturnData'
  | 'callFailed'
  | 'directLibraryCall'
  | 'unrecognisedCreation'
  | 'unrecognisedContract'
  | 'other'

export interface StackFrame {
  readonly frame: StoryFrame
  readonly contract: ArtefactContract | undefined
  /** Where in its code it was: where it called, or where it failed. */
  readonly pcs: readonly number[]
}

export interface Inferred {
  readonly kind: FailureKind
  /** For people; undefined where the revert data says it all. */
  readonly message: string | undefined
  /** The innermost first. */
  readonly frames: readonly StackFrame[]
}

export interface Known {
  contractOf(frame: StoryFrame): ArtefactContract | undefined
  /** The code that a frame ran. */
  codeOf(frame: StoryFrame): Uint8Array
  isPrecompile(address: Address): boolean
}

const ERROR_STRING = '0x08c379a0'
const PANIC = '0x4e487b71'

/** The frames that a failure went through, and why it began. @param root of a transaction or call that failed */
export function inferFailure(root: StoryFrame, known: Known): Inferred {
  const path = failingPath(root)
  const frames = path
    .map((frame, depth): StackFrame => {
      const next = path[depth + 1]
      const pcs = next === undefined ? frame.pcs : next.callPc === undefined ? [] : [next.callPc]
      return { frame, contract: known.contractOf(frame), pcs }
    })
    .reverse()
  const leaf = path.at(-1)!
  return { ...classify(leaf, frames[0]!.contract, known), frames }
}

/** From the transaction down, as long as a call that failed last is what its caller failed of. */
function failingPath(root: StoryFrame): readonly StoryFrame[] {
  const path = [root]
  for (let frame = root; ;) {
    const last = lastCall(frame)
    if (last?.error === undefined || !isPassedOn(frame, last)) return path
    path.push((frame = last))
  }
}

function lastCall({ items }: StoryFrame): StoryFrame | undefined {
  const last = items.findLast((item) => item.kind === 'frame')
  return last?.kind === 'frame' ? last.frame : undefined
}

/** Its revert data became its caller's; a halt has none, and the caller reverts with none. */
function isPassedOn(caller: StoryFrame, callee: StoryFrame): boolean {
  if (caller.error?.kind !== 'revert' || neverRan(callee)) return false
  const said = callee.error?.kind === 'revert' ? callee.output : new Uint8Array(0)
  return equalBytes(caller.output, said)
}

/** The call was refused: nothing of it is in a source. */
function neverRan({ error }: StoryFrame): boolean {
  return error?.kind === 'halt' && /insufficient balance|call depth/.test(error.reason)
}

type Reason = Pick<Inferred, 'kind' | 'message'>

function classify(leaf: StoryFrame, contract: ArtefactContract | undefined, known: Known): Reason {
  const { error, output } = leaf
  if (error === undefined) return { kind: 'other', message: undefined }
  if (known.isPrecompile(leaf.codeAddress) && leaf.pcs.length === 0) {
    return { kind: 'precompileError', message: `the precompile ${leaf.to} failed` }
  }
  if (error.kind === 'halt') return classifyHalt(error.reason)
  if (output.length > 0) return { kind: kindOfData(output), message: undefined }
  if (isCreation(leaf)) return classifyCreation(contract, leaf)
  if (contract === undefined) {
    return { kind: 'unrecognisedContract', message: `no artefact names the contract ${leaf.to}` }
  }
  return (
    interfaceFault(leaf, contract) ??
    callFault(leaf, contract, known) ?? { kind: 'revert', message: 'reverted without a reason' }
  )
}

function classifyHalt(reason: string): Reason {
  if (/code size/.test(reason))
    return { kind: 'contractTooLarge', message: `the contract is too large: ${reason}` }
  if (/out of gas|gas uint64 overflow/.test(reason))
    return { kind: 'outOfGas', message: 'ran out of gas' }
  if (/invalid opcode/.test(reason)) return { kind: 'invalidOpcode', message: reason }
  return { kind: 'halt', message: reason }
}

function kindOfData(output: Uint8Array): FailureKind {
  const selector = bytesToHex(output.subarray(0, 4))
  if (selector === ERROR_STRING) return 'revert'
  return selector === PANIC ? 'panic' : output.length >= 4 ? 'customError' : 'revert'
}

function classifyCreation(contract: ArtefactContract | undefined, leaf: StoryFrame): Reason {
  if (contract === undefined) {
    return {
      kind: 'unrecognisedCreation',
      message: 'no artefact names the contract that was to be created',
    }
  }
  if (leaf.valueWei > 0n && !contract.payableConstructor) {
    return {
      kind: 'functionNotPayable',
      message: `the constructor of ${contract.name} is not payable, and was sent ${leaf.valueWei} wei`,
    }
  }
  return {
    kind: 'revert',
    message: `the constructor of ${contract.name} reverted without a reason`,
  }
}

/** What compilers check before a function's own code. */
function interfaceFault(leaf: StoryFrame, contract: ArtefactContract): Reason | undefined {
  const { name } = contract
  const { input, valueWei } = leaf
  const selector = bytesToHex(input.subarray(0, 4)) as Hex
  const entry = input.length >= 4 ? contract.functions.get(selector) : undefined
  if (isLibrary(contract) && leaf.kind !== 'DELEGATECALL') {
    return { kind: 'directLibraryCall', message: `the library ${name} was called directly` }
  }
  if (entry === undefined) return fallbackFault(leaf, contract, selector)
  const called = `${name}.${entry.name}`
  if (valueWei > 0n && !contract.payable.has(selector) && leaf.kind !== 'DELEGATECALL') {
    return {
      kind: 'functionNotPayable',
      message: `${called} is not payable, and was sent ${valueWei} wei`,
    }
  }
  if (decodeAbi(entry.inputs, input.subarray(4)) === undefined) {
    return {
      kind: 'invalidParameters',
      message: `${called} was called with parameters that it cannot read`,
    }
  }
  return undefined
}

function fallbackFault(
  { input, valueWei }: StoryFrame,
  contract: ArtefactContract,
  selector: Hex,
): Reason | undefined {
  const { name, fallback, receives } = contract
  if (input.length === 0 && receives) return undefined
  if (fallback === 'none') {
    if (input.length === 0) {
      return {
        kind: 'missingFallbackOrReceive',
        message: `${name} has no receive function and no fallback`,
      }
    }
    return {
      kind: 'unrecognisedFunction',
      message: `${name} has no function with the selector ${selector}, and no fallback`,
    }
  }
  if (valueWei === 0n || fallback === 'payable') return undefined
  return input.length === 0
    ? {
        kind: 'fallbackNotPayableAndNoReceive',
        message: `${name} has no receive function and its fallback is not payable; it was sent ${valueWei} wei`,
      }
    : {
        kind: 'fallbackNotPayable',
        message: `${name}'s fallback is not payable, and was sent ${valueWei} wei`,
      }
}

/** What compilers check around a call to another contract. */
function callFault(leaf: StoryFrame, { name }: ArtefactContract, known: Known): Reason | undefined {
  if (leaf.emptyTarget !== undefined) {
    return {
      kind: 'callToNonContract',
      message: `${name} called ${leaf.emptyTarget}, where no contract is`,
    }
  }
  const last = lastCall(leaf)
  if (last === undefined) return undefined
  if (last.error !== undefined) {
    const why = last.error.kind === 'halt' ? `: ${last.error.reason}` : ''
    const value = last.valueWei > 0n ? ` with ${last.valueWei} wei` : ''
    return { kind: 'callFailed', message: `a call of ${name} to ${last.to}${value} failed${why}` }
  }
  if (known.codeOf(last).length === 0 && !known.isPrecompile(last.codeAddress)) {
    return {
      kind: 'callToNonContract',
      message: `${name} called ${last.to}, where no contract is`,
    }
  }
  if (last.output.length < 32 && last.input.length >= 4) {
    return {
      kind: 'unexpectedReturnData',
      message: `${name} called ${last.to}, which returned ${last.output.length} bytes, fewer than it should`,
    }
  }
  return undefined
}

function isCreation({ kind }: StoryFrame): boolean {
  return kind === 'CREATE' || kind === 'CREATE2'
}

/** A library's code begins with its own address, to know that it is called directly. */
function isLibrary({ runtime }: ArtefactContract): boolean {
  return runtime?.bytes[0] === 0x73 && runtime.bytes[21] === 0x30 && runtime.bytes[22] === 0x14
}
