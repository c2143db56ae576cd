import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import type { ContractArtefact } from '../../analysis/names/artefact.ts'
import type { ArtefactContract } from '../artefact-files.ts'
import { isRecord, readJson, textIn } from './json.ts'

/** What was given to the compiler for an artefact, found beside it. */
export interface BuildInfo {
  /** Standard JSON input with the texts of all sources; undefined when only paths are known. */
  readonly input: Readonly<Record<string, unknown>> | undefined
  /** What the compiler printed; undefined when it is in the artefact itself. */
  readonly output: unknown
  /** `0.8.28` */
  readonly compiler: string | undefined
  /** Paths by the numbers of source maps, where the output does not tell. */
  readonly paths: ReadonlyMap<number, string>
  /** The folder that relative paths of sources start from. */
  readonly root: string
}

/** How far above an artefact its `build-info` may be. */
const MAX_UP = 8

/** Hardhat 2 names it in the `.dbg.json` beside the artefact, Hardhat 3 in the artefact; its output is whole. */
export async function hardhatBuildInfo(
  file: string,
  artefact: unknown,
): Promise<BuildInfo | undefined> {
  const named = textIn(await readJson(file.replace(/\.json$/, '.dbg.json')), 'buildInfo')
  if (named !== undefined) {
    const path = resolve(dirname(file), named)
    return hardhatOf(await readJson(path), undefined, dirname(dirname(dirname(path))))
  }
  const id = textIn(artefact, 'buildInfoId')
  if (id === undefined) return undefined
  for (const folder of foldersAbove(file)) {
    const output = await readJson(join(folder, 'build-info', `${id}.output.json`))
    if (output === undefined) continue
    const info = await readJson(join(folder, 'build-info', `${id}.json`))
    return hardhatOf(info, output, dirname(folder))
  }
  return undefined
}

function hardhatOf(info: unknown, output: unknown, root: string): BuildInfo | undefined {
  if (!isRecord(info) && output === undefined) return undefined
  const record = isRecord(info) ? info : {}
  const compiler = textIn(record, 'solcVersion') ?? textIn(record, 'solcLongVersion')
  const input = isRecord(record['input']) ? record['input'] : undefined
  return { input, output: output ?? record['output'], compiler, paths: new Map(), root }
}

/** Paths as the project has them, where Hardhat 3 told the compiler others. */
export function inProjectPaths(
  { source, compiledSource }: ArtefactContract,
  artefact: ContractArtefact,
  texts: ReadonlyMap<string, string>,
): { readonly artefact: ContractArtefact; readonly sources: ReadonlyMap<string, string> } {
  if (source === compiledSource) return { artefact, sources: texts }
  const named = (path: string): string =>
    path === compiledSource ? source : path.replace(/^project\//, '')
  const sourcePaths = new Map([...artefact.sourcePaths].map(([id, path]) => [id, named(path)]))
  const sources = new Map([...texts].map(([path, text]) => [named(path), text]))
  return { artefact: { ...artefact, sourcePaths }, sources }
}

/** The build-info of Foundry in which the source `path` has the number `id`; several compilations leave several. */
export async function foundryBuildInfo(
  file: string,
  id: number | undefined,
  path: string,
): Promise<BuildInfo | undefined> {
  for (const folder of foldersAbove(file)) {
    const names = await readdir(join(folder, 'build-info')).catch(() => undefined)
    if (names === undefined) continue
    let any: ReadonlyMap<number, string> = new Map()
    for (const name of names.filter((each) => each.endsWith('.json'))) {
      const paths = pathsOf(await readJson(join(folder, 'build-info', name)))
      any = paths
      if (id !== undefined && paths.get(id) === path) break
    }
    const isIts = id === undefined || path === '' || any.get(id) === path
    const paths: ReadonlyMap<number, string> = isIts ? any : new Map()
    return {
      input: undefined,
      output: undefined,
      compiler: undefined,
      paths,
      root: dirname(folder),
    }
  }
  const root = dirname(dirname(dirname(file)))
  return { input: undefined, output: undefined, compiler: undefined, paths: new Map(), root }
}

function pathsOf(json: unknown): ReadonlyMap<number, string> {
  const paths = isRecord(json) ? json['source_id_to_path'] : undefined
  if (!isRecord(paths)) return new Map()
  return new Map(Object.entries(paths).map(([id, path]) => [Number(id), String(path)]))
}

function* foldersAbove(file: string): Generator<string> {
  let at = dirname(file)
  for (let up = 0; up < MAX_UP && at !== dirname(at); up++) {
    yield at
    at = dirname(at)
  }
}
