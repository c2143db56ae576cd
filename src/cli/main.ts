import nodeModule from 'node:module'
import { setFlagsFromString } from 'node:v8'

import { nodeVersionProblem } from './node-version.ts'

const FLUSH_MS = 500
/**
 * Bytes of its code that a function runs through before V8 compiles it for speed: half of it otherwise, on Node 20. A dev chain often ends before
 * that pays, and with more than this calls stay slow for their first ten thousand: at 16 connections they cost 75 us each with 300,000, 40 with
 * this, while the first 3,000 transactions cost 155 us each to submit in place of 190.
 */
const INTERRUPT_BUDGET = 132_000
/**
 * Bytes of other functions' code that V8 puts into a function, 920 otherwise, and of one of them, 460: it compiles for 15 us less of each of the
 * first 5,000 transactions, 40 otherwise, and nothing was slower.
 */
const MAX_INLINED = 200
const MAX_INLINED_AT_ONCE = 120

await start()

async function start(): Promise<void> {
  // Later engines have one more compiler, and were not measured.
  if (process.versions.v8.startsWith('11.')) {
    setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`)
    setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${MAX_INLINED}`)
    setFlagsFromString(`--max-inlined-bytecode-size=${MAX_INLINED_AT_ONCE}`)
  }
  const problem = nodeVersionProblem(process.versions.node)
  if (problem !== undefined) {
    process.stderr.write(`heddle: ${problem}\n`)
    process.exit(1)
  }
  keepCompiled()
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

/** From Node 22 on: what V8 compiles at a start is kept beside other temporary files for the next one, which takes a sixth less CPU so. */
function keepCompiled(): void {
  const { enableCompileCache } = nodeModule as { readonly enableCompileCache?: () => unknown }
  enableCompileCache?.()
}
