// Which files a suite has, how many cases are in them, and which of them a sample takes.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Files below `folder` whose names end so, relative to it, in order of name; none when there is no folder. */
export function filesBelow(folder, suffix) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted((a, b) => (a < b ? -1 : 1))
}

/** The cases in a state test, counted without the code that runs them. */
export function countStateCases(path) {
  const tests = Object.values(readJson(path))
  return tests.flatMap((test) => Object.values(test.post)).flat().length
}

/** The cases in a block test, counted likewise. */
export function countBlockCases(path) {
  return Object.keys(readJson(path)).length
}

/**
 * A fixed choice of `count` files, the same on every machine.
 * @param {number} seed another seed, another choice
 */
export function sampleOf(files, count, seed) {
  const drawn = files.map((file) => [
    createHash('sha256').update(`${seed} ${file}`).digest('hex'),
    file,
  ])
  return drawn
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, count)
    .map(([, file]) => file)
    .toSorted((a, b) => (a < b ? -1 : 1))
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}
