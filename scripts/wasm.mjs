// Compiles the engine's AssemblyScript. Nothing compiled is kept in git: the results are in `.cache/wasm`.
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const cache = join(root, '.cache', 'wasm')
const folders = [
  'src/evm/wasm/assembly',
  'src/evm/precompile/assembly',
  'src/executor/assembly',
  'src/executor/lane/assembly',
  'src/primitives/assembly',
  'src/store/assembly',
]
const loose = [
  'src/evm/wasm/layout.ts',
  'src/evm/wasm/status.ts',
  'src/evm/wasm/transaction-layout.ts',
  'src/executor/lane/layout.ts',
  'src/state/record-layout.ts',
  'src/primitives/batch-layout.ts',
  'src/store/node-layout.ts',
  'scripts/wasm.mjs',
  'package-lock.json',
]

/** 2 GiB at most: its pointers are never negative in JavaScript. @param base where a module's own data begin */
function inArena(base) {
  return ['--importMemory', '--sharedMemory', '--enable', 'threads', '--zeroFilledMemory'].concat(
    ['--memoryBase', base],
    ['--initialMemory', '16', '--maximumMemory', '32768'],
  )
}

/** The engine is two artefacts of one source: bare, and with hooks for observers. */
export const artefacts = [
  { name: 'primitives', entry: 'src/primitives/assembly/host.ts', flags: [] },
  { name: 'precompile', entry: 'src/evm/precompile/assembly/index.ts', flags: [] },
  { name: 'receipts', entry: 'src/executor/assembly/index.ts', flags: [] },
  { name: 'engine', entry: 'src/evm/wasm/assembly/index.ts', flags: ['--use', 'HOOKS=0'] },
  { name: 'engine-hooked', entry: 'src/evm/wasm/assembly/index.ts', flags: ['--use', 'HOOKS=1'] },
  // Two modules in one memory, each with data of its own.
  { name: 'store', entry: 'src/store/assembly/index.ts', flags: inArena('131072') },
  { name: 'sealer', entry: 'src/store/assembly/sealer.ts', flags: inArena('1024') },
  {
    name: 'shared-state',
    entry: 'src/executor/lane/assembly/index.ts',
    // The memory comes from outside, of whatever size.
    flags: ['--importMemory', '--sharedMemory', '--enable', 'threads'].concat(
      ['--initialMemory', '1'],
      ['--maximumMemory', '65536'],
    ),
  },
]

const flags = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--enable',
  'simd',
  // Pointers are 32 bits, and stay so.
  '--disableWarning',
  '201',
  '--initialMemory',
  '128',
  '--maximumMemory',
  '16384',
]

/** The files in `.cache/wasm`, brought up to date with their sources. @returns {Promise<string[]>} paths */
export async function ensureWasm() {
  const hash = hashSources()
  const stamp = join(cache, 'stamp')
  const files = artefacts.map(({ name }) => join(cache, `${name}.wasm`))
  const isCurrent = existsSync(stamp) && readFileSync(stamp, 'utf8') === hash
  if (isCurrent && files.every((file) => existsSync(file))) return files
  mkdirSync(cache, { recursive: true })
  for (const artefact of artefacts) {
    await compileFile(artefact.entry, join(cache, `${artefact.name}.wasm`), artefact.flags)
  }
  writeFileSync(stamp, hash)
  return files
}

/**
 * Compiles one AssemblyScript file.
 * @param {string} source relative to the repository
 * @param {string} target where the module goes
 * @param {readonly string[]} more further flags
 * @param {ReadonlyMap<string, string>} others texts instead of those of files, whose paths are relative to the repository
 * @throws {Error} with the compiler's messages
 */
export async function compileFile(source, target, more = [], others = new Map()) {
  const { default: asc } = await import('assemblyscript/asc')
  const temporary = `${target}.${process.pid}`
  const args = [source, '--baseDir', root, '--outFile', temporary, ...flags, ...more]
  const messages = []
  const { error } = await asc.main(args, {
    readFile: (name, folder) => others.get(name) ?? readText(resolve(folder, name)),
    stderr: { write: (text) => messages.push(Buffer.from(text).toString()) },
  })
  if (error) throw new Error(`AssemblyScript: ${messages.join('') || error.message}`)
  renameSync(temporary, target)
}

function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}

function hashSources() {
  const files = folders.flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder))
          .toSorted((a, b) => (a < b ? -1 : 1))
          .map((name) => `${folder}/${name}`)
      : [],
  )
  const hash = createHash('sha256')
  for (const file of [...files, ...loose]) {
    if (!existsSync(join(root, file))) continue
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0')
  }
  return hash.digest('hex')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await ensureWasm()
  } catch (error) {
    process.stderr.write(`heddle: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
