// Takes one check, lock or wait after another out of the lanes, and sees whether their own tests notice, or else the law.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Judge } from './mutate/judge.mjs'
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
  quick: ['words', 'shared-state', 'merge', 'stage', 'inline', 'expected', 'host'].map(
    (name) => `test/unit/executor/${name}.test.ts`,
  ),
  thorough: [],
}
const validate = `${lane}/assembly/validate.ts`
const merge = `${lane}/assembly/merge.ts`
const versions = `${lane}/assembly/versions.ts`
const inOrder = `${lane}/assembly/in-order.ts`

/** What is taken out, and what it would have caught. The text must be in the file once. */
const mutants = [
  [
    'a life that changed',
    validate,
    'if (exists != ((load<u32>(entry, ENTRY_FLAGS) & WAS_THERE) != 0)) return DIFFERS_LIFE',
    '',
  ],
  ['a nonce that changed', validate, '(reads & SAW_NONCE) != 0', 'false'],
  ['a code that changed', validate, '(reads & SAW_CODE) != 0', 'false'],
  ['a balance that changed', validate, '(reads & SAW_BALANCE) != 0', 'false'],
  ['a balance that is empty now', validate, '(reads & SAW_EMPTY) != 0', 'false'],
  ['a balance that covers no more', validate, '(reads & SAW_COVERED) != 0', 'false'],
  ['a balance that covers by now', validate, '(reads & SAW_NOT_COVERED) != 0', 'false'],
  [
    'a slot that changed',
    validate,
    'return isEqual(found, entry + RECORD_SLOT_BASE) ? 0 : DIFFERS_SLOT',
    'return 0',
  ],
  ['a slot written before a wipe', versions, 'load<u32>(version, VERSION_TX) + 1 < wipe', 'false'],
  ['a base slot behind a wipe', versions, 'if (wipe != 0) return FOUND', ''],
  [
    'versions that are not merged',
    versions,
    'return !isSettled && atomic.load',
    'return atomic.load',
  ],
  ['versions of later transactions', versions, 'load<u32>(version, VERSION_TX) >= tx', 'false'],
  ['a wipe carried on', merge, 'isWiped ? tx + 1 : wipe)', 'isWiped ? tx + 1 : 0)'],
  [
    'balances as they are at the merge',
    merge,
    'sub(balance, balance, entry + ENTRY_BASE_BALANCE)\n  copy(entry + ENTRY_BASE_BALANCE, found + IMAGE_BALANCE)\n  add(balance, balance, found + IMAGE_BALANCE)',
    '',
  ],
  [
    'the balance before as it is at the merge',
    merge,
    'copy(entry + ENTRY_BASE_BALANCE, found + IMAGE_BALANCE)',
    '',
  ],
  [
    'the life that a credit brings',
    merge,
    'writes = isCredited && !exists ? writes | DID_CREATE : writes & ~DID_CREATE',
    '',
  ],
  [
    'whether it was there at the merge',
    merge,
    'exists ? flags | WAS_THERE : flags & ~WAS_THERE',
    'flags',
  ],
  [
    'validation at the merge',
    `${lane}/merge.ts`,
    "return differenceIn(lane, tx, record, 'merged') ?? lane.chaos",
    'return lane.chaos',
  ],
  [
    'the second look at a rejection',
    `${lane}/merge.ts`,
    "if (isRejected(lane.shared, record)) return { kind: 'rejected' }",
    '',
  ],
  [
    'the block gas',
    `${lane}/merge.ts`,
    "if (exceeds(lane, tx)) return leaveOut(lane, tx, 'gas')",
    '',
  ],
  ['codes for later transactions', `${lane}/merge.ts`, ' || fn.showCodes(record) !== 0', ''],
  [
    'one lane merging at a time',
    `${lane}/shared.ts`,
    'return Atomics.compareExchange(this.#i32, this.#base + LOCK, 0, 1) === 0',
    'return true',
  ],
  [
    'waiting for the head to have run',
    `${lane}/merge.ts`,
    "if (!txs.move(tx, 'executed', 'merging')) return undefined",
    "txs.move(tx, 'executed', 'merging')",
  ],
  [
    'a look after the ticket is given back',
    `${lane}/merge.ts`,
    'while (isHeadReady(lane) && words.take()) {',
    'if (isHeadReady(lane) && words.take()) {',
  ],
  [
    'the record before its status',
    `${lane}/schedules.ts`,
    "    run.txs.keep(tx, ran)\n    run.txs.move(tx, 'executing', 'executed')",
    "    run.txs.move(tx, 'executing', 'executed')\n    run.chaos?.step('executed', tx)\n    run.txs.keep(tx, ran)",
  ],
  [
    'a base that another state left',
    `${lane}/stage.ts`,
    'if (isSame && !isFull) return',
    'if (!isFull) return',
  ],
  [
    'a base of another state that is filled',
    `${lane}/stage.ts`,
    'this.#isBusy || stateId !== this.#stateId',
    'this.#isBusy',
  ],
  [
    'a base that is filled while a block runs',
    `${lane}/stage.ts`,
    'this.#isBusy || stateId !== this.#stateId',
    'stateId !== this.#stateId',
  ],
  [
    'encodings for other prices',
    'src/executor/expected.ts',
    'ahead.terms === this.#termsOf(env) && ahead.switches',
    'ahead.switches',
  ],
  [
    'the gas that is left, in order',
    inOrder,
    'if (load<f64>(words, TX_GAS_LIMIT) > gasLimit - load<f64>(WORD_GAS)) return 0',
    '',
  ],
  [
    'a rejection, in order',
    inOrder,
    'if (load<u32>(record, RECORD_STATUS) == RECORD_REJECTED) return false',
    '',
  ],
  ['codes for later transactions, in order', inOrder, ' || showCodes(record) != 0', ''],
  [
    'waiting until the block is set up',
    `${lane}/block.ts`,
    '    words.awaitOpen(task.number)\n',
    '',
  ],
  [
    'waiting until all lanes have left',
    `${lane}/mailbox.ts`,
    '!== LEFT) return false',
    '!== LEFT) return lane > 0',
  ],
  [
    'what a lane did before it says that it has left',
    `${lane}/mailbox.ts`,
    '    this.#i32[this.#at + ACCOUNT + 1] = size\n',
    '',
  ],
  [
    'waiting for the receipts of the block before',
    `${lane}/host.ts`,
    'if (!(await this.#pool.partsEnded(HANG_MS))) await this.#replace()',
    '',
  ],
  ['receipts of the block before', `${lane}/stage.ts`, '    this.receipts.clear()\n', ''],
  [
    'receipts that two make',
    `${lane}/receipt-box.ts`,
    'return Atomics.compareExchange(this.#i32, STATE, NONE, BEGUN) === NONE',
    'Atomics.store(this.#i32, STATE, BEGUN)\n    return true',
  ],
  [
    'receipts before all is merged',
    `${lane}/block.ts`,
    'while (words.stop === undefined && words.merged < words.count) {',
    'while (false) {',
  ],
  [
    'what the protocol changed between blocks',
    `${lane}/stage.ts`,
    'if (!shared.renew(block.prior, view)) return false',
    '',
  ],
]

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
