import { readFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import {
  type CodeKind,
  type ContractArtefact,
  readCompilerOutput,
  readFoundryArtefact,
} from '../../analysis/names/artefact.ts'
import {
  type SourceLine,
  SourceLines,
  instructionNumbers,
} from '../../analysis/names/source-map.ts'
import type { ArtefactContract } from '../artefact-files.ts'
import { jsonOf, readJson } from '../artefacts.ts'
import { hardhatBuildInfo, inProjectPaths } from '../profiler/build-info.ts'
import { isRecord, textsIn } from '../profiler/json.ts'

/** A line of source, and the function that it is in. */
export interface SourcePlace extends SourceLine {
  readonly function: string | undefined
}

interface Loaded {
  readonly compiled: ContractArtefact
  readonly lines: SourceLines
  readonly texts: ReadonlyMap<string, string>
  readonly jumps: readonly string[]
  /** By program counter. */
  readonly numbers: Int32Array
}

const DEFINITION =
  /\b(?:function\s+([A-Za-z_$][\w$]*)|(constructor|fallback|receive)\s*\(|modifier\s+([A-Za-z_$][\w$]*))/g
const JUMP = 0x56
/** Folders above an artefact in which a project may begin. */
const MAX_LEVELS = 6

/** Finds the lines of contracts' instructions, reading compilers' output and sources when they are first asked for. */
export class Sources {
  readonly #loaded: Record<CodeKind, Map<ArtefactContract, Promise<Loaded | undefined>>> = {
    creation: new Map(),
    runtime: new Map(),
  }

  /**
   * Where a frame was in its contract, the innermost function first, then where each was called. What failed before a line of source ran,
   * by its interface, is where `name` is declared, or the contract.
   * @param name of the function that was called, when one was
   * @param pcs the last instructions, the newest last @param jumps from where to where it jumped, pair after pair
   */
  async placesOf(
    contract: ArtefactContract,
    kind: CodeKind,
    name: string | undefined,
    { pcs, jumps }: { readonly pcs: readonly number[]; readonly jumps: readonly number[] },
  ): Promise<readonly SourcePlace[]> {
    const known = this.#loaded[kind]
    let loading = known.get(contract)
    if (loading === undefined) {
      // Artefacts that were compiled anew are other objects.
      if (known.size > 1_000) known.clear()
      loading = load(contract, kind)
      known.set(contract, loading)
    }
    const loaded = await loading
    if (loaded === undefined) return []
    const newest = newestPlace(loaded, pcs)
    if (newest !== undefined) return withCallers(loaded, newest, jumps)
    const declared = declarationOf(loaded, contract, name)
    return declared === undefined ? [] : [declared]
  }
}

function declarationOf(
  { texts }: Loaded,
  contract: ArtefactContract,
  name: string | undefined,
): SourcePlace | undefined {
  const text = texts.get(contract.source)
  if (text === undefined) return undefined
  const heading = new RegExp(`\\b(?:contract|library)\\s+${contract.name}\\b`).exec(text)
  if (heading === null) return undefined
  const keyword = name === 'constructor' ? 'constructor' : `function\\s+${escapeName(name)}`
  const inner = name && new RegExp(`\\b${keyword}\\s*\\(`).exec(text.slice(heading.index))
  const offset = heading.index + (inner ? inner.index : 0)
  return { path: contract.source, line: text.slice(0, offset).split('\n').length, function: name }
}

/** Names may have dollars. */
function escapeName(name: string | undefined): string | undefined {
  return name?.replaceAll('$', '\\$')
}

/**
 * The newest place in the sources, but not one that was only jumped to: optimisers let functions share how they end, and
 * then the last instructions are of another function. Calls and returns within a contract are marked as such.
 */
function newestPlace(loaded: Loaded, pcs: readonly number[]): SourcePlace | undefined {
  let found: SourcePlace | undefined
  /** Of the jump that led to what was found. */
  let jump: string | undefined
  for (const pc of pcs.toReversed()) {
    jump ??= found && jumpAt(loaded, pc)
    const place = placeAt(loaded, pc)
    if (place === undefined) continue
    if (found !== undefined && place.function === found.function && place.path === found.path) {
      jump = undefined
      continue
    }
    if (found !== undefined && jump !== '-') return found
    found = place
    jump = undefined
  }
  return found
}

/**
 * The calls inside the contract that led to `newest`. Source maps mark jumps into functions and out of them; what the compiler made up and
 * its own choice of the external function are no calls of the source.
 */
function withCallers(
  loaded: Loaded,
  newest: SourcePlace,
  jumps: readonly number[],
): readonly SourcePlace[] {
  const open: { readonly from: number; readonly to: number }[] = []
  for (let at = 0; at + 1 < jumps.length; at += 2) {
    const [from, to] = [jumps[at]!, jumps[at + 1]!]
    const kind = jumpAt(loaded, from)
    if (kind === 'i') open.push({ from, to })
    else if (kind === 'o') open.pop()
  }
  const places = [newest]
  for (const { from, to } of open.toReversed()) {
    const [site, callee] = [placeAt(loaded, from), placeAt(loaded, to)]
    const inner = places.at(-1)!
    const isCall = callee?.function === inner.function && callee?.path === inner.path
    if (site === undefined || !isCall) continue
    const isEntry = site.function === callee.function && site.line === callee.line
    if (!isEntry) places.push(site)
  }
  return places
}

function placeAt({ compiled, lines, texts }: Loaded, pc: number): SourcePlace | undefined {
  const line = lines.lineOf(compiled, pc)
  const text = line && texts.get(line.path)
  // The whole contract stands for what the compiler made up.
  if (line === undefined || text === undefined || isHeading(text, line.line)) return undefined
  return { ...line, function: functionAt(text, line.line) }
}

/** The kind of the JUMP at `pc`; undefined when there is none. */
function jumpAt({ compiled, jumps, numbers }: Loaded, pc: number): string | undefined {
  return compiled.runtime?.[pc] === JUMP ? jumps[numbers[pc] ?? -1] : undefined
}

/** By instruction: `i` goes into a function, `o` out of one, `-` neither. An empty field is as in the entry before. */
function jumpKinds(sourceMap: string): readonly string[] {
  let last = '-'
  return sourceMap.split(';').map((entry) => {
    const kind = entry.split(':')[3]
    if (kind !== undefined && kind !== '') last = kind
    return last
  })
}

async function load(contract: ArtefactContract, kind: CodeKind): Promise<Loaded | undefined> {
  const json = await jsonOf(contract)
  const foundry = await foundryArtefact(contract, json, kind)
  const found =
    foundry === undefined
      ? await solcOutput(contract, json, kind)
      : { artefact: foundry, sources: new Map<string, string>() }
  if (found === undefined) return undefined
  const compiled = found.artefact
  const texts = new Map<string, string>()
  // What was compiled goes first: on disk there may be another text by that name.
  for (const path of compiled.sourcePaths.values()) {
    const text = found.sources.get(path) ?? (await sourceText(contract.file, path))
    if (text !== undefined) texts.set(path, text)
  }
  return {
    compiled,
    texts,
    lines: new SourceLines(texts),
    jumps: jumpKinds(compiled.sourceMap),
    numbers: instructionNumbers(compiled.runtime ?? new Uint8Array(0)),
  }
}

/** Foundry's build-info names the sources by the numbers that source maps use. */
async function foundryArtefact(
  { file, name, source }: ArtefactContract,
  json: unknown,
  kind: CodeKind,
): Promise<ContractArtefact | undefined> {
  const id = (json as { readonly id?: unknown } | undefined)?.id
  if (typeof id !== 'number') return undefined
  const folder = join(dirname(dirname(file)), 'build-info')
  const names = await readdir(folder).catch(() => [])
  for (const each of names.filter((one) => one.endsWith('.json'))) {
    const info = (await readJson(join(folder, each))) as
      | { readonly source_id_to_path?: Readonly<Record<string, string>> }
      | undefined
    const paths = Object.entries(info?.source_id_to_path ?? {})
    if (!paths.some(([number, path]) => Number(number) === id && path === source)) continue
    return readFoundryArtefact(
      json,
      name,
      new Map(paths.map(([number, path]) => [Number(number), path])),
      kind,
    )
  }
  // Without a build-info the contract's own file is known.
  return readFoundryArtefact(json, name, new Map([[id, source]]), kind)
}

async function solcOutput(
  contract: ArtefactContract,
  json: unknown,
  kind: CodeKind,
): Promise<ReturnType<typeof inProjectPaths> | undefined> {
  const key = `${contract.compiledSource}:${contract.name}`
  const own = readCompilerOutput(json, kind).get(key)
  if (own !== undefined) {
    return { artefact: own, sources: textsIn(isRecord(json) ? json['input'] : undefined) }
  }
  const info = await hardhatBuildInfo(contract.file, json)
  const found = info && readCompilerOutput(info.output, kind).get(key)
  return found && inProjectPaths(contract, found, textsIn(info.input))
}

/** Paths are relative to the project, some folder above its artefacts. */
async function sourceText(artefact: string, path: string): Promise<string | undefined> {
  let folder = dirname(artefact)
  for (let level = 0; level < MAX_LEVELS; level++) {
    try {
      return await readFile(join(folder, path), 'utf8')
    } catch {
      if (folder === dirname(folder)) return undefined
      folder = dirname(folder)
    }
  }
  return undefined
}

function isHeading(text: string, line: number): boolean {
  return /^\s*(?:abstract\s+)?(?:contract|library|interface)\b/.test(lineAt(text, line))
}

function lineAt(text: string, line: number): string {
  return text.split('\n', line).at(-1) ?? ''
}

/** The definition that stands last at or before the line. */
function functionAt(text: string, line: number): string | undefined {
  const before = text.split('\n', line).join('\n')
  const last = [...before.matchAll(DEFINITION)].at(-1)
  return last?.[1] ?? last?.[2] ?? last?.[3]
}

/** `src/Token.sol:12` */
export function showPlace({ path, line }: SourceLine): string {
  return `${path}:${line}`
}
