// Breaks the engine in one place after another, in a copy of the checkout, and sees whether its tests notice.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { mutantsOf, scoreOf } from './mutate/mutants.mjs'
import { root } from './prepare.mjs'

const usage = `usage: node scripts/mutate.mjs [--only TEXT] [--from N] [--to N] [--each N] [--log FILE] [--list]
  --only TEXT   only mutants whose name contains it, such as a file's name
  --from, --to  of those, from the N-th up to, but without, the N-th
  --each N      of those, only every N-th
  --log FILE    verdicts, one a line (default .cache/mutants.jsonl): what is judged there is not judged again
  --again       judge all again
  --list        print them and run nothing`

const engine = 'src/evm/wasm/assembly/index.ts'

/** Where mutants come from, what has to be compiled for them, and whose tests have to notice. */
const rooms = [
  {
    folder: 'src/evm/wasm/assembly',
    compiled: [
      { entry: engine, name: 'engine', flags: ['--use', 'HOOKS=0'] },
      { entry: engine, name: 'engine-hooked', flags: ['--use', 'HOOKS=1'] },
    ],
    suites: ['test/unit/evm/wasm', 'test/unit/evm/differential'],
  },
  {
    folder: 'src/evm/wasm',
    compiled: [],
    suites: ['test/unit/evm/wasm', 'test/unit/evm/differential'],
  },
  {
    folder: 'src/primitives/assembly',
    compiled: [
      { entry: 'src/primitives/assembly/module.ts', name: undefined, flags: [] },
      { entry: 'src/primitives/assembly/host.ts', name: 'primitives', flags: [] },
      { entry: engine, name: 'engine', flags: ['--use', 'HOOKS=0'] },
    ],
    suites: ['test/unit/primitives', 'test/unit/evm/differential'],
  },
  {
    folder: 'src/evm/precompile/assembly',
    compiled: [{ entry: 'src/evm/precompile/assembly/index.ts', name: 'precompile', flags: [] }],
    suites: ['test/unit/evm/precompiles-numbers'],
  },
]
/** Both sides read them, so that a change is one of all places at once. */
const literal = ['layout.ts', 'status.ts', 'frame-layout.ts']

/** @returns {(import('./mutate/mutants.mjs').Mutant & { room: typeof rooms[number] })[]} */
function findMutants() {
  return rooms.flatMap((room) =>
    readdirSync(join(root, room.folder))
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !literal.includes(name))
      .toSorted()
      .flatMap((name) => {
        const file = `${room.folder}/${name}`
        const found = mutantsOf(file, readFileSync(join(root, file), 'utf8'))
        return found.map((mutant) => ({ ...mutant, room }))
      }),
  )
}

function copyCheckout() {
  const copy = mkdtempSync(join(tmpdir(), 'heddle-mutate-'))
  const names = ['src', 'test', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json']
  for (const name of names) {
    const filter = (path) => !path.includes('node_modules')
    cpSync(join(root, name), join(copy, name), { recursive: true, filter })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** The words' module of the tests, which they look for by what its sources are. */
function wordModule(copy) {
  const folder = join(copy, 'src', 'primitives', 'assembly')
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).toSorted()) hash.update(readFileSync(join(folder, name)))
  return `primitives-${hash.digest('hex').slice(0, 16)}`
}

/** @returns {Promise<'killed' | 'survived' | 'does not compile'>} */
async function judge(copy, { file, text, room }) {
  const path = join(copy, file)
  const original = readFileSync(path, 'utf8')
  const { compileFile } = await import(pathToFileURL(join(copy, 'scripts', 'wasm.mjs')).href)
  const targets = room.compiled.map(({ entry, name, flags }) => {
    const target = join(copy, '.cache', 'wasm', `${name ?? wordModule(copy)}.wasm`)
    return { entry, flags, target, before: existsSync(target) ? readFileSync(target) : undefined }
  })
  writeFileSync(path, text)
  try {
    for (const { entry, target, flags } of targets) await compileFile(entry, target, flags)
    // The tests compare the sources with the record of the last build, and leave what is there.
    if (targets.length > 0) writeFileSync(path, original)
    return runSuites(copy, room.suites) ? 'survived' : 'killed'
  } catch {
    return 'does not compile'
  } finally {
    writeFileSync(path, original)
    for (const { target, before } of targets) {
      if (before === undefined) rmSync(target, { force: true })
      else writeFileSync(target, before)
    }
  }
}

function runSuites(copy, suites) {
  const vitest = join(copy, 'node_modules', 'vitest', 'vitest.mjs')
  const args = ['run', '--config', 'test/vitest.config.ts', '--project', 'source', '--bail=1']
  const env = { ...process.env, FUZZ_SEED: '1', FUZZ_RUNS: '600', PRECOMPILE_SEED: '1' }
  // What hangs has noticed, too.
  const options = { cwd: copy, env, timeout: 600_000 }
  return spawnSync(process.execPath, [vitest, ...args, ...suites], options).status === 0
}

function readVerdicts(log) {
  if (!existsSync(log)) return new Map()
  const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean)
  return new Map(lines.map((line) => JSON.parse(line)).map((entry) => [entry.name, entry.verdict]))
}

async function main() {
  const text = (fallback) => ({ type: /** @type {const} */ ('string'), default: fallback })
  const flag = { type: /** @type {const} */ ('boolean'), default: false }
  const { values } = parseArgs({
    options: {
      only: text(''),
      from: text('0'),
      to: text('1000000'),
      each: text('1'),
      log: text(join(root, '.cache', 'mutants.jsonl')),
      again: flag,
      list: flag,
      help: flag,
    },
  })
  if (values.help) return console.log(usage)
  const chosen = findMutants()
    .filter(({ name }) => name.includes(values.only))
    .slice(Number(values.from), Number(values.to))
    .filter((_, i) => i % Number(values.each) === 0)
  if (values.list) return console.log(chosen.map(({ name }) => name).join('\n'))
  const known = values.again ? new Map() : readVerdicts(values.log)
  const open = chosen.filter(({ name }) => !known.has(name))
  if (open.length > 0) await judgeAll(open, values.log, known)
  const judged = chosen.map(({ name }) => ({ name, verdict: known.get(name) }))
  const { killed, survived, other, percent } = scoreOf(judged)
  for (const { name, verdict } of judged)
    if (verdict === 'survived') console.log(`survived: ${name}`)
  console.log(
    `${chosen.length} mutants: ${killed} killed, ${survived} survived, ${other} did not compile; score ${percent?.toFixed(1) ?? '-'} %`,
  )
  if (survived > 0) process.exitCode = 1
}

async function judgeAll(mutants, log, known) {
  const copy = copyCheckout()
  try {
    const { ensureWasm } = await import(pathToFileURL(join(copy, 'scripts', 'wasm.mjs')).href)
    await ensureWasm()
    for (const room of new Set(mutants.map((mutant) => mutant.room))) {
      if (!runSuites(copy, room.suites))
        throw new Error(`${room.folder}: the tests fail without any mutant`)
    }
    for (const mutant of mutants) {
      const verdict = await judge(copy, mutant)
      known.set(mutant.name, verdict)
      appendFileSync(log, `${JSON.stringify({ name: mutant.name, verdict })}\n`)
      console.log(`${verdict.padEnd(16)} ${mutant.name}`)
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

await main()
