// `npm test`: install if needed, build if stale, then run vitest in this same process.
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`heddle: needs Node 20.19 or newer, this is ${process.versions.node}`)
  process.exit(1)
}

try {
  const { ensureInstalled, ensureBuilt } = await import('./prepare.mjs')
  ensureInstalled()
  await ensureBuilt()
} catch (error) {
  console.error(`heddle: cannot test: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}

const runner = new URL('../node_modules/vitest/vitest.mjs', import.meta.url)
const rest = process.argv.slice(2)
process.argv = [
  process.execPath,
  fileURLToPath(runner),
  'run',
  '--config',
  'test/vitest.config.ts',
  ...rest,
]
await import(runner.href)
