import { bytesToHex } from '../../primitives/hex.ts'
import { keccak256 } from '../../primitives/keccak.ts'
import type { Claim } from '../../rpc/verification-port.ts'
import { compareRuntime } from '../artefact-code.ts'
import type { ArtefactContract } from '../artefact-files.ts'
import { type Artefacts, buildInfosOf, jsonOf, readJson } from '../artefacts.ts'
import { isRecord, textIn, textsIn } from '../profiler/json.ts'
import { type Command, compileBy, findCompiler } from '../profiler/solc.ts'

type Fields = Readonly<Record<string, unknown>>

/** What is compiled for names, traces and Sourcify's answers; syntax trees only for the storage of ERC-7201. */
const OUTPUTS = [
  'abi',
  'metadata',
  'storageLayout',
  'evm.bytecode.object',
  'evm.deployedBytecode.object',
  'evm.deployedBytecode.sourceMap',
  'evm.deployedBytecode.immutableReferences',
]
const STORAGE_LOCATION = '@custom:storage-location'
const MAX_ERRORS = 3
const MAX_NAMED = 10

/** What sources were made into: as a build-info, or in an artefact that was there before. */
export type Built =
  | {
      readonly kind: 'compiled'
      readonly content: Fields
      readonly path: string
      readonly name: string
    }
  | { readonly kind: 'artefact'; readonly artefact: ArtefactContract; readonly metadata: Fields }
  | { readonly kind: 'refused'; readonly reason: string }

/**
 * Compiles what is claimed by the compiler of that version, if it is on this machine. Else an artefact of the contract stands in, if its code is
 * `code` to the last byte and its metadata has the hashes of these sources.
 */
export async function build(
  claim: Claim,
  code: Uint8Array,
  artefacts: Artefacts,
  root: string,
): Promise<Built> {
  const version = /^\d+\.\d+\.\d+/.exec(claim.compiler)?.[0] ?? claim.compiler
  const compiler = findCompiler(version, root)
  return compiler === undefined
    ? fromArtefact(claim, version, code, artefacts)
    : compile(claim, version, compiler)
}

async function compile(claim: Claim, version: string, compiler: Command): Promise<Built> {
  const { input } = claim
  const texts = textsIn(input)
  const given = isRecord(input['settings']) ? input['settings'] : {}
  const { modelChecker: _checker, stopAfter: _stop, ...settings } = given
  const outputSelection = { '*': { '*': OUTPUTS, '': ['ast'] } }
  const output = await compileBy(compiler, { ...input, settings: { ...settings, outputSelection } })
  if (!isRecord(output)) {
    return refused(`solc ${version} is here, but gave no answer to these sources`)
  }
  const errors = Array.isArray(output['errors']) ? output['errors'] : []
  const fatal = errors.filter((each) => textIn(each, 'severity') === 'error')
  if (fatal.length > 0) {
    const messages = fatal.map(
      (each) => textIn(each, 'formattedMessage') ?? textIn(each, 'message'),
    )
    return refused(
      `solc ${version} does not compile it: ${messages.slice(0, MAX_ERRORS).join('; ')}`,
    )
  }
  const contracts = isRecord(output['contracts']) ? output['contracts'] : {}
  const found = pick(contracts, claim.contract)
  if (typeof found === 'string') return refused(found)
  const sources = Object.fromEntries(
    Object.entries(isRecord(output['sources']) ? output['sources'] : {}).map(([path, source]) => {
      const keepsTree = texts.get(path)?.includes(STORAGE_LOCATION) === true
      return [path, keepsTree || !isRecord(source) ? source : { id: source['id'] }]
    }),
  )
  const content = { solcVersion: version, input, output: { contracts, sources } }
  return { kind: 'compiled', content, ...found }
}

