import { existsSync } from 'node:fs'

import { COMMON, Misuse, WINDOW, readArguments, windowOf } from './arguments.ts'
import { type Asserted, type Gate, judge } from './check-verdict.ts'
import { renderVerdict } from './check-text.ts'
import type { Ask } from './client.ts'
import { print, runCommand } from './command.ts'
import { firstScenario } from './init.ts'
import type { Report } from './shapes.ts'
import { readSnapshot, snapshotOf, snapshotPath, writeSnapshot } from './snapshot.ts'
import { withSubject } from './subject.ts'
import { colorsFor } from './text.ts'

const USAGE = `usage: heddle check SCENARIO | WINDOW [options]
  A gate for CI: what orders the transactions may not be more than is allowed. It judges dependencies in
  the given order and speed-ups by gas, which are the same on every machine; never a run or a time.
  SCENARIO   a bundle or forge broadcast (.json), a module (.ts), or a contract with setUp() and
             tx(uint256 i) by its name or as File.sol:Name: on a node of its own
  WINDOW     of a running node: a block, blocks as 4..9, --last N, --blocks A..B; --as-block, --spread-senders
  --min-speedup T@N  at least T times faster on N cores
  --allow NAME       nothing conflicts but this: Pool.reserve0, Token.balanceOf, Pool.* or none; may be repeated
  --update           write what is found to the snapshot, a file to commit
  --snapshot FILE    where it is (beside the scenario: NAME.parallel.json)
  --init             write a first scenario from the chain's recent calls to SCENARIO
  --artifacts DIR    where contracts are, when not in out/ and artifacts/
  --rpc-url URL      run it on this node's state; nothing changes there
  --json             the verdict
  Exit code 1 when a gate does not pass; a snapshot is a gate: no conflict that it has not, and no more of it.`

const MAX_CORES = 1024

/** @returns the exit code: 0 passed, 1 not passed, 2 bad usage, no node or a scenario that cannot be used */
export async function check(argv: readonly string[]): Promise<number> {
  return runCommand('check', USAGE, argv, async () => {
    const { values, positionals } = readArguments(argv, {
      ...COMMON,
      ...WINDOW,
      artifacts: { type: 'string' },
      'min-speedup': { type: 'string' },
      allow: { type: 'string', multiple: true },
      snapshot: { type: 'string' },
      update: { type: 'boolean' },
      init: { type: 'boolean' },
    })
    if (values.init === true) return firstScenario(positionals, values['rpc-url'])
    const gate = gateOf(values['min-speedup'], values.allow)
    const [word] = positionals
    const file = values.snapshot ?? snapshotFor(word, values)
    if (file === undefined && values.update === true) {
      throw new Misuse('--update: name the file of a window with --snapshot')
    }
    const before = file !== undefined && existsSync(file) ? await readSnapshot(file) : undefined
    const { report, asserted } = await withSubject(positionals, values, ({ ask, subject }) =>
      lookAt(ask, subject, gate),
    )
    const snapshot = snapshotOf(report, [...asserted.conflicts, ...asserted.allowed])
    if (values.update === true) {
      await writeSnapshot(file!, snapshot)
      process.stderr.write(`heddle check: ${file} is written\n`)
    }
    const verdict = judge(report, asserted, values.update === true ? snapshot : before)
    print({ ...verdict, found: snapshot }, values.json, () =>
      renderVerdict(verdict, report, file, colorsFor(process.stdout)),
    )
    return verdict.pass ? 0 : 1
  })
}

async function lookAt(
  ask: Ask,
  subject: object,
  { allow = ['*'], minSpeedup }: Gate,
): Promise<{ readonly report: Report; readonly asserted: Asserted }> {
  const report = (await ask('parallel_getContention', subject)) as Report
  const options = { allow, ...(minSpeedup !== undefined && { minSpeedup }) }
  const asserted = (await ask('parallel_assertNoConflict', subject, options)) as Asserted
  return { report, asserted }
}

function gateOf(minSpeedup: string | undefined, allow: readonly string[] | undefined): Gate {
  const [, cores] = /^\d{1,4}(?:\.\d{1,6})?@(\d{1,4})$/.exec(minSpeedup ?? '1@1') ?? []
  if (cores === undefined || Number(cores) < 1 || Number(cores) > MAX_CORES) {
    throw new Misuse(
      `--min-speedup: expected a speed-up at a number of cores up to ${MAX_CORES}, as 4@8; got ${minSpeedup}`,
    )
  }
  return {
    minSpeedup,
    allow: allow?.flatMap((names) => names.split(',')).filter((name) => name !== 'none'),
  }
}

function snapshotFor(
  word: string | undefined,
  values: Parameters<typeof windowOf>[1],
): string | undefined {
  const isWindow = word === undefined || windowOf(word, values) !== undefined
  return isWindow ? undefined : snapshotPath(word)
}
