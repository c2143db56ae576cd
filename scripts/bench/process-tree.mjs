// CPU time and memory of a process and its descendants, from Linux's /proc; elsewhere unknown.
import { readFileSync, readdirSync } from 'node:fs'

const ticksPerSecond = 100
const residentLine = 'VmRSS:'

/**
 * @typedef {object} CpuMark what a process tree had used at one moment
 * @property {ReadonlyMap<string, number>} threadsMs live threads, `pid/tid` to milliseconds
 * @property {number} ticksMs the kernel's coarse count (10 ms), which keeps threads that ended and
 *   children that were waited for
 */

/**
 * Reads what a process and its descendants have used so far.
 * @param {number} pid
 * @returns {CpuMark | undefined} undefined without /proc, or when the process is gone
 */
export function markCpu(pid) {
  const threadsMs = new Map()
  let ticksMs = 0
  const pids = processTree(pid)
  if (pids.length === 0) return undefined
  for (const member of pids) {
    ticksMs += (readTicks(member) * 1000) / ticksPerSecond
    for (const tid of list(`/proc/${member}/task`)) {
      const text = read(`/proc/${member}/task/${tid}/schedstat`)
      if (text !== undefined) threadsMs.set(`${member}/${tid}`, Number(text.split(' ')[0]) / 1e6)
    }
  }
  return { threadsMs, ticksMs }
}

/**
 * User and system time between two marks: exact (nanoseconds summed over threads) when no thread
 * ended in between, else the kernel's 10 ms ticks where those say more.
 * @param {CpuMark | undefined} before
 * @param {CpuMark | undefined} after
 * @returns {number | undefined} milliseconds
 */
export function cpuBetween(before, after) {
  if (before === undefined || after === undefined) return undefined
  let exactMs = 0
  for (const [thread, ms] of after.threadsMs) exactMs += ms - (before.threadsMs.get(thread) ?? 0)
  const isWhole = [...before.threadsMs.keys()].every((thread) => after.threadsMs.has(thread))
  return isWhole ? exactMs : Math.max(exactMs, after.ticksMs - before.ticksMs)
}

/**
 * Resident memory of a process and its descendants; pages that two of them share count twice.
 * @param {number} pid
 * @returns {number | undefined} MiB; undefined without /proc, or when the process is gone
 */
export function residentMiB(pid) {
  const sizes = processTree(pid).map((member) => {
    const line = (read(`/proc/${member}/status`) ?? '')
      .split('\n')
      .find((row) => row.startsWith(residentLine))
    return line === undefined ? 0 : Number(line.slice(residentLine.length).trim().split(' ')[0])
  })
  const totalKiB = sizes.reduce((sum, size) => sum + size, 0)
  return totalKiB === 0 ? undefined : totalKiB / 1024
}

/** The process and its descendants, those only that are alive. */
function processTree(pid) {
  if (read(`/proc/${pid}/stat`) === undefined) return []
  const children = list(`/proc/${pid}/task`).flatMap((tid) =>
    (read(`/proc/${pid}/task/${tid}/children`) ?? '').split(' ').filter((child) => child !== ''),
  )
  return [pid, ...children.flatMap((child) => processTree(Number(child)))]
}

/** utime + stime + cutime + cstime: fields 14 to 17, counted after the name, which may hold spaces. */
function readTicks(pid) {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return 0
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function list(path) {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
