// Cases that are known to fail, each with its reason.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../prepare.mjs'

const path = join(root, 'test', 'conformance', 'exclusions.json')

/**
 * @typedef {object} Exclusion
 * @property {string} suite
 * @property {string} case the id of a case; `*` stands for any text
 * @property {'fixture' | 'unsupported'} kind the fixture's own fault, or something that this version does not have
 * @property {string} reason
 */

/** @returns {Exclusion[]} @throws {Error} when an entry lacks something. */
export function readExclusions(file = path) {
  const entries = JSON.parse(readFileSync(file, 'utf8'))
  for (const entry of entries) {
    for (const key of ['suite', 'case', 'kind', 'reason']) {
      if (typeof entry[key] === 'string' && entry[key] !== '') continue
      throw new Error(`${file}: \`${key}\` is missing in ${JSON.stringify(entry)}`)
    }
    if (!['fixture', 'unsupported'].includes(entry.kind)) {
      throw new Error(`${file}: kind ${entry.kind}: expected fixture or unsupported`)
    }
  }
  return entries
}

/**
 * Sorts results by what the list says of them.
 * @returns {{ passed: object[], failed: object[], excluded: object[], revived: object[] }} `revived` are on the list and pass
 */
export function judge(suite, results, exclusions) {
  const own = exclusions
    .filter((entry) => entry.suite === suite)
    .map((entry) => ({ ...entry, pattern: patternOf(entry.case) }))
  const verdict = { passed: [], failed: [], excluded: [], revived: [] }
  for (const result of results) {
    const entry = own.find(({ pattern }) => pattern.test(result.id))
    if (entry === undefined) verdict[result.pass ? 'passed' : 'failed'].push(result)
    else if (result.pass) verdict.revived.push(result)
    else verdict.excluded.push({ ...result, kind: entry.kind, why: entry.reason })
  }
  return verdict
}

function patternOf(text) {
  const parts = text.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}
