// Bundles src into dist with esbuild, and the page of src/ui with Vite. `--release` starts clean and adds declarations and licences.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build as bundle } from 'esbuild'
import { buildPage } from './page.mjs'
import { hashInputs, listInputs, notice, readStamp, root, writeStamp } from './prepare.mjs'
import { ensureWasm } from './wasm.mjs'

const dist = join(root, 'dist')

const nodeEntries = ['cli/main', 'index', 'executor/lane/worker', 'evm/script/worker']
const clientEntries = ['client/viem', 'client/vitest']

// Native addons, packages that find their own files by path, and packages that start threads.
const external = [
  'secp256k1',
  'c-kzg',
  'level',
  'classic-level',
  'tiny-secp256k1',
  'piscina',
  'jiti',
  'solc',
  'bufferutil',
  'utf-8-validate',
]

const keepStaleMs = 60 * 60 * 1000

/**
 * Writes `dist/` from `src/`. Entries keep their path (`src/cli/main.ts` -> `dist/cli/main.js`),
 * shared and lazy parts become `dist/chunks/*`.
 * @param {{ release?: boolean }} options `release` empties dist first and adds `dist/types` and
 *   the licences of the bundled packages.
 * @throws {Error} when a source does not parse or an import does not resolve; esbuild has printed it.
 */
export async function build({ release = false } = {}) {
  const files = listInputs()
  const hash = hashInputs(files)
  const last = readStamp()?.page
  if (release) requireSources(nodeEntries)
  if (release) rmSync(dist, { recursive: true, force: true })
  mkdirSync(dist, { recursive: true })
  const [modules, page, ...results] = await Promise.all([
    ensureWasm().then((files) => [...files.map((file) => copyModule(file)), copySandbox()]),
    buildPage({ files, last, release }),
    bundleEntries(nodeEntries, external),
    bundleEntries(clientEntries, [...external, 'viem', 'vitest']),
  ])
  const outputs = results.flatMap((result) => result.outputFiles)
  // Entries last: a command started meanwhile never names a chunk that is not there yet.
  const chunksFirst = outputs.toSorted((a, b) => rank(a.path) - rank(b.path))
  for (const output of chunksFirst) writeOutput(output)
  if (release) {
    emitDeclarations()
    const bundled = results.flatMap((result) => Object.keys(result.metafile.inputs))
    writeLicences([...bundled, ...page.inputs])
  }
  const paths = [...outputs.map((output) => output.path), ...modules]
  const names = [...paths.map((path) => relative(dist, path)), ...page.outputs]
  writeStamp({ hash, files, outputs: names, page })
  removeStale(names)
}

function requireSources(names) {
  const missing = names.filter((name) => !existsSync(join(root, 'src', `${name}.ts`)))
  if (missing.length > 0) throw new Error(`no source for ${missing.join(', ')}`)
}

function rank(path) {
  return relative(dist, path).startsWith('chunks') ? 0 : 1
}

async function bundleEntries(names, externalPackages) {
  const entryPoints = names
    .filter((name) => existsSync(join(root, 'src', `${name}.ts`)))
    .map((name) => ({ in: join(root, 'src', `${name}.ts`), out: name }))
  if (entryPoints.length === 0) return { outputFiles: [], metafile: { inputs: {} } }
  return bundle({
    entryPoints,
    outdir: dist,
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    chunkNames: 'chunks/[name]-[hash]',
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'warning',
    external: externalPackages,
    banner: { js: banner },
    plugins: [keepModuleUrls],
    // A library whose text runs in the sandbox of scripts.
    loader: { '.min.js': 'text' },
  })
}

// Bundled CommonJS packages call `require` for Node's own modules, which ESM does not have.
const banner = [
  '// heddle',
  `import { createRequire as __createRequire } from 'node:module'`,
  `const require = __createRequire(import.meta.url), __dist = new URL('@dist-root@', import.meta.url)`,
].join('\n')

// A chunk may hold code of any file, so `import.meta.url` in a source stands for the place that
// this source would have in dist: `new URL('./worker.js', import.meta.url)` finds the worker.
const keepModuleUrls = {
  name: 'keep-module-urls',
  setup(context) {
    context.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      if (path.includes('node_modules')) return undefined
      const text = readFileSync(path, 'utf8')
      if (!text.includes('import.meta.url')) return undefined
      const place = relative(join(root, 'src'), path).replaceAll('\\', '/').replace(/\.ts$/, '.js')
      const contents = text.replaceAll('import.meta.url', `new URL('${place}', __dist).href`)
      return { contents, loader: 'ts' }
    })
  },
}

function writeOutput({ path, text }) {
  const up = relative(dirname(path), dist).replaceAll('\\', '/')
  const isCommand = relative(dist, path).replaceAll('\\', '/') === 'cli/main.js'
  const body = text.replace('@dist-root@', up === '' ? './' : `${up}/`)
  // In place of the banner's first line, so that the source map stays true.
  const contents = isCommand ? body.replace(/^\/\/ heddle/, '#!/usr/bin/env node') : body
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, contents)
  if (isCommand) chmodSync(temporary, 0o755)
  renameSync(temporary, path)
}

// QuickJS, for tracers in JavaScript: its own loader looks beside the file that it was bundled into.
function copySandbox() {
  const folder = join('node_modules', '@jitl', 'quickjs-wasmfile-release-sync', 'dist')
  return copyModule(join(root, folder, 'emscripten-module.wasm'), 'quickjs.wasm')
}

function copyModule(file, name = basename(file)) {
  const target = join(dist, 'wasm', name)
  mkdirSync(dirname(target), { recursive: true })
  const temporary = `${target}.${process.pid}`
  copyFileSync(file, temporary)
  renameSync(temporary, target)
  return target
}

// Chunks of the last build may still be wanted by a running node, so only old ones go.
function removeStale(names) {
  const folder = join(dist, 'chunks')
  if (!existsSync(folder)) return
  const current = new Set(names.map((name) => join(dist, name)))
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (!current.has(path) && Date.now() - statSync(path).mtimeMs > keepStaleMs) rmSync(path)
  }
}

function emitDeclarations() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const args = [tsc, '-p', join(root, 'tsconfig.json'), '--emitDeclarationOnly']
  const result = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (result.status !== 0) throw new Error('tsc could not write the declarations')
}

function writeLicences(inputs) {
  const folders = new Set()
  for (const input of inputs) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)
    if (found?.[1] !== undefined) folders.add(found[1])
  }
  const parts = [...folders]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((folder) => {
      const manifest = readFileSync(join(root, folder, 'package.json'), 'utf8')
      const { name, version, license } = JSON.parse(manifest)
      const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry))
      const text = file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8').trim()
      return `${name} ${version} (${license})\n\n${text}\n`
    })
  writeFileSync(join(dist, 'THIRD-PARTY-LICENCES.txt'), parts.join(`\n${'-'.repeat(72)}\n\n`))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const release = process.argv.includes('--release')
  try {
    await build({ release })
    notice(release ? 'release build written to dist' : 'dist written')
  } catch (error) {
    notice(`build failed: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}
