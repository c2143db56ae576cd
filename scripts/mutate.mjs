// Breaks the engine in one place after another, in a copy of the checkout, and sees whether its tests notice.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
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
import { root } from './prepare.mjs'

const usage = `usage: node scripts/mutate.mjs [--only TEXT] [--from N] [--each N] [--list]
  --only TEXT   only mutants whose name contains it
  --from N      begin with the N-th
  --each N      only every N-th
  --list        print them and run nothing`

const assembly = 'src/evm/wasm/assembly'
const table = 'src/evm/wasm/gas-table.ts'
const suites = ['test/unit/evm/wasm', 'test/unit/evm/differential']

/** Lines that can be left out: checks, charges, and what is noted to be taken back or charged later. */
const removable = [
  /^\s*(?:else )?if \(.*\) return [A-Z][A-Z_]*$/,
  /^\s*setGas\(.*gas - .*\)$/,
  /^\s*(?:if \(.*\) )?(?:else )?cost \+= .*$/,
  /^\s*(?:else )?if \(.*\) cost \+= .*$/,
  /^\s*(?:if \(.*\) )?(?:raise|raiseSlot|warm|setNonce|setRefund)\(.*\)$/,
  /^\s*note(?:Slot|Balance|Nonce|Code)\(.*\)$/,
  /^\s*(?:revertTo|revertLogs)\(.*\)$/,
]

/** @returns {{ name: string, file: string, text: string }[]} each with the whole text of the broken file */
function findMutants() {
  const mutants = []
  for (const name of readdirSync(join(root, assembly)).toSorted()) {
    if (!name.endsWith('.ts')) continue
    const file = `${assembly}/${name}`
    const lines = readFileSync(join(root, file), 'utf8').split('\n')
    for (const [i, line] of lines.entries()) {
      if (!removable.some((pattern) => pattern.test(line))) continue
      // What is left of an `else` chain or of a lonely branch needs a statement in this place.
      const text = lines.with(i, line.replace(/\S.*$/, ';')).join('\n')
      mutants.push({ name: `${name}:${i + 1} ${line.trim()}`, file, text })
    }
  }
  return [...mutants, ...findPrices()]
}

function findPrices() {
  const text = readFileSync(join(root, table), 'utf8')
  return [...text.matchAll(/\[(\d[\d_]*)(?=, \d+, \d\])/g)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length
    const price = Number(match[1].replaceAll('_', ''))
    const after = text.slice(match.index + match[0].length)
    return {
      name: `gas-table.ts:${line} ${price} -> ${price + 1}`,
      file: table,
      text: `${text.slice(0, match.index)}[${price + 1}${after}`,
    }
  })
}

function copyCheckout() {
  const copy = mkdtempSync(join(tmpdir(), 'heddle-mutate-'))
  for (const name of [
    'src',
    'test',
    'scripts',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
  ]) {
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** @returns {Promise<'killed' | 'survived' | 'does not compile'>} */
async function judge(copy, { file, text }) {
  const path = join(copy, file)
  const original = readFileSync(path, 'utf8')
  writeFileSync(path, text)
  const { compileFile } = await import(pathToFileURL(join(copy, 'scripts', 'wasm.mjs')).href)
  try {
    if (file !== table) {
      const target = join(copy, '.cache', 'wasm', 'engine.wasm')
      await compileFile(`${assembly}/index.ts`, target, ['--use', 'HOOKS=0'])
      // The tests compare the sources with the record of the last build, and leave what is there.
      writeFileSync(path, original)
    }
    return runSuites(copy) ? 'survived' : 'killed'
  } catch {
    return 'does not compile'
  } finally {
    writeFileSync(path, original)
  }
}

function runSuites(copy) {
  const vitest = join(copy, 'node_modules', 'vitest', 'vitest.mjs')
  const args = [
    vitest,
    'run',
    '--config',
    'test/vitest.config.ts',
    '--project',
    'source',
    '--bail=1',
  ]
  const env = { ...process.env, FUZZ_SEED: '1', FUZZ_RUNS: '600' }
  // What hangs has noticed, too.
  const options = { cwd: copy, env, timeout: 180_000 }
  return spawnSync(process.execPath, [...args, ...suites], options).status === 0
}

async function main() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      from: { type: 'string', default: '0' },
      each: { type: 'string', default: '1' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(usage)
  const chosen = findMutants()
    .filter(({ name }) => name.includes(values.only))
    .filter((_, i) => i >= Number(values.from) && i % Number(values.each) === 0)
  if (values.list) return console.log(chosen.map(({ name }) => name).join('\n'))
  const copy = copyCheckout()
  try {
    const { ensureWasm } = await import(pathToFileURL(join(copy, 'scripts', 'wasm.mjs')).href)
    await ensureWasm()
    if (!runSuites(copy)) throw new Error('the tests fail without any mutant')
    let survivors = 0
    for (const mutant of chosen) {
      const verdict = judge(copy, mutant)
      if (verdict === 'survived') survivors++
      console.log(`${verdict.padEnd(16)} ${mutant.name}`)
    }
    console.log(`${chosen.length} mutants, ${survivors} survived`)
    if (survivors > 0) process.exitCode = 1
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

await main()
