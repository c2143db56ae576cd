// Asks a node many things for a long time, and sees that each answer is right of its kind and that its memory stays flat.
import { parseArgs } from 'node:util'
import { residentMiB } from './bench/process-tree.mjs'
import { startNode } from './bench/node-process.mjs'
import { seededRandom } from './crash-loop/random.mjs'
import { ensureBuilt } from './prepare.mjs'
import { draw, prepare } from './soak/mix.mjs'

const usage = `usage: npm run soak -- [--requests N] [--seed S] [--clients N]
  --requests N  how many (default 100000)
  --seed S      which (default: drawn); it is printed, and asks the same again
  --clients N   how many ask at once (default 8)
A slice of 10,000 begins with a snapshot and ends with a return to it, so that the chain is no longer at the end than after the first.`

const SLICE = 10_000
const BATCH = 20
/** Slices after which the node has all that it keeps: compiled code, pools, caches. */
const WARM_SLICES = 3
/** What a process may have grown since then: V8 gives back late. */
const MAX_GROWTH = 1.25

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 30)) },
    clients: { type: 'string', default: '8' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(usage)
else process.exitCode = (await soak()) ? 0 : 1

/** @returns {Promise<boolean>} whether nothing was wrong */
async function soak() {
  await ensureBuilt()
  const [requests, seed, clients] = [values.requests, values.seed, values.clients].map(Number)
  console.log(`seed ${seed}`)
  const random = seededRandom(seed)
  const node = await startNode('heddle')
  const faults = []
  const memory = []
  try {
    const ask = asker(node.port)
    await prepare(ask)
    const accounts = await ask('eth_accounts', [])
    for (let done = 0; done < requests && faults.length === 0; done += SLICE) {
      const count = Math.min(SLICE, requests - done)
      const startMs = performance.now()
      const snapshot = await ask('evm_snapshot', [])
      await slice({ ask, port: node.port, accounts, clients, count, random, faults })
      await ask('evm_revert', [snapshot])
      const seconds = (performance.now() - startMs) / 1_000
      memory.push(residentMiB(node.pid))
      const rate = Math.round(count / seconds)
      console.log(`${done + count} requests, ${rate}/s, ${Math.round(memory.at(-1))} MiB`)
    }
  } finally {
    await node.end()
  }
  const growth = growthOf(memory)
  if (growth > MAX_GROWTH) faults.push(`memory grew ${growth.toFixed(2)} times since it was warm`)
  for (const fault of faults.slice(0, 10)) console.error(fault)
  if (faults.length > 0)
    console.error(`again: npm run soak -- --seed ${seed} --requests ${requests}`)
  else console.log(`no fault; memory ${growth.toFixed(2)} of what it was when warm`)
  return faults.length === 0
}

/** The least of the last third against the least of the slices after the warm-up: a moment before a collection is no leak. */
function growthOf(memory) {
  const warm = memory.slice(WARM_SLICES)
  if (warm.length < 3) return 1
  const third = Math.ceil(warm.length / 3)
  return Math.min(...warm.slice(-third)) / Math.min(...warm.slice(0, third))
}

/** `count` requests by several clients, half of them in batches. */
async function slice({ ask, port, accounts, clients, count, random, faults }) {
  const known = { accounts, hashes: [`0x${'00'.repeat(32)}`], head: 0, filters: [] }
  const socket = await subscribe(port)
  let left = count
  const work = async () => {
    while (left > 0 && faults.length === 0) {
      const size = Math.min(left, random(2) === 0 ? BATCH : 1)
      left -= size
      const asked = Array.from({ length: size }, () => draw(known, random))
      check(asked, await post(port, asked), known, faults)
      if (random(20) === 0) known.head = Number(await ask('eth_blockNumber', []))
    }
  }
  await Promise.all(Array.from({ length: clients }, work))
  socket.close()
  // Left alone they would go after five minutes, and fast machines make more than a node keeps until then.
  for (const filter of known.filters) await ask('eth_uninstallFilter', [filter])
  if (socket.heard() === 0 && count >= SLICE) faults.push('nothing came over the subscription')
}

function check(asked, answers, known, faults) {
  if (!Array.isArray(answers) || answers.length !== asked.length) {
    faults.push(`a batch of ${asked.length}: got ${JSON.stringify(answers).slice(0, 200)}`)
    return
  }
  const byId = new Map(answers.map((answer) => [answer.id, answer]))
  for (const [id, { method, params, code }] of asked.entries()) {
    const { result, error } = byId.get(id) ?? {}
    if (error?.code !== code || (code === undefined && result === undefined)) {
      const got = JSON.stringify(error ?? result)?.slice(0, 200)
      faults.push(`${method} ${JSON.stringify(params)}: expected ${code ?? 'a result'}, got ${got}`)
    }
    if (method === 'eth_newFilter' && typeof result === 'string') known.filters.push(result)
    if (method === 'eth_sendTransaction' && typeof result === 'string') {
      known.hashes[known.hashes.length % 500] = result
    }
  }
}

async function post(port, asked) {
  const body = asked.map(({ method, params }, id) => ({ jsonrpc: '2.0', id, method, params }))
  const response = await fetch(`http://127.0.0.1:${port}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(asked.length === 1 ? body[0] : body),
  })
  const answer = await response.json()
  return asked.length === 1 ? [answer] : answer
}

function asker(port) {
  return async (method, params) => {
    const [{ result, error }] = await post(port, [{ method, params }])
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result
  }
}

/** Listens for new heads and logs, as a page would. */
async function subscribe(port) {
  const { WebSocket } = await import('ws')
  const socket = new WebSocket(`ws://127.0.0.1:${port}`)
  let heard = 0
  socket.on('message', () => heard++)
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  for (const [id, kind] of ['newHeads', 'logs', 'newPendingTransactions'].entries()) {
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'eth_subscribe', params: [kind] }))
  }
  return { close: () => socket.close(), heard: () => heard }
}
