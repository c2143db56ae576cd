import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'

/** The folder of this checkout. */
export const checkout: string = join(import.meta.dirname, '..', '..')

/** A new folder under the system's temporary folder; `remove` takes it away with all it holds. */
export function temporaryFolder(name: string): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), `heddle-${name}-`))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

const tracked = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'LICENSE',
  'README.md',
  'contracts',
  'src',
  'scripts',
]

/** Copies what a clone holds for building and packing; the installed packages are linked. */
export function cloneInto(folder: string): void {
  for (const name of tracked) {
    const from = join(checkout, name)
    if (existsSync(from)) cpSync(from, join(folder, name), { recursive: true })
  }
  symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'), 'dir')
}

export type Ended = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end in a folder and returns what it printed. */
export async function runIn(
  folder: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  await once(child, 'close')
  return { code: child.exitCode, stdout, stderr }
}

export type Running = {
  readonly url: string
  readonly stderr: () => string
  /** Sends what Ctrl-C sends to every process of the group, waits, and gives the exit code. */
  readonly interrupt: () => Promise<number | null>
}

/**
 * Starts a node in a process group of its own and waits until it says where it listens.
 * @throws {Error} with what it printed when it ends, or stays silent for `timeoutMs`.
 */
export async function startNode(
  folder: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  timeoutMs = 240_000,
): Promise<Running> {
  const child = spawn(command, args, {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const interrupt = async (): Promise<number | null> => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGINT')
    await ended
    return child.exitCode
  }
  const address = await new Promise<string | undefined>((done) => {
    const timer = setTimeout(() => done(undefined), timeoutMs)
    const finish = (found: string | undefined): void => {
      clearTimeout(timer)
      done(found)
    }
    child.once('close', () => finish(undefined))
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      const found = /Listening on (?:http:\/\/)?(\S+:\d+)/.exec(stdout)?.[1]
      if (found !== undefined) finish(found)
    })
  })
  if (address === undefined) {
    await interrupt()
    throw new Error(`${command} ${args.join(' ')} did not listen\n${stdout}\n${stderr}`)
  }
  return { url: `http://${address}`, stderr: () => stderr, interrupt }
}

/** One JSON-RPC call over HTTP; returns the result as it came. */
export async function call(url: string, method: string, params: unknown[] = []): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const answer = (await response.json()) as { result?: unknown }
  return answer.result
}
