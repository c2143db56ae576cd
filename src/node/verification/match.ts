import { bytesToHex, type Hex } from '../../primitives/hex.ts'
import type { Match } from '../../rpc/verification-port.ts'
import { type CodeTemplate, compareCreation, compareRuntime } from '../artefact-code.ts'

/** How code on the chain is what a compiler printed. */
export type Matched =
  | { readonly kind: 'matched'; readonly match: Match }
  | { readonly kind: 'differs'; readonly how: string }

/** @param template of the deployed code; immutables and libraries are open in it */
export function matchRuntime(template: CodeTemplate, code: Uint8Array): Matched {
  const likeness = compareRuntime(template, code)
  if (likeness !== 'none') return matched(likeness)
  if (template.bytes.length !== code.length) {
    const how = `it has ${code.length} bytes of code, these sources ${template.bytes.length}`
    return { kind: 'differs', how }
  }
  const { bytes, gaps } = template
  const isOpen = (at: number): boolean =>
    gaps.some(({ start, length }) => at >= start && at < start + length)
  const first = bytes.findIndex((byte, at) => byte !== code[at] && !isOpen(at))
  return { kind: 'differs', how: `its code differs from byte ${first} of ${code.length} on` }
}

export interface Creation {
  readonly match: Match
  /** What follows the creation code. */
  readonly constructorArguments: Hex
}

/** undefined when `initCode` does not begin with the creation code. */
export function matchCreation(template: CodeTemplate, initCode: Uint8Array): Creation | undefined {
  const likeness = compareCreation(template, initCode)
  if (likeness === 'none') return undefined
  const constructorArguments = bytesToHex(initCode.subarray(template.bytes.length))
  return { match: matched(likeness).match, constructorArguments }
}

function matched(likeness: 'exact' | 'butMetadata') {
  return { kind: 'matched', match: likeness === 'exact' ? 'exact' : 'metadata' } as const
}
