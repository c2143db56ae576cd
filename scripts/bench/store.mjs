// Measures the versioned store beside @ethereumjs/mpt in one run: `node scripts/bench/store.mjs [accounts] [--no-oracle]`.
// Times are processor time, the least of several; ratios count, not times.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MerklePatriciaTrie } from '@ethereumjs/mpt'
import { build } from 'esbuild'
import { ensureWasm } from '../wasm.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const api = await loadStore()

/** The store's sources as one module, in a place from which it finds its artefact. */
async function loadStore() {
  await ensureWasm()
  const outfile = join(root, '.cache', 'bench-store', 'index.mjs')
  const sources = [
    'state/world.ts',
    'store/version-store.ts',
    'store/level-kv.ts',
    'primitives/keccak.ts',
    'primitives/rlp.ts',
    'primitives/hex.ts',
  ]
  const contents = sources.map((source) => `export * from './src/${source}'`).join('\n')
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile,
    logLevel: 'warning',
  })
  return import(pathToFileURL(outfile).href)
}

const BALANCE = 10n ** 20n
const noCode = { get: () => new Uint8Array(0) }
const addressOf = (index) => `0x${(index * 2654435761 + 1).toString(16).padStart(40, '0')}`
const slotOf = (index) => `0x${index.toString(16).padStart(64, '0')}`
const changes = (accounts) => ({ accounts, codes: new Map() })

/** `version` with so many accounts. */
function populated(version, count) {
  for (let from = 0; from < count; from += 20_000) {
    const accounts = new Map()
    for (let i = from; i < Math.min(count, from + 20_000); i++) {
      accounts.set(addressOf(i), { life: 'created', balanceWei: BALANCE + BigInt(i) })
    }
    const next = api.applyChanges(version, changes(accounts))
    version.release()
    version = next
  }
  return version
}

/** 1,000 balances spread over the world, and 2,000 slots in ten contracts. */
function blockOf(count, seed) {
  const accounts = new Map()
  for (let i = 0; i < 1_000; i++) {
    accounts.set(addressOf((i * 7919 + seed) % count), { balanceWei: BigInt(seed * 1000 + i) })
  }
  for (let i = 0; i < 2_000; i++) {
    const address = addressOf((i % 10) + 1)
    const writes = accounts.get(address) ?? {}
    accounts.set(address, writes)
    writes.slots ??= new Map()
    writes.slots.set(slotOf(i), BigInt(seed + i + 1))
  }
  return changes(accounts)
}

function least(rounds, run) {
  let best = Infinity
  for (let round = 0; round < rounds; round++) {
    const start = cpuMs()
    run(round)
    best = Math.min(best, cpuMs() - start)
  }
  return best
}

/** What this process has used, so that other work on the machine disturbs less. */
function cpuMs() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

const line = (name, text) => process.stdout.write(`${name.padEnd(56)} ${text}\n`)
const ms = (value) => `${value.toFixed(2)} ms`
const mib = (value) => `${(value / 2 ** 20).toFixed(0)} MiB`

function measureRoot(count) {
  let version = populated(api.emptyWorld(), count)
  version = api.applyChanges(version, blockOf(count, 1))
  void version.stateRoot
  const before = version.arena.stats().nodesHashed
  const rounds = 15
  const took = least(rounds, (round) => {
    const next = api.applyChanges(version, blockOf(count, round + 2))
    void next.stateRoot
    version.release()
    version = next
  })
  const { nodesHashed, usedBytes } = version.arena.stats()
  const hashed = Math.round((nodesHashed - before) / rounds)
  line(
    `a block of 1,000 accounts, 2,000 slots on ${count}`,
    `${ms(took)}, ${hashed} nodes hashed, arena ${mib(usedBytes)}`,
  )
  return took
}

/**
 * The same blocks on the same state: its trie is given the nodes on the way to the accounts that they touch, and has all it reads in
 * its cache. The roots must be equal.
 */
async function measureOracle(count) {
  const bytes = (hex) => Uint8Array.from(Buffer.from(hex.slice(2), 'hex'))
  const number = (value) =>
    bytes(`0x${value.toString(16).padStart(32, '0')}`.replace(/^0x(00)+/, '0x'))
  const code = bytes(api.EMPTY_CODE_HASH)
  const none = bytes(api.EMPTY_ROOT)
  const leaf = (balance, storage) =>
    api.encodeRlp([new Uint8Array(0), number(balance), storage, code])
  let version = populated(api.emptyWorld(), count)
  const newTrie = () => new MerklePatriciaTrie({ useKeyHashing: true, cacheSize: 50_000 })
  const world = newTrie()
  const blocks = [1, 2, 3, 4].map((seed) => blockOf(count, seed))
  const touched = new Set(blocks.flatMap(({ accounts }) => [...accounts.keys()]))
  for (const address of touched) {
    for (const node of api.accountProof(version, address, []).accountProof) {
      await world.database().put(api.keccak256(node), node)
    }
  }
  world.root(bytes(version.stateRoot))
  const balances = new Map()
  for (const address of touched) {
    await world.get(bytes(address))
    balances.set(address, api.viewOf(version, noCode).account(address).balanceWei)
  }
  const storages = new Map()
  let best = Infinity
  for (const [round, block] of blocks.entries()) {
    const start = cpuMs()
    for (const [address, { balanceWei, slots }] of block.accounts) {
      if (balanceWei !== undefined) balances.set(address, balanceWei)
      for (const [key, value] of slots ?? []) {
        if (!storages.has(address)) storages.set(address, newTrie())
        await storages.get(address).put(bytes(key), api.encodeRlp(number(value)))
      }
      const storage = storages.get(address)?.root() ?? none
      await world.put(bytes(address), leaf(balances.get(address), storage))
    }
    // The first finds the slots empty.
    if (round > 0) best = Math.min(best, cpuMs() - start)
    version = api.applyChanges(version, block)
    if (api.bytesToHex(world.root()) !== version.stateRoot) throw new Error('the roots differ')
  }
  line('the same by @ethereumjs/mpt', ms(best))
  return best
}

