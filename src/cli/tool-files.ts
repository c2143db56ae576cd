import { readFile, readdir, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

import { DecodeError } from '../model/codec/field.ts'

/** A fixture that is not there, or holds no JSON. */
export class FixtureError extends Error {
  override readonly name = 'FixtureError'
}

/** For `catch`: a fixture's error as a value. @throws whatever else it is */
export function fixtureError(error: unknown): FixtureError {
  if (error instanceof FixtureError) return error
  throw error
}

/**
 * `path` itself when it is a file, or the fixtures below it in order of name.
 * @param suffixes how a fixture in a folder ends, as `.json`
 * @throws {FixtureError} when there is none
 */
export async function fixturesIn(path: string, suffixes: readonly string[]): Promise<string[]> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new FixtureError(`${path}: no such file or folder`)
  if (!found.isDirectory()) return [path]
  const names = await readdir(path, { recursive: true })
  const files: string[] = []
  for (const name of names.toSorted()) {
    if (!suffixes.some((suffix) => name.endsWith(suffix)) || isHidden(name)) continue
    const file = join(path, name)
    // A link that leads nowhere is a fixture that cannot be read.
    if ((await stat(file).catch(() => undefined))?.isDirectory() !== true) files.push(file)
  }
  if (files.length === 0) throw new FixtureError(`${path}: no fixture in this folder`)
  return files
}

/** The suites keep an index in `.meta`. */
function isHidden(name: string): boolean {
  return name.split(sep).some((part) => part.startsWith('.'))
}

const GZIP_MAGIC = [0x1f, 0x8b]

/** The JSON in a file, plain or compressed by gzip. @throws {FixtureError} that names the file. */
async function readJsonFile(file: string): Promise<unknown> {
  try {
    const bytes = await readFile(file)
    const isZipped = GZIP_MAGIC.every((byte, at) => bytes[at] === byte)
    const plain = isZipped ? await promisify(gunzip)(bytes) : bytes
    return JSON.parse(plain.toString('utf8'))
  } catch (error) {
    throw new FixtureError(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/**
 * What `read` makes of the JSON in a file.
 * @throws {FixtureError} that names the file, also for what `read` throws of malformed fields
 */
export async function readFixture<T>(file: string, read: (json: unknown) => T): Promise<T> {
  const json = await readJsonFile(file)
  try {
    return read(json)
  } catch (error) {
    if (error instanceof DecodeError) throw new FixtureError(`${file}: ${error.message}`)
    throw error
  }
}
