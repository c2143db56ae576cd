import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const pollMs = 100
const sleeper = new Int32Array(new SharedArrayBuffer(4))

/**
 * Does some work while no other process does work under the same lock file. Waits as long as it
 * takes; a lock whose process has ended is taken over.
 */
export async function whileLocked<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!take(path)) await wait(pollMs)
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** As `whileLocked`, for work that is over in seconds: waiting blocks the thread. */
export function whileLockedSync<T>(path: string, work: () => T): T {
  while (!take(path)) Atomics.wait(sleeper, 0, 0, pollMs)
  try {
    return work()
  } finally {
    rmSync(path, { force: true })
  }
}

function take(path: string): boolean {
  mkdirSync(dirname(path), { recursive: true })
  try {
    const file = openSync(path, 'wx')
    writeSync(file, String(process.pid))
    closeSync(file)
    return true
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
    clearIfLeft(path)
    return false
  }
}

/** Removes a lock whose process has ended; moved first, so that a lock taken since is put back. */
function clearIfLeft(path: string): void {
  if (!isLeft(path)) return
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
    if (isLeft(aside)) rmSync(aside, { force: true })
    else renameSync(aside, path)
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
  }
}

function isLeft(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, 'utf8'))
    // A lock just made holds no number yet: its owner is about to write it.
    if (pid === 0) return false
    process.kill(pid, 0)
    return false
  } catch (error) {
    return isCode(error, 'ESRCH')
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
