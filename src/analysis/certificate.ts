import { type Hex, isHex } from '../primitives/hex.ts'

/**
 * What a block's execution rests on, so that it can be checked without an EVM: who wrote what each transaction read. Places in it are steps:
 * 0 is what the protocol did before the transactions, 1 the first transaction, the last one what the protocol did after them.
 *
 * Values are text: of a balance, a nonce and a slot a quantity, of a code its hash, of a life `there` or `gone`.
 */
export interface Certificate {
  readonly format: typeof CERTIFICATE_FORMAT
  readonly blockNumber: number
  readonly blockHash: Hex
  readonly stateRoot: Hex
  /** RLP, whose Keccak-256 is the block's hash. */
  readonly header: Hex
  /** One per step, but the first and the last. */
  readonly transactions: readonly Hex[]
  /** As `locationKey` has them: `b:0x…` a balance, `n:`, `c:` and `l:` nonce, code and life, `s:0x…:0x…` a slot. */
  readonly locations: readonly string[]
  /** Of each location, before the block. */
  readonly before: readonly string[]
  readonly steps: readonly CertifiedStep[]
  /** What is left of all writes. */
  readonly after: readonly CertifiedValue[]
  /** EIP-1186, of the state after the block: for each account in `after`. */
  readonly proofs?: readonly CertifiedProof[] | undefined
}

export const CERTIFICATE_FORMAT = 'heddle-certificate-1'
/** The writer of what was there before the block. */
export const BEFORE_BLOCK = -1

export interface CertifiedStep {
  readonly reads: readonly CertifiedRead[]
  readonly writes: readonly CertifiedValue[]
}

/** A place in `locations` and a value. A life is written as `created`, `destroyed` or `recreated`: the last two wipe the storage. */
export type CertifiedValue = readonly [location: number, value: string]
/** Of a balance also what a check found: `>=0x…`, `<0x…`, `empty`, `notEmpty`. */
export type CertifiedRead = readonly [location: number, value: string, writer: number]

export interface CertifiedProof {
  readonly address: Hex
  readonly accountProof: readonly Hex[]
  readonly storageProof: readonly { readonly key: Hex; readonly proof: readonly Hex[] }[]
}

/** A certificate that is none, by the entry that is wrong. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
}

const QUANTITY = /^0x(?:0|[1-9a-f][0-9a-f]{0,63})$/
const HASH = /^0x[0-9a-f]{64}$/
const ADDRESS = /^0x[0-9a-f]{40}$/
const LOCATION = /^(?:[bncl]:0x[0-9a-f]{40}|s:0x[0-9a-f]{40}:0x[0-9a-f]{64})$/
const LIVES = ['created', 'destroyed', 'recreated']

/**
 * The certificate in `json`, which may be a JSON-RPC answer that has it.
 * @throws {CertificateError} that names the entry
 */
export function readCertificate(json: unknown): Certificate {
  const answer = asRecord(json, 'certificate')
  const it = 'result' in answer ? asRecord(answer['result'], 'result') : answer
  if (it['format'] !== CERTIFICATE_FORMAT) {
    throw new CertificateError(`format: expected ${CERTIFICATE_FORMAT}, got ${said(it['format'])}`)
  }
  const locations = listOf(it['locations'], 'locations', matching(LOCATION, 'a location'))
  const before = listOf(it['before'], 'before', (value, path, at) =>
    valueOf(locations[at] ?? '', value, path),
  )
  if (before.length !== locations.length) {
    throw new CertificateError(`before: ${before.length} values for ${locations.length} locations`)
  }
  const transactions = listOf(it['transactions'], 'transactions', matching(HASH, 'a hash'))
  const steps = listOf(it['steps'], 'steps', (step, path) => stepOf(step, path, locations))
  if (steps.length !== transactions.length + 2) {
    throw new CertificateError(
      `steps: ${steps.length}, expected ${transactions.length + 2}: one for each of ${transactions.length} transactions, one before and one after`,
    )
  }
  return {
    format: CERTIFICATE_FORMAT,
    blockNumber: numberOf(it['blockNumber'], 'blockNumber', Number.MAX_SAFE_INTEGER),
    blockHash: matching(HASH, 'a hash')(it['blockHash'], 'blockHash') as Hex,
    stateRoot: matching(HASH, 'a hash')(it['stateRoot'], 'stateRoot') as Hex,
    header: hexOf(it['header'], 'header'),
    transactions: transactions as Hex[],
    locations,
    before,
    steps,
    after: listOf(it['after'], 'after', (entry, path) =>
      pairOf(entry, path, locations, (location, value, at) => valueOf(location, value, at)),
    ),
    proofs:
      it['proofs'] === undefined || it['proofs'] === null
        ? undefined
        : listOf(it['proofs'], 'proofs', proofOf),
  }
}

