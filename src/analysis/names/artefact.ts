import { type ParsedLayout, parseLayout } from './layout.ts'
import { withNamespaces } from './namespaces.ts'

/** What a compiler says about a contract that names and source lines need. Nothing here reads files. */
export interface ContractArtefact {
  readonly name: string
  /** `refused` too when the compiler was not asked for it; the reason says how to ask. */
  readonly layout: ParsedLayout
  /**
   * Deployed code, or creation code where that was asked for, with zeros where libraries and immutables go; undefined when the artefact has
   * none.
   */
  readonly runtime: Uint8Array | undefined
  /** solc's `s:l:f:j:m;..`, an entry for each instruction of that code. */
  readonly sourceMap: string
  /** Paths by the numbers that source maps use. */
  readonly sourcePaths: ReadonlyMap<number, string>
}

/** Which of a contract's two codes. */
export type CodeKind = 'creation' | 'runtime'
const CODE_FIELD = { creation: 'bytecode', runtime: 'deployedBytecode' } as const

const ASK_FOUNDRY =
  'no storage layout: add extra_output = ["storageLayout"] to [profile.default] in foundry.toml'
const ASK_SOLC = "no storage layout: add storageLayout to the compiler's outputSelection"

/**
 * An artefact of Foundry's `out/`, parsed as JSON. `sourcePaths` are `source_id_to_path` of its build-info.
 * undefined when it is something else.
 */
export function readFoundryArtefact(
  json: unknown,
  name: string,
  sourcePaths: ReadonlyMap<number, string>,
  kind: CodeKind = 'runtime',
): ContractArtefact | undefined {
  if (!isRecord(json) || !Array.isArray(json['abi'])) return undefined
  const code = json[CODE_FIELD[kind]]
  const { object, sourceMap } = isRecord(code) ? code : {}
  return {
    name,
    layout: layoutOf(json['storageLayout'], ASK_FOUNDRY, name, [json['ast']]),
    runtime: bytesOf(object),
    sourceMap: typeof sourceMap === 'string' ? sourceMap : '',
    sourcePaths,
  }
}

/**
 * All contracts in what the compiler printed: `output` of a build-info of Hardhat 2, of the `.output.json` of Hardhat 3, or standard JSON
 * itself, by `path:Name`.
 */
export function readCompilerOutput(
  json: unknown,
  kind: CodeKind = 'runtime',
): ReadonlyMap<string, ContractArtefact> {
  const found = new Map<string, ContractArtefact>()
  const output = isRecord(json) && isRecord(json['output']) ? json['output'] : json
  if (!isRecord(output) || !isRecord(output['contracts'])) return found
  const sourcePaths = new Map<number, string>()
  for (const [path, source] of Object.entries(recordOr(output['sources']))) {
    if (isRecord(source) && typeof source['id'] === 'number') sourcePaths.set(source['id'], path)
  }
  const trees = Object.values(recordOr(output['sources'])).map((source) => recordOr(source)['ast'])
  for (const [path, byName] of Object.entries(output['contracts'])) {
    for (const [name, contract] of Object.entries(recordOr(byName))) {
      if (!isRecord(contract)) continue
      const code = recordOr(recordOr(contract['evm'])[CODE_FIELD[kind]])
      const { object, sourceMap } = code
      found.set(`${path}:${name}`, {
        name,
        layout: layoutOf(contract['storageLayout'], ASK_SOLC, name, trees),
        runtime: bytesOf(object),
        sourceMap: typeof sourceMap === 'string' ? sourceMap : '',
        sourcePaths,
      })
    }
  }
  return found
}

function layoutOf(
  json: unknown,
  missing: string,
  name: string,
  trees: readonly unknown[],
): ParsedLayout {
  if (json === undefined) return { kind: 'refused', reason: missing }
  const parsed = parseLayout(json)
  if (parsed.kind === 'refused') return parsed
  return { kind: 'layout', layout: withNamespaces(parsed.layout, name, trees) }
}

/** Hex as compilers print it, with or without `0x`, with `__$..$__` for the addresses of libraries. */
function bytesOf(hex: unknown): Uint8Array | undefined {
  if (typeof hex !== 'string') return undefined
  const digits = hex.replace(/^0x/, '').replaceAll(/__.{36}__/g, '0'.repeat(40))
  if (digits === '' || !/^(?:[0-9a-fA-F]{2})+$/.test(digits)) return undefined
  return new Uint8Array(Buffer.from(digits, 'hex'))
}

function recordOr(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
