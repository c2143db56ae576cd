// Breaks the engine in one place after another, and sees whether its tests notice.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { Judge } from './mutate/judge.mjs'
import { readEquivalents } from './mutate/equivalents.mjs'
import { scoreOf } from './mutate/mutants.mjs'
import { findMutants, rooms } from './mutate/rooms.mjs'
import { root } from './prepare.mjs'
import { ensureWasm } from './wasm.mjs'

const usage = `Takes each check, gas charge, price, undo note and carry out of the engine, or moves its edge or its amount by one, and runs the tests that CI runs,
in a process for each: about a second on a core of its own. What nothing can tell from the engine is in mutate/equivalents.json.

usage: node scripts/mutate.mjs [--only TEXT] [--from N] [--to N] [--each N] [--log FILE] [--quick] [--again] [--list]
  --only TEXT   only mutants whose name contains it, such as a file's name
  --from, --to  of those, from the N-th up to, but without, the N-th
  --each N      of those, only every N-th
  --jobs N      so many at once, each with a copy of what is compiled (default 1)
  --log FILE    verdicts, one a line (default .cache/mutants.jsonl): what was killed there is not judged again
  --quick       without the tests that take longest, such as those of all gas limits: what survives may be killed by those
  --again       judge all again, those too that are known to be equivalent
  --list        print them and run nothing`

function readVerdicts(log) {
  if (!existsSync(log)) return []
  const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line)).filter(({ verdict }) => verdict !== 'survived')
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
      jobs: text('1'),
      log: text(join(root, '.cache', 'mutants.jsonl')),
      quick: flag,
      again: flag,
      list: flag,
      help: flag,
    },
  })
  if (values.help) return console.log(usage)
  const all = findMutants()
  const equivalents = readEquivalents(all.map(({ name }) => name))
  const chosen = all
    .filter(({ name }) => name.includes(values.only))
    .slice(Number(values.from), Number(values.to))
    .filter((_, i) => i % Number(values.each) === 0)
  if (values.list) return console.log(chosen.map(({ name }) => name).join('\n'))
  const known = new Map()
  if (!values.again) {
    for (const entry of readVerdicts(values.log)) known.set(entry.name, entry.verdict)
    for (const name of equivalents.keys()) known.set(name, 'equivalent')
  }
  const open = chosen.filter(({ name }) => !known.has(name))
  mkdirSync(dirname(values.log), { recursive: true })
  if (open.length > 0) await judgeAll(open, values, known)
  report(
    chosen.map(({ name, room }) => ({ name, room: room.folder, verdict: known.get(name) })),
    equivalents,
  )
}

async function judgeAll(mutants, { log, quick, jobs }, known) {
  await ensureWasm()
  const rest = mutants.values()
  const wanted = new Set(mutants.map((mutant) => mutant.room))
  const judges = Array.from({ length: Number(jobs) }, () => new Judge(rooms, { isQuick: quick }))
  try {
    for (const [at, judge] of judges.entries()) {
      await judge.prepare(wanted, at === 0 ? console.log : undefined)
    }
    await Promise.all(
      judges.map(async (judge) => {
        for (const mutant of rest) {
          const startedMs = performance.now()
          const { verdict, by } = await judge.judge(mutant)
          known.set(mutant.name, verdict)
          appendFileSync(log, `${JSON.stringify({ name: mutant.name, verdict, by })}\n`)
          const took = `${((performance.now() - startedMs) / 1000).toFixed(1)} s`
          console.log(`${verdict.padEnd(16)} ${took.padStart(7)}  ${mutant.name}`)
        }
      }),
    )
  } finally {
    for (const judge of judges) judge.end()
  }
}

function report(judged, equivalents) {
  const left = judged.filter(
    ({ name, verdict }) => verdict === 'survived' && !equivalents.has(name),
  )
  for (const { name } of left) console.log(`survived: ${name}`)
  for (const { name, verdict } of judged) {
    if (verdict === 'killed' && equivalents.has(name)) {
      console.log(`killed, though it is listed as equivalent: ${name}`)
    }
  }
  for (const room of new Set(judged.map((each) => each.room))) {
    console.log(
      line(
        room,
        judged.filter((each) => each.room === room),
      ),
    )
  }
  console.log(line('all', judged))
  if (left.length > 0) process.exitCode = 1
}

function line(label, judged) {
  const { killed, survived, equivalent, other, percent } = scoreOf(judged)
  const score = percent === undefined ? '-' : percent.toFixed(1)
  return `${label}: ${judged.length} mutants, ${killed} killed, ${survived} survived, ${equivalent} equivalent, ${other} did not compile; score ${score} %`
}

await main()
