import { type Dirent, readdirSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Finding artefacts in the folders where Foundry and Hardhat put them. */

/** Files looked at, over all folders: a mistaken folder must not be read to its end. */
const MAX_FILES = 5_000
const MAX_FOLDERS = 5_000
/** A build-info holds all sources and their syntax trees. */
const MAX_FILE_BYTES = 64 * 2 ** 20
const MAX_BYTES = 512 * 2 ** 20

export interface FoundFile {
  readonly path: string
  /** Changes when the file does. */
  readonly stamp: string
}

export interface Found {
  /** Artefacts; of a folder that has none, its build-infos. */
  readonly files: readonly FoundFile[]
  /** Every folder that was looked into: a new file in one of them is news. */
  readonly folders: readonly string[]
}

/** Looks through `folders`, those that are not there aside. */
export async function findArtefacts(folders: readonly string[]): Promise<Found> {
  const paths: string[] = []
  const seen: string[] = []
  for (const folder of folders) {
    const artefacts: string[] = []
    const buildInfos: string[] = []
    const waiting = [folder]
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (seen.length >= MAX_FOLDERS) break
      const entries = await readdir(at, { withFileTypes: true }).catch(() => undefined)
      if (entries === undefined) continue
      seen.push(at)
      const inside = sortEntries(at, entries)
      waiting.push(...inside.folders)
      if (inside.isBuildInfo) buildInfos.push(...inside.files)
      else artefacts.push(...inside.files)
    }
    paths.push(...(artefacts.length > 0 ? artefacts : buildInfos))
  }
  const files: FoundFile[] = []
  let bytes = 0
  for (const path of paths.slice(0, MAX_FILES)) {
    const facts = await stat(path).catch(() => undefined)
    if (facts === undefined || facts.size > MAX_FILE_BYTES) continue
    bytes += facts.size
    if (bytes > MAX_BYTES) break
    files.push({ path, stamp: `${facts.mtimeMs} ${facts.size}` })
  }
  return { files, folders: seen }
}

/** Counts artefacts by their names alone for at most `budgetMs`; `more` when that was not enough. */
export function countArtefacts(
  folder: string,
  budgetMs: number,
): { readonly count: number; readonly more: boolean } {
  const deadline = performance.now() + budgetMs
  let count = 0
  const waiting = [folder]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (performance.now() > deadline) return { count, more: true }
    const inside = sortEntries(at, listOrNothing(at))
    if (!inside.isBuildInfo) count += inside.files.length
    waiting.push(...inside.folders)
  }
  return { count, more: false }
}

function listOrNothing(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

function sortEntries(
  folder: string,
  entries: readonly Dirent[],
): { readonly files: string[]; readonly folders: string[]; readonly isBuildInfo: boolean } {
  const files: string[] = []
  const folders: string[] = []
  for (const entry of entries) {
    if (entry.isDirectory()) folders.push(join(folder, entry.name))
    else if (entry.name.endsWith('.json') && !entry.name.endsWith('.dbg.json')) {
      files.push(join(folder, entry.name))
    }
  }
  return { files: files.toSorted(), folders, isBuildInfo: /[/\\]build-info$/.test(folder) }
}
