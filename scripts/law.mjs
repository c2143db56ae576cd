// Looks for a block on which an executor differs from serial, for as long as it is told to.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuilt, root } from './prepare.mjs'

const usage = `usage: npm run law -- [--runs N] [--seed N]
  --runs N   random blocks for each executor and number of lanes (default 2000)
  --seed N   another seed, other blocks and schedules (default: drawn)
What differs is made as small as it can be and kept in test/vectors/law, where every run of the tests looks at it again.`

async function main() {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '2000' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(usage)
  await ensureBuilt()
  console.log(`seed ${values.seed}`)
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const config = ['--config', 'test/vitest.config.ts', '--testTimeout=0', '--bail=1']
  const only = ['test/threads/executor-law', '-t', 'random']
  const env = { ...process.env, LAW_RUNS: values.runs, LAW_SEED: values.seed }
  const options = { cwd: root, env, stdio: 'inherit' }
  process.exitCode = spawnSync(
    process.execPath,
    [vitest, 'run', ...config, ...only],
    options,
  ).status
}

void main()
