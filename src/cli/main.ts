import { nodeVersionProblem } from './node-version.ts'

const FLUSH_MS = 500

await start()

async function start(): Promise<void> {
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
