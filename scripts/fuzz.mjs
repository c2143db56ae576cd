// Throws random requests at the RPC's edge and at a whole node, seed after seed, for as long as it is told to.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuilt, root } from './prepare.mjs'

const usage = `usage: npm run fuzz -- [--minutes N] [--seed N] [--runs N]
  --minutes N  how long (default 60)
  --seed N     the first seed (default: drawn); each round takes the next, and prints it
  --runs N     cases of each property in a round (default 2000)`

/** @returns {boolean} whether the round found nothing */
function round(seed, runs) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const args = ['run', '--config', 'test/vitest.config.ts', '--testTimeout=0', '--bail=1']
  const { status } = spawnSync(
    process.execPath,
    [vitest, ...args, '--reporter=dot', 'test/rpc/fuzz'],
    {
      cwd: root,
      env: { ...process.env, FUZZ_RUNS: String(runs), FUZZ_SEED: String(seed) },
      stdio: 'inherit',
    },
  )
  return status === 0
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 30)) },
    runs: { type: 'string', default: '2000' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(usage)
} else {
  await ensureBuilt()
  const endAt = Date.now() + Number(values.minutes) * 60_000
  let seed = Number(values.seed)
  let isClean = true
  for (; isClean && Date.now() < endAt; seed++) {
    console.log(`seed ${seed}`)
    isClean = round(seed, values.runs)
  }
  if (!isClean)
    console.error(`found with seed ${seed - 1}: npm run fuzz -- --seed ${seed - 1} --minutes 1`)
  process.exitCode = isClean ? 0 : 1
}
