import { messageOf } from '../start-error.ts'
import { misused } from '../tool-output.ts'
import { Misuse } from './arguments.ts'
import { Refused, Unreachable } from './client.ts'
import { ScenarioError } from './scenario/scenario.ts'

/**
 * Runs one of the profiler's commands.
 * @param body does the work and says the exit code
 * @returns the exit code: 0 well, 1 a gate that does not pass, 2 bad usage, no node, or a refusal
 */
export async function runCommand(
  tool: string,
  usage: string,
  argv: readonly string[],
  body: () => Promise<number>,
): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(`${usage}\n`)
    return 0
  }
  try {
    return await body()
  } catch (error) {
    if (error instanceof Misuse) return misused(tool, error.message)
    const isKnown =
      error instanceof Unreachable || error instanceof Refused || error instanceof ScenarioError
    if (!isKnown) throw error
    process.stderr.write(`heddle ${tool}: ${messageOf(error)}\n`)
    return 2
  }
}

/** The answer as it is for machines, or as text for people. */
export function print(answer: unknown, asJson: boolean | undefined, text: () => string): void {
  process.stdout.write(asJson === true ? `${JSON.stringify(answer, null, 2)}\n` : text())
}
