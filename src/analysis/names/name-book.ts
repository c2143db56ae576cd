import type { Address } from '../../primitives/hex.ts'
import { type Slices, atOnce } from '../../primitives/slices.ts'
import { type Location, locationKey } from '../../state/location.ts'
import type { Site, VolatileSite } from '../input.ts'
import type { ContractArtefact } from './artefact.ts'
import { constantKeys } from './constant-keys.ts'
import type { Layout } from './layout.ts'
import { Preimages, addFixedArrays, addGuesses } from './preimages.ts'
import { shapeOf } from './shape.ts'
import { soladyField } from './solady.ts'
import { type Field, fieldsAt } from './slot-names.ts'
import { type SourceLine, SourceLines } from './source-map.ts'
import { wellKnownField } from './well-known.ts'

/** A contract and what it was compiled from, as whoever compared their codes found. */
export interface KnownContract {
  readonly address: Address
  readonly artefact: ContractArtefact
  /** Whether the account's code is what the artefact compiles to, immutables and metadata aside. */
  readonly fits: 'exact' | 'butMetadata' | 'none'
}

export interface BookInput {
  readonly contracts: readonly KnownContract[]
  /** Of all transactions: they tell whose code works on whose storage. */
  readonly sites: readonly Site[]
  /** Inputs of KECCAK256 that were seen. */
  readonly hashed: readonly Uint8Array[]
  /** Texts of sources by path. */
  readonly sources: ReadonlyMap<string, string>
  /** Words of 32 bytes that may be constant keys of mappings, such as addresses that occur. */
  readonly guesses?: readonly Uint8Array[] | undefined
}

/** What a location is called. `shape`: no layout has it, so its name tells no more than its place. */
export interface LocationName {
  readonly name: string
  readonly by: 'layout' | 'standard' | 'account' | 'shape'
  /** The variable with its contract, all of a mapping as one: `Token.balanceOf`. */
  readonly variable: string | undefined
  /** The contract's name, or its address. */
  readonly contract: string
  /** What lies in the slot; empty when that is not known. */
  readonly fields: readonly Field[]
}

/** An artefact or layout that is not used, and why. */
export interface Refusal {
  readonly address: Address
  readonly contract: string
  readonly reason: string
}

const SLOAD = 0x54
const SSTORE = 0x55

/** The names and lines that an input gives. */
export function nameBook(input: BookInput): NameBook {
  return atOnce(bookInSlices(input))
}

/** The same, in parts of less than a few milliseconds. */
export function* bookInSlices(input: BookInput): Slices<NameBook> {
  const refused: Refusal[] = []
  const artefacts = accept(input, yield* instructionsThatDiffer(input), refused)
  return new NameBook({
    refused,
    artefacts,
    common: yield* commonNames(artefacts, input.sites),
    codes: yield* codesByPlace(input.sites),
    preimages: yield* preimagesOf(input, artefacts),
    sources: input.sources,
  })
}

/** What a book looks up. */
interface Known {
  readonly refused: readonly Refusal[]
  readonly artefacts: ReadonlyMap<Address, ContractArtefact>
  /** Names that several accounts have. */
  readonly common: ReadonlySet<string>
  /** Whose code worked on a location, or on any location of an account. */
  readonly codes: ReadonlyMap<string, ReadonlySet<Address>>
  readonly preimages: Preimages
  readonly sources: ReadonlyMap<string, string>
}

/** Names of locations and lines of instructions, from the artefacts that fit. Names are for reading only: no figure depends on them. */
export class NameBook {
  readonly #known: Known
  readonly #lines: SourceLines
  readonly #names: Map<string, LocationName> = new Map()

  constructor(known: Known) {
    this.#known = known
    this.#lines = new SourceLines(known.sources)
  }

  get refused(): readonly Refusal[] {
    return this.#known.refused
  }