/** @returns why not, when there is none or more than one */
function pick(
  contracts: Fields,
  wanted: string,
): { readonly path: string; readonly name: string } | string {
  const all = Object.entries(contracts).flatMap(([path, byName]) =>
    Object.keys(isRecord(byName) ? byName : {}).map((name) => ({ path, name })),
  )
  const hits = all.filter(({ path, name }) => wanted === `${path}:${name}` || wanted === name)
  if (hits.length === 1) return hits[0]!
  const names = (hits.length > 1 ? hits : all).map(({ path, name }) => `${path}:${name}`)
  const list = `${names.slice(0, MAX_NAMED).join(', ')}${names.length > MAX_NAMED ? ', ..' : ''}`
  return hits.length > 1
    ? `there are several contracts "${wanted}" in these sources: ${list}`
    : `there is no contract "${wanted}" in these sources, but ${list}`
}

async function fromArtefact(
  { contract: wanted, input }: Claim,
  version: string,
  code: Uint8Array,
  artefacts: Artefacts,
): Promise<Built> {
  await artefacts.load()
  const missing = `there is no solc ${version} on this machine (forge's, Hardhat's and the npm package "solc" were looked for)`
  const name = wanted.slice(wanted.lastIndexOf(':') + 1)
  const artefact = artefacts.byRuntime(code)
  const template = artefact?.runtime
  const isItsCode = template !== undefined && compareRuntime(template, code) === 'exact'
  if (artefact?.name !== name || !isItsCode) {
    return refused(`${missing}, and no artefact that is watched has this code and the name ${name}`)
  }
  const metadata = await metadataOf(artefact)
  if (metadata === undefined) {
    return refused(`${missing}, and the artefact ${artefact.file} has no metadata to compare with`)
  }
  const compiler = textIn(metadata['compiler'], 'version') ?? ''
  if (!compiler.startsWith(version)) {
    return refused(`${missing}, and the artefact ${artefact.file} was made by solc ${compiler}`)
  }
  const texts = textsIn(input)
  for (const [path, source] of Object.entries(
    isRecord(metadata['sources']) ? metadata['sources'] : {},
  )) {
    const text = texts.get(path)
    const hash = text && bytesToHex(keccak256(new TextEncoder().encode(text)))
    if (hash !== textIn(source, 'keccak256')) {
      const what = text === undefined ? 'is not given' : 'is another text'
      return refused(
        `${missing}, and ${path} ${what}: the artefact ${artefact.file} was made from it`,
      )
    }
  }
  return { kind: 'artefact', artefact, metadata }
}

/** solc's metadata as an object: in Foundry's artefact, in a build-info, or in the one that Hardhat's artefact names. */
async function metadataOf(contract: ArtefactContract): Promise<Fields | undefined> {
  const json = await jsonOf(contract)
  if (isRecord(json) && isRecord(json['metadata'])) return json['metadata']
  const infos = [json]
  for (const path of await buildInfosOf(contract.file, json)) infos.push(await readJson(path))
  for (const info of infos) {
    const output = isRecord(info) ? (info['output'] ?? info) : undefined
    const found = contractIn(output, contract.compiledSource, contract.name)
    const metadata = parsedMetadata(found)
    if (metadata !== undefined) return metadata
  }
  return undefined
}

/** What a compiler's output has of a contract. */
export function contractIn(output: unknown, path: string, name: string): Fields | undefined {
  const contracts = isRecord(output) && isRecord(output['contracts']) ? output['contracts'] : {}
  const byName = contracts[path]
  const found = isRecord(byName) ? byName[name] : undefined
  return isRecord(found) ? found : undefined
}

/** The metadata that the compiler printed as text; undefined when it did not. */
export function parsedMetadata(contract: Fields | undefined): Fields | undefined {
  const text = textIn(contract, 'metadata')
  if (text === undefined || text === '') return undefined
  try {
    const parsed: unknown = JSON.parse(text)
    return isRecord(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function refused(reason: string): Built {
  return { kind: 'refused', reason }
}
