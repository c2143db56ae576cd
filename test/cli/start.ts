import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const READY_MS = 120_000

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** The command as a process of its own. */
export interface Running extends AsyncDisposable {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  stdout(): string
  /** Waits until what it printed matches. @throws when the process ends before, or takes 2 min. */
  printed(shape: RegExp): Promise<RegExpExecArray>
}

export interface StartOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

/** Starts the built command in a folder, with no variables of ours but those given. */
export function start(words: readonly string[], { cwd, env = {} }: StartOptions): Running {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(HEDDLE_|FORCE_COLOR$|NO_COLOR$)/.test(name),
  )
  const child = spawn(process.execPath, [COMMAND, ...words], {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr, isClosed] = ['', '', false]
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      isClosed = true
      resolve({ code, signal, stdout, stderr })
    })
  })
  return {
    child,
    ended,
    stdout: () => stdout,
    async printed(shape) {
      const deadline = performance.now() + READY_MS
      for (;;) {
        const found = shape.exec(stdout)
        if (found !== null) return found
        if (isClosed || performance.now() > deadline) {
          throw new Error(`did not print ${shape}\n${stdout}\n${stderr}`)
        }
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** The command's whole run. */
export async function run(words: readonly string[], options: StartOptions): Promise<Ended> {
  await using running = start(words, options)
  return await running.ended
}

/** Sends one JSON-RPC request; its result. @throws with the error's message. */
export async function ask(
  port: number,
  method: string,
  params: readonly unknown[] = [],
): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const answer = (await response.json()) as {
    readonly result?: unknown
    readonly error?: { readonly message: string }
  }
  if (answer.error !== undefined) throw new Error(answer.error.message)
  return answer.result
}
