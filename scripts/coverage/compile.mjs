// Code bases of other projects as npm brings them, compiled into build-infos of Hardhat's shape, from which the node reads names.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { isInstalled, root } from '../prepare.mjs'

/** Where npm puts them. */
export const codeBases = join(root, 'test', 'peers', 'contracts')
const cache = join(root, '.cache', 'coverage')

/**
 * Installs the code bases that `test/peers/contracts` names, if they are not there.
 * @throws {Error} with npm's message when it fails
 */
export function installCodeBases() {
  if (isInstalled(codeBases)) return
  const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status, stderr } = spawnSync('npm', flags, { cwd: codeBases, encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm ci failed in ${codeBases}\n${stderr}`)
}

/** @returns {string} the version of a package that is installed */
export function versionOf(name) {
  return JSON.parse(readFileSync(join(codeBases, 'node_modules', name, 'package.json'), 'utf8'))
    .version
}

/**
 * Compiles sources once; what was compiled before is taken as it is.
 * @param {{ name: string, compiler: string, files?: readonly string[], texts?: Record<string, string>, settings: object }} project
 *   `compiler`: a package of solc-js. `files`: paths inside of node_modules. `texts`: sources by path.
 * @returns {string} the folder with the artefacts
 * @throws {Error} with the compiler's message when it does not compile
 */
export function compile({ name, compiler, files = [], texts = {}, settings }) {
  const folder = join(cache, name)
  const path = join(folder, 'artifacts', 'build-info', `${name}.json`)
  const input = {
    language: 'Solidity',
    sources: sourcesOf(files, texts),
    settings: { ...settings, outputSelection: { '*': { '*': OUTPUT, '': ['ast'] } } },
  }
  const known = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
  if (known !== undefined && JSON.stringify(known.input) === JSON.stringify(input)) {
    return join(folder, 'artifacts')
  }
  const solc = createRequire(join(codeBases, 'package.json'))(compiler)
  const output = JSON.parse(solc.compile(JSON.stringify(input)))
  const failed = output.errors?.find(({ severity }) => severity === 'error')
  if (failed !== undefined) throw new Error(`${name}: ${failed.formattedMessage}`)
  mkdirSync(dirname(path), { recursive: true })
  const solcVersion = /^\d+\.\d+\.\d+/.exec(solc.version())[0]
  writeFileSync(
    path,
    JSON.stringify({ _format: 'hh-sol-build-info-1', solcVersion, input, output }),
  )
  return join(folder, 'artifacts')
}

const OUTPUT = [
  'abi',
  'evm.bytecode',
  'evm.deployedBytecode',
  'evm.methodIdentifiers',
  'metadata',
  'storageLayout',
]

/** Sources and all that they import, by path. */
function sourcesOf(files, texts) {
  const sources = {}
  const left = [...files, ...Object.keys(texts)]
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (sources[path] !== undefined) continue
    const content = texts[path] ?? readFileSync(join(codeBases, 'node_modules', path), 'utf8')
    sources[path] = { content }
    for (const [, imported] of content.matchAll(/^import\s[^;]*?["']([^"']+)["']/gm)) {
      left.push(imported.startsWith('.') ? join(dirname(path), imported) : imported)
    }
  }
  return sources
}
