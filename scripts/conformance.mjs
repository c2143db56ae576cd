// `npm run conformance -- FIXTURES_DIR`: the public suites against the built command.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readOptions } from './conformance/options.mjs'
import { judge, readExclusions } from './conformance/exclusions.mjs'
import { runSuite } from './conformance/suites.mjs'
import { ensureBuilt, ensureInstalled } from './prepare.mjs'

const shownFailures = 40
const shownKnown = 3

process.exitCode = await main(process.argv.slice(2))

async function main(argv) {
  const options = readOptions(argv)
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n`)
    return 2
  }
  ensureInstalled()
  await ensureBuilt()
  const folder = resolve(options.folder)
  const exclusions = readExclusions()
  const suites = []
  for (const name of options.suites) {
    const startedMs = performance.now()
    const { results, of } = await runOrFail(name, join(folder, name), options)
    const verdict = judge(name, results, exclusions)
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10
    const suite = { name, ran: results.length, of, seconds, ...verdict }
    suites.push(suite)
    report(suite, options.full ? Infinity : shownKnown)
  }
  if (options.json !== undefined) {
    const { full, seed } = options
    writeFileSync(options.json, `${JSON.stringify({ full, seed, suites }, undefined, 2)}\n`)
  }
  return suites.every(({ failed, revived }) => failed.length + revived.length === 0) ? 0 : 1
}

/** A suite that cannot run is a failed case of it, so that the others run all the same. */
async function runOrFail(name, folder, options) {
  try {
    return await runSuite(name, folder, options, progressOf(name))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { results: [{ id: `the suite ${name}`, pass: false, reason }], of: '' }
  }
}

function progressOf(name) {
  if (!process.stderr.isTTY) return () => {}
  return (cases) => process.stderr.write(`\r${name}: ${cases}\u001b[K`)
}

/** @param {number} mostKnown how many of the known failures are named for each reason */
function report({ name, ran, of, seconds, passed, failed, excluded, revived }, mostKnown) {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  const known = excluded.length === 0 ? '' : `, ${excluded.length} known to fail`
  console.log(
    `${name}: ${passed.length} passed, ${failed.length} failed${known} (${ran} cases${of}, ${seconds} s)`,
  )
  for (const { id, reason } of failed.slice(0, shownFailures)) {
    console.log(`  FAILED ${id}: ${firstLine(reason)}`)
  }
  const more = failed.length - shownFailures
  if (more > 0) console.log(`  and ${more} more; --json FILE has them all`)
  for (const [reason, ids] of byReason(excluded)) {
    console.log(`  known: ${reason} (${ids.length}): ${shortList(ids, mostKnown)}`)
  }
  for (const { id } of revived) {
    console.log(`  PASSES ${id}: it is on the list of known failures, take it off`)
  }
}

function byReason(excluded) {
  const groups = new Map()
  for (const { id, kind, why } of excluded) {
    const reason = `${kind}: ${why}`
    groups.set(reason, [...(groups.get(reason) ?? []), id])
  }
  return groups
}

function shortList(ids, most) {
  const shown = ids.slice(0, most).map((id) => (id.length > 120 ? `${id.slice(0, 117)}...` : id))
  const rest = ids.length - shown.length
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ')
}

function firstLine(text) {
  return String(text ?? 'no reason given')
    .split('\n', 1)[0]
    .slice(0, 600)
}
