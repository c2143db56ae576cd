import { setFlagsFromString } from 'node:v8'

import { nodeVersionProblem } from './node-version.ts'

const FLUSH_MS = 500
/**
 * Bytes of its code that a function runs through before V8 compiles it for speed: half of it otherwise, on Node 20. A dev chain often ends before
 * that pays, and with more than this calls stay slow for their first ten thousand.
 */
const INTERRUPT_BUDGET = 132_000

await start()

async function start(): Promise<void> {
  // Later engines have one more compiler, and were not measured.
  if (process.versions.v8.startsWith('11.')) {
    setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`)
  }
  const problem = nodeVersionProblem(process.versions.node)
  if (problem !== undefined) {
    process.stderr.write(`heddle: ${problem}\n`)
    process.exit(1)
  }
  const { main } = await import('./command.ts')
  const code = await main(process.argv.slice(2))
  await Promise.all([flush(process.stdout), flush(process.stderr)])
  process.exit(code)
}

/** Waits until a pipe has taken what was written, unless nobody reads it. */
async function flush(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, FLUSH_MS)
    stream.write('', () => resolve())
  })
}
