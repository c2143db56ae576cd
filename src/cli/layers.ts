import { OPTIONS } from './options.ts'
import { quoted } from './readers.ts'
import type { Key, Settings } from './settings.ts'

/** One place that sets values; later layers win. */
export interface Layer {
  /** How the place calls a value in errors: `--port`, `HEDDLE_PORT`, `heddle.config.json: port`. */
  readonly label: (key: Key) => string
  readonly values: readonly (readonly [Key, unknown])[]
}

export type Merged =
  | { readonly kind: 'merged'; readonly settings: Partial<Settings> }
  | { readonly kind: 'bad'; readonly problems: readonly string[] }

/** Settings of which only one can hold. In different layers the later one wins. */
const ALTERNATIVES: readonly (readonly Key[])[] = [
  ['mnemonic', 'mnemonicRandom', 'mnemonicSeedUnsafe'],
  ['blockTime', 'noMining'],
  ['mixedMining', 'noMining'],
  ['codeSizeLimit', 'disableCodeSizeLimit'],
  ['allowOrigin', 'noCors'],
]

/** Reads each value by its option's rule and merges the layers. Every problem is named with its place. */
export function mergeLayers(layers: readonly Layer[]): Merged {
  const problems: string[] = []
  const merged = new Map<Key, unknown>()
  const labels = new Map<Key, string>()
  for (const layer of layers) {
    const values = readLayer(layer, problems)
    problems.push(...clashes(layer, values))
    for (const [key, value] of values) {
      for (const other of rivals(key)) {
        if (value !== false && !values.has(other)) merged.delete(other)
      }
      merged.set(key, value)
      labels.set(key, layer.label(key))
    }
  }
  if (merged.get('mixedMining') === true && !merged.has('blockTime')) {
    problems.push(`${labels.get('mixedMining')}: needs a block time too (--block-time)`)
  }
  if (problems.length > 0) return { kind: 'bad', problems }
  // The readers are typed key by key; a map is not.
  return { kind: 'merged', settings: Object.fromEntries(merged) as Partial<Settings> }
}

function readLayer(layer: Layer, problems: string[]): Map<Key, unknown> {
  const values = new Map<Key, unknown>()
  for (const [key, raw] of layer.values) {
    const reading = OPTIONS[key].read(raw)
    if (reading.kind === 'read') values.set(key, reading.value)
    if (reading.kind === 'bad') {
      problems.push(`${layer.label(key)}: expected ${reading.expected}, got ${quoted(raw)}`)
    }
  }
  return values
}

function clashes(layer: Layer, values: ReadonlyMap<Key, unknown>): string[] {
  return ALTERNATIVES.flatMap((keys) => {
    const [first, second] = keys.filter((key) => values.has(key) && values.get(key) !== false)
    if (first === undefined || second === undefined) return []
    return [`${layer.label(second)}: cannot be used together with ${layer.label(first)}`]
  })
}

function rivals(key: Key): Key[] {
  return ALTERNATIVES.filter((keys) => keys.includes(key)).flatMap((keys) =>
    keys.filter((other) => other !== key),
  )
}
