// The command line of `npm run conformance`.
import { existsSync, statSync } from 'node:fs'

const ENGINES = ['wasm', 'ethereumjs']
export const SUITES = ['state-tests', 'block-tests', 'rpc', 'mainnet-blocks']

const USAGE = `usage: npm run conformance -- FIXTURES_DIR [options]
  --engine NAME   wasm (default) or ethereumjs
  --full          every case on the reference engine too: without it a fixed sample of the state tests
  --suite NAME    only this suite, may be given more than once: ${SUITES.join(', ')}
  --seed N        another sample (default 1)
  --json FILE     write the results there
  --jobs N        processes at a time (default 2)`

/**
 * @param {string[]} argv
 * @returns {{ folder: string, engine: string, full: boolean, suites: string[], seed: number, json?: string, jobs: number } | string}
 *   the options, or what is wrong with them and how it should be
 */
export function readOptions(argv) {
  const options = {
    folder: '',
    engine: 'wasm',
    full: false,
    suites: [],
    seed: 1,
    json: undefined,
    jobs: 2,
  }
  const rest = [...argv]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [name, inline] = arg.startsWith('--') ? splitOnce(arg) : [arg, undefined]
    if (!name.startsWith('-')) {
      if (options.folder !== '') return bad(`one folder, not also ${name}`)
      options.folder = name
      continue
    }
    if (name === '--full') {
      options.full = true
      continue
    }
    const value = inline ?? rest.shift()
    if (value === undefined) return bad(`${name}: a value is missing`)
    const problem = readValue(options, name, value)
    if (problem !== undefined) return bad(problem)
  }
  if (options.folder === '') return bad('no folder of fixtures named')
  if (!existsSync(options.folder) || !statSync(options.folder).isDirectory()) {
    return bad(`${options.folder}: no such folder`)
  }
  if (options.suites.length === 0) options.suites = [...SUITES]
  return options
}

function splitOnce(arg) {
  const equals = arg.indexOf('=')
  return equals < 0 ? [arg, undefined] : [arg.slice(0, equals), arg.slice(equals + 1)]
}

function readValue(options, name, value) {
  const isCount = /^[1-9][0-9]{0,8}$/.test(value)
  switch (name) {
    case '--suite':
      if (!SUITES.includes(value)) return `--suite: expected ${SUITES.join(', ')}, got ${value}`
      options.suites.push(value)
      return undefined
    case '--engine':
      if (!ENGINES.includes(value)) return `--engine: expected ${ENGINES.join(', ')}, got ${value}`
      options.engine = value
      return undefined
    case '--seed':
    case '--jobs':
      if (!isCount) return `${name}: expected a number from 1, got ${value}`
      options[name.slice(2)] = Number(value)
      return undefined
    case '--json':
      options.json = value
      return undefined
    default:
      return `unknown option ${name}`
  }
}

function bad(problem) {
  return `${problem}\n${USAGE}`
}
