import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { openArchive } from '../chain/open-chain.ts'
import { costsJson } from '../rpc/storage-json.ts'
import { type ArchiveReport, verifyArchive } from '../chain/verify-archive.ts'
import { messageOf } from './start-error.ts'
import { countValue, lastValue, parseToolOptions } from './tool-options.ts'
import { complain, misused, printLine } from './tool-output.ts'

const USAGE = `usage: heddle db stats|verify|compact DIR
  Looks at the data folder of a node that is not running.
  stats      what is in it: blocks, transactions, logs, accounts, bytes, and what states read and wrote for it
  verify     reads every record and compares: hashes, links, roots, places, logs, the state's root
  compact    gives back the room of what was deleted`

const ACTIONS = ['stats', 'verify', 'compact'] as const
type Action = (typeof ACTIONS)[number]

/**
 * @param argv what follows the command's name
 * @returns the exit code: 0 all is well, 1 something is wrong in the folder, 2 bad usage or no folder
 */
export async function db(argv: readonly string[]): Promise<number> {
  const request = parseToolOptions(argv, {})
  if (request.kind === 'help') {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  if (request.kind === 'bad') return misused('db', request.problem)
  const [name, folder, ...more] = request.paths
  const action = ACTIONS.find((known) => known === name)
  if (action === undefined) return misused('db', `expected ${ACTIONS.join(', ')}, got ${name}`)
  if (folder === undefined) return misused('db', 'no folder named')
  if (more.length > 0) return misused('db', `unexpected argument ${more[0]}`)
  if (!(await isDataFolder(folder))) return complain('db', `${folder} is no data folder`)
  try {
    return await run(action, folder)
  } catch (error) {
    return complain('db', messageOf(error))
  }
}

async function run(action: Action, folder: string): Promise<number> {
  const before = await bytesIn(folder)
  if (action === 'compact') {
    // That it is a chain, and nobody else's just now, is told as for the others.
    await within(folder, () => undefined)
    const { compactLevel } = await import('../store/compact.ts')
    await compactLevel(folder)
    printLine({ folder, bytesBefore: before, bytes: await bytesIn(folder) })
    return 0
  }
  const { report, state } = await within(folder, (opened) => ({
    report: verifyArchive(opened),
    state: opened.states.allCosts,
  }))
  const { problems, ...counts } = report
  const line = { folder, bytes: before, ...plain(counts) }
  if (action === 'stats') {
    printLine({ ...line, state: costsJson(counts.blocks, state) })
    return 0
  }
  printLine(line)
  for (const problem of problems) process.stderr.write(`heddle db: ${problem}\n`)
  return problems.length === 0 ? 0 : 1
}

type Opened = ReturnType<typeof openArchive>

async function within<T>(folder: string, work: (opened: Opened) => T | Promise<T>): Promise<T> {
  const { openLevelKv } = await import('../store/level-kv.ts')
  const kv = await openLevelKv(folder)
  try {
    return await work(openArchive(kv))
  } finally {
    await kv.close()
  }
}

const PRUNE_USAGE = `usage: heddle prune DIR --history N
  Deletes the states of all blocks but the newest N and the first; blocks and receipts stay.
  The node that has the folder must not be running.`

const MOST = 2 ** 31 - 1

/**
 * @param argv what follows the command's name
 * @returns the exit code: 0 done, 2 bad usage or no folder
 */
export async function prune(argv: readonly string[]): Promise<number> {
  const request = parseToolOptions(argv, { '--history': countValue(MOST) })
  if (request.kind === 'help') {
    process.stdout.write(`${PRUNE_USAGE}\n`)
    return 0
  }
  if (request.kind === 'bad') return misused('prune', request.problem)
  const kept = lastValue(request.values, '--history')
  if (kept === undefined) return misused('prune', '--history is missing')
  const [folder, ...more] = request.paths
  if (folder === undefined || more.length > 0) return misused('prune', 'expected one folder')
  if (!(await isDataFolder(folder))) return complain('prune', `${folder} is no data folder`)
  try {
    const bytesBefore = await bytesIn(folder)
    const records = await within(folder, ({ archive }) => archive.dropStates(Number(kept)))
    const { compactLevel } = await import('../store/compact.ts')
    await compactLevel(folder)
    printLine({ folder, records, bytesBefore, bytes: await bytesIn(folder) })
    return 0
  } catch (error) {
    return complain('prune', messageOf(error))
  }
}

async function isDataFolder(folder: string): Promise<boolean> {
  const found = await stat(join(folder, 'CURRENT')).catch(() => undefined)
  return found !== undefined
}

/** Numbers of blocks as JSON has them. */
function plain(report: Omit<ArchiveReport, 'problems'>): object {
  return { ...report, first: Number(report.first), head: Number(report.head) }
}

async function bytesIn(folder: string): Promise<number> {
  let sum = 0
  for (const name of await readdir(folder)) {
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (found?.isFile() === true) sum += found.size
  }
  return sum
}
