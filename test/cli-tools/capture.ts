import { vi } from 'vitest'

export type Captured = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** Runs a tool in this process and returns its exit code with what it printed. */
export async function capture(
  tool: (argv: readonly string[]) => Promise<number>,
  ...argv: readonly string[]
): Promise<Captured> {
  const printed = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      printed[stream] += String(text)
      return true
    }),
  )
  try {
    return { code: await tool(argv), ...printed }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

/** The JSON lines in what a tool printed. */
export function linesOf(stdout: string): Readonly<Record<string, unknown>>[] {
  const lines = stdout.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
}
