import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, isAbsolute, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

import { defineConfig } from '../node/user-config.ts'
import type { Layer } from './layers.ts'
import { KEYS, LONG_NAMES, OPTIONS, longName } from './options.ts'
import { REFUSALS } from './refused.ts'
import type { Key } from './settings.ts'
import { suggestion } from './suggest.ts'

/** Looked for in the working folder; there may be one. */
export const CONFIG_NAMES: readonly string[] = [
  'heddle.config.ts',
  'heddle.config.mts',
  'heddle.config.js',
  'heddle.config.mjs',
  'heddle.config.json',
]

export type ConfigFile =
  | { readonly kind: 'none' }
  | { readonly kind: 'loaded'; readonly path: string; readonly layer: Layer }
  | { readonly kind: 'bad'; readonly problems: readonly string[] }

/**
 * Reads `path`, or the configuration file in `folder` if there is one. What it says is checked for its names here, for its
 * values when layers are merged.
 */
export async function loadConfigFile(
  folder: string,
  path: string | undefined,
): Promise<ConfigFile> {
  if (path !== undefined) {
    const found = resolve(folder, path)
    return existsSync(found) ? load(found, path, folder) : bad(`${path}: there is no such file`)
  }
  const names = CONFIG_NAMES.filter((name) => existsSync(join(folder, name)))
  const [first, second] = names
  if (first === undefined) return { kind: 'none' }
  if (second !== undefined) return bad(`${first} and ${second} are both here: keep one of them`)
  return load(join(folder, first), first, folder)
}

async function load(path: string, shown: string, folder: string): Promise<ConfigFile> {
  let content: unknown
  try {
    content = await evaluate(path)
  } catch (error) {
    return bad(`${shown}: ${firstLine(error)}`)
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    const wanted = extname(path) === '.json' ? 'expected an object' : 'expected a default export'
    return bad(`${shown}: ${wanted} with settings`)
  }
  return toLayer(content, path, shown, folder)
}

function toLayer(content: object, path: string, shown: string, folder: string): ConfigFile {
  const problems: string[] = []
  const values: [Key, unknown][] = []
  const base = dirname(path)
  for (const [name, value] of Object.entries(content)) {
    if (name === '$schema' || value === undefined) continue
    if (isKey(name)) values.push([name, base === folder ? value : settle(name, value, base)])
    else problems.push(`${shown}: ${name}: ${REFUSED.get(name) ?? unknownKey(name)}`)
  }
  if (problems.length > 0) return { kind: 'bad', problems }
  const layer: Layer = { label: (key) => `${shown}: ${key}`, values }
  return { kind: 'loaded', path: shown, layer }
}

async function evaluate(path: string): Promise<unknown> {
  const kind = extname(path)
  if (kind === '.json') return parseJson(readFileSync(path, 'utf8'))
  if (kind === '.ts' || kind === '.mts' || kind === '.cts') {
    const { createJiti } = await import('jiti')
    // The file's `import { defineConfig } from 'heddle'` needs no installed package and loads no node.
    const virtualModules = { heddle: { defineConfig } }
    const jiti = createJiti(path, { fsCache: false, moduleCache: false, virtualModules })
    return unwrap(await jiti.import(path))
  }
  return unwrap(await import(pathToFileURL(path).href))
}

/** @throws {SyntaxError} with the line and column. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    const offset = /position (\d+)/.exec(String(error))?.[1]
    if (offset === undefined) throw error
    const before = text.slice(0, Number(offset)).split('\n')
    const place = `line ${before.length}, column ${before.at(-1)!.length + 1}`
    throw new SyntaxError(`not JSON at ${place}`, { cause: error })
  }
}

function unwrap(loaded: unknown): unknown {
  const isModule = typeof loaded === 'object' && loaded !== null && 'default' in loaded
  return isModule ? loaded.default : undefined
}

/** Paths in a file elsewhere start at that file's folder. */
function settle(key: Key, value: unknown, base: string): unknown {
  if (OPTIONS[key].isPath !== true) return value
  if (Array.isArray(value)) return value.map((item: unknown) => settlePath(item, base))
  return settlePath(value, base)
}

function settlePath(value: unknown, base: string): unknown {
  if (typeof value !== 'string' || isAbsolute(value)) return value
  return relative('.', join(base, value)) || '.'
}

const camelCase = (name: string): string =>
  name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

const REFUSED: ReadonlyMap<string, string> = new Map(
  REFUSALS.map(({ flags, reason }) => [camelCase(/--([\w-]+)/.exec(flags)![1]!), reason]),
)

function isKey(name: string): name is Key {
  return Object.hasOwn(OPTIONS, name)
}

function unknownKey(name: string): string {
  for (const [long, key] of LONG_NAMES) {
    const isOther = name === long || name === camelCase(long) || name === longName(key)
    if (isOther) return `unknown setting, it is called "${key}" here`
  }
  return `unknown setting${suggestion(name, KEYS)}`
}

function bad(problem: string): ConfigFile {
  return { kind: 'bad', problems: [problem] }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n', 1)[0]!.trim()
}
