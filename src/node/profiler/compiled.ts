import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import {
  type ContractArtefact,
  readCompilerOutput,
  readFoundryArtefact,
} from '../../analysis/names/artefact.ts'
import { bytesToHex } from '../../primitives/hex.ts'
import { keccak256 } from '../../primitives/keccak.ts'
import type { ArtefactContract } from '../artefact-files.ts'
import { jsonOf } from '../artefacts.ts'
import { type BuildInfo, foundryBuildInfo, hardhatBuildInfo, inProjectPaths } from './build-info.ts'
import { isRecord, textIn, textsIn } from './json.ts'
import { compileWith } from './solc.ts'

/** What names and lines are read from: a contract's layout and source map, and the texts of its sources. */
export interface Compiled {
  readonly artefact: ContractArtefact
  /** By path. A source that was changed since it was compiled is left out: its lines would lie. */
  readonly sources: ReadonlyMap<string, string>
}

/** Reads artefacts for names, each once as long as it stays as it is. */
export class CompiledContracts {
  readonly #read: WeakMap<ArtefactContract, Promise<Compiled | undefined>> = new WeakMap()
  /** Compilations are of many contracts at once. */
  readonly #outputs: Map<string, Promise<unknown>> = new Map()

  /** undefined when there is nothing readable behind the contract any longer. */
  async of(contract: ArtefactContract): Promise<Compiled | undefined> {
    let compiled = this.#read.get(contract)
    if (compiled === undefined) this.#read.set(contract, (compiled = this.#load(contract)))
    return compiled
  }

  async #load(contract: ArtefactContract): Promise<Compiled | undefined> {
    const json = await jsonOf(contract)
    if (!isRecord(json)) return undefined
    if (!Array.isArray(json['abi'])) {
      // A build-info itself.
      const input = isRecord(json['input']) ? json['input'] : undefined
      const compiler = textIn(json, 'solcVersion')
      const info = { input, output: json['output'], compiler, paths: new Map(), root: '.' }
      return this.#fromOutput(contract, info)
    }
    const hardhat = await hardhatBuildInfo(contract.file, json)
    if (hardhat?.output !== undefined) {
      return this.#fromOutput(contract, hardhat)
    }
    return this.#fromFoundry(contract, json)
  }

  async #fromOutput(contract: ArtefactContract, info: BuildInfo): Promise<Compiled | undefined> {
    const key = `${contract.compiledSource}:${contract.name}`
    const found = readCompilerOutput(info.output).get(key)
    if (found === undefined) return undefined
    const { artefact, sources } = inProjectPaths(contract, found, textsIn(info.input))
    if (artefact.layout.kind === 'layout' || info.input === undefined) return { artefact, sources }
    const { compiler = '' } = info
    return {
      artefact: await this.#withLayout(artefact, key, info.input, compiler, info.root),
      sources,
    }
  }

  async #fromFoundry(
    contract: ArtefactContract,
    json: Readonly<Record<string, unknown>>,
  ): Promise<Compiled | undefined> {
    const id = typeof json['id'] === 'number' ? json['id'] : undefined
    const info = await foundryBuildInfo(contract.file, id, contract.source)
    const artefact = info && readFoundryArtefact(json, contract.name, info.paths)
    if (info === undefined || artefact === undefined) return undefined
    const metadata = isRecord(json['metadata']) ? json['metadata'] : undefined
    const wanted = hashesOf(metadata)
    const sources = await readSources(info, wanted)
    if (artefact.layout.kind === 'layout' || metadata === undefined) return { artefact, sources }
    const input = inputOf(metadata, sources)
    const compiler = textIn(metadata['compiler'], 'version')
    if (input === undefined || compiler === undefined) return { artefact, sources }
    const key = `${contract.source}:${contract.name}`
    return {
      artefact: await this.#withLayout(artefact, key, input, compiler, info.root),
      sources,
    }
  }

  /** Asks the compiler for the layout that the artefact lacks; the artefact as it is when there is no such compiler. */
  async #withLayout(
    artefact: ContractArtefact,
    key: string,
    input: Readonly<Record<string, unknown>>,
    compiler: string,
    root: string,
  ): Promise<ContractArtefact> {
    const settings = isRecord(input['settings']) ? input['settings'] : {}
    const outputSelection = { '*': { '*': ['storageLayout'], '': ['ast'] } }
    const asked = { ...input, settings: { ...settings, outputSelection } }
    const id = `${compiler} ${bytesToHex(keccak256(new TextEncoder().encode(JSON.stringify(asked))))}`
    let output = this.#outputs.get(id)
    if (output === undefined) {
      this.#outputs.set(id, (output = compileWith(compiler, asked, root)))
      if (this.#outputs.size > MAX_OUTPUTS) this.#outputs.delete([...this.#outputs.keys()][0]!)
    }
    const found = readCompilerOutput(await output).get(key)
    return found?.layout.kind === 'layout' ? { ...artefact, layout: found.layout } : artefact
  }
}

/** An output has the syntax trees of all sources. */
const MAX_OUTPUTS = 4

/** Hashes of the sources' texts by path, as the compiler's metadata has them. */
function hashesOf(
  metadata: Readonly<Record<string, unknown>> | undefined,
): ReadonlyMap<string, string | undefined> {
  const sources = isRecord(metadata?.['sources']) ? metadata['sources'] : {}
  return new Map(
    Object.entries(sources).map(([path, source]) => [path, textIn(source, 'keccak256')]),
  )
}

async function readSources(
  { root, paths }: BuildInfo,
  hashes: ReadonlyMap<string, string | undefined>,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  const wanted = hashes.size > 0 ? hashes.keys() : paths.values()
  for (const path of wanted) {
    const bytes = await readFile(resolve(root, path)).catch(() => undefined)
    const hash = hashes.get(path)
    if (bytes === undefined) continue
    if (hash !== undefined && bytesToHex(keccak256(new Uint8Array(bytes))) !== hash) continue
    texts.set(path, bytes.toString('utf8'))
  }
  return texts
}

/** The compiler's input as the metadata tells it; undefined when a source is not what it was. */
function inputOf(
  metadata: Readonly<Record<string, unknown>>,
  sources: ReadonlyMap<string, string>,
): Readonly<Record<string, unknown>> | undefined {
  const { compilationTarget, ...settings } = isRecord(metadata['settings'])
    ? metadata['settings']
    : {}
  if (compilationTarget === undefined) return undefined
  if ([...hashesOf(metadata).keys()].some((path) => !sources.has(path))) return undefined
  const libraries = {}
  const contents = [...sources].map(([path, content]) => [path, { content }] as const)
  return {
    language: 'Solidity',
    sources: Object.fromEntries(contents),
    settings: { ...settings, libraries },
  }
}
