// Replays the request and response pairs of execution-apis against a node that the command runs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from '../prepare.mjs'
import { filesBelow } from './fixtures.mjs'
import { exactDifference, shapeDifference } from './json-diff.mjs'

const command = join(root, 'dist', 'cli', 'main.js')
const startMs = 60_000
const answerMs = 30_000

// These change the pool or the head, and every other answer is of the chain as it was imported.
const changing = /^(?:eth_send|eth_sign|testing_|anvil_|evm_|hardhat_)/

/**
 * @param {string} folder with `genesis.json`, `chain.rlp` and `METHOD/*.io`
 * @param {string} engine
 * @param {(cases: number) => void} tick
 * @returns {Promise<import('./tool-suite.mjs').CaseResult[]>}
 */
export async function runRpc(folder, engine, tick) {
  const files = filesBelow(folder, '.io')
  const results = []
  const quiet = files.filter((file) => !changing.test(file))
  const groups = [quiet, ...files.filter((file) => changing.test(file)).map((file) => [file])]
  for (const group of groups) {
    if (group.length === 0) continue
    const node = await startNode(folder, engine)
    try {
      for (const file of group) {
        results.push({ id: file, ...(await replayFile(node, join(folder, file))) })
        tick(results.length)
      }
    } finally {
      await node.stop()
    }
  }
  return results.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** @throws {Error} with what the node printed when it does not start. */
async function startNode(folder, engine) {
  const files = ['--genesis', join(folder, 'genesis.json'), '--import', join(folder, 'chain.rlp')]
  const child = spawn(process.execPath, [command, ...files, '--engine', engine, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  let printed = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (printed += text))
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(timer)
  }
  const address = await new Promise((resolve) => {
    const timer = setTimeout(resolve, startMs)
    child.once('close', () => {
      clearTimeout(timer)
      resolve(undefined)
    })
    createInterface({ input: child.stdout }).on('line', (line) => {
      printed += `${line}\n`
      const found = /Listening on (?:http:\/\/)?(\S+:[0-9]+)/.exec(line)?.[1]
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found)
    })
  })
  if (address !== undefined) return { url: `http://${address}`, stop }
  await stop()
  throw new Error(`the node did not start: ${printed.trim().slice(-2000)}`)
}

async function replayFile(node, path) {
  const lines = readFileSync(path, 'utf8').split('\n')
  const isSchemaOnly = lines.some((line) => /^\/\/.*\bspeconly\b/.test(line))
  const compare = isSchemaOnly ? shapeDifference : exactDifference
  let request
  let pairs = 0
  try {
    for (const line of lines) {
      if (line.startsWith('>>')) request = line.slice(2).trim()
      if (!line.startsWith('<<') || request === undefined) continue
      const expected = JSON.parse(line.slice(2))
      const difference = compare(expected, await ask(node.url, request))
      if (difference !== undefined) return { pass: false, reason: difference }
      request = undefined
      pairs++
    }
  } catch (error) {
    return { pass: false, reason: error instanceof Error ? error.message : String(error) }
  }
  return pairs > 0 ? { pass: true } : { pass: false, reason: 'no request with a response in it' }
}

async function ask(url, body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(answerMs),
  })
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`HTTP ${response.status}, not JSON: ${text.slice(0, 200)}`)
  }
}
