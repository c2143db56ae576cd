/** What a tool says: one JSON object a line on stdout, everything else on stderr. */

export function printLine(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

/** What is wrong with a file, in one line. @returns the exit code */
export function complain(tool: string, problem: string): 2 {
  process.stderr.write(`heddle ${tool}: ${problem}\n`)
  return 2
}

/** What is wrong with the command line. @returns the exit code */
export function misused(tool: string, problem: string): 2 {
  process.stderr.write(`heddle ${tool}: ${problem}\nTry heddle ${tool} --help.\n`)
  return 2
}

/** That the forks asked for are in no test. */
export function noteNothingRan(tool: string, forks: Iterable<string>): void {
  process.stderr.write(`heddle ${tool}: no test of ${[...forks].join(', ')} there\n`)
}

/** What was thrown by a test that failed so: with the place for a bug, in one line for what a fixture has wrong. */
export function describeThrown(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isOfFixture = error.name === 'DecodeError' || error.name === 'FixtureError'
  return isOfFixture ? error.message : (error.stack ?? error.message)
}

/** A bar on stderr while a person watches; nothing at all otherwise. */
export interface Progress {
  /** @param part what is done, from 0 to 1 @param label what is being done */
  show(part: number, label: string): void
  /** Takes the bar away. */
  clear(): void
}

const BAR_CELLS = 24
const REDRAW_MS = 60

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress | undefined {
  if (!stream.isTTY) return undefined
  let drawnAtMs = 0
  return {
    show(part, label) {
      const now = performance.now()
      if (now - drawnAtMs < REDRAW_MS) return
      drawnAtMs = now
      const full = Math.round(Math.min(1, part) * BAR_CELLS)
      const bar = '█'.repeat(full) + '░'.repeat(BAR_CELLS - full)
      const percent = `${Math.floor(part * 100)}`.padStart(3)
      // A terminal that does not know its width says 0.
      const room = Math.max(0, (stream.columns || 80) - BAR_CELLS - 8)
      stream.write(`\r${bar} ${percent} % ${label.slice(0, room)}\u001b[K`)
    },
    clear() {
      if (drawnAtMs > 0) stream.write('\r\u001b[K')
      drawnAtMs = 0
    },
  }
}
