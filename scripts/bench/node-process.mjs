// Fresh node processes: started on a free port, asked until they answer, ended by their id.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from '../prepare.mjs'
import { anvilBinary } from './peers.mjs'
import { cpuBetween, markCpu, residentMiB } from './process-tree.mjs'
import { RpcClient } from './rpc.mjs'

const pollMs = 1
const bootCapMs = 30_000
const endCapMs = 5000
const keptErrorBytes = 4000

// As much as a block of any workload needs; both nodes get the same.
const blockGasLimit = '30000000000'

/** @typedef {'heddle' | 'anvil'} NodeName */
/** @type {readonly NodeName[]} */
export const nodeNames = ['heddle', 'anvil']

/**
 * @typedef {object} NodeProcess
 * @property {number} pid
 * @property {number} port
 * @property {RpcClient} rpc
 * @property {{ wallMs: number, cpuMs: number | undefined, residentMiB: number | undefined }} boot
 *   from the start of the process to its first answer, and its memory then
 * @property {() => Promise<void>} end ends the process and removes what it kept
 */

/**
 * Starts a node and waits for its answer to eth_chainId.
 * @param {NodeName} name
 * @param {{ profile?: string | undefined, flags?: readonly string[] | undefined }} options `profile`: folder for V8 CPU profiles of heddle;
 *   `flags`: besides those that every workload has
 * @returns {Promise<NodeProcess>}
 * @throws {Error} with the end of its standard error when it exits or does not answer in 30 s
 */
export async function startNode(name, options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-bench-'))
  const port = await freePort()
  const [file, ...common] = commandOf(name, port, folder, options.profile)
  const args = [...common, ...(options.flags ?? [])]
  const startMs = performance.now()
  const child = spawn(file, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  running.set(child, folder)
  const failure = watchErrors(child, name)
  const rpc = new RpcClient(port)
  try {
    await Promise.race([firstAnswer(port, rpc, startMs), failure.ended])
  } catch (error) {
    await endChild(child, folder)
    throw error
  }
  const wallMs = performance.now() - startMs
  const cpuMs = cpuBetween({ threadsMs: new Map(), ticksMs: 0 }, markCpu(child.pid))
  return {
    pid: child.pid,
    port,
    rpc,
    boot: { wallMs, cpuMs, residentMiB: residentMiB(child.pid) },
    end: async () => {
      rpc.close()
      await endChild(child, folder)
    },
  }
}

/** @type {Map<import('node:child_process').ChildProcess, string>} processes and their folders */
const running = new Map()

/** Ends what still runs, at once: for the end of the bench itself. */
export function endAllNow() {
  for (const [child, folder] of running) {
    child.kill('SIGKILL')
    removeFolder(folder)
  }
  running.clear()
}

function commandOf(name, port, folder, profile) {
  const shared = ['--port', String(port), '--silent', '--gas-limit', blockGasLimit]
  if (name === 'anvil') return [anvilBinary(), ...shared, '--cache-path', folder]
  const flags = profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile]
  return [process.execPath, ...flags, join(root, 'dist', 'cli', 'main.js'), ...shared]
}

async function firstAnswer(port, rpc, startMs) {
  while (!(await isListening(port))) {
    if (performance.now() - startMs > bootCapMs) throw new Error('no answer in 30 s')
    await sleep(pollMs)
  }
  await rpc.call('eth_chainId')
}

function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const settle = (isOpen) => {
      socket.destroy()
      resolve(isOpen)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

function watchErrors(child, name) {
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (piece) => {
    text = (text + piece).slice(-keptErrorBytes)
  })
  const ended = new Promise((_, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      reject(
        new Error(`${name} ended (${signal ?? code}): ${text.trim().slice(-400) || 'no message'}`),
      )
    })
  })
  // After the first answer nobody waits for it: a broken connection tells then.
  ended.catch(() => {})
  return { ended }
}

async function endChild(child, folder) {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const closed = once(child, 'close')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), endCapMs)
    await closed
    clearTimeout(timer)
  }
  running.delete(child)
  removeFolder(folder)
}

function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
