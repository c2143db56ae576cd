import { readFileSync, readdirSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'

/** One source file: its path inside `src` with forward slashes, and its text. */
export type Source = { readonly path: string; readonly text: string }

/** One import of a file, as written: a value or a type, static or dynamic. */
export type Import = { readonly specifier: string; readonly kind: 'value' | 'type' }

const below = {
  primitives: [],
  model: ['primitives'],
  store: ['primitives'],
  state: ['primitives', 'model', 'store'],
  evm: ['primitives', 'model', 'state'],
  executor: ['primitives', 'model', 'state', 'evm'],
  analysis: ['primitives', 'model', 'state'],
  chain: ['primitives', 'model', 'store', 'state', 'evm', 'executor', 'analysis'],
  consensus: ['primitives', 'model'],
  rpc: ['primitives', 'model'],
} satisfies Record<string, readonly string[]>

const roomsUpToRpc = Object.keys(below)

/** Which rooms a room may import besides itself. `type:` means type-only imports. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  ...below,
  node: roomsUpToRpc,
  client: ['type:analysis', 'type:rpc'],
  ui: ['client', 'primitives', 'type:rpc'],
  cli: [...roomsUpToRpc, 'node', 'client'],
  index: [...roomsUpToRpc, 'node', 'client'],
}

/** Packages that only one folder may name, because everything else goes through its port. */
const homes: Readonly<Record<string, string>> = { '@ethereumjs/': 'evm/ethereumjs/' }

const laneEntry = 'executor/lane/worker.ts'
const notInLanes = ['chain', 'rpc', 'node', 'ui', 'cli', 'index']
const maxLines = 400

/**
 * Checks a source tree against the rules of the house.
 * @param sources Every `.ts` file under `src`.
 * @param fewest The least number of files that the tree is known to have: guards against a walk
 *   that sees nothing and calls it clean.
 * @returns One line per broken rule; empty when all is well.
 */
export function checkRooms(sources: readonly Source[], fewest: number): string[] {
  const faults = sources.flatMap((source) => [
    ...checkImports(source),
    ...checkSize(source),
    ...checkExports(source),
  ])
  if (sources.length < fewest) {
    faults.push(`saw ${sources.length} files, expected at least ${fewest}`)
  }
  return [...faults, ...checkLane(sources)]
}

/** Reads every `.ts` and `.tsx` file below a folder, AssemblyScript included. */
export function readSources(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({
      path: relative(folder, file).split(sep).join('/'),
      text: readFileSync(file, 'utf8'),
    }))
}

function checkImports({ path, text }: Source): string[] {
  const room = roomOf(path)
  const rule = allowed[room]
  if (rule === undefined) return [`${path}: "${room}" is not a room`]
  return readImports(text).flatMap(({ specifier, kind }) => {
    if (!specifier.startsWith('.')) return checkPackage(path, specifier)
    const target = roomOf(resolve(path, specifier))
    if (target === room || rule.includes(target)) return []
    if (rule.includes(`type:${target}`)) {
      return kind === 'type' ? [] : [`${path}: ${room} may import only types of ${target}`]
    }
    return [`${path}: ${room} may not import ${target} (${specifier})`]
  })
}

function checkPackage(path: string, specifier: string): string[] {
  return Object.entries(homes)
    .filter(([prefix, home]) => specifier.startsWith(prefix) && !path.startsWith(home))
    .map(([, home]) => `${path}: only ${home} may name ${specifier}`)
}

function checkSize({ path, text }: Source): string[] {
  const lines = text.trimEnd().split('\n')
  if (lines.length <= maxLines) return []
  const excused = lines.slice(0, 5).some((line) => /^\/\/ Over 400 lines because \S/.test(line))
  return excused ? [] : [`${path}: ${lines.length} lines without a reason at the top`]
}

function checkExports({ path, text }: Source): string[] {
  // An AssemblyScript module exports to its host only what its entry exports.
  if (path === 'index.ts' || path.includes('/assembly/')) return []
  const found = /^\s*export\s+(?:type\s+)?(?:\*|\{[^}]*\})[^;\n]*\sfrom\s/m.test(
    stripComments(text),
  )
  return found ? [`${path}: re-exports; only index.ts may`] : []
}

function checkLane(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const reached = new Map<string, string>()
  const waiting: [path: string, from: string][] = [[laneEntry, 'the pool']]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [path, from] = next
    const source = byPath.get(path)
    if (source === undefined || reached.has(path)) continue
    reached.set(path, from)
    for (const { specifier } of readImports(source.text)) {
      if (specifier.startsWith('.')) waiting.push([resolve(path, specifier), path])
    }
  }
  return [...reached]
    .filter(([path]) => notInLanes.includes(roomOf(path)))
    .map(([path, from]) => `${path}: reached by the lane worker through ${from}`)
}

function roomOf(path: string): string {
  return path.split('/')[0]?.replace(/\.ts$/, '') ?? ''
}

function resolve(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts')
}

/**
 * Lists what a file imports: `import`, `import type`, `export ... from`, `import()` as a value and
 * as a type, and side-effect imports. Comments and the text of templates do not count.
 */
export function readImports(source: string): Import[] {
  const text = stripComments(source)
  const imports: Import[] = []
  const clauses = /(?:^|[;\n}])\s*(import|export)\b([^'"`;=]*?)\bfrom\s*(['"])([^'"\n]+)\3/g
  for (const [, , clause = '', , specifier = ''] of text.matchAll(clauses)) {
    imports.push({ specifier, kind: isTypeOnly(clause) ? 'type' : 'value' })
  }
  for (const [, , specifier = ''] of text.matchAll(/(?:^|[;\n}])\s*import\s*(['"])([^'"\n]+)\1/g)) {
    imports.push({ specifier, kind: 'value' })
  }
  const calls = /(\btypeof\s+)?(?<![.\w])import\s*\(\s*(['"`])([^'"`\n]+)\2[^)]*\)(\s*\.\s*[A-Z])?/g
  for (const [, typeOf, , specifier = '', member] of text.matchAll(calls)) {
    const kind = typeOf !== undefined || member !== undefined ? 'type' : 'value'
    imports.push({ specifier, kind })
  }
  return imports
}

function isTypeOnly(clause: string): boolean {
  if (/^\s*type\b(?!\s*,)/.test(clause)) return true
  const names = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1]?.split(',') ?? []
  const given = names.map((name) => name.trim()).filter((name) => name !== '')
  return given.length > 0 && given.every((name) => /^type\s/.test(name))
}

// Comments and strings must be told apart to drop the first and keep the second.
const tokens =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g

function stripComments(text: string): string {
  return text.replaceAll(tokens, (token) => {
    if (token.startsWith('//') || token.startsWith('/*')) return ' '
    return token.startsWith('`') && /\s/.test(token) ? '``' : token
  })
}

/** The folder `src` of this checkout. */
export const sourceFolder: string = join(import.meta.dirname, '..', '..', 'src')
