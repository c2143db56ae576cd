import { setImmediate } from 'node:timers/promises'

import type { Engine } from '../evm/engine.ts'
import { FixtureError, fixtureError, fixturesIn, readFixture } from './tool-files.ts'
import { forkValue } from './tool-forks.ts'
import {
  type OptionValues,
  engineOf,
  engineValue,
  executorValue,
  parseToolOptions,
  workersValue,
} from './tool-options.ts'
import { complain, createProgress, misused, noteNothingRan, printLine } from './tool-output.ts'

/** A tool that runs official tests: what differs between them. */
export interface SuiteTool {
  readonly name: string
  readonly usage: string
  /** @returns what `runCases` does */
  run(engine: Engine, files: Fixtures, values: OptionValues): Promise<number>
}

/** What the command line asks for. */
export interface Fixtures {
  readonly tool: string
  readonly files: readonly string[]
  /** In lower case; none means all. */
  readonly forks: ReadonlySet<string>
}

const TURN_EACH = 64

/** One test, with what names it in its line. */
interface SuiteCase {
  readonly name: string
  readonly fork: string
  readonly index: number
}

/**
 * Runs the tests in all files and prints a line for each. A file that cannot be read is named on stderr, and the others run all the same.
 * @param read the tests in a file's JSON
 * @param run never throws
 * @returns the exit code: 0 all pass, 1 some fail, 2 a file cannot be read
 */
export async function runCases<Case extends SuiteCase>(
  { tool, files, forks }: Fixtures,
  read: (json: unknown) => readonly Case[],
  run: (test: Case) => Promise<{ readonly pass: boolean }>,
): Promise<number> {
  const progress = createProgress()
  let exitCode = 0
  let ran = 0
  for (const [at, file] of files.entries()) {
    const tests = await readFixture(file, read).catch(fixtureError)
    if (tests instanceof FixtureError) {
      progress?.clear()
      exitCode = complain(tool, tests.message)
      continue
    }
    for (const test of tests) {
      const { name, fork, index } = test
      if (forks.size > 0 && !forks.has(fork.toLowerCase())) continue
      progress?.show(at / files.length, name)
      // Only between turns of the event loop are the memories of states given back, and tests may all be over without one.
      if (ran++ % TURN_EACH === 0) await setImmediate()
      const result = await run(test)
      if (!result.pass) exitCode = Math.max(exitCode, 1)
      progress?.clear()
      printLine({ file, name, fork, index, ...result })
    }
  }
  if (ran === 0 && forks.size > 0) noteNothingRan(tool, forks)
  return exitCode
}

/**
 * Runs `tool` on the fixtures that `argv` names.
 * @returns the exit code: 0 all pass, 1 some fail, 2 bad usage or an unreadable file
 */
export async function runSuiteTool(tool: SuiteTool, argv: readonly string[]): Promise<number> {
  const request = parseToolOptions(argv, {
    '--fork': forkValue,
    '--executor': executorValue,
    '--workers': workersValue,
    '--engine': engineValue,
  })
  if (request.kind === 'help') {
    process.stdout.write(`${tool.usage}\n`)
    return 0
  }
  if (request.kind === 'bad') return misused(tool.name, request.problem)
  const forks = new Set(request.values.get('--fork')?.map((fork) => fork.toLowerCase()))
  try {
    const files: string[] = []
    for (const path of request.paths) files.push(...(await fixturesIn(path, ['.json'])))
    const { name } = tool
    return await tool.run(
      await engineOf(request.values),
      { tool: name, files, forks },
      request.values,
    )
  } catch (error) {
    if (!(error instanceof FixtureError)) throw error
    return complain(tool.name, error.message)
  }
}
