// Mutants that nothing can tell from the engine, each with its reason.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../prepare.mjs'

const path = join(root, 'scripts', 'mutate', 'equivalents.json')

/**
 * @param {readonly string[]} names of all mutants
 * @returns {Map<string, string>} reasons by name
 * @throws {Error} when an entry has no reason, or names no mutant: its place has changed, and has to be looked at again
 */
export function readEquivalents(names, file = path) {
  const known = new Set(names)
  const found = new Map()
  for (const { reason, mutants } of JSON.parse(readFileSync(file, 'utf8'))) {
    if (typeof reason !== 'string' || reason === '') throw new Error(`${file}: a reason is missing`)
    for (const name of mutants) {
      if (!known.has(name)) throw new Error(`${file}: there is no mutant ${JSON.stringify(name)}`)
      found.set(name, reason)
    }
  }
  return found
}
