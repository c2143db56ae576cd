import { readFile } from 'node:fs/promises'
import type { Abi, Hex } from 'viem'

import { Artefacts } from '../../../node/artefacts.ts'
import { DEFAULT_NODE_CONFIG } from '../../../node/defaults.ts'
import { isRecord } from '../../../node/profiler/json.ts'
import { ScenarioError } from './scenario.ts'

/** A compiled contract by its name. */
export interface NamedContract {
  readonly name: string
  readonly abi: Abi
  readonly bytecode: Hex
}

/** Contracts that scenarios name, from the artefacts of the project. */
export class Contracts {
  readonly #folders: readonly string[]

  /** @param folder instead of where artefacts are looked for */
  constructor(folder?: string) {
    this.#folders = folder === undefined ? DEFAULT_NODE_CONFIG.artefactDirs : [folder]
  }

  /**
   * @param wanted `Token`, or `Token.sol:Token` when several have the name
   * @throws {ScenarioError} when there is none, or more than one
   */
  async named(wanted: string): Promise<NamedContract> {
    const [name, file] = wanted.split(':').toReversed() as [string, string | undefined]
    using artefacts = new Artefacts(this.#folders)
    await artefacts.load()
    const all = artefacts.contracts.filter(
      (contract) =>
        contract.name === name && (file === undefined || contract.source.endsWith(file)),
    )
    const found = all.filter(({ creation }) => creation !== undefined)
    if (found.length === 0) {
      const looked = this.#folders.join(', ')
      const why =
        all.length > 0
          ? 'is abstract or an interface'
          : `is not among the artefacts (looked in ${looked}; compile first)`
      throw new ScenarioError(`contract ${wanted} ${why}`)
    }
    const sources = new Set(found.map(({ source }) => source))
    if (sources.size > 1) {
      throw new ScenarioError(
        `several contracts are called ${name}: ${[...sources].join(', ')}; name one as File.sol:${name}`,
      )
    }
    const { source, file: path } = found[0]!
    const read = readCreation(await readFile(path, 'utf8'), source, name)
    if (read === undefined) throw new ScenarioError(`${path}: the code of ${name} cannot be read`)
    if (read.code.includes('__$')) {
      throw new ScenarioError(`contract ${name} needs libraries linked`)
    }
    return { name, abi: read.abi, bytecode: `0x${read.code.replace(/^0x/, '')}` }
  }
}

/** Of an artefact, or of a build-info that holds many; undefined for anything else. */
function readCreation(
  text: string,
  source: string,
  name: string,
): { readonly abi: Abi; readonly code: string } | undefined {
  const json: unknown = JSON.parse(text)
  const artefact =
    fieldOf(json, 'abi') === undefined ? fieldOf(json, 'output', 'contracts', source, name) : json
  const abi = fieldOf(artefact, 'abi')
  const bytecode = fieldOf(artefact, 'bytecode') ?? fieldOf(artefact, 'evm', 'bytecode')
  const code = typeof bytecode === 'string' ? bytecode : fieldOf(bytecode, 'object')
  return Array.isArray(abi) && typeof code === 'string' ? { abi: abi as Abi, code } : undefined
}

function fieldOf(json: unknown, ...path: readonly string[]): unknown {
  return path.reduce((value, key) => (isRecord(value) ? value[key] : undefined), json)
}
