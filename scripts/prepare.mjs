// Brings a checkout to a runnable state. Node built-ins only: it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
export const stampPath = join(root, 'dist', '.stamp.json')

const watched = [
  'scripts/build.mjs',
  'scripts/page.mjs',
  'scripts/wasm.mjs',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
]

/** One line for a person; standard output belongs to the command that follows. */
export function notice(text) {
  process.stderr.write(`heddle: ${text}\n`)
}

/**
 * Installs the dependencies when node_modules does not hold what the lockfile names.
 * @throws {Error} with one line that says what to do when npm fails twice.
 */
export function ensureInstalled() {
  if (isInstalled()) return
  notice('installing dependencies (npm ci), this is needed once')
  if (runNpm(['ci'])) return
  notice(
    'npm ci failed; trying again without install scripts ' +
      '(native parts then use prebuilt binaries or a fallback, see `heddle doctor`)',
  )
  if (runNpm(['ci', '--ignore-scripts'])) return
  throw new Error('npm ci failed twice; its own message is above. Run `npm ci` to see it in full.')
}

/**
 * Compares npm's record of what it installed with the lockfile, package by package, so that a
 * fresh checkout's file times never cause an install and a changed lockfile always does.
 * @returns {boolean}
 */
export function isInstalled(base = root) {
  const wanted = readPackages(join(base, 'package-lock.json'))
  const present = readPackages(join(base, 'node_modules', '.package-lock.json'))
  if (wanted === undefined || present === undefined) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true
    const found = present[path]
    if (found === undefined) return entry.optional === true || entry.peer === true
    return found.version === entry.version && found.integrity === entry.integrity
  })
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch {
    return undefined
  }
}

function runNpm(args) {
  const flags = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const throughNpm = process.env.npm_execpath?.endsWith('.js') === true
  const command = throughNpm ? process.execPath : process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const prefix = throughNpm ? [process.env.npm_execpath] : []
  const result = spawnSync(command, [...prefix, ...args, ...flags], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: !throughNpm && process.platform === 'win32',
  })
  return result.status === 0
}

/** Builds `dist/` when a source, the lockfile or the build itself changed since the last build. */
export async function ensureBuilt() {
  if (isBuilt()) return
  const { build } = await import('./build.mjs')
  const startMs = performance.now()
  await build()
  notice(`built dist in ${((performance.now() - startMs) / 1000).toFixed(1)} s`)
}

/** Whether `dist/` matches the sources: by times and sizes, and only when those differ by hash. */
export function isBuilt() {
  const stamp = readStamp()
  if (stamp === undefined) return false
  if (!stamp.outputs.every((output) => existsSync(join(root, 'dist', output)))) return false
  const files = listInputs()
  if (JSON.stringify(files) === JSON.stringify(stamp.files)) return true
  const hash = hashInputs(files)
  if (hash !== stamp.hash) return false
  writeStamp({ ...stamp, files })
  return true
}

/** Reads the record of the last build, or undefined when there is none that can be read. */
export function readStamp() {
  try {
    return JSON.parse(readFileSync(stampPath, 'utf8'))
  } catch {
    return undefined
  }
}

export function writeStamp(stamp) {
  writeFileSync(stampPath, JSON.stringify(stamp))
}

/** Every file the build depends on, as `[path, mtimeMs, bytes]`, in a fixed order. */
export function listInputs() {
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length))
  return [...sources, ...watched]
    .filter((path) => existsSync(join(root, path)))
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((path) => {
      const { mtimeMs, size } = statSync(join(root, path))
      return [path, mtimeMs, size]
    })
}

/** SHA-256 over the names and contents of the given inputs. */
export function hashInputs(files) {
  const hash = createHash('sha256')
  for (const [path] of files) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0')
  }
  return hash.digest('hex')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  // Not awaited at the top: build.mjs imports this module and would wait for it to end.
  void prepare()
}

async function prepare() {
  try {
    ensureInstalled()
    await ensureBuilt()
  } catch (error) {
    notice(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
