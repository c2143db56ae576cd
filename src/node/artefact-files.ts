import { basename } from 'node:path'

import { type AbiParameter, selectorOf, signatureOf } from '../primitives/abi.ts'
import { type Hash, type Hex } from '../primitives/hex.ts'
import { keccakHash } from '../primitives/keccak.ts'
import { type CodeTemplate, type Gap, toTemplate } from './artefact-code.ts'

/** Reading what Foundry, Hardhat 2 and Hardhat 3 write about a compiled contract. */

export interface AbiEntry {
  readonly name: string
  /** `transfer(address,uint256)` */
  readonly signature: string
  readonly inputs: readonly AbiParameter[]
  readonly outputs: readonly AbiParameter[]
}

export interface ArtefactContract {
  readonly name: string
  /** The source file as the project names it; empty when the artefact does not say. */
  readonly source: string
  /** The same as the compiler was told it: Hardhat 3 puts `project/` before it, or `npm/` and a version. */
  readonly compiledSource: string
  /** The artefact itself; of a verified contract a name, and `content` is what would be in it. */
  readonly file: string
  readonly content?: unknown
  readonly functions: ReadonlyMap<Hex, AbiEntry>
  readonly errors: ReadonlyMap<Hex, AbiEntry>
  readonly events: ReadonlyMap<Hash, AbiEntry>
  /** Functions that may be sent ether, by selector. */
  readonly payable: ReadonlySet<Hex>
  readonly payableConstructor: boolean
  readonly fallback: 'none' | 'nonpayable' | 'payable'
  /** Whether it has a receive function. */
  readonly receives: boolean
  /** undefined for interfaces and abstract contracts. */
  readonly runtime: CodeTemplate | undefined
  readonly creation: CodeTemplate | undefined
}

/** The contracts in the parsed JSON of an artefact or of a build-info; none when it is something else. */
export function readContracts(json: unknown, file: string): readonly ArtefactContract[] {
  if (!isRecord(json)) return []
  if (Array.isArray(json['abi'])) return [readArtefact(json, file)]
  const output = json['output']
  if (!isRecord(output) || !isRecord(output['contracts'])) return []
  const contracts: ArtefactContract[] = []
  for (const [source, byName] of Object.entries(output['contracts'])) {
    for (const [name, contract] of Object.entries(isRecord(byName) ? byName : {})) {
      if (!isRecord(contract) || !Array.isArray(contract['abi'])) continue
      const evm = isRecord(contract['evm']) ? contract['evm'] : {}
      contracts.push(
        toContract(contract['abi'], evm, { name, source, compiledSource: source, file }),
      )
    }
  }
  return contracts
}

/** The storage layout of `contract` in its artefact's or its build-info's JSON; undefined when it was not asked of the compiler. */
export function readStorageLayout(json: unknown, contract: ArtefactContract): unknown {
  if (!isRecord(json)) return undefined
  if (isRecord(json['storageLayout'])) return json['storageLayout']
  const found = path(json, [...placeIn(contract), 'storageLayout'])
  return isRecord(found) ? found : undefined
}

/** The ABI of `contract` in its artefact's or its build-info's JSON, as the compiler wrote it. */
export function readAbi(json: unknown, contract: ArtefactContract): unknown {
  if (!isRecord(json)) return undefined
  return json['abi'] ?? path(json, [...placeIn(contract), 'abi'])
}

function placeIn({ compiledSource, name }: ArtefactContract): readonly string[] {
  return ['output', 'contracts', compiledSource, name]
}

function readArtefact(json: Readonly<Record<string, unknown>>, file: string): ArtefactContract {
  const abi = json['abi'] as readonly unknown[]
  const name = typeof json['contractName'] === 'string' ? json['contractName'] : nameOf(file)
  const source = text(json['sourceName']) ?? sourceOf(json) ?? ''
  const compiledSource = text(json['inputSourceName']) ?? source
  return toContract(abi, json, { name, source, compiledSource, file })
}

