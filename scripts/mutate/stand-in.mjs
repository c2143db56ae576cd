// What a test file imports as `vitest` where `run.mjs` runs it: the same `expect`, and tests one after another in this process.
export { expect } from 'vitest'

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {Suite | undefined} parent
 * @property {(() => unknown)[]} before
 * @property {(() => unknown)[]} beforeEach
 * @property {(() => unknown)[]} afterEach
 */

/** @returns {Suite} */
const newSuite = (name, parent) => ({ name, parent, before: [], beforeEach: [], afterEach: [] })

let suite = newSuite('', undefined)
/** @type {Test[]} */
let tests = []

export function describe(name, define) {
  const outer = suite
  suite = newSuite(name, outer)
  define()
  suite = outer
}
describe.each = (table) => (name, define) => {
  for (const [label, row] of rows(name, table)) describe(label, () => define(...row))
}

/** @param {...unknown} rest options at times, and the test */
export function it(name, ...rest) {
  tests.push({ name, suite, run: rest.find((each) => typeof each === 'function') })
}
it.each =
  (table) =>
  (name, ...rest) => {
    const test = rest.find((each) => typeof each === 'function')
    for (const [label, row] of rows(name, table)) it(label, () => test(...row))
  }

function rows(name, table) {
  return table.map((row, index) => [`${name} [${index}]`, Array.isArray(row) ? row : [row]])
}

export const beforeAll = (hook) => suite.before.push(hook)
export const beforeEach = (hook) => suite.beforeEach.push(hook)
export const afterEach = (hook) => suite.afterEach.push(hook)

/** @returns {Suite[]} from the outermost one */
function ancestry(inner) {
  return inner === undefined ? [] : [...ancestry(inner.parent), inner]
}

/**
 * @typedef {{ name: string, suite: Suite, run: () => unknown }} Test
 * @returns {Test[]} what a file has stated since the last call
 */
export function takeTests() {
  const stated = tests
  tests = []
  suite = newSuite('', undefined)
  return stated
}

/** @param {Test} test @returns {string} with the names of the suites around it */
export function nameOf({ name, suite: own }) {
  return [...ancestry(own).map((each) => each.name), name].filter(Boolean).join(' > ')
}

/** @param {Test} test @throws what it throws */
export async function runTest({ suite: own, run }) {
  const suites = ancestry(own)
  for (const each of suites) for (const hook of each.before.splice(0)) await hook()
  for (const each of suites) for (const hook of each.beforeEach) await hook()
  await run()
  for (const each of suites.toReversed()) for (const hook of each.afterEach) await hook()
}
