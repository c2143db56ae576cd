// Runs bundled test files in the order given, up to the first failure, some tests before all others; these run once more in their place, after those before them. What it does goes to its parent as messages.
import { pathToFileURL } from 'node:url'

/** @type {{ standIn: string, files: readonly string[], first: readonly { file: string, name: string }[] }} */
const { standIn, files, first } = JSON.parse(process.argv[2] ?? '')
const { nameOf, runTest, takeTests } = await import(pathToFileURL(standIn).href)
const tell = (message) => new Promise((resolve) => process.send(message, resolve))

/** By file. */
const known = new Map()

async function testsOf(file) {
  if (!known.has(file)) {
    await import(pathToFileURL(file).href)
    known.set(file, takeTests())
  }
  return known.get(file)
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
    await runAll(
      file,
      tests.filter((test) => nameOf(test) === name),
    )
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
