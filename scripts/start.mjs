// `npm start`: install if needed, build if stale, then run the command in this same process.
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
  console.error(`heddle: cannot start: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}

const command = new URL('../dist/cli/main.js', import.meta.url)
process.argv[1] = fileURLToPath(command)
await import(command.href)
