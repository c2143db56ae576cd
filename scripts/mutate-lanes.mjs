// Takes one check, lock or wait after another out of the lanes, and sees whether their own tests notice, or else the law.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Judge } from './mutate/judge.mjs'
import { mutants } from './mutate/lane-mutants.mjs'
import { artefact } from './mutate/rooms.mjs'
import { root } from './prepare.mjs'
import { ensureWasm } from './wasm.mjs'

const usage = `usage: node scripts/mutate-lanes.mjs [--only TEXT] [--runs N] [--unit] [--list]
  --only TEXT   only mutants whose name contains it
  --runs N      random blocks for each executor and number of lanes (default 150)
  --unit        without the law, which takes minutes for each
  --list        print them and run nothing`

const lane = 'src/executor/lane'
/** @type {import('./mutate/rooms.mjs').Room} */
const unit = {
  folder: lane,
  artefacts: [artefact('shared-state')],
  quick: [
    'words',
    'shared-state',
    'merge',
    'schedules',
    'stage',
    'lane-thread',
    'signature-queue',
    'expected',
    'host',
    'races',
    'inline',
    'receipt-parts',
    'pool',
  ].map((name) => `test/unit/executor/${name}.test.ts`),
  thorough: [],
}
function copyCheckout() {
  const copy = mkdtempSync(join(tmpdir(), 'heddle-mutate-'))
  const parts = ['src', 'test', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json']
  for (const name of parts) {
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** @returns {import('./mutate/mutants.mjs').Mutant & { room: typeof unit } | undefined} undefined when its place is not there */
function mutantOf([name, file, from, to]) {
  const original = readFileSync(join(root, file), 'utf8')
  if (original.split(from).length !== 2) return undefined
  return { name, file, text: original.replace(from, () => to), room: unit }
}

/** Whether the law notices, in a copy of the checkout: its lanes are threads of the built worker. */
function breaksTheLaw(copy, runs, { file, text }) {
  const path = join(copy, file)
  const original = readFileSync(path, 'utf8')
  writeFileSync(path, text)
  try {
    return !law(copy, runs)
  } finally {
    writeFileSync(path, original)
  }
}

function law(copy, runs) {
  const vitest = join(copy, 'node_modules', 'vitest', 'vitest.mjs')
  const suites = ['test/threads/executor-law', 'test/unit/executor']
  const args = [vitest, 'run', '--config', 'test/vitest.config.ts', '--bail=1', ...suites]
  const env = { ...process.env, LAW_RUNS: runs, LAW_SEED: '1' }
  // What hangs has noticed, too.
  return spawnSync(process.execPath, args, { cwd: copy, env, timeout: 400_000 }).status === 0
}

async function main() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      runs: { type: 'string', default: '150' },
      unit: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(usage)
  const chosen = mutants.filter(([name]) => name.includes(values.only))
  if (values.list) return console.log(chosen.map(([name]) => name).join('\n'))
  const lasting = await judgeByUnitTests(chosen)
  const survivors = values.unit ? lasting : judgeByTheLaw(lasting, values.runs)
  console.log(`${chosen.length} mutants, ${survivors.length} not killed`)
  if (survivors.length > 0) process.exitCode = 1
}

/** @returns those that survive, or are not there */
async function judgeByUnitTests(chosen) {
  await ensureWasm()
  const judge = new Judge([unit], { isQuick: true })
  const lasting = []
  try {
    await judge.prepare([unit], console.log)
    for (const each of chosen) {
      const mutant = mutantOf(each)
      const { verdict, by } =
        mutant === undefined ? { verdict: 'not there' } : await judge.judge(mutant)
      if (verdict !== 'killed') lasting.push(mutant ?? { name: each[0] })
      console.log(`${verdict.padEnd(10)} ${each[0]}${by === undefined ? '' : `, by: ${by}`}`)
    }
  } finally {
    judge.end()
  }
  return lasting
}

function judgeByTheLaw(lasting, runs) {
  const there = lasting.filter(({ text }) => text !== undefined)
  if (there.length === 0) return lasting
  const copy = copyCheckout()
  try {
    if (!law(copy, runs)) throw new Error('the law is broken without any mutant')
    return lasting.filter((mutant) => {
      const isKilled = there.includes(mutant) && breaksTheLaw(copy, runs, mutant)
      console.log(`${isKilled ? 'killed' : 'survived'}, by the law: ${mutant.name}`)
      return !isKilled
    })
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

await main()
