import { equalBytes } from '../primitives/bytes.ts'
import { type Address, type Hash, bytesToHex } from '../primitives/hex.ts'
import { EMPTY_LIST_HASH } from '../primitives/keccak.ts'
import { invariant } from '../primitives/invariant.ts'
import { SECP256K1_HALF_N } from '../primitives/secp256k1.ts'
import type { Header } from './block.ts'
import { DAO_EXTRA_DATA } from './dao.ts'
import { workDifficulty } from './difficulty.ts'
import { ELASTICITY, GAS_PER_BLOB, nextBaseFee, nextExcessBlobGas } from './fees.ts'
import { type ForkName, type Rules, isActive } from './fork.ts'
import { codeLimits, networkOf } from './network.ts'
import type { Rejection } from './rejection.ts'
import type { BlobFields, Signature, TransactionFields, TransactionType } from './transaction.ts'

/** What can be said of a transaction or a header without any state. */

/** What calls and a developer's wishes leave out of the rules. */
export interface ValiditySwitches {
  /** The gas limit may exceed EIP-7825's cap. */
  readonly skipGasCap?: boolean | undefined
  /** The nonce may be one that no account reaches. */
  readonly skipNonce?: boolean | undefined
  /** No limit on the size of initcode. */
  readonly unlimitedCodeSize?: boolean | undefined
}

/** A transaction, or the fields of one that nobody signed. */
type Checkable = TransactionFields & {
  readonly sender: Address
  readonly signature?: Signature | undefined
}

/** EIP-2681: no account's nonce reaches this. */
export const MAX_NONCE: bigint = 2n ** 64n - 1n
/** EIP-7825, Osaka */
export const TRANSACTION_GAS_CAP = 16_777_216n
/** EIP-7594, Osaka: the most blobs in one transaction, whatever a block may hold. */
const MAX_BLOBS_PER_TRANSACTION = 6
/** EIP-7934, Osaka: the longest RLP of a block, in bytes. */
export const MAX_BLOCK_BYTES = 8_388_608

const TYPE_SINCE: Readonly<Record<TransactionType, ForkName>> = {
  0: 'frontier',
  1: 'berlin',
  2: 'london',
  3: 'cancun',
  4: 'prague',
}

/**
 * Why a transaction can be in no block under these rules, whatever the state: undefined when there is no reason. Under Amsterdam's rules
 * the gas checks are left to the engine, since the prices of that draft still move.
 * @param due what `gasDue` says, when it was asked already
 */
export function checkTransaction(
  tx: Checkable,
  rules: Rules,
  chainId: bigint,
  switches: ValiditySwitches = {},
  due?: GasDue,
): Rejection | undefined {
  if (!isActive(rules, TYPE_SINCE[tx.type]) || (tx.type === 3 && !networkOf(rules).hasBlobs)) {
    return { kind: 'typeNotSupported', type: tx.type, fork: rules.network ?? rules.fork }
  }
  return (
    checkChain(tx, rules, chainId) ??
    checkSignature(tx, rules) ??
    checkNumbers(tx, switches) ??
    checkInitCode(tx, rules, switches) ??
    (tx.type === 3 ? checkBlobs(tx, rules) : undefined) ??
    (tx.type === 4 && tx.authorizationList.length === 0
      ? { kind: 'emptyAuthorizationList' }
      : undefined) ??
    (isActive(rules, 'amsterdam') ? undefined : checkGas(tx, rules, switches, due))
  )
}

function checkChain(tx: Checkable, rules: Rules, chainId: bigint): Rejection | undefined {
  if (tx.chainId === undefined) return undefined
  if (!isActive(rules, 'spuriousDragon')) {
    return {
      kind: 'invalid',
      detail: 'a legacy signature names a chain (EIP-155) only since Spurious Dragon',
    }
  }
  if (tx.chainId === chainId) return undefined
  return { kind: 'wrongChainId', expected: chainId, got: tx.chainId }
}

