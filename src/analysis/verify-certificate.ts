import { bigIntToBytes } from '../primitives/bytes.ts'
import { type Address, type Slot, bytesToHex, hexToBytes, toQuantity } from '../primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../primitives/keccak.ts'
import { type RlpData, decodeRlp } from '../primitives/rlp.ts'
import { provenAccount, provenSlot } from '../state/proven.ts'
import {
  BEFORE_BLOCK,
  type Certificate,
  CertificateError,
  type CertifiedRead,
  readCertificate,
} from './certificate.ts'

/** What was checked, or the entries that are wrong: the first few. */
export type Verdict =
  | {
      readonly kind: 'holds'
      readonly certificate: Certificate
      readonly reads: number
      readonly writes: number
      /** Accounts whose last values were proven to be in the state. */
      readonly proven: number
    }
  | { readonly kind: 'fails'; readonly problems: readonly string[] }

const MOST_PROBLEMS = 20

/**
 * Checks a certificate by itself: that each read has the value of the last write before it, and names its writer; that the writes come
 * together to what is left; that this is in the state, where proofs are there; and that the state's root is the block's.
 */
export function verifyCertificate(json: unknown): Verdict {
  let certificate: Certificate
  try {
    certificate = readCertificate(json)
  } catch (error) {
    if (error instanceof CertificateError) return { kind: 'fails', problems: [error.message] }
    throw error
  }
  const problems: string[] = []
  checkHeader(certificate, problems)
  const ledger = new Ledger(certificate)
  for (const [step, { reads, writes }] of certificate.steps.entries()) {
    for (const [at, read] of reads.entries()) {
      const problem = ledger.problemOf(read)
      if (problem !== undefined) problems.push(`steps[${step}].reads[${at}]: ${problem}`)
    }
    for (const [location, value] of writes) ledger.write(step, location, value)
  }
  checkAfter(certificate, ledger, problems)
  const proven = checkProofs(certificate, problems)
  if (problems.length > 0) return { kind: 'fails', problems: problems.slice(0, MOST_PROBLEMS) }
  const reads = certificate.steps.reduce((sum, step) => sum + step.reads.length, 0)
  const writes = certificate.steps.reduce((sum, step) => sum + step.writes.length, 0)
  return { kind: 'holds', certificate, reads, writes, proven }
}

interface Entry {
  readonly value: string
  readonly writer: number
}

/** What every location has, step by step, and who wrote it. */
class Ledger {
  readonly #locations: readonly string[]
  readonly #before: readonly string[]
  readonly #entries = new Map<number, Entry>()
  readonly #placeOf: ReadonlyMap<string, number>
  /** The step that last wiped an account's storage. */
  readonly #wipes = new Map<string, number>()

  constructor({ locations, before }: Certificate) {
    this.#locations = locations
    this.#before = before
    this.#placeOf = new Map(locations.map((name, place) => [name, place]))
  }

  at(location: number): Entry {
    const entry = this.#entries.get(location) ?? {
      value: this.#before[location]!,
      writer: BEFORE_BLOCK,
    }
    const name = this.#locations[location]!
    if (!name.startsWith('s:')) return entry
    const wiped = this.#wipes.get(addressOf(name))
    return wiped === undefined || entry.writer >= wiped ? entry : { value: '0x0', writer: wiped }
  }

  write(step: number, location: number, value: string): void {
    const name = this.#locations[location]!
    if (!name.startsWith('l:')) {
      this.#entries.set(location, { value, writer: step })
      return
    }
    const gone = value === 'destroyed'
    this.#entries.set(location, { value: gone ? 'gone' : 'there', writer: step })
    if (value === 'created') return
    const address = addressOf(name)
    this.#wipes.set(address, step)
    if (!gone) return
    for (const [key, left] of Object.entries({ b: '0x0', n: '0x0', c: EMPTY_CODE_HASH })) {
      const place = this.#placeOf.get(`${key}:${address}`)
      if (place !== undefined) this.#entries.set(place, { value: left, writer: step })
    }
  }

  /** What is wrong with a read, if anything. */
  problemOf([location, value, writer]: CertifiedRead): string | undefined {
    const last = this.at(location)
    const name = this.#locations[location]!
    if (last.writer !== writer) {
      return `${name} is said to be from ${stepName(writer)}, but the last write before it is from ${stepName(last.writer)}`
    }
    if (agrees(value, last.value)) return undefined
    return `${name} was read as ${value}, but ${stepName(last.writer)} left ${last.value}`
  }

  /** Locations that some step wrote or wiped. */
  written(): number[] {
    return [...this.#locations.keys()].filter((place) => this.at(place).writer !== BEFORE_BLOCK)
  }

  nameOf(location: number): string {
    return this.#locations[location]!
  }
}

