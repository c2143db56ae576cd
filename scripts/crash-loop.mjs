// Kills a node at random moments while it writes its folder, again and again, and sees that the folder opens each time, that it
// is whole, and that nothing is lost which the node had said to be on disk.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { seededRandom } from './crash-loop/random.mjs'
import { root } from './prepare.mjs'

const usage = `usage: node scripts/crash-loop.mjs [--runs N] [--seed S] [--history N]
  --runs N   how often the node is killed (default 200)
  --seed S   where the moments come from (default 1); a failing seed fails again
  --history N   the node keeps the states of so many blocks, at least 12 (default all)
Wants a build: npm run build.`

const LONGEST_LIFE_MS = 300
/** Whom the miner pays. */
const paid = Array.from({ length: 50 }, (_, at) => `0x${(at + 1).toString(16).padStart(40, '0')}`)

/**
 * @param {{ runs: number, seed: number, history?: number | undefined, untilMs?: number, onRun?: (line: string) => void }} options `untilMs`: no run begins
 *   after so long, whatever `runs` says
 * @returns {Promise<{ runs: number, blocks: number, durable: number }>} the last head, and the last that was said to be durable
 * @throws {Error} naming the run when the folder is not as it must be
 */
export async function crashLoop({ runs, seed, history, untilMs = Infinity, onRun = () => {} }) {
  const begin = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'heddle-crash-'))
  const random = seededRandom(seed)
  const hashes = new Map()
  let last = { runs, blocks: 0, durable: 0 }
  const cheated = new Set()
  let highest = 0
  try {
    for (let run = 1; run <= runs && performance.now() - begin < untilMs; run++) {
      const miner = [folder, String(random(2 ** 31)), ...(history === undefined ? [] : [history])]
      const said = await mineUntilKilled(miner, random(LONGEST_LIFE_MS))
      const kept = keptAfter(said, hashes, last.durable)
      highest = Math.max(highest, ...hashes.keys())
      const name = `run ${run} of seed ${seed}`
      const head = verify(folder, name)
      // A cheat after a block shows in the state, not in the block.
      for (const line of said) if (line.startsWith('cheat ')) cheated.add(Number(line.slice(6)))
      if (head.isChanged && !cheated.has(head.head)) {
        throw new Error(`${name}: the state is not that of block ${head.head}`)
      }
      await expectBlock({ folder, history, highest }, kept, hashes, name)
      last = { runs: run, blocks: head.head, durable: kept }
      onRun(`run ${run}: block ${head.head}, ${kept} was durable, ${head.accounts} accounts`)
    }
    return last
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What a node said until it was killed, `lifeMs` after it was ready. */
async function mineUntilKilled(miner, lifeMs) {
  const script = join(root, 'scripts', 'crash-miner.mjs')
  const child = spawn(process.execPath, [script, ...miner.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  let timer
  child.stdout.setEncoding('utf8').on('data', (piece) => {
    text += piece
    if (text.includes('ready\n')) timer ??= setTimeout(() => child.kill('SIGKILL'), lifeMs)
  })
  await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  clearTimeout(timer)
  if (child.signalCode !== 'SIGKILL') throw new Error(`the node ended by itself: ${text}`)
  // The last line may be cut.
  return text.split('\n').slice(0, -1)
}

/** The newest block that must be there: what was durable, less what was then about to be taken back. */
function keptAfter(lines, hashes, before) {
  let kept = before
  for (const line of lines) {
    const [what, number, hash] = line.split(' ')
    if (what === 'block') hashes.set(Number(number), hash)
    if (what === 'durable') kept = Number(number)
    if (what === 'back') kept = Math.min(kept, Number(number))
  }
  return kept
}

/** Opens the folder with the command that checks it. */
function verify(folder, run) {
  const command = join(root, 'dist', 'cli', 'main.js')
  const args = [command, 'db', 'verify', folder]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${run}: the folder is not whole: ${stderr}${stdout}`)
  return JSON.parse(stdout)
}

/**
 * The block `number` must be there as it was told. What came after it may be gone, or be what was there before: `hashes` says then
 * what is there. Also reads the states that must be kept: what was pruned was nobody's.
 */
async function expectBlock({ folder, history, highest }, number, hashes, run) {
  const { createNode } = await import('../dist/index.js')
  const kept = history === undefined ? {} : { keptStates: history }
  const node = await createNode({ dataDir: folder, artefactDirs: [], workers: 1, ...kept })
  const ask = (method, ...params) => node.request({ method, params })
  const wanted = hashes.get(number)
  const block = await ask('eth_getBlockByNumber', `0x${number.toString(16)}`, false)
  const head = Number(await ask('eth_blockNumber'))
  for (const told of hashes.keys()) if (told > head) hashes.delete(told)
  for (let at = number + 1; at <= head; at++) {
    hashes.set(at, (await ask('eth_getBlockByNumber', `0x${at.toString(16)}`, false)).hash)
  }
  // States went when the chain was at its highest, which may not have been told. The store hashes what it reads.
  for (let at = Math.max(0, highest + 2 - (history ?? 20)); at <= head; at++) {
    const calls = paid.map((who) => ask('eth_getProof', who, [], `0x${at.toString(16)}`))
    const roots = new Set((await Promise.all(calls)).map(({ accountProof }) => accountProof[0]))
    if (roots.size !== 1) throw new Error(`${run}: block ${at} has ${roots.size} states`)
  }
  await node.close()
  if (block === null || (wanted !== undefined && block.hash !== wanted)) {
    throw new Error(`${run}: block ${number} was durable as ${wanted}, there is ${block?.hash}`)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const text = { type: 'string' }
  const options = { runs: text, seed: text, history: text, help: { type: 'boolean' } }
  const { values } = parseArgs({ options })
  if (values.help) {
    process.stdout.write(`${usage}\n`)
  } else {
    const [runs, seed] = [Number(values.runs ?? 200), Number(values.seed ?? 1)]
    const onRun = (line) => process.stdout.write(`${line}\n`)
    const history = values.history === undefined ? undefined : Number(values.history)
    await crashLoop({ runs, seed, history, onRun })
  }
}
