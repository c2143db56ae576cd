// Measures the versioned store beside @ethereumjs/mpt, in one run: `node scripts/bench/store.mjs [accounts]`. Ratios count, not times.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MerklePatriciaTrie } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { build } from 'esbuild'
import { ensureWasm } from '../wasm.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, '.cache', 'bench', 'store')

/** The store's sources as one module, with its artefact beside it. */
async function loadStore() {
  mkdirSync(folder, { recursive: true })
  for (const file of await ensureWasm()) {
    if (file.endsWith('store.wasm')) copyFileSync(file, join(folder, 'store.wasm'))
  }
  const outfile = join(folder, 'index.mjs')
  const contents = [
    `export * from './src/state/world.ts'`,
    `export * from './src/store/version-store.ts'`,
    `export * from './src/store/version.ts'`,
    `export * from './src/store/level-kv.ts'`,
    `export * from './src/primitives/keccak.ts'`,
  ].join('\n')
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
const api = await loadStore()

const BALANCE = 10n ** 20n
const addressOf = (index) => `0x${(index * 2654435761 + 1).toString(16).padStart(40, '0')}`
const slotOf = (index) => `0x${index.toString(16).padStart(64, '0')}`

/** A world of so many accounts; the first holds 100,000 slots when there is room for them. */
function worldOf(count, empty) {
  let version = empty
  for (let from = 0; from < count; from += 20_000) {
    const accounts = new Map()
    for (let i = from; i < Math.min(count, from + 20_000); i++) {
      accounts.set(addressOf(i), { life: 'created', balanceWei: BALANCE + BigInt(i) })
    }
    version = api.applyChanges(version, { accounts, codes: new Map() })
  }
  return version
}

/** `accounts` changed balances spread over the world, and `slots` changed slots in ten contracts. */
function changesOf(count, accounts, slots, seed) {
  const out = new Map()
  for (let i = 0; i < accounts; i++) {
    out.set(addressOf((i * 7919 + seed) % count), { balanceWei: BigInt(seed * 1000 + i) })
  }
  for (let i = 0; i < slots; i++) {
    const address = addressOf((i % 10) + 1)
    let writes = out.get(address)
    if (writes === undefined) out.set(address, (writes = {}))
    writes.slots ??= new Map()
    writes.slots.set(slotOf(i), BigInt(seed + i + 1))
  }
  return { accounts: out, codes: new Map() }
}

function best(rounds, run) {
  let least = Infinity
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    run(round)
    least = Math.min(least, performance.now() - start)
  }
  return least
}

const line = (name, text) => process.stdout.write(`${name.padEnd(58)} ${text}\n`)
const ms = (value) => `${value.toFixed(2)} ms`

function measureRoot(count, rounds = 5) {
  const version = worldOf(count, api.emptyWorld())
  void version.stateRoot
  const { arena } = version
  // The second of two turns each: the slots are there then.
  let base = api.applyChanges(version, changesOf(count, 1000, 2000, 1))
  void base.stateRoot
  const before = arena.stats()
  const took = best(rounds, (round) => {
    const next = api.applyChanges(base, changesOf(count, 1000, 2000, round + 2))
    void next.stateRoot
    base = next
  })
  const after = arena.stats()
  const hashed = Math.round((after.nodesHashed - before.nodesHashed) / rounds)
  line(`root of 1,000 accounts + 2,000 slots on ${count}`, `${ms(took)}, ${hashed} nodes hashed`)
  return { took, base }
}

