import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { HeddleNode } from '../../src/node/node.ts'
import type { NodeConfig } from '../../src/node/config.ts'

const dist = join(import.meta.dirname, '..', '..', 'dist')
const command = join(dist, 'cli', 'main.js')
/** For a node that never will: on a machine that others use, a start takes its time. */
const listenMs = 120_000

/** The keys of the first dev accounts, which the mnemonic "test test … junk" leads to. */
export const KEYS = [
  '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
  '0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6',
] as const

type Ended = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** The built command as a process of its own. Its pid ends it: nothing else is touched. */
export type Process = AsyncDisposable & {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  readonly stdout: () => string
}

export type SpawnedNode = Process & {
  readonly url: string
  readonly wsUrl: string
  readonly port: number
  /** Sends what Ctrl-C sends, and waits for the end. */
  readonly interrupt: () => Promise<Ended>
}

export type Start = {
  readonly flags?: readonly string[]
  /** Where it is started: a configuration file and artefacts are looked for there. */
  readonly cwd?: string
  /** Of a node that is started anew; else any that is free. */
  readonly port?: number
}

/** Starts the built command, with no variables of ours, so that the caller's settings stay out. */
export function spawnCommand({ flags = [], cwd = tmpdir() }: Start = {}): Process {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('HEDDLE_'))
  const child = spawn(process.execPath, [command, ...flags], {
    cwd,
    env: Object.fromEntries(inherited),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return {
    child,
    ended,
    stdout: () => stdout,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/**
 * A node as its users run it, on a free port.
 * @throws {Error} with what it printed when it ends, or does not listen within 2 min.
 */
export async function spawnNode({
  flags = [],
  port: wanted = 0,
  ...start
}: Start = {}): Promise<SpawnedNode> {
  const running = spawnCommand({ ...start, flags: ['--port', `${wanted}`, ...flags] })
  const port = await listeningPort(running)
  if (port === undefined) {
    await running[Symbol.asyncDispose]()
    const { stdout, stderr } = await running.ended
    throw new Error(`the node did not listen\n${stdout}\n${stderr}`)
  }
  return {
    ...running,
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    port,
    async interrupt() {
      running.child.kill('SIGINT')
      return running.ended
    },
  }
}

async function listeningPort(running: Process): Promise<number | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), listenMs)
    const finish = (port: number | undefined): void => {
      clearTimeout(timer)
      resolve(port)
    }
    running.child.once('close', () => finish(undefined))
    running.child.stdout?.on('data', () => {
      const found = /Listening on \S+:(\d+)/.exec(running.stdout())?.[1]
      if (found !== undefined) finish(Number(found))
    })
  })
}

/** A node in this process, from the built package; nothing listens. */
export async function nodeInProcess(options: Partial<NodeConfig> = {}): Promise<HeddleNode> {
  const url = pathToFileURL(join(dist, 'index.js')).href
  const { createNode } = (await import(url)) as typeof import('../../src/index.ts')
  return createNode({ artefactDirs: [], ...options })
}

/** Where a node in this process listens while it is used by clients that need a port. */
export async function serveOnFreePort(
  node: HeddleNode,
): Promise<{ readonly url: string; readonly wsUrl: string; readonly port: number }> {
  const { port } = await node.serve({ port: 0 })
  return { url: `http://127.0.0.1:${port}`, wsUrl: `ws://127.0.0.1:${port}`, port }
}
