// Damages a data folder again and again, a bit or an end of a file at a time, and sees that `heddle db verify` names what is wrong,
// or finds all as it was: never another chain, nor a shorter one, since the node had ended and all was acknowledged.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { seededRandom } from './crash-loop/random.mjs'
import { root } from './prepare.mjs'

const usage = `usage: node scripts/damage-loop.mjs [--runs N] [--seed S]
  --runs N   how often a file is damaged (default 300)
  --seed S   where (default 1); a failing seed fails again
Wants a build: npm run build.`

const command = join(root, 'dist', 'cli', 'main.js')
/** Stores a word at the slot its input names, and logs it. */
const STORE = '0x6010600a5f3960105ff3005f355f52435f355560205fa000'
/** Nothing but text: LevelDB's own notes. */
const NOTES = /^LOG/

/**
 * @param {{ runs: number, seed: number, onRun?: (line: string) => void }} options
 * @returns {Promise<Record<'named' | 'harmless', number>>} how often which came of it
 * @throws {Error} naming the run, for anything else
 */
export async function damageLoop({ runs, seed, onRun = () => {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-damage-'))
  const [whole, copy] = [join(folder, 'whole'), join(folder, 'copy')]
  const counts = { named: 0, harmless: 0 }
  try {
    const hashes = await makeChain(whole)
    // Opening moves the log into a table.
    cpSync(whole, copy, { recursive: true })
    const wanted = verify(copy).stdout
    const random = seededRandom(seed)
    const files = readdirSync(whole).filter((name) => !NOTES.test(name) && name !== 'LOCK')
    for (let run = 1; run <= runs; run++) {
      rmSync(copy, { recursive: true, force: true })
      cpSync(whole, copy, { recursive: true })
      const what = damage(copy, files[run % files.length], random)
      const name = `run ${run} of seed ${seed}, ${what}`
      const outcome = outcomeOf(verify(copy), wanted, hashes, name)
      counts[outcome.kind]++
      onRun(`${name}: ${outcome.text}`)
    }
    return counts
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A chain in tables and in a log, as a node that was killed leaves it. @returns the hashes of its blocks */
async function makeChain(folder) {
  const { createNode } = await import('../dist/index.js')
  const hashes = []
  for (let start = 0; start < 3; start++) {
    const node = await createNode({ dataDir: folder, artefactDirs: [], workers: 1 })
    const ask = (method, ...params) => node.request({ method, params })
    const [from] = await ask('eth_accounts')
    for (let block = 0; block < 40; block++) {
      const to = `0x${(1 + block).toString(16).padStart(40, '0')}`
      const call = block % 4 === 0 ? { data: STORE, gas: '0x30d40' } : { to, value: '0x1' }
      await ask('eth_sendTransaction', { from, ...call })
    }
    hashes.length = 0
    for (let number = Number(await ask('eth_blockNumber')); number >= 0; number--) {
      hashes[number] = (await ask('eth_getBlockByNumber', `0x${number.toString(16)}`, false)).hash
    }
    await node.close()
  }
  return hashes
}

function damage(folder, file, random) {
  const path = join(folder, file)
  const bytes = readFileSync(path)
  const at = random(bytes.length)
  if (random(4) === 0) {
    writeFileSync(path, bytes.subarray(0, at))
    return `${file} cut to ${at} of ${bytes.length} bytes`
  }
  const bit = random(8)
  bytes[at] ^= 1 << bit
  writeFileSync(path, bytes)
  return `bit ${bit} of byte ${at} of ${file} flipped`
}

function verify(folder) {
  const args = [command, 'db', 'verify', folder]
  const found = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })
  return { ...found, stdout: found.stdout.replaceAll(folder, 'FOLDER') }
}

function outcomeOf({ status, signal, stdout, stderr }, wanted, hashes, name) {
  const fail = (text) => new Error(`${name}: ${text}\n${stdout}${stderr}`)
  if (status === null) throw fail(`it was ended by ${signal}`)
  if (status !== 0) {
    const lines = stderr.trimEnd().split('\n')
    const isNamed = lines.every((line) => /^heddle db: \S.{10}/.test(line))
    if (!isNamed || /\bat .*:\d+:\d+|a bug/.test(stderr)) throw fail('no line that names it')
    return { kind: 'named', text: lines[0] }
  }
  const report = JSON.parse(stdout)
  const { bytes: _, ...rest } = report
  const { bytes: __, ...before } = JSON.parse(wanted)
  if (JSON.stringify(rest) === JSON.stringify(before))
    return { kind: 'harmless', text: 'as it was' }
  const isEarlier = report.headHash === hashes[report.head]
  throw fail(isEarlier ? 'blocks that were acknowledged are lost' : 'it is another chain')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const text = { type: 'string' }
  const options = { runs: text, seed: text, help: { type: 'boolean' } }
  const { values } = parseArgs({ options })
  if (values.help) {
    process.stdout.write(`${usage}\n`)
  } else {
    const [runs, seed] = [Number(values.runs ?? 300), Number(values.seed ?? 1)]
    const onRun = (line) => process.stdout.write(`${line}\n`)
    process.stdout.write(`${JSON.stringify(await damageLoop({ runs, seed, onRun }))}\n`)
  }
}