function addressOf(location: string): string {
  return location.slice(2, 44)
}

function stepName(step: number): string {
  return step === BEFORE_BLOCK ? 'before the block' : `step ${step}`
}

/** Whether a read's value, or what a check found of a balance, is so. */
function agrees(read: string, value: string): boolean {
  if (read.startsWith('>=')) return BigInt(value) >= BigInt(read.slice(2))
  if (read.startsWith('<')) return BigInt(value) < BigInt(read.slice(1))
  if (read === 'empty') return value === '0x0'
  if (read === 'notEmpty') return value !== '0x0'
  return read === value
}

function checkAfter({ after }: Certificate, ledger: Ledger, problems: string[]): void {
  const listed = new Set<number>()
  for (const [at, [location, value]] of after.entries()) {
    const name = ledger.nameOf(location)
    const { value: left, writer } = ledger.at(location)
    if (listed.has(location)) problems.push(`after[${at}]: ${name} is there twice`)
    else if (writer === BEFORE_BLOCK) problems.push(`after[${at}]: no step wrote ${name}`)
    else if (left !== value) {
      problems.push(`after[${at}]: ${name} is ${value}, but ${stepName(writer)} left ${left}`)
    }
    listed.add(location)
  }
  for (const location of ledger.written()) {
    if (listed.has(location)) continue
    const { value, writer } = ledger.at(location)
    problems.push(`after: ${ledger.nameOf(location)} is missing, ${stepName(writer)} left ${value}`)
  }
}

/** Places of fields in a header's RLP. */
const STATE_ROOT = 3
const NUMBER = 8

function checkHeader(certificate: Certificate, problems: string[]): void {
  const { header, blockHash, stateRoot, blockNumber } = certificate
  const bytes = hexToBytes(header)
  if (keccakHash(bytes) !== blockHash) {
    problems.push(`header: its hash is ${keccakHash(bytes)}, not blockHash`)
    return
  }
  const fields = fieldsOf(bytes)
  const field = (at: number): string => {
    const item = fields[at]
    return item instanceof Uint8Array ? bytesToHex(item) : 'none'
  }
  if (field(STATE_ROOT) !== stateRoot) {
    problems.push(`stateRoot: the header has ${field(STATE_ROOT)}`)
  }
  const number = blockNumber === 0 ? '0x' : bytesToHex(bigIntToBytes(BigInt(blockNumber)))
  if (field(NUMBER) !== number) problems.push(`blockNumber: the header has ${field(NUMBER)}`)
}

/** None, of what is no list. */
function fieldsOf(rlp: Uint8Array): readonly RlpData[] {
  try {
    const fields = decodeRlp(rlp)
    return Array.isArray(fields) ? fields : []
  } catch {
    return []
  }
}

/** @returns how many accounts were proven */
function checkProofs(certificate: Certificate, problems: string[]): number {
  const { proofs, after, locations, stateRoot } = certificate
  if (proofs === undefined) return 0
  const left = new Map(after.map(([location, value]) => [locations[location]!, value]))
  const unproven = new Set(left.keys())
  for (const [at, { address, accountProof, storageProof }] of proofs.entries()) {
    const account = provenAccount(stateRoot, address as Address, accountProof)
    if (account.kind === 'invalid') {
      problems.push(`proofs[${at}].accountProof: ${account.detail}`)
      continue
    }
    const compare = (name: string, proven: string, path: string): void => {
      unproven.delete(name)
      const value = left.get(name)
      if (value === undefined || value === proven) return
      problems.push(`proofs[${at}]${path}: ${name} is ${proven} in the state, ${value} in after`)
    }
    const { account: found } = account
    compare(`l:${address}`, found === undefined ? 'gone' : 'there', '')
    compare(`b:${address}`, toQuantity(found?.balanceWei ?? 0n), '')
    compare(`n:${address}`, toQuantity(found?.nonce ?? 0n), '')
    compare(`c:${address}`, found?.codeHash ?? EMPTY_CODE_HASH, '')
    for (const [place, { key, proof }] of storageProof.entries()) {
      const slot = provenSlot(account.storageRoot, key as Slot, proof)
      const path = `.storageProof[${place}]`
      if (slot.kind === 'invalid') problems.push(`proofs[${at}]${path}: ${slot.detail}`)
      else compare(`s:${address}:${key}`, toQuantity(slot.value), path)
    }
  }
  for (const name of unproven) problems.push(`proofs: none is of ${name}`)
  return proofs.length
}
