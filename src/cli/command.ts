import { VERSION } from '../node/version.ts'
import { type ToolName, parseArgs } from './args.ts'
import { loadSettings } from './load-settings.ts'
import { messageOf } from './start-error.ts'

/** The code for a wrong command line, variable or configuration file; other failures have 1. */
const USAGE = 2

/**
 * Does what the words after `heddle` ask for.
 *
 * @returns the exit code, when the work is over: for a node, after it was told to stop.
 */
export async function main(argv: readonly string[]): Promise<number> {
  // A reader of our output that goes away (`heddle | head -1`) is no reason to fail.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const request = parseArgs(argv, VERSION)
  switch (request.kind) {
    case 'print':
      process.stdout.write(request.text)
      return 0
    case 'bad':
      return usageError(request.problems)
    case 'tool':
      return runTool(request.name, [...request.argv])
    case 'doctor': {
      const { doctor } = await import('./doctor.ts')
      return doctor(await loadSettings(request, process.env, process.cwd()))
    }
    case 'run': {
      const loaded = await loadSettings(request, process.env, process.cwd())
      if (loaded.kind === 'bad') return usageError(loaded.problems)
      const { runNode } = await import('./run-node.ts')
      return runNode(loaded)
    }
  }
}

async function runTool(name: ToolName, argv: string[]): Promise<number> {
  try {
    switch (name) {
      case 'replay':
        return await (await import('./replay.ts')).replay(argv)
      case 'fetch':
        return await (await import('./fetch.ts')).fetchBlocks(argv)
      case 'statetest':
        return await (await import('./statetest.ts')).statetest(argv)
      case 'verify':
        return await (await import('./verify.ts')).verify(argv)
      case 'db':
        return await (await import('./db.ts')).db(argv)
      case 'prune':
        return await (await import('./db.ts')).prune(argv)
      case 'report':
        return await (await import('./profile/report.ts')).report(argv)
      case 'check':
        return await (await import('./profile/check.ts')).check(argv)
      case 'matrix':
        return await (await import('./profile/matrix.ts')).matrix(argv)
      case 'compare':
        return await (await import('./profile/compare.ts')).compare(argv)
      case 'diff':
        return await (await import('./profile/diff.ts')).diff(argv)
      case 'why':
        return await (await import('./profile/why.ts')).why(argv)
      case 'access':
        return await (await import('./profile/access.ts')).access(argv)
      case 'completions':
        return (await import('./completions.ts')).completions(argv)
      case 'blocktest':
        return await (await import('./blocktest.ts')).blocktest(argv)
    }
  } catch (error) {
    process.stderr.write(`heddle ${name}: ${messageOf(error)}\n`)
    return 1
  }
}

function usageError(problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`heddle: ${problem}\n`)
  process.stderr.write('Try heddle --help.\n')
  return USAGE
}
