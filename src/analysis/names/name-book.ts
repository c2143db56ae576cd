import type { Address } from '../../primitives/hex.ts'
import { type Location, locationKey } from '../../state/location.ts'
import type { Site, VolatileSite } from '../input.ts'
import type { ContractArtefact } from './artefact.ts'
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

/** Names of locations and lines of instructions, from the artefacts that fit. Names are for reading only: no figure depends on them. */
export class NameBook {
  readonly refused: readonly Refusal[]
  readonly #artefacts: ReadonlyMap<Address, ContractArtefact>
  /** Names that several accounts have. */
  readonly #common: ReadonlySet<string>
  /** Whose code worked on a location, or on any location of an account. */
  readonly #codes: Map<string, Set<Address>> = new Map()
  readonly #preimages: Preimages = new Preimages()
  readonly #lines: SourceLines
  readonly #names: Map<string, LocationName> = new Map()

  constructor(input: BookInput) {
    const refused: Refusal[] = []
    this.#artefacts = accept(input, refused)
    this.refused = refused
    this.#common = commonNames(this.#artefacts, input.sites)
    this.#lines = new SourceLines(input.sources)
    for (const { location, codeAddress } of input.sites) {
      this.#learnCode(locationKey(location), codeAddress)
      this.#learnCode(location.address, codeAddress)
    }
    for (const bytes of input.hashed) this.#preimages.add(bytes)
    for (const { layout } of this.#artefacts.values()) {
      if (layout.kind !== 'layout') continue
      addFixedArrays(this.#preimages, layout.layout)
      addGuesses(this.#preimages, layout.layout, input.guesses ?? [])
    }
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
    const artefact = this.#artefacts.get(codeAddress)
    return artefact && this.#lines.lineOf(artefact, pc)
  }

  /** The contract's name if it has one, else its address; the address too when several have the name. */
  labelOf(address: Address): string {
    return this.#label(this.#artefacts.get(address)?.name, address)
  }

  #label(name: string | undefined, address: Address): string {
    if (name === undefined) return address
    return this.#common.has(name) ? `${name}@${address.slice(0, 10)}` : name
  }

  #learnCode(key: string, codeAddress: Address): void {
    const codes = this.#codes.get(key)
    if (codes === undefined) this.#codes.set(key, new Set([codeAddress]))
    else codes.add(codeAddress)
  }

  #find(location: Location, key: string): LocationName {
    const { address, kind } = location
    if (kind !== 'slot') {
      const name = `${kind} of ${this.labelOf(address)}`
      return { name, by: 'account', variable: name, contract: this.labelOf(address), fields: [] }
    }
    const slot = BigInt(location.key)
    for (const { label, layout } of this.#layoutsOf(address, key)) {
      const fields = fieldsAt(layout, this.#preimages, slot)
      if (fields.length === 0) continue
      const name = nameOfFields(label, fields)
      const variable = `${label}.${variableOf(fields)}`
      return { name, by: 'layout', variable, contract: label, fields }
    }
    const contract = this.labelOf(address)
    const known = wellKnownField(slot) ?? soladyField(this.#preimages, slot)
    if (known !== undefined) {
      const path = `${contract}.${known.path}`
      const variable = `${contract}.${known.variable}`
      return { name: path, by: 'standard', variable, contract, fields: [known] }
    }
    const shape = `${contract} ${shapeOf(this.#preimages, slot)}`
    return { name: shape, by: 'shape', variable: undefined, contract, fields: [] }
  }

  /** Of the code that touched the slot, of the account itself, then of any code that works on its storage: a proxy's implementations. */
  *#layoutsOf(
    address: Address,
    key: string,
  ): Generator<{ readonly label: string; readonly layout: Layout }> {
    const order = [...(this.#codes.get(key) ?? []), address, ...(this.#codes.get(address) ?? [])]
    for (const code of new Set(order)) {
      const artefact = this.#artefacts.get(code)
      if (artefact?.layout.kind !== 'layout') continue
      yield { label: this.#label(artefact.name, address), layout: artefact.layout.layout }
    }
  }
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

function accept(input: BookInput, refused: Refusal[]): Map<Address, ContractArtefact> {
  const accepted = new Map<Address, ContractArtefact>()
  const strange = instructionsThatDiffer(input)
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
function instructionsThatDiffer({ contracts, sites }: BookInput): ReadonlyMap<Address, number> {
  const codes = new Map(contracts.map(({ address, artefact }) => [address, artefact.runtime]))
  const found = new Map<Address, number>()
  for (const { codeAddress, pc, location, inCreation } of sites) {
    if (inCreation === true) continue
    const opcode = codes.get(codeAddress)?.[pc]
    if (location.kind !== 'slot' || codes.get(codeAddress) === undefined) continue
    if (opcode !== SLOAD && opcode !== SSTORE && !found.has(codeAddress)) found.set(codeAddress, pc)
  }
  return found
}

/** Names that two accounts have: by what they are, or by whose code works on their storage, as with proxies of one implementation. */
function commonNames(
  artefacts: ReadonlyMap<Address, ContractArtefact>,
  sites: readonly Site[],
): ReadonlySet<string> {
  const accounts = new Map<string, Address>()
  const storages = new Map<string, Address>()
  const common = new Set<string>()
  const see = (seen: Map<string, Address>, name: string, address: Address): void => {
    const first = seen.get(name)
    if (first === undefined) seen.set(name, address)
    else if (first !== address) common.add(name)
  }
  for (const [address, { name }] of artefacts) see(accounts, name, address)
  for (const { location, codeAddress } of sites) {
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