function measureTransfer(count) {
  let version = populated(api.emptyWorld(), count)
  void version.stateRoot
  const before = version.arena.stats().nodesHashed
  const took = least(5_000, (round) => {
    const accounts = new Map([
      [addressOf(round % count), { balanceWei: BigInt(round), nonce: BigInt(round) }],
      [addressOf((round + 5) % count), { balanceWei: BigInt(round) }],
    ])
    const next = api.applyChanges(version, changes(accounts))
    void next.stateRoot
    version.release()
    version = next
  })
  const hashed = (version.arena.stats().nodesHashed - before) / 5_000
  const text = `${(took * 1_000).toFixed(1)} us, ${hashed.toFixed(1)} nodes hashed`
  line(`a transfer's commit on ${count}`, text)
}

function measureCheats(count) {
  let version = populated(api.emptyWorld(), count)
  void version.stateRoot
  const start = performance.now()
  for (let i = 0; i < count; i++) {
    version = api.applyChanges(version, changes(new Map([[addressOf(i), { balanceWei: 1n }]])))
  }
  void version.stateRoot
  line(`${count} balances set one by one, then a root`, ms(performance.now() - start))
}

/** Commits with the last 256 versions kept; nothing is released by hand, the garbage collector does it. */
async function measureLongRun(commits) {
  let version = populated(api.emptyWorld(), 1_000)
  const kept = []
  const seen = []
  for (let i = 0; i < commits; i++) {
    const writes = { balanceWei: BigInt(i) }
    version = api.applyChanges(version, changes(new Map([[addressOf(i % 1_000), writes]])))
    void version.stateRoot
    kept.push(version)
    if (kept.length > 256) kept.shift()
    if (i % 50 === 0) await setImmediate()
    if ((i + 1) % (commits / 5) === 0) seen.push(version.arena.stats().memoryBytes)
  }
  line(
    `${commits} commits, 256 kept: arena at each fifth`,
    seen.map((size) => mib(size)).join(', '),
  )
}

const sizeOf = (path) =>
  readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0)

async function measureDisk(count) {
  const path = mkdtempSync(join(tmpdir(), 'heddle-bench-'))
  try {
    const { reference, wanted } = await fill(path, count)
    line('on disk', `${(sizeOf(path) / count).toFixed(0)} bytes an account`)
    globalThis.gc?.()
    const opening = performance.now()
    const kv = await api.openLevelKv(path)
    const store = new api.VersionStore(kv)
    let version = store.open(reference)
    if (version.stateRoot !== wanted) throw new Error('it opened with another root')
    line('reopened', ms(performance.now() - opening))
    await measureReads(store, version, count)
    const start = performance.now()
    const before = store.costs()
    for (let round = 0; round < 5; round++) {
      version = api.applyChanges(version, blockOf(count, round))
      const batch = store.batch(version)
      await kv.write(batch.writes)
      batch.confirm()
      await setImmediate()
    }
    const after = store.costs()
    const per = (name) => Math.round((after[name] - before[name]) / 5)
    line(
      'a block on disk, mean of five',
      `${ms((performance.now() - start) / 5)}, ${per('nodesRead')} nodes read, ${per('recordsWritten')} records of ${per('bytesWritten')} bytes written`,
    )
    await kv.close()
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}

async function fill(path, count) {
  const kv = await api.openLevelKv(path)
  const store = new api.VersionStore(kv)
  const version = populated(store.empty(), count)
  const batch = store.batch(version)
  await kv.write(batch.writes)
  batch.confirm()
  const wanted = version.stateRoot
  version.release()
  await kv.close()
  return { reference: batch.reference, wanted }
}

async function measureReads(store, version, count) {
  const view = api.viewOf(version, noCode)
  let at = 0
  for (const reads of [1_000, 10_000, 50_000]) {
    const before = store.arena.stats().nodesRead
    const start = performance.now()
    for (let i = 0; i < reads; i++) view.account(addressOf((at++ * 7919) % count))
    const took = ((performance.now() - start) * 1_000) / reads
    const gets = (store.arena.stats().nodesRead - before) / reads
    line(
      `${reads} reads more of accounts not yet read`,
      `${took.toFixed(1)} us, ${gets.toFixed(2)} gets each`,
    )
    await setImmediate()
  }
}

const isAgainst = !process.argv.includes('--no-oracle')
const count = Number(process.argv[2] ?? 1_000_000)
const small = measureRoot(10_000)
const large = measureRoot(count)
line(`${count} against 10,000 accounts`, `x${(large / small).toFixed(2)}`)
measureTransfer(10)
measureTransfer(100_000)
measureCheats(40_000)
await measureLongRun(100_000)
await measureDisk(count)
line('resident', mib(process.memoryUsage().rss))
if (isAgainst) {
  for (const [accounts, took] of [
    [10_000, small],
    [count, large],
  ]) {
    const oracle = await measureOracle(accounts)
    line(`@ethereumjs/mpt against the store on ${accounts}`, `x${(oracle / took).toFixed(1)}`)
  }
}
