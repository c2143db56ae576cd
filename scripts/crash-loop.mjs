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

const usage = `usage: node scripts/crash-loop.mjs [--runs N] [--seed S]
  --runs N   how often the node is killed (default 200)
  --seed S   where the moments come from (default 1); a failing seed fails again
Wants a build: npm run build.`

const LONGEST_LIFE_MS = 300

/**
 * @param {{ runs: number, seed: number, untilMs?: number, onRun?: (line: string) => void }} options `untilMs`: no run begins
 *   after so long, whatever `runs` says
 * @returns {Promise<{ runs: number, blocks: number, durable: number }>} the last head, and the last that was said to be durable
 * @throws {Error} naming the run when the folder is not as it must be
 */
export async function crashLoop({ runs, seed, untilMs = Infinity, onRun = () => {} }) {
  const begin = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'heddle-crash-'))
  const random = seededRandom(seed)
  const hashes = new Map()
  let last = { runs, blocks: 0, durable: 0 }
  try {
    for (let run = 1; run <= runs && performance.now() - begin < untilMs; run++) {
      const said = await mineUntilKilled(folder, random(2 ** 31), random(LONGEST_LIFE_MS))
      const kept = keptAfter(said, hashes, last.durable)
      const head = verify(folder, `run ${run} of seed ${seed}`)
      await expectBlock(folder, kept, hashes, `run ${run} of seed ${seed}`)
      // What was not durable may be gone, and others come in its place.
      for (const number of hashes.keys()) if (number > head.head) hashes.delete(number)
      hashes.set(head.head, head.headHash)
      last = { runs: run, blocks: head.head, durable: kept }
      onRun(`run ${run}: block ${head.head}, ${kept} was durable, ${head.accounts} accounts`)
    }
    return last
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What a node said until it was killed, `lifeMs` after it was ready. */
async function mineUntilKilled(folder, seed, lifeMs) {
  const script = join(root, 'scripts', 'crash-miner.mjs')
  const child = spawn(process.execPath, [script, folder, String(seed)], {
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
  const report = JSON.parse(stdout)
  if (report.isChanged) throw new Error(`${run}: the state is not the one of the head: ${stdout}`)
  return report
}

async function expectBlock(folder, number, hashes, run) {
  const { createNode } = await import('../dist/index.js')
  const node = await createNode({ dataDir: folder, artefactDirs: [], workers: 1 })
  const params = [`0x${number.toString(16)}`, false]
  const block = await node.request({ method: 'eth_getBlockByNumber', params })
  await node.close()
  const wanted = hashes.get(number)
  if (block === null || (wanted !== undefined && block.hash !== wanted)) {
    throw new Error(`${run}: block ${number} was durable as ${wanted}, there is ${block?.hash}`)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const options = { runs: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean' } }
  const { values } = parseArgs({ options })
  if (values.help) {
    process.stdout.write(`${usage}\n`)
  } else {
    const [runs, seed] = [Number(values.runs ?? 200), Number(values.seed ?? 1)]
    const onRun = (line) => process.stdout.write(`${line}\n`)
    await crashLoop({ runs, seed, onRun })
  }
}