  nameOf(location: Location): LocationName {
    const key = locationKey(location)
    let name = this.#names.get(key)
    if (name === undefined) this.#names.set(key, (name = this.#find(location, key)))
    return name
  }

  /** The line of an instruction; undefined when no artefact tells. */
  lineOf({ codeAddress, pc, inCreation }: Site | VolatileSite): SourceLine | undefined {
    // Source maps here are of the code that accounts have.
    if (inCreation === true) return undefined
    const artefact = this.#known.artefacts.get(codeAddress)
    return artefact && this.#lines.lineOf(artefact, pc)
  }

  /** The contract's name if it has one, else its address; the address too when several have the name. */
  labelOf(address: Address): string {
    return this.#label(this.#known.artefacts.get(address)?.name, address)
  }

  #label(name: string | undefined, address: Address): string {
    if (name === undefined) return address
    return this.#known.common.has(name) ? `${name}@${address.slice(0, 10)}` : name
  }

  #find(location: Location, key: string): LocationName {
    const { address, kind } = location
    if (kind !== 'slot') {
      const name = `${kind} of ${this.labelOf(address)}`
      return { name, by: 'account', variable: name, contract: this.labelOf(address), fields: [] }
    }
    const slot = BigInt(location.key)
    for (const { label, layout } of this.#layoutsOf(address, key)) {
      const fields = fieldsAt(layout, this.#known.preimages, slot)
      if (fields.length === 0) continue
      const name = nameOfFields(label, fields)
      const variable = `${label}.${variableOf(fields)}`
      return { name, by: 'layout', variable, contract: label, fields }
    }
    const contract = this.labelOf(address)
    const known = wellKnownField(slot) ?? soladyField(this.#known.preimages, slot)
    if (known !== undefined) {
      const path = `${contract}.${known.path}`
      const variable = `${contract}.${known.variable}`
      return { name: path, by: 'standard', variable, contract, fields: [known] }
    }
    const shape = `${contract} ${shapeOf(this.#known.preimages, slot)}`
    return { name: shape, by: 'shape', variable: undefined, contract, fields: [] }
  }

  /** Of the code that touched the slot, of the account itself, then of any code that works on its storage: a proxy's implementations. */
  *#layoutsOf(
    address: Address,
    key: string,
  ): Generator<{ readonly label: string; readonly layout: Layout }> {
    const { codes } = this.#known
    const order = [...(codes.get(key) ?? []), address, ...(codes.get(address) ?? [])]
    for (const code of new Set(order)) {
      const artefact = this.#known.artefacts.get(code)
      if (artefact?.layout.kind !== 'layout') continue
      yield { label: this.#label(artefact.name, address), layout: artefact.layout.layout }
    }
  }
}

const SITES_IN_A_SLICE = 2048
const HASHES_IN_A_SLICE = 256

function* codesByPlace(sites: readonly Site[]): Slices<Map<string, Set<Address>>> {
  const codes = new Map<string, Set<Address>>()
  const learn = (key: string, codeAddress: Address): void => {
    const known = codes.get(key)
    if (known === undefined) codes.set(key, new Set([codeAddress]))
    else known.add(codeAddress)
  }
  for (const [at, { location, codeAddress, path }] of sites.entries()) {
    if (at % SITES_IN_A_SLICE === 0) yield
    learn(locationKey(location), codeAddress)
    // What an account's own code calls on until the site works on the account's storage too.
    const own = path.lastIndexOf(location.address)
    for (const code of own < 0 ? [codeAddress] : path.slice(own)) learn(location.address, code)
  }
  return codes
}

function* preimagesOf(
  { hashed, guesses = [], sources }: BookInput,
  artefacts: ReadonlyMap<Address, ContractArtefact>,
): Slices<Preimages> {
  const preimages = new Preimages()
  for (const [at, bytes] of hashed.entries()) {
    if (at % HASHES_IN_A_SLICE === 0) yield
    preimages.add(bytes)
  }
  for (const artefact of new Set(artefacts.values())) {
    const { layout } = artefact
    if (layout.kind !== 'layout') continue
    yield
    addFixedArrays(preimages, layout.layout)
    addGuesses(preimages, layout.layout, [...guesses, ...constantKeys(artefact, sources)])
  }
  return preimages
}

