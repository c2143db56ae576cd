import { keccak256 } from '../../primitives/keccak.ts'
import type { ContractArtefact } from './artefact.ts'

/** More literals than any contract's own files have. */
const MOST = 500
const LITERAL = /"([^"\\\n]{1,64})"|'([^'\\\n]{1,64})'/g

/**
 * Words that may be keys which the compiler hashed itself: of each text literal in the files that a contract's code comes from, its bytes
 * as Solidity puts them in a `bytes32`, and its hash, as roles have it. Each 32 bytes.
 */
export function constantKeys(
  { sourceMap, sourcePaths }: ContractArtefact,
  sources: ReadonlyMap<string, string>,
): readonly Uint8Array[] {
  const literals = new Set<string>()
  for (const file of filesIn(sourceMap)) {
    const text = sources.get(sourcePaths.get(file) ?? '') ?? ''
    for (const [, double, single] of text.matchAll(LITERAL)) literals.add(double ?? single ?? '')
  }
  return [...literals].slice(0, MOST).flatMap((literal) => {
    const bytes = Buffer.from(literal, 'utf8')
    const hash = keccak256(bytes)
    if (bytes.length > 32) return [hash]
    const word = new Uint8Array(32)
    word.set(bytes)
    return [word, hash]
  })
}

/** The numbers of files in a source map. */
function filesIn(sourceMap: string): ReadonlySet<number> {
  const files = new Set<number>()
  for (const [, file] of sourceMap.matchAll(/(?:^|;)\d*:\d*:(\d+)/g)) files.add(Number(file))
  return files
}
