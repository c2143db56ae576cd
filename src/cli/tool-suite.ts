import type { Engine } from '../evm/engine.ts'
import { FixtureError, fixturesIn } from './tool-files.ts'
import { forkValue } from './tool-forks.ts'
import {
  type OptionValues,
  engineOf,
  engineValue,
  executorValue,
  parseToolOptions,
  workersValue,
} from './tool-options.ts'
import { complain, misused } from './tool-output.ts'

/** A tool that runs official tests: what differs between them. */
export interface SuiteTool {
  readonly name: string
  readonly usage: string
  /** @param forks in lower case; none means all @returns 0 when all passed, 1 otherwise */
  run(
    engine: Engine,
    files: readonly string[],
    forks: ReadonlySet<string>,
    values: OptionValues,
  ): Promise<number>
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
    return await tool.run(await engineOf(request.values), files, forks, request.values)
  } catch (error) {
    if (!(error instanceof FixtureError)) throw error
    return complain(tool.name, error.message)
  }
}