/** EIP-2 */
function checkSignature(tx: Checkable, rules: Rules): Rejection | undefined {
  if (tx.signature === undefined || tx.signature.s <= SECP256K1_HALF_N) return undefined
  if (!isActive(rules, 'homestead')) return undefined
  return { kind: 'invalid', detail: 'invalid transaction v, r, s values: s is above n / 2' }
}

function checkNumbers(tx: Checkable, switches: ValiditySwitches): Rejection | undefined {
  if (tx.nonce >= MAX_NONCE && switches.skipNonce !== true)
    return { kind: 'nonceMax', sender: tx.sender }
  if (tx.type >= 2 && 'maxFeePerGasWei' in tx) {
    const { maxPriorityFeePerGasWei: tipWei, maxFeePerGasWei: maxFeeWei, sender } = tx
    if (tipWei > maxFeeWei) return { kind: 'tipAboveFeeCap', sender, tipWei, maxFeeWei }
  }
  return undefined
}

/** EIP-3860, EIP-7954 */
function checkInitCode(
  tx: Checkable,
  rules: Rules,
  switches: ValiditySwitches,
): Rejection | undefined {
  if (tx.to !== null || switches.unlimitedCodeSize || !isActive(rules, 'shanghai')) return undefined
  const maxBytes = isActive(rules, 'amsterdam') ? 131_072 : codeLimits(rules).maxInitCodeBytes
  const sizeBytes = tx.data.length
  return sizeBytes > maxBytes ? { kind: 'initCodeTooLarge', sizeBytes, maxBytes } : undefined
}

/** EIP-4844 */
function checkBlobs(tx: BlobFields, rules: Rules): Rejection | undefined {
  invariant(rules.blob !== undefined, 'rules with blob transactions have blob parameters')
  const max = isActive(rules, 'osaka')
    ? Math.min(MAX_BLOBS_PER_TRANSACTION, rules.blob.max)
    : rules.blob.max
  const got = tx.blobVersionedHashes.length
  if (got === 0 || got > max) return { kind: 'blobCount', got, max }
  const unknown = tx.blobVersionedHashes.find((hash: Hash) => !hash.startsWith('0x01'))
  return unknown && { kind: 'blobVersion', versionedHash: unknown }
}

function checkGas(
  tx: Checkable,
  rules: Rules,
  switches: ValiditySwitches,
  { intrinsicGas, floorGas }: GasDue = gasDue(tx, rules),
): Rejection | undefined {
  const { gasLimit } = tx
  const capGas = gasCapOf(rules)
  if (capGas !== undefined && !switches.skipGasCap && gasLimit > capGas) {
    return { kind: 'gasLimitAboveCap', gasLimit, capGas }
  }
  if (gasLimit < intrinsicGas) {
    return { kind: 'intrinsicGasTooLow', gasLimit, neededGas: intrinsicGas }
  }
  return gasLimit < floorGas ? { kind: 'floorGasTooLow', gasLimit, neededGas: floorGas } : undefined
}

/** The most gas that a transaction may ask for; undefined when no more than its block's limit says. */
function gasCapOf(rules: Rules): bigint | undefined {
  const ownCap = isActive(rules, 'osaka') ? TRANSACTION_GAS_CAP : undefined
  return networkOf(rules).transactionGasCap ?? ownCap
}

const TRANSACTION_GAS = 21_000n
const CREATION_GAS = 32_000n
const INIT_CODE_WORD_GAS = 2n
const ACCESS_LIST_ADDRESS_GAS = 2_400n
const ACCESS_LIST_KEY_GAS = 1_900n
const AUTHORIZATION_GAS = 25_000n
const FLOOR_TOKEN_GAS = 10n

/** What a transaction pays for, whatever it does. */
export interface GasDue {
  /** Before anything runs: EIP-2, 2028, 2930, 3860, 7702. */
  readonly intrinsicGas: bigint
  /** What of that is for storage, where a network has such gas. */
  readonly storageGas: bigint
  /** EIP-7623: the least that a transaction with this data pays for. Zero before Prague. */
  readonly floorGas: bigint
}

