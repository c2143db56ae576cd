import { type FSWatcher, watch } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

import type { Hash, Hex } from '../primitives/hex.ts'
import { keccakHash } from '../primitives/keccak.ts'
import {
  type CodeTemplate,
  compareCreation,
  compareRuntime,
  metadataLength,
} from './artefact-code.ts'
import {
  type AbiEntry,
  type ArtefactContract,
  readAbi,
  readContracts,
  readStorageLayout,
} from './artefact-files.ts'
import { type FoundFile, countArtefacts, findArtefacts } from './artefact-folders.ts'

/** For the banner: it must not wait for a slow disk. */
const COUNT_BUDGET_MS = 4
/** Between two looks at folders that change, or that cannot be watched. */
const RESCAN_MS = 100
const POLL_MS = 2_000
/** A compiler that writes a file is done with it by then. */
const SETTLED_MS = 1_000
/** Each takes one of the system's inotify watches. */
const MAX_WATCHED = 1_000
const MAX_MATCHES = 10_000
/** Compilations that were verified; each is kept with its sources. */
const MAX_VERIFIED = 64

interface KnownFile {
  readonly stamp: string
  readonly contracts: readonly ArtefactContract[]
}

/** Compiled contracts found in folders, kept up to date while the node runs. Nothing in it can fail the node. */
export class Artefacts implements Disposable {
  readonly #folders: readonly { readonly name: string; readonly path: string }[]
  readonly #files: Map<string, KnownFile> = new Map()
  /** Files that were not whole, by their stamps: a compiler may be at work on them, or not. */
  readonly #broken: Map<string, string> = new Map()
  readonly #told: Set<string> = new Set()
  readonly #watchers: Map<string, FSWatcher> = new Map()
  /** Verified over HTTP, the newest last: in no folder. */
  readonly #verified: (readonly ArtefactContract[])[] = []
  #index: Index = buildIndex([])
  /** Content of codes that were asked for; a code that no artefact has is undefined. */
  readonly #matches: Map<Hash, ArtefactContract | undefined> = new Map()
  /** Hashes of codes: long ones are asked about again and again. */
  readonly #keys: WeakMap<Uint8Array, Hash> = new WeakMap()
  #loading: Promise<void> | undefined
  #stale = true
  /** Some folder cannot be watched, so it is looked at again now and then. */
  #mustPoll = false
  #scannedAtMs = Number.NEGATIVE_INFINITY
  #closed = false

  readonly #onBroken: (path: string) => void

  /**
   * Reads nothing yet.
   * @param folders such as `out` and `artifacts`, relative to `cwd`; they need not exist
   * @param onBroken is told, once for each, of files that are no JSON and stay so: not of those that a compiler is at
   */
  constructor(
    folders: readonly string[],
    cwd: string = process.cwd(),
    onBroken: (path: string) => void = () => undefined,
  ) {
    this.#onBroken = onBroken
    this.#folders = folders.map((name) => ({ name, path: resolve(cwd, name) }))
  }

