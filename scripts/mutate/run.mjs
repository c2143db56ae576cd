// Runs bundled test files in the order given, up to the first failure, some tests before all others. What it does goes to its parent as messages.
import { pathToFileURL } from 'node:url'

/** @type {{ standIn: string, files: readonly string[], first: readonly { file: string, name: string }[] }} */
const { standIn, files, first } = JSON.parse(process.argv[2] ?? '')
const { nameOf, runTest, takeTests } = await import(pathToFileURL(standIn).href)
const tell = (message) => new Promise((resolve) => process.send(message, resolve))

/** Those of each file that have not run yet. */
const open = new Map()

async function testsOf(file) {
  if (!open.has(file)) {
    await import(pathToFileURL(file).href)
    open.set(file, takeTests())
  }
  return open.get(file)
}

let place = { file: '', name: '' }

async function runAll(file, tests) {
  for (const test of tests) {
    place = { file, name: nameOf(test) }
    process.send({ kind: 'test', ...place })
    await runTest(test)
  }
}

try {
  for (const { file, name } of first) {
    place = { file, name: file }
    const tests = await testsOf(file)
    const isWanted = (test) => nameOf(test) === name
    open.set(
      file,
      tests.filter((test) => !isWanted(test)),
    )
    await runAll(file, tests.filter(isWanted))
  }
  for (const file of files) {
    place = { file, name: file }
    await runAll(file, await testsOf(file))
  }
  await tell({ kind: 'passed' })
} catch (error) {
  await tell({
    kind: 'failed',
    ...place,
    message: String(error?.message ?? error).slice(0, 300),
  })
}
process.exit(0)