/** For rules up to Osaka. */
export function gasDue(tx: TransactionFields, rules: Rules): GasDue {
  invariant(!isActive(rules, 'amsterdam'), 'the engine prices transactions under a draft')
  const zeros = countZeros(tx.data)
  const others = tx.data.length - zeros
  const nonZeroGas = isActive(rules, 'istanbul') ? 16 : 68
  let gas = TRANSACTION_GAS + BigInt(4 * zeros + nonZeroGas * others)
  if (tx.to === null) {
    if (isActive(rules, 'homestead')) gas += CREATION_GAS
    if (isActive(rules, 'shanghai')) {
      gas += INIT_CODE_WORD_GAS * BigInt(Math.ceil(tx.data.length / 32))
    }
  }
  if (tx.type !== 0) {
    for (const { storageKeys } of tx.accessList) {
      gas += ACCESS_LIST_ADDRESS_GAS + ACCESS_LIST_KEY_GAS * BigInt(storageKeys.length)
    }
  }
  if (tx.type === 4) gas += AUTHORIZATION_GAS * BigInt(tx.authorizationList.length)
  const hasFloor = isActive(rules, 'prague')
  const floorGas = hasFloor ? TRANSACTION_GAS + FLOOR_TOKEN_GAS * BigInt(zeros + 4 * others) : 0n
  const { storage } = networkOf(rules)
  if (storage === undefined) return { intrinsicGas: gas, storageGas: 0n, floorGas }
  const { transactionGas, zeroByteGas, byteGas, zeroByteFloorGas, byteFloorGas } = storage
  const storageGas = BigInt(transactionGas + zeroByteGas * zeros + byteGas * others)
  const storageFloorGas = BigInt(transactionGas + zeroByteFloorGas * zeros + byteFloorGas * others)
  return { intrinsicGas: gas + storageGas, storageGas, floorGas: floorGas + storageFloorGas }
}

function countZeros(data: Uint8Array): number {
  let others = 0
  // The sign bit of the negated byte: a branch that goes either way costs three times as much.
  for (let i = 0; i < data.length; i++) others += -data[i]! >>> 31
  return data.length - others
}

const GAS_LIMIT_BOUND_DIVISOR = 1_024n
const MIN_GAS_LIMIT = 5_000n
const MAX_GAS_LIMIT = 2n ** 63n - 1n

/**
 * What is wrong with `header` as a child of `parent` under its own rules, as far as that shows without its body and state; undefined when nothing is.
 * Seals of proof of work are not checked.
 */
export function checkHeader(header: Header, parent: Header, rules: Rules): string | undefined {
  if (header.number !== parent.number + 1n) {
    return expected('number', parent.number + 1n, header.number)
  }
  if (header.timestamp <= parent.timestamp) {
    return expected('timestamp', `more than ${parent.timestamp}`, header.timestamp)
  }
  return (
    checkGasLimit(header, parent, rules) ??
    checkExtraData(header, rules) ??
    checkSeal(header, parent, rules) ??
    checkPresence(header, rules) ??
    checkPrices(header, parent, rules)
  )
}

function checkGasLimit(header: Header, parent: Header, rules: Rules): string | undefined {
  const { gasLimit, gasUsed } = header
  const isFirstOfLondon = isActive(rules, 'london') && parent.baseFeePerGasWei === undefined
  const before = isFirstOfLondon ? parent.gasLimit * ELASTICITY : parent.gasLimit
  const step = gasLimit > before ? gasLimit - before : before - gasLimit
  const bound = before / GAS_LIMIT_BOUND_DIVISOR
  if (step >= bound) return expected('gasLimit', `less than ${bound} from ${before}`, gasLimit)
  if (gasLimit < MIN_GAS_LIMIT || gasLimit > MAX_GAS_LIMIT) {
    return expected('gasLimit', `${MIN_GAS_LIMIT} to ${MAX_GAS_LIMIT}`, gasLimit)
  }
  return gasUsed > gasLimit ? expected('gasUsed', `at most ${gasLimit}`, gasUsed) : undefined
}

