#!/usr/bin/env node
// Builds the contracts without Foundry: `node scripts/contracts.mjs [--force]`. It reads the
// settings of foundry.toml and writes what `forge build` writes, with the same bytecode, so that
// either may follow the other.
import { createHash } from 'node:crypto'
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stampFile = join(root, 'cache', 'npm-contracts.json')
const outputs = [
  'abi',
  'metadata',
  'storageLayout',
  'evm.bytecode.object',
  'evm.bytecode.sourceMap',
  'evm.bytecode.linkReferences',
  'evm.deployedBytecode.object',
  'evm.deployedBytecode.sourceMap',
  'evm.deployedBytecode.linkReferences',
  'evm.deployedBytecode.immutableReferences',
  'evm.methodIdentifiers',
]

/**
 * Compiles every contract under `src` of foundry.toml, unless nothing changed since it last did.
 *
 * @param {{ force?: boolean }} options `force` compiles in any case
 * @returns {Promise<{
 *   built: boolean, artefacts: readonly string[], warnings: readonly string[]
 * }>} paths of the artefacts, relative to the project, and the compiler's warnings
 * @throws if a source does not compile, an import is missing, or two files have one name
 */
export async function buildContracts(options = {}) {
  const settings = readSettings(readFileSync(join(root, 'foundry.toml'), 'utf8'))
  const sources = readSources(settings.src)
  const hash = hashInputs(settings, sources)
  const stamp = readStamp()
  if (!options.force && stamp?.hash === hash && stamp.files.every(isAsWritten)) {
    return { built: false, artefacts: pathsOf(stamp), warnings: stamp.warnings }
  }

  const { compileStandardJson } = await import('./solc-json.mjs')
  const output = JSON.parse(compileStandardJson(JSON.stringify(standardInput(settings, sources))))
  const problems = output.errors ?? []
  const errors = problems.filter((problem) => problem.severity === 'error')
  if (errors.length > 0)
    throw new Error(errors.map((problem) => problem.formattedMessage).join('\n'))
  const warnings = problems.map((problem) => problem.formattedMessage)

  const artefacts = writeArtefacts(settings.out, output, hash)
  for (const path of pathsOf(stamp)) {
    if (!artefacts.includes(path)) rmSync(join(root, path), { force: true })
  }
  const files = artefacts.map((path) => [path, statSync(join(root, path)).mtimeMs])
  writeWhole(stampFile, `${JSON.stringify({ hash, files, warnings })}\n`)
  return { built: true, artefacts, warnings }
}

/** Whether a file is as this script wrote it: forge's linter leaves artefacts without code. */
function isAsWritten([path, mtimeMs]) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs === mtimeMs
}

function pathsOf(stamp) {
  return (stamp?.files ?? []).map(([path]) => path)
}

/** Reads the keys of `[profile.default]` that shape the artefacts, each on a line of its own. */
function readSettings(toml) {
  const profile = toml.split(/^\[/m).find((part) => part.startsWith('profile.default]'))
  const read = (key) => {
    const line = new RegExp(`^${key} = (.+)$`, 'm').exec(profile ?? '')
    if (line === null) throw new Error(`foundry.toml: [profile.default] has no line "${key} = ..."`)
    return JSON.parse(line[1])
  }
  return {
    src: read('src'),
    out: read('out'),
    evmVersion: read('evm_version'),
    optimizer: { enabled: read('optimizer'), runs: read('optimizer_runs') },
  }
}

/** @returns {Record<string, { content: string }>} sources and all that they import, by path */
function readSources(src) {
  const found = {}
  const pending = readdirSync(join(root, src), { recursive: true })
    .map((name) => posix.join(src, name.replaceAll('\\', '/')))
    .filter((name) => name.endsWith('.sol'))
  while (pending.length > 0) {
    const path = pending.pop()
    if (found[path] !== undefined) continue
    const content = readFileSync(join(root, path), 'utf8')
    found[path] = { content }
    for (const [, imported] of content.matchAll(/^import\s[^;]*?"(\.[^"]+)"/gm)) {
      pending.push(posix.join(posix.dirname(path), imported))
    }
  }
  return Object.fromEntries(Object.entries(found).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function hashInputs(settings, sources) {
  const compiler = readFileSync(join(root, 'node_modules', 'solc', 'package.json'), 'utf8')
  const version = JSON.parse(compiler).version
  const script = readFileSync(fileURLToPath(import.meta.url), 'utf8')
  return createHash('sha256')
    .update(JSON.stringify([version, script, settings, sources]))
    .digest('hex')
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'))
  } catch {
    return undefined
  }
}

function standardInput(settings, sources) {
  const { evmVersion, optimizer } = settings
  return {
    language: 'Solidity',
    sources,
    settings: { evmVersion, optimizer, outputSelection: { '*': { '*': outputs } } },
  }
}

/** Writes out/File.sol/Contract.json for each contract, and the sources' numbers in source maps. */
function writeArtefacts(out, output, hash) {
  const paths = []
  const idToPath = {}
  for (const [path, { id }] of Object.entries(output.sources)) idToPath[id] = path
  for (const [path, contracts] of Object.entries(output.contracts)) {
    for (const [name, contract] of Object.entries(contracts)) {
      const target = posix.join(out, posix.basename(path), `${name}.json`)
      if (paths.includes(target))
        throw new Error(`${path}: another file writes ${target} too; rename one of them`)
      writeWhole(join(root, target), JSON.stringify(artefactOf(contract, output.sources[path].id)))
      paths.push(target)
    }
  }
  const id = hash.slice(0, 16)
  const buildInfo = posix.join(out, 'build-info', `${id}.json`)
  writeWhole(
    join(root, buildInfo),
    JSON.stringify({ id, source_id_to_path: idToPath, language: 'Solidity' }),
  )
  return [...paths, buildInfo]
}

function artefactOf(contract, id) {
  const { bytecode, deployedBytecode, methodIdentifiers } = contract.evm
  return {
    abi: contract.abi,
    bytecode: codeOf(bytecode),
    deployedBytecode: {
      ...codeOf(deployedBytecode),
      immutableReferences: deployedBytecode.immutableReferences ?? {},
    },
    methodIdentifiers,
    rawMetadata: contract.metadata,
    metadata: contract.metadata === '' ? undefined : JSON.parse(contract.metadata),
    storageLayout: {
      storage: contract.storageLayout.storage,
      types: contract.storageLayout.types ?? {},
    },
    id,
  }
}

function codeOf({ object, sourceMap, linkReferences }) {
  return { object: `0x${object}`, sourceMap: sourceMap ?? '', linkReferences: linkReferences ?? {} }
}

/** Writes a file so that whoever reads it meanwhile sees the old or the new one, never a part. */
function writeWhole(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  const part = `${path}.${process.pid}`
  writeFileSync(part, text)
  renameSync(part, path)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const { built, artefacts, warnings } = await buildContracts({
      force: process.argv.includes('--force'),
    })
    for (const warning of warnings) process.stderr.write(`${warning}\n`)
    process.stdout.write(`${artefacts.length - 1} contracts ${built ? 'compiled' : 'up to date'}\n`)
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}
