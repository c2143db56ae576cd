// A folder beside the checkout in which one file at a time is another: artefacts are compiled and tests are bundled there.
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { root } from '../prepare.mjs'
import { compileFile } from '../wasm.mjs'

/** Packages that find files of their own by path, or are not JavaScript. */
const external = [
  'assemblyscript',
  'secp256k1',
  'c-kzg',
  'tiny-secp256k1',
  'level',
  'jiti',
  'piscina',
]
const standIn = join(root, 'scripts', 'mutate', 'stand-in.mjs')
/** The optimiser takes most of a compilation, and changes no result. */
const quick = ['-O0']

/**
 * @typedef {object} Artefact
 * @property {string} entry
 * @property {string} name
 * @property {readonly string[]} flags
 */

/** The words' module, which their tests look for by what its sources are. */
export function wordModuleName() {
  const folder = join(root, 'src', 'primitives', 'assembly')
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).toSorted()) hash.update(readFileSync(join(folder, name)))
  return `primitives-${hash.digest('hex').slice(0, 16)}`
}

export class Workshop {
  #path = mkdtempSync(join(tmpdir(), 'heddle-mutate-'))
  #plain = join(this.#path, 'plain')
  #wasm = join(this.#path, '.cache', 'wasm')

  constructor() {
    for (const name of ['src', 'test', 'scripts', 'node_modules', 'package.json']) {
      symlinkSync(join(root, name), join(this.#path, name))
    }
    mkdirSync(this.#plain)
    mkdirSync(this.#wasm, { recursive: true })
    const cache = join(root, '.cache', 'wasm')
    for (const name of readdirSync(cache).filter((each) => each.endsWith('.wasm'))) {
      copyFileSync(join(cache, name), join(this.#wasm, name))
    }
  }

  /** Compiles the artefacts from the sources as they are: what `restore` brings back. @param {readonly Artefact[]} artefacts */
  async prepare(artefacts) {
    for (const { entry, name, flags } of artefacts) {
      const target = join(this.#plain, `${name}.wasm`)
      await compileFile(entry, target, [...flags, ...quick])
      copyFileSync(target, join(this.#wasm, `${name}.wasm`))
    }
  }

  /**
   * Compiles the artefacts with another text of one source.
   * @param {readonly Artefact[]} artefacts
   * @throws {Error} with the compiler's messages
   */
  async compile(artefacts, { file, text }) {
    for (const { entry, name, flags } of artefacts) {
      const target = join(this.#path, `${name}.wasm`)
      await compileFile(entry, target, [...flags, ...quick], new Map([[file, text]]))
      renameSync(target, join(this.#wasm, `${name}.wasm`))
    }
  }

  /** @param {readonly Artefact[]} artefacts */
  restore(artefacts) {
    for (const { name } of artefacts) {
      copyFileSync(join(this.#plain, `${name}.wasm`), join(this.#wasm, `${name}.wasm`))
    }
  }

  /**
   * Bundles tests, with another text of one source if given.
   * @param {readonly string[]} tests relative to the checkout
   * @returns {Promise<{ standIn: string, files: string[] }>} paths of modules, the tests in the order given
   */
  async bundle(tests, { file, text } = { file: undefined, text: undefined }) {
    const outdir = join(this.#path, 'bundle', file === undefined ? 'plain' : 'changed')
    rmSync(outdir, { recursive: true, force: true })
    await build({
      entryPoints: [standIn, ...tests.map((test) => join(root, test))],
      outdir,
      outbase: root,
      absWorkingDir: root,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      logLevel: 'warning',
      external,
      banner: { js: banner },
      plugins: [this.#sources(file === undefined ? undefined : join(root, file), text)],
    })
    const built = (path) => join(outdir, relative(root, path).replace(/\.m?[jt]s$/, '.mjs'))
    return { standIn: built(standIn), files: tests.map((test) => built(join(root, test))) }
  }

  /** Sources find what they read in the workshop, and the stand-in for vitest. */
  #sources(changed, text) {
    const path = this.#path
    return {
      name: 'workshop',
      setup(context) {
        context.onResolve({ filter: /^vitest$/ }, ({ importer }) =>
          importer === standIn ? { path: 'vitest', external: true } : { path: standIn },
        )
        context.onLoad({ filter: /\.m?[jt]s$/ }, ({ path: source }) => {
          if (source.includes('node_modules')) return undefined
          const found = source === changed ? text : readFileSync(source, 'utf8')
          const url = pathToFileURL(join(path, relative(root, source))).href
          const contents = found.replaceAll('import.meta.url', JSON.stringify(url))
          return { contents, loader: source.endsWith('.ts') ? 'ts' : 'js' }
        })
      },
    }
  }

  remove() {
    rmSync(this.#path, { recursive: true, force: true })
  }
}

// Bundled CommonJS packages call `require` for Node's own modules, which ESM does not have.
const banner = [
  `import { createRequire as __createRequire } from 'node:module'`,
  'const require = __createRequire(import.meta.url)',
].join('\n')
