// Bundles the page of src/ui into dist/ui with Vite. A process of its own: `npm start` goes on to run the node, which has no use
// for Vite, and React takes NODE_ENV for what is built.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { hashInputs, root } from './prepare.mjs'

const folder = join(root, 'dist', 'ui')
const keepStaleMs = 60 * 60 * 1000

/** What the page is made of: its own room, and those that it may import. */
const rooms = ['src/ui/', 'src/client/', 'src/primitives/']
const others = ['scripts/page.mjs', 'package-lock.json']

/**
 * Writes `dist/ui` unless it was made of the same sources.
 * @param {{ files: readonly [string, number, number][], last: Page | undefined, release: boolean }} options
 *   `files` as of `listInputs`, `last` what the last build answered, `release` compresses as far as it goes.
 * @typedef {{ hash: string, outputs: string[], inputs: string[] }} Page outputs are paths in dist, inputs those of the modules
 * @returns {Promise<Page>}
 * @throws {Error} when a source does not build; Vite has printed it.
 */
export async function buildPage({ files, last, release }) {
  const own = files.filter(
    ([path]) => others.includes(path) || rooms.some((room) => path.startsWith(room)),
  )
  const hash = hashInputs(own)
  const isThere = last?.outputs.every((output) => existsSync(join(root, 'dist', output)))
  if (!release && last?.hash === hash && isThere === true) return last
  return { hash, ...(await runBuild(release)) }
}

function runBuild(release) {
  const args = [fileURLToPath(import.meta.url), ...(release ? ['--release'] : [])]
  const env = { ...process.env, NODE_ENV: 'production' }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let answer = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (answer += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(answer))
      else reject(new Error('the page of src/ui does not build'))
    })
  })
}

async function bundlePage(release) {
  const { build } = await import('vite')
  const source = join(root, 'src', 'ui')
  const { output } = await build(configOf(source, { assetsInlineLimit: 0 }))
  const report = await bundleReport(build, source)
  const written = await Promise.all(output.map((part) => compressed(part, release)))
  // The page last: it never names a part that is not there yet.
  const files = [...written.flat(), ['report.html', report]].toSorted(
    (a, b) => Number(a[0] === 'index.html') - Number(b[0] === 'index.html'),
  )
  for (const [name, bytes] of files) writePart(join(folder, name), bytes)
  removeStale(new Set(files.map(([name]) => join(folder, name))))
  const inputs = output.flatMap((part) => (part.type === 'chunk' ? Object.keys(part.modules) : []))
  return {
    outputs: files.map(([name]) => `ui/${name}`),
    inputs: inputs
      .filter((input) => input.includes('node_modules'))
      .map((input) => relative(root, input)),
  }
}

function configOf(source, { input, output, ...own }) {
  return {
    configFile: false,
    root: source,
    publicDir: false,
    logLevel: 'warn',
    build: {
      target: 'es2022',
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      outDir: folder,
      sourcemap: false,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2048,
      write: false,
      rolldownOptions: {
        onwarn,
        checks: { pluginTimings: false },
        ...(input && { input }),
        ...(output && { output }),
      },
      ...own,
    },
  }
}

/** The report in a file: one HTML with all that it needs in it, since a file cannot ask for more. `heddle report --html` fills it. */
async function bundleReport(build, source) {
  const { output } = await build(
    configOf(source, {
      input: join(source, 'report.html'),
      output: { codeSplitting: false },
      cssCodeSplit: false,
      assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    }),
  )
  const text = (suffix) => {
    const parts = output.filter(({ fileName }) => fileName.endsWith(suffix))
    if (parts.length !== 1) throw new Error(`report: ${parts.length} parts end in ${suffix}, not 1`)
    return parts[0].type === 'chunk' ? parts[0].code : String(parts[0].source)
  }
  const script = text('.js').replaceAll('</script', '<\\/script')
  const style = text('.css')
  const policy = [
    "default-src 'none'",
    `script-src '${sourceHash(script)}'`,
    `style-src '${sourceHash(style)}'`,
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const html = text('.html')
    .replace('<head>', `<head><meta http-equiv="Content-Security-Policy" content="${policy}" />`)
    .replace(/<script type="module"[^>]*><\/script>/, '')
    .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`)
    .replace('</body>', () => `<script type="module">${script}</script></body>`)
  return Buffer.from(html)
}

/** As a policy names what may stand inline: that and nothing else. */
function sourceHash(text) {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

/** React's packages mark themselves for servers, which there are none of here. */
function onwarn(warning, warn) {
  if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning)
}

async function compressed(part, release) {
  const bytes = Buffer.from(part.type === 'chunk' ? part.code : part.source)
  const quality = release ? constants.BROTLI_MAX_QUALITY : 5
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality }
  const [small, smaller] = await Promise.all([
    promisify(gzip)(bytes),
    promisify(brotliCompress)(bytes, { params }),
  ])
  const name = part.fileName
  return [
    [name, bytes],
    [`${name}.gz`, small],
    [`${name}.br`, smaller],
  ]
}

function writePart(path, bytes) {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, bytes)
  renameSync(temporary, path)
}

// Parts of the last build may still be wanted by an open page, so only old ones go.
function removeStale(current) {
  const assets = join(folder, 'assets')
  for (const name of readdirSync(assets)) {
    const path = join(assets, name)
    if (!current.has(path) && Date.now() - statSync(path).mtimeMs > keepStaleMs) rmSync(path)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    process.stdout.write(JSON.stringify(await bundlePage(process.argv.includes('--release'))))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
