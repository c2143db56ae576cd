import { type Address, type Hex, isHex, parseAddress } from '../../primitives/hex.ts'
import type { Claim } from '../verification-port.ts'

type Fields = Readonly<Record<string, unknown>>

/** A claim as a client wrote it, or what is wrong with it. */
export type ReadClaim =
  | { readonly kind: 'claim'; readonly claim: Claim }
  | { readonly kind: 'wrong'; readonly reason: string }

const LANGUAGES: readonly unknown[] = ['Solidity', 'Yul']
/** Etherscan's form has so many places for libraries. */
const MAX_LIBRARIES = 10

/** The fields of Etherscan's `verifysourcecode`, with its misspelt one. */
export function claimOfForm(form: Fields): ReadClaim {
  const format = textOf(form, 'codeformat') || 'solidity-single-file'
  const source = textOf(form, 'sourceCode')
  if (source === '') return wrong('`sourceCode`: missing, it is required')
  if (format === 'solidity-standard-json-input') {
    return readClaim(form, textOf(form, 'contractaddress'), parsed(source))
  }
  if (format === 'solidity-single-file') {
    return readClaim(form, textOf(form, 'contractaddress'), singleFile(form, source))
  }
  return wrong(
    `\`codeformat\`: expected solidity-standard-json-input or solidity-single-file, got "${format.slice(0, 50)}"`,
  )
}

/** The body of Sourcify's `POST /v2/verify/{chainId}/{address}`. */
export function claimOfBody(body: Fields, address: string): ReadClaim {
  const { contractIdentifier, compilerVersion, stdJsonInput } = body
  const names = { contractname: contractIdentifier, compilerversion: compilerVersion }
  return readClaim(names, address, stdJsonInput)
}

/**
 * The body of Sourcify's first `POST /verify`: files by name, among them the compiler's metadata, which names the others by their paths.
 */
export function claimOfFiles(body: Fields): ReadClaim {
  const files = isRecord(body['files']) ? body['files'] : {}
  const named = Object.entries(files)
    .map(([name, text]) => [name, typeof text === 'string' ? text : ''] as const)
    .toSorted(([a], [b]) => b.length - a.length)
  const metadata = named.map(([, text]) => parsed(text)).find(isMetadata)
  if (metadata === undefined) {
    return wrong("`files`: expected the compiler's metadata.json among them")
  }
  const { compilationTarget, libraries: _libraries, ...settings } = metadata.settings
  const [target = ''] = Object.entries(isRecord(compilationTarget) ? compilationTarget : {}).map(
    ([path, name]) => `${path}:${String(name)}`,
  )
  const sources: Record<string, { content: string }> = {}
  for (const path of Object.keys(metadata.sources)) {
    // Clients send paths, or the last part of them.
    const found = named.find(
      ([name]) => path === name || path.endsWith(`/${name}`) || name.endsWith(`/${path}`),
    )
    if (found === undefined) return wrong(`\`files\`: ${path} is missing, which the metadata names`)
    sources[path] = { content: found[1] }
  }
  const input = { language: metadata.language, sources, settings }
  const names = { contractname: target, compilerversion: metadata.compiler.version }
  return readClaim(names, textOf(body, 'address'), input)
}

function readClaim(form: Fields, address: string, input: unknown): ReadClaim {
  const at = addressIn(address)
  if (at === undefined)
    return wrong(`\`address\`: expected 0x and 40 digits, got "${address.slice(0, 50)}"`)
  const contract = textOf(form, 'contractname')
  if (contract === '') return wrong('the contract is not named: expected src/Token.sol:Token')
  const compiler = textOf(form, 'compilerversion').replace(/^v/, '')
  if (!/^\d+\.\d+\.\d+/.test(compiler)) {
    return wrong(
      `the compiler's version: expected 0.8.28, with a commit or without, got "${compiler.slice(0, 50)}"`,
    )
  }
  const fault = inputFault(input)
  if (fault !== undefined) return wrong(fault)
  const args = textOf(form, 'constructorArguements') || textOf(form, 'constructorArguments')
  const constructorArguments = args === '' ? undefined : hexOf(args)
  if (args !== '' && constructorArguments === undefined) {
    return wrong(`\`constructorArguments\`: expected hex, got "${args.slice(0, 50)}"`)
  }
  const claim = { address: at, contract, compiler, input: input as Fields, constructorArguments }
  return { kind: 'claim', claim }
}

/** What keeps something from being standard JSON input; sources by URL are refused, which a compiler would read from the disk. */
function inputFault(input: unknown): string | undefined {
  if (!isRecord(input)) return "expected the compiler's standard JSON input"
  const { language, sources } = input
  if (!LANGUAGES.includes(language)) {
    return `\`language\`: only Solidity and Yul are verified here, got ${JSON.stringify(language)?.slice(0, 50)}`
  }
  if (!isRecord(sources) || Object.keys(sources).length === 0) return '`sources`: there are none'
  for (const [path, source] of Object.entries(sources)) {
    if (!isRecord(source) || typeof source['content'] !== 'string' || 'urls' in source) {
      return `\`sources\`: ${path.slice(0, 100)} has no \`content\`, or has \`urls\``
    }
  }
  return undefined
}

function singleFile(form: Fields, content: string): Fields {
  const libraries: Record<string, string> = {}
  for (let at = 1; at <= MAX_LIBRARIES; at++) {
    const [name, address] = [textOf(form, `libraryname${at}`), textOf(form, `libraryaddress${at}`)]
    if (name !== '') libraries[name] = address
  }
  const evmVersion = textOf(form, 'evmversion').toLowerCase()
  const name = textOf(form, 'contractname')
  const path = name.includes(':') ? name.slice(0, name.lastIndexOf(':')) : 'Contract.sol'
  return {
    language: 'Solidity',
    sources: { [path]: { content } },
    settings: {
      optimizer: {
        enabled: textOf(form, 'optimizationUsed') === '1',
        runs: Number(textOf(form, 'runs') || 200),
      },
      ...(evmVersion !== '' && evmVersion !== 'default' && { evmVersion }),
      ...(textOf(form, 'viaIR') === 'true' && { viaIR: true }),
      libraries: { [path]: libraries },
    },
  }
}

interface Metadata {
  readonly language: unknown
  readonly compiler: { readonly version: unknown }
  readonly settings: Fields
  readonly sources: Fields
}

function isMetadata(value: unknown): value is Metadata {
  if (!isRecord(value)) return false
  return isRecord(value['compiler']) && isRecord(value['settings']) && isRecord(value['sources'])
}

/** JSON; Etherscan's users wrap it in another pair of braces. */
function parsed(text: string): unknown {
  const bare = text.trim().replace(/^\{\{/, '{').replace(/\}\}$/, '}')
  for (const each of [text, bare]) {
    try {
      return JSON.parse(each) as unknown
    } catch {
      // The other way, or none.
    }
  }
  return undefined
}

/** undefined for what is no address; letters may have any case. */
export function addressIn(text: string): Address | undefined {
  return /^0x[0-9a-f]{40}$/i.test(text) ? parseAddress(text.toLowerCase()) : undefined
}

function hexOf(text: string): Hex | undefined {
  const hex = `0x${text.replace(/^0x/i, '')}`.toLowerCase()
  return isHex(hex) && hex.length % 2 === 0 ? hex : undefined
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name]
  return typeof value === 'string' ? value : ''
}

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(reason: string): ReadClaim {
  return { kind: 'wrong', reason }
}