function stepOf(step: unknown, path: string, locations: readonly string[]): CertifiedStep {
  const { reads, writes } = asRecord(step, path)
  return {
    reads: listOf(reads, `${path}.reads`, (entry, at): CertifiedRead => {
      const [location, value, writer] = tupleOf(entry, at, 3)
      const place = placeOf(location, at, locations)
      const name = locations[place]!
      const isCheck = name.startsWith('b:') && typeof value === 'string' && isCheckText(value)
      const read = isCheck ? (value as string) : valueOf(name, value, at)
      if (writer === BEFORE_BLOCK) return [place, read, BEFORE_BLOCK]
      return [place, read, numberOf(writer, `${at}[2]`, Number.MAX_SAFE_INTEGER)]
    }),
    writes: listOf(writes, `${path}.writes`, (entry, at) =>
      pairOf(entry, at, locations, (location, value, there) => {
        if (!location.startsWith('l:')) return valueOf(location, value, there)
        if (typeof value === 'string' && LIVES.includes(value)) return value
        throw new CertificateError(`${there}: expected ${LIVES.join(', ')}, got ${said(value)}`)
      }),
    ),
  }
}

function isCheckText(value: string): boolean {
  if (value === 'empty' || value === 'notEmpty') return true
  const bound = value.startsWith('>=')
    ? value.slice(2)
    : value.startsWith('<')
      ? value.slice(1)
      : ''
  return QUANTITY.test(bound)
}

function pairOf(
  entry: unknown,
  path: string,
  locations: readonly string[],
  read: (location: string, value: unknown, path: string) => string,
): CertifiedValue {
  const [location, value] = tupleOf(entry, path, 2)
  const place = placeOf(location, path, locations)
  return [place, read(locations[place]!, value, path)]
}

function valueOf(location: string, value: unknown, path: string): string {
  if (location.startsWith('l:')) {
    if (value === 'there' || value === 'gone') return value
    throw new CertificateError(`${path}: expected there or gone, got ${said(value)}`)
  }
  if (location.startsWith('c:')) return matching(HASH, 'a hash')(value, path)
  return matching(QUANTITY, 'a quantity')(value, path)
}

function proofOf(entry: unknown, path: string): CertifiedProof {
  const { address, accountProof, storageProof } = asRecord(entry, path)
  return {
    address: matching(ADDRESS, 'an address')(address, `${path}.address`) as Hex,
    accountProof: listOf(accountProof, `${path}.accountProof`, hexOf),
    storageProof: listOf(storageProof, `${path}.storageProof`, (slot, at) => {
      const { key, proof } = asRecord(slot, at)
      return {
        key: matching(HASH, '32 bytes')(key, `${at}.key`) as Hex,
        proof: listOf(proof, `${at}.proof`, hexOf),
      }
    }),
  }
}

function placeOf(value: unknown, path: string, locations: readonly string[]): number {
  return numberOf(value, `${path}[0]`, locations.length - 1)
}

function tupleOf(value: unknown, path: string, length: number): readonly unknown[] {
  if (Array.isArray(value) && value.length === length) return value
  throw new CertificateError(`${path}: expected a list of ${length}, got ${said(value)}`)
}

function listOf<T>(
  value: unknown,
  path: string,
  read: (item: unknown, path: string, at: number) => T,
): T[] {
  if (!Array.isArray(value)) {
    throw new CertificateError(`${path}: expected a list, got ${said(value)}`)
  }
  return value.map((item, at) => read(item, `${path}[${at}]`, at))
}

function asRecord(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>
  }
  throw new CertificateError(`${path}: expected an object, got ${said(value)}`)
}

function numberOf(value: unknown, path: string, most: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most) {
    return value
  }
  throw new CertificateError(`${path}: expected a number from 0 to ${most}, got ${said(value)}`)
}

function matching(pattern: RegExp, what: string): (value: unknown, path: string) => string {
  return (value, path) => {
    if (typeof value === 'string' && pattern.test(value)) return value
    throw new CertificateError(`${path}: expected ${what}, got ${said(value)}`)
  }
}

function hexOf(value: unknown, path: string): Hex {
  if (isHex(value) && value.length % 2 === 0) return value
  throw new CertificateError(`${path}: expected hex, got ${said(value)}`)
}

function said(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80)
}