async function measureOracle(count) {
  const trie = new MerklePatriciaTrie({ useKeyHashing: true, cacheSize: 2_000_000 })
  const storages = Array.from(
    { length: 10 },
    () => new MerklePatriciaTrie({ useKeyHashing: true, cacheSize: 100_000 }),
  )
  const bytes = (hex) => Uint8Array.from(Buffer.from(hex.slice(2), 'hex'))
  const number = (value) => {
    const hex = value.toString(16)
    return Uint8Array.from(Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex'))
  }
  const emptyRoot = bytes(api.EMPTY_ROOT)
  const code = bytes(api.EMPTY_CODE_HASH)
  const leaf = (balance, storage) => RLP.encode([new Uint8Array(0), number(balance), storage, code])
  for (let i = 0; i < count; i++)
    await trie.put(bytes(addressOf(i)), leaf(BALANCE + BigInt(i), emptyRoot))
  let least = Infinity
  for (let round = 1; round <= 3; round++) {
    const { accounts } = changesOf(count, 1000, 2000, round)
    const start = performance.now()
    for (const [address, { balanceWei, slots }] of accounts) {
      let storage = emptyRoot
      if (slots !== undefined) {
        const words = storages[[...accounts.keys()].indexOf(address) % 10]
        for (const [key, value] of slots) await words.put(bytes(key), RLP.encode(number(value)))
        storage = words.root()
      }
      await trie.put(bytes(address), leaf(balanceWei ?? BALANCE, storage))
    }
    trie.root()
    if (round > 1) least = Math.min(least, performance.now() - start)
  }
  line(`the same by @ethereumjs/mpt on ${count}`, ms(least))
  return least
}

function measureSmallCommit(count) {
  const version = worldOf(count, api.emptyWorld())
  void version.stateRoot
  let base = version
  const took = best(2000, (round) => {
    const from = addressOf(round % count)
    const to = addressOf((round + 5) % count)
    const accounts = new Map([
      [from, { balanceWei: BigInt(round), nonce: BigInt(round) }],
      [to, { balanceWei: BigInt(round) }],
    ])
    base = api.applyChanges(base, { accounts, codes: new Map() })
    void base.stateRoot
  })
  line(`a transfer's commit with ${count} accounts`, `${(took * 1000).toFixed(1)} us`)
}

const size = (path) =>
  readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0)

async function measureDisk(count) {
  const path = mkdtempSync(join(tmpdir(), 'heddle-bench-'))
  try {
    let kv = await api.openLevelKv(path)
    let store = new api.VersionStore(kv)
    let version = store.empty()
    for (let from = 0; from < count; from += 20_000) {
      const accounts = new Map()
      for (let i = from; i < Math.min(count, from + 20_000); i++) {
        accounts.set(addressOf(i), { life: 'created', balanceWei: BALANCE + BigInt(i) })
      }
      version = api.applyChanges(version, { accounts, codes: new Map() })
    }
    const start = performance.now()
    const batch = store.batch(version)
    const made = performance.now()
    await kv.write(batch.writes)
    batch.confirm()
    line(
      `${count} accounts made into records, written`,
      `${ms(made - start)}, ${ms(performance.now() - made)}`,
    )
    const wanted = version.stateRoot
    await kv.close()
    line('on disk', `${(size(path) / count).toFixed(0)} bytes an account`)
    const opening = performance.now()
    kv = await api.openLevelKv(path)
    store = new api.VersionStore(kv)
    const opened = store.open(batch.reference)
    if (opened.stateRoot !== wanted) throw new Error('another root')
    line('reopened', ms(performance.now() - opening))
    const view = api.viewOf(opened, { get: () => new Uint8Array(0) })
    const reading = performance.now()
    for (let i = 0; i < 1000; i++) view.account(addressOf((i * 7919) % count))
    line(
      '1,000 cold reads',
      `${(performance.now() - reading).toFixed(2)} us each, ${(store.arena.stats().nodesRead / 1000).toFixed(2)} gets each`,
    )
    await kv.close()
    line('memory', `${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB of the process`)
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}

const count = Number(process.argv[2] ?? 1_000_000)
const small = measureRoot(10_000)
measureSmallCommit(10)
measureSmallCommit(100_000)
const large = measureRoot(count)
line(`${count} against 10,000 accounts`, `x${(large.took / small.took).toFixed(2)}`)
line('arena', `${(large.base.arena.stats().usedBytes / 2 ** 20).toFixed(0)} MiB`)
if (!process.argv.includes('--no-oracle')) {
  const oracle = await measureOracle(count)
  line('the store against @ethereumjs/mpt', `x${(oracle / large.took).toFixed(1)}`)
}
await measureDisk(count)
