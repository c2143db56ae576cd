// What each suite runs.
import { countBlockCases, countStateCases, filesBelow, sampleOf } from './fixtures.mjs'
import { runRpc } from './rpc.mjs'
import { runTool } from './tool-suite.mjs'

// On the reference engine: about a minute on two slow cores, all of them take twice that.
const sampledStateFiles = 700

/**
 * @param {string} name one of `SUITES`
 * @param {string} folder the suite's own
 * @param {{ engine: string, full: boolean, seed: number, jobs: number }} options
 * @param {(cases: number) => void} tick
 * @returns {Promise<{ results: import('./tool-suite.mjs').CaseResult[], of: string }>} `of` says what was left out
 * @throws {Error} when the suite cannot run
 */
export async function runSuite(name, folder, options, tick) {
  const { jobs, engine } = options
  const flags = ['--engine', engine]
  switch (name) {
    case 'state-tests': {
      const all = found(filesBelow(folder, '.json'), folder)
      const isWhole = options.full || engine !== 'ethereumjs'
      const files = isWhole ? all : sampleOf(all, sampledStateFiles, options.seed)
      const of = files.length < all.length ? ` in ${files.length} of ${all.length} files` : ''
      const nameOf = (line, file) => `${file} ${line.fork} ${line.index} ${line.name}`
      const count = countStateCases
      const results = await runTool({
        tool: 'statetest',
        flags,
        folder,
        files,
        jobs,
        count,
        nameOf,
        tick,
      })
      return { results, of }
    }
    case 'block-tests': {
      const files = found(filesBelow(folder, '.json'), folder)
      const nameOf = (line, file) => `${file} ${line.name}`
      const count = countBlockCases
      const results = await runTool({
        tool: 'blocktest',
        flags,
        folder,
        files,
        jobs,
        count,
        nameOf,
        tick,
      })
      return { results, of: '' }
    }
    case 'mainnet-blocks': {
      const files = found(filesBelow(folder, '.json.gz'), folder)
      const nameOf = (_, file) => file
      const count = () => 1
      const once = [...flags, '--runs', '1']
      const run = { tool: 'replay', flags: once, folder, files, jobs, count, nameOf, tick }
      return { results: await runTool(run), of: '' }
    }
    case 'rpc':
      found(filesBelow(folder, '.io'), folder)
      return { results: await runRpc(folder, engine, tick), of: '' }
    default:
      throw new Error(`no suite ${name}`)
  }
}

function found(files, folder) {
  if (files.length === 0) throw new Error(`${folder}: no fixture there`)
  return files
}