/** The fields of which some byte differs between two values of their slot; all of them when the values are not known. */
export function changedFields(
  fields: readonly Field[],
  before: bigint | undefined,
  after: bigint | undefined,
): readonly Field[] {
  if (before === undefined || after === undefined) return fields
  const changed = before ^ after
  return fields.filter(({ offset, bytes }) => {
    const mask = (1n << BigInt(bytes * 8)) - 1n
    return ((changed >> BigInt(offset * 8)) & mask) !== 0n
  })
}

/** `Pair._reserve0+_reserve1` */
export function nameOfFields(contract: string, fields: readonly Field[]): string {
  return `${contract}.${fields.map(({ path }) => path).join('+')}`
}

function variableOf(fields: readonly Field[]): string {
  return [...new Set(fields.map(({ variable }) => variable))].join('+')
}

function accept(
  input: BookInput,
  strange: ReadonlyMap<Address, number>,
  refused: Refusal[],
): Map<Address, ContractArtefact> {
  const accepted = new Map<Address, ContractArtefact>()
  for (const { address, artefact, fits } of input.contracts) {
    const refuse = (reason: string): void => {
      refused.push({ address, contract: artefact.name, reason })
    }
    if (fits === 'none') refuse('the code of the account is not what the artefact compiles to')
    else if (strange.has(address)) {
      refuse(`the code that ran is not the artefact's: at ${strange.get(address)} it has no access`)
    } else {
      accepted.set(address, artefact)
      // Its lines and its name are still good.
      if (artefact.layout.kind === 'refused') refuse(artefact.layout.reason)
    }
  }
  return accepted
}

/** Accounts whose code was seen to touch storage at a program counter where the artefact has another instruction. */
function* instructionsThatDiffer({
  contracts,
  sites,
}: BookInput): Slices<ReadonlyMap<Address, number>> {
  const codes = new Map(contracts.map(({ address, artefact }) => [address, artefact.runtime]))
  const found = new Map<Address, number>()
  for (const [at, { codeAddress, pc, location, inCreation }] of sites.entries()) {
    if (at % SITES_IN_A_SLICE === 0) yield
    if (inCreation === true) continue
    const opcode = codes.get(codeAddress)?.[pc]
    if (location.kind !== 'slot' || codes.get(codeAddress) === undefined) continue
    if (opcode !== SLOAD && opcode !== SSTORE && !found.has(codeAddress)) found.set(codeAddress, pc)
  }
  return found
}

/** Names that two accounts have: by what they are, or by whose code works on their storage, as with proxies of one implementation. */
function* commonNames(
  artefacts: ReadonlyMap<Address, ContractArtefact>,
  sites: readonly Site[],
): Slices<ReadonlySet<string>> {
  const accounts = new Map<string, Address>()
  const storages = new Map<string, Address>()
  const common = new Set<string>()
  const see = (seen: Map<string, Address>, name: string, address: Address): void => {
    const first = seen.get(name)
    if (first === undefined) seen.set(name, address)
    else if (first !== address) common.add(name)
  }
  for (const [address, { name }] of artefacts) see(accounts, name, address)
  for (const [at, { location, codeAddress }] of sites.entries()) {
    if (at % SITES_IN_A_SLICE === 0) yield
    const artefact = artefacts.get(codeAddress)
    const layout = artefact?.layout.kind === 'layout' ? artefact.layout.layout : undefined
    if (artefact === undefined || location.kind !== 'slot') continue
    // A library has no variables: it never names the storage on which it works.
    if (layout !== undefined && layout.variables.length > 0) {
      see(storages, artefact.name, location.address)
    }
  }
  return common
}