function checkExtraData({ extraData }: Header, rules: Rules): string | undefined {
  if (extraData.length > 32) {
    return expected('extraData', 'at most 32 bytes', `${extraData.length} bytes`)
  }
  if (rules.dao === undefined || equalBytes(extraData, DAO_EXTRA_DATA)) return undefined
  return expected('extraData', "the DAO fork's mark", bytesToHex(extraData))
}

/** EIP-3675: what proof of work filled in is constant since the merge. */
function checkSeal(header: Header, parent: Header, rules: Rules): string | undefined {
  if (rules.hasWork === true) {
    const difficulty = workDifficulty(header, parent, rules)
    if (header.difficulty !== difficulty) {
      return expected('difficulty', difficulty, header.difficulty)
    }
  }
  if (!isActive(rules, 'paris')) return undefined
  if (header.difficulty !== 0n) return expected('difficulty', 0n, header.difficulty)
  if (header.nonce.some((byte) => byte !== 0)) return expected('nonce', 'zeros', 'other bytes')
  if (header.ommersHash !== EMPTY_LIST_HASH) {
    return expected('ommersHash', EMPTY_LIST_HASH, header.ommersHash)
  }
  return undefined
}

const FIELD_SINCE = [
  ['baseFeePerGasWei', 'london'],
  ['withdrawalsRoot', 'shanghai'],
  ['blobGasUsed', 'cancun'],
  ['excessBlobGas', 'cancun'],
  ['parentBeaconBlockRoot', 'cancun'],
  ['requestsHash', 'prague'],
  ['blockAccessListHash', 'amsterdam'],
  ['slotNumber', 'amsterdam'],
] as const satisfies readonly (readonly [keyof Header, ForkName])[]

function checkPresence(header: Header, rules: Rules): string | undefined {
  for (const [field, since] of FIELD_SINCE) {
    const isThere = header[field] !== undefined
    if (isThere === isActive(rules, since)) continue
    const name = field.replace('Wei', '')
    return isThere
      ? `header field \`${name}\`: there is none in ${rules.fork}`
      : `header field \`${name}\`: missing, ${rules.fork} has it`
  }
  return undefined
}

function checkPrices(header: Header, parent: Header, rules: Rules): string | undefined {
  if (isActive(rules, 'london')) {
    const baseFee = nextBaseFee(parent, rules)
    if (header.baseFeePerGasWei !== baseFee) {
      return expected('baseFeePerGas', baseFee, header.baseFeePerGasWei)
    }
  }
  if (rules.blob === undefined) return undefined
  const used = header.blobGasUsed ?? 0n
  const max = BigInt(rules.blob.max) * GAS_PER_BLOB
  if (used > max || used % GAS_PER_BLOB !== 0n) {
    return expected('blobGasUsed', `a multiple of ${GAS_PER_BLOB} up to ${max}`, used)
  }
  const excess = nextExcessBlobGas(parent, rules)
  return header.excessBlobGas === excess
    ? undefined
    : expected('excessBlobGas', excess, header.excessBlobGas)
}

/** EIP-7934: what is wrong with the size of a block's RLP. @param sizeBytes its length */
export function checkBlockSize(sizeBytes: number, rules: Rules): string | undefined {
  if (!isActive(rules, 'osaka') || sizeBytes <= MAX_BLOCK_BYTES) return undefined
  return `block of ${sizeBytes} bytes: expected at most ${MAX_BLOCK_BYTES}`
}

function expected(field: string, wanted: unknown, got: unknown): string {
  return `header field \`${field}\`: expected ${String(wanted)}, got ${String(got)}`
}