  /** `out/ (24 contracts)`, or where it looked in vain; counts files and reads none. */
  describe(): string {
    if (this.#folders.length === 0) return 'none (no folder is named)'
    const found: string[] = []
    for (const { name, path } of this.#folders) {
      const { count, more } = countArtefacts(path, COUNT_BUDGET_MS)
      const noun = count === 1 && !more ? 'contract' : 'contracts'
      if (count > 0) found.push(`${withSlash(name)} (${count}${more ? '+' : ''} ${noun})`)
    }
    if (found.length > 0) return found.join(', ')
    return `none found (looked in ${this.#folders.map(({ name }) => withSlash(name)).join(', ')})`
  }

  /** Reads what is new since the last time; at once when nothing is. Never rejects. */
  async load(): Promise<void> {
    if (this.#closed) return
    const sinceMs = performance.now() - this.#scannedAtMs
    const isDue = this.#stale ? sinceMs >= RESCAN_MS : this.#mustPoll && sinceMs >= POLL_MS
    if (isDue) this.#loading ??= this.#scan().finally(() => (this.#loading = undefined))
    await this.#loading
  }

  /** All contracts that were read, in the order of their names. */
  get contracts(): readonly ArtefactContract[] {
    return this.#index.contracts
  }

  /** The contract whose deployed code this is, immutables and metadata aside. */
  byRuntime(code: Uint8Array): ArtefactContract | undefined {
    if (code.length === 0 || this.#index.contracts.length === 0) return undefined
    const key = this.#keys.get(code) ?? keccakHash(code)
    this.#keys.set(code, key)
    if (this.#matches.has(key)) return this.#matches.get(key)
    const candidates = this.#index.byLength.get(code.length - metadataLength(code)) ?? []
    const match = best(candidates, ({ runtime }) => runtime && compareRuntime(runtime, code))
    if (this.#matches.size >= MAX_MATCHES) this.#matches.clear()
    this.#matches.set(key, match)
    return match
  }

  /** The contract that `initCode` deploys; constructor arguments may follow its creation code. */
  byCreation(initCode: Uint8Array): ArtefactContract | undefined {
    const { creators } = this.#index
    return best(creators, ({ creation }) => creation && compareCreation(creation, initCode))
  }

  /** A function of any contract: a proxy's ABI does not name those behind it. */
  functionOf(selector: Hex): AbiEntry | undefined {
    return this.#index.functions.get(selector)
  }

  /** A custom error of any contract. */
  errorOf(selector: Hex): AbiEntry | undefined {
    return this.#index.errors.get(selector)
  }

  eventOf(topic: Hash): AbiEntry | undefined {
    return this.#index.events.get(topic)
  }

  /** solc's JSON ABI; undefined when the artefact is gone. */
  async abiOf(contract: ArtefactContract): Promise<unknown> {
    return readAbi(await jsonOf(contract), contract)
  }

  /** solc's storage layout as it stands in the artefact or in its build-info; undefined when it is in neither. */
  async storageLayoutOf(contract: ArtefactContract): Promise<unknown> {
    const own = await jsonOf(contract)
    const layout = readStorageLayout(own, contract)
    if (layout !== undefined) return layout
    for (const file of await buildInfosOf(contract.file, own)) {
      const found = readStorageLayout(await readJson(file), contract)
      if (found !== undefined) return found
    }
    return undefined
  }

  /**
   * What a compiler printed for sources that were verified, known until the node ends; the oldest gives way.
   * @param content as a build-info: `input`, `output` and `solcVersion` @returns its contracts
   */
  add(content: unknown, name: string): readonly ArtefactContract[] {
    const contracts = readContracts(content, name).map((contract) => ({ ...contract, content }))
    this.#verified.push(contracts)
    if (this.#verified.length > MAX_VERIFIED) this.#verified.shift()
    this.#reindex()
    return contracts
  }

  [Symbol.dispose](): void {
    this.#closed = true
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  async #scan(): Promise<void> {
    // Before looking: what changes meanwhile is looked at again.
    this.#stale = false
    this.#scannedAtMs = performance.now()
    const { files, folders } = await findArtefacts(this.#folders.map(({ path }) => path))
    this.#watch(folders)
    if (await this.#read(files)) this.#reindex()
  }

  #reindex(): void {
    const inFiles = [...this.#files.values()].flatMap(({ contracts }) => contracts)
    this.#index = buildIndex([...inFiles, ...this.#verified.flat()])
    this.#matches.clear()
  }

  /** Whether anything is different from before. A file that is half written keeps what it was. */
  async #read(files: readonly FoundFile[]): Promise<boolean> {
    let changed = false
    const present = new Set(files.map(({ path }) => path))
    for (const path of this.#files.keys()) {
      if (!present.has(path)) changed = this.#files.delete(path) || changed
    }
    for (const { path, stamp } of files) {
      if (this.#files.get(path)?.stamp === stamp || this.#broken.get(path) === stamp) continue
      const json = await readJson(path)
      if (json === undefined) {
        this.#broken.set(path, stamp)
        setTimeout(() => void this.#tellIfBroken(path), SETTLED_MS).unref()
        continue
      }
      this.#broken.delete(path)
      this.#files.set(path, { stamp, contracts: readContracts(json, path) })
      changed = true
    }
    return changed
  }

  async #tellIfBroken(path: string): Promise<void> {
    const isThere = await stat(path).catch(() => undefined)
    if (isThere === undefined || (await readJson(path)) !== undefined) return
    if (this.#closed || this.#told.has(path)) return
    this.#told.add(path)
    this.#onBroken(path)
  }

  /** Watches the folders that are there, and the parents of those that are not. */
  #watch(folders: readonly string[]): void {
    const wanted = new Set(folders)
    for (const { path } of this.#folders) if (!wanted.has(path)) wanted.add(dirname(path))
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue
      watcher.close()
      this.#watchers.delete(folder)
    }
    this.#mustPoll = wanted.size > MAX_WATCHED
    for (const folder of wanted) this.#watchFolder(folder)
  }

  #watchFolder(folder: string): void {
    if (this.#closed || this.#watchers.has(folder) || this.#watchers.size >= MAX_WATCHED) return
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (this.#concerns(folder, name)) this.#stale = true
      })
      watcher.on('error', () => {
        watcher.close()
        this.#watchers.delete(folder)
        this.#stale = true
      })
      this.#watchers.set(folder, watcher)
    } catch {
      this.#mustPoll = true
    }
  }

  /** In a parent only the folder itself matters. */
  #concerns(folder: string, name: string | null): boolean {
    if (name === null || this.#folders.some(({ path }) => isWithin(path, folder))) return true
    return this.#folders.some(({ path }) => dirname(path) === folder && basename(path) === name)
  }
}

interface Index {
  readonly contracts: readonly ArtefactContract[]
  /** By the length of the deployed code without its metadata. */
  readonly byLength: ReadonlyMap<number, readonly ArtefactContract[]>
  /** Those with creation code, the longest first: one may begin another. */
  readonly creators: readonly ArtefactContract[]
  readonly functions: ReadonlyMap<Hex, AbiEntry>
  readonly errors: ReadonlyMap<Hex, AbiEntry>
  readonly events: ReadonlyMap<Hash, AbiEntry>
}

function buildIndex(unsorted: readonly ArtefactContract[]): Index {
  const contracts = unsorted.toSorted((a, b) => compare(a.name, b.name) || compare(a.file, b.file))
  const byLength = new Map<number, ArtefactContract[]>()
  for (const contract of contracts) {
    if (contract.runtime === undefined) continue
    const length = contract.runtime.bytes.length - contract.runtime.metadataBytes
    const same = byLength.get(length)
    if (same === undefined) byLength.set(length, [contract])
    else same.push(contract)
  }
  const size = (code: CodeTemplate | undefined): number => code?.bytes.length ?? 0
  return {
    contracts,
    byLength,
    creators: contracts
      .filter(({ creation }) => creation !== undefined)
      .sort((a, b) => size(b.creation) - size(a.creation)),
    functions: new Map(contracts.flatMap(({ functions }) => [...functions])),
    errors: new Map(contracts.flatMap(({ errors }) => [...errors])),
    events: new Map(contracts.flatMap(({ events }) => [...events])),
  }
}

/** The first that is exactly alike, else the first that is but for its metadata. */
function best(
  contracts: readonly ArtefactContract[],
  likeness: (contract: ArtefactContract) => ReturnType<typeof compareRuntime> | undefined,
): ArtefactContract | undefined {
  let near: ArtefactContract | undefined
  for (const contract of contracts) {
    const found = likeness(contract)
    if (found === 'exact') return contract
    if (found === 'butMetadata') near ??= contract
  }
  return near
}

/** Where Hardhat 2 (beside the artefact) and Hardhat 3 (in the artefact) say the compiler's output is. */
export async function buildInfosOf(file: string, artefact: unknown): Promise<readonly string[]> {
  const debug = await readJson(file.replace(/\.json$/, '.dbg.json'))
  const path = field(debug, 'buildInfo')
  if (path !== undefined) return [resolve(dirname(file), path)]
  const id = field(artefact, 'buildInfoId')
  if (id === undefined) return []
  const places: string[] = []
  for (let at = dirname(file); at !== dirname(at) && places.length < 8; at = dirname(at)) {
    places.push(join(at, 'build-info', `${id}.output.json`))
  }
  return places
}

function field(json: unknown, name: string): string | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  const value: unknown = Reflect.get(json, name)
  return typeof value === 'string' ? value : undefined
}

/** The JSON behind a contract; undefined when its file is gone. */
export async function jsonOf({ content, file }: ArtefactContract): Promise<unknown> {
  return content ?? readJson(file)
}

/** undefined when it is not there, or not whole. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown
  } catch {
    return undefined
  }
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`) || path.startsWith(`${folder}\\`)
}

function withSlash(name: string): string {
  return name.endsWith('/') ? name : `${name}/`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