/** `codes` holds `bytecode` and `deployedBytecode`, as text (Hardhat) or as objects (Foundry, solc). */
function toContract(
  abi: readonly unknown[],
  codes: Readonly<Record<string, unknown>>,
  names: Pick<ArtefactContract, 'name' | 'source' | 'compiledSource' | 'file'>,
): ArtefactContract {
  const functions = new Map<Hex, AbiEntry>()
  const errors = new Map<Hex, AbiEntry>()
  const events = new Map<Hash, AbiEntry>()
  const payable = new Set<Hex>()
  for (const item of abi) {
    const entry = toEntry(item)
    if (entry === undefined) continue
    const { type, stateMutability } = item as Mutability
    if (type === 'function') functions.set(selectorOf(entry.signature), entry)
    if (stateMutability === 'payable') payable.add(selectorOf(entry.signature))
    if (type === 'error') errors.set(selectorOf(entry.signature), entry)
    if (type === 'event') events.set(topicOf(entry.signature), entry)
  }
  const references =
    codes['immutableReferences'] ?? path(codes, ['deployedBytecode', 'immutableReferences'])
  return {
    ...names,
    functions,
    errors,
    events,
    payable,
    payableConstructor: mutabilityOf(abi, 'constructor') === 'payable',
    fallback: fallbackOf(abi),
    receives: mutabilityOf(abi, 'receive') !== undefined,
    runtime: toTemplate(hexOf(codes['deployedBytecode']), gapsOf(references)),
    creation: toTemplate(hexOf(codes['bytecode']), []),
  }
}

interface Mutability {
  readonly type?: unknown
  readonly stateMutability?: unknown
}

/** Of what has no name: `constructor`, `fallback`, `receive`; undefined when there is none. */
function mutabilityOf(abi: readonly unknown[], type: string): unknown {
  const found = abi.find((item) => isRecord(item) && item['type'] === type) as
    | Mutability
    | undefined
  return found && (found.stateMutability ?? 'nonpayable')
}

function fallbackOf(abi: readonly unknown[]): ArtefactContract['fallback'] {
  const mutability = mutabilityOf(abi, 'fallback')
  if (mutability === undefined) return 'none'
  return mutability === 'payable' ? 'payable' : 'nonpayable'
}

function toEntry(item: unknown): AbiEntry | undefined {
  if (!isRecord(item)) return undefined
  const { name, inputs = [], outputs = [] } = item
  if (typeof name !== 'string' || !isParameters(inputs)) return undefined
  const signature = signatureOf(name, inputs)
  return { name, inputs, outputs: isParameters(outputs) ? outputs : [], signature }
}

function isParameters(value: unknown): value is readonly AbiParameter[] {
  return (
    Array.isArray(value) &&
    value.every(
      (item) =>
        isRecord(item) &&
        typeof item['type'] === 'string' &&
        (item['components'] === undefined || isParameters(item['components'])),
    )
  )
}

function topicOf(signature: string): Hash {
  return keccakHash(new TextEncoder().encode(signature))
}

function hexOf(code: unknown): string {
  if (typeof code === 'string') return code
  return isRecord(code) ? (text(code['object']) ?? '') : ''
}

/** Places of immutables by the variables' ids; undefined when the artefact does not tell. */
function gapsOf(references: unknown): readonly Gap[] | undefined {
  if (!isRecord(references)) return undefined
  const gaps: Gap[] = []
  for (const places of Object.values(references)) {
    for (const place of Array.isArray(places) ? places : []) {
      const { start, length } = isRecord(place) ? place : {}
      if (typeof start === 'number' && typeof length === 'number') gaps.push({ start, length })
    }
  }
  return gaps
}

/** Foundry tells the source in the metadata's settings. */
function sourceOf(json: Readonly<Record<string, unknown>>): string | undefined {
  const target = path(json, ['metadata', 'settings', 'compilationTarget'])
  if (isRecord(target)) return Object.keys(target)[0]
  return text(json['inputSourceName']) ?? text(path(json, ['ast', 'absolutePath']))
}

/** `Token` of `out/Token.sol/Token.json` and of `Token.0.8.28.json`, one of several compilers' */
function nameOf(file: string): string {
  return basename(file, '.json').replace(/\.\d+\.\d+\.\d+$/, '')
}

function path(from: unknown, keys: readonly string[]): unknown {
  let at = from
  for (const key of keys) at = isRecord(at) ? at[key] : undefined
  return at
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
