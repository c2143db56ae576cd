// Runs files through one of the command's own tools, in several processes, and gathers their JSON lines.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from '../prepare.mjs'

const command = join(root, 'dist', 'cli', 'main.js')
const filesPerProcess = 40

/**
 * @typedef {object} CaseResult one case of a suite
 * @property {string} id names it within the suite
 * @property {boolean} pass
 * @property {string} [reason] why it failed
 * @property {number} [ms] the time since the case before it
 */

/**
 * @param {object} run
 * @param {string} run.tool `statetest`, `blocktest` or `replay`
 * @param {string[]} [run.flags]
 * @param {string} run.folder where `files` are
 * @param {string[]} run.files
 * @param {number} run.jobs processes at a time
 * @param {(file: string) => number} run.count how many cases a file has
 * @param {(line: object, file: string) => string} run.nameOf
 * @param {(cases: number) => void} run.tick told after every case
 * @returns {Promise<CaseResult[]>} a case for each line, and a failed one for each file that gave another number of lines
 */
export async function runTool({ tool, flags = [], folder, files, jobs, count, nameOf, tick }) {
  const batches = []
  const size = Math.max(1, Math.min(filesPerProcess, Math.ceil(files.length / jobs)))
  for (let at = 0; at < files.length; at += size) batches.push(files.slice(at, at + size))
  const results = []
  const seen = new Map()
  const take = async () => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      const paths = batch.map((file) => join(folder, file))
      const ended = await runBatch([tool, ...flags, ...paths], (line, ms) => {
        const file = line.file.slice(folder.length + 1)
        seen.set(file, (seen.get(file) ?? 0) + 1)
        results.push({ id: nameOf(line, file), pass: line.pass === true, reason: line.error, ms })
        tick(results.length)
      })
      if (ended !== undefined) {
        results.push({ id: `${batch[0]} and ${batch.length - 1} more`, pass: false, reason: ended })
      }
    }
  }
  await Promise.all(Array.from({ length: jobs }, take))
  for (const file of files) {
    const [wanted, got] = [count(join(folder, file)), seen.get(file) ?? 0]
    if (wanted === got && wanted > 0) continue
    const reason = wanted === 0 ? 'no case in it' : `expected ${wanted} cases, ran ${got}`
    results.push({ id: file, pass: false, reason })
  }
  return results.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** @returns {Promise<string | undefined>} how the process ended, when it ended badly */
async function runBatch(args, onLine) {
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  let broken
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr = `${stderr}${text}`.slice(-2000)))
  const ended = once(child, 'close')
  let before = performance.now()
  for await (const text of createInterface({ input: child.stdout })) {
    const now = performance.now()
    try {
      onLine(JSON.parse(text), now - before)
    } catch {
      broken ??= `not a JSON line: ${text.slice(0, 200)}`
    }
    before = now
  }
  const [code, signal] = await ended
  if (broken !== undefined) return broken
  if (code === 0 || code === 1) return undefined
  return `the command ended with ${signal ?? `code ${code}`}: ${stderr.trim()}`
}
