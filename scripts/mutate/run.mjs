// Runs bundled test files in the order given, up to the first failure. What it does goes to its parent as messages.
import { pathToFileURL } from 'node:url'

const [standIn, ...files] = process.argv.slice(2)
const { runTests } = await import(pathToFileURL(standIn).href)
const tell = (message) => new Promise((resolve) => process.send(message, resolve))

let place = ''
try {
  for (const file of files) {
    place = file
    await import(pathToFileURL(file).href)
    await runTests((name) => {
      place = name
      process.send({ kind: 'test', file, name })
    })
  }
  await tell({ kind: 'passed' })
} catch (error) {
  await tell({
    kind: 'failed',
    name: place,
    message: String(error?.message ?? error).slice(0, 300),
  })
}
process.exit(0)
