import { blobGasOf, effectiveGasPrice, maxCost } from '../../model/fees.ts'
import { networkOf } from '../../model/network.ts'
import type { Rejection } from '../../model/rejection.ts'
import { NO_RESOURCES, resourcesDue } from '../../model/resources.ts'
import { recoverAuthority } from '../../model/signer.ts'
import type { AccessList, Authorization } from '../../model/transaction.ts'
import { MAX_NONCE, checkTransaction, gasDue } from '../../model/validity.ts'
import type { Address } from '../../primitives/hex.ts'
import { putAddress, putKey, putWord } from '../../primitives/limbs.ts'
import { type Prices, blockPrices, checkTerms, pricesOf } from '../admission.ts'
import type { BlockEnv, Executable, Switches, SystemCall } from '../engine.ts'
import { numberAt } from './precompile-table.ts'
import {
  ACCESS_KEYS,
  ACCESS_SIZE,
  AUTHORIZATION_AUTHORITY,
  AUTHORIZATION_NONCE,
  AUTHORIZATION_SIZE,
  AUTHORIZATION_TARGET,
  HAS_UNLIMITED_CODE,
  IS_CREATION,
  IS_REFUSED,
  IS_SYSTEM_CALL,
  MAY_DIP,
  MEASURES_GAS,
  MOVE_FROM,
  MOVE_NUMBER,
  MOVE_SIZE,
  MOVE_TO,
  SKIPS_BALANCE,
  SKIPS_NONCE,
  SKIPS_SENDER_CODE,
  TX_ACCESSES,
  TX_AUTHORIZATIONS,
  TX_BASE_FEE,
  TX_BLOB_BASE_FEE,
  TX_DATA_BYTES,
  TX_DATA_SIZE,
  TX_FLAGS,
  TX_FLOOR_GAS,
  TX_GAS_LIMIT,
  TX_HASHES,
  TX_HEADER_SIZE,
  TX_INTRINSIC_GAS,
  TX_KV_UPDATES,
  TX_MAX_COST,
  TX_MOVES,
  TX_NONCE,
  TX_PRICE,
  TX_SENDER,
  TX_SIZE,
  TX_STORAGE_GAS,
  TX_TIP,
  TX_TO,
  TX_UPFRONT,
  TX_VALUE,
} from './transaction-layout.ts'

const SYSTEM_ADDRESS = '0xfffffffffffffffffffffffffffffffffffffffe' as Address
const SYSTEM_GAS = 30_000_000n
const WORD_LIMIT = 1n << 256n
const NO_SWITCHES: Switches = {}
const NO_ACCESS_LIST: AccessList = []

/** Memory in which a transaction is encoded before it is copied out. */
interface Draft {
  readonly u8: Uint8Array
  readonly u32: Uint32Array
  readonly u64: BigUint64Array
}

let draft: Draft = newDraft(16_384)

function newDraft(size: number): Draft {
  const buffer = new ArrayBuffer(size)
  return {
    u8: new Uint8Array(buffer),
    u32: new Uint32Array(buffer),
    u64: new BigUint64Array(buffer),
  }
}

/**
 * A transaction as `Machine.start` takes it, for blocks with these prices and rules; or why it can be in none of them. What depends on the
 * state is checked by the engine.
 */
export function encodeTransaction(
  tx: Executable,
  env: BlockEnv,
  switches: Switches = NO_SWITCHES,
): Uint8Array | Rejection {
  const encoded = draftTransaction(tx, env, switches)
  return encoded instanceof Uint8Array ? copyOf(encoded) : encoded
}

const SLAB_BYTES = 64 * 1024
let slab = new Uint8Array(0)
let slabUsed = 0

/** In memory with others: an ArrayBuffer for each would cost more than encoding a transfer. */
function copyOf(encoded: Uint8Array): Uint8Array {
  const { length } = encoded
  if (slabUsed + length > slab.length) {
    slab = new Uint8Array(Math.max(SLAB_BYTES, length))
    slabUsed = 0
  }
  slab.set(encoded, slabUsed)
  const copy = slab.subarray(slabUsed, slabUsed + length)
  slabUsed += length
  return copy
}

/** The same in memory that the next call writes over: to be started at once. */
export function draftTransaction(
  tx: Executable,
  env: BlockEnv,
  switches: Switches = NO_SWITCHES,
): Uint8Array | Rejection {
  const due = gasDue(tx, env.rules)
  const rejection = checkTransaction(tx, env.rules, env.chainId, switches, due)
  if (rejection !== undefined) return rejection
  const prices = pricesOf(tx, env, switches)
  const priceWei = effectiveGasPrice(tx, prices.baseFeeWei)
  const gasWei = tx.gasLimit * priceWei
  const upfrontWei = tx.type === 3 ? gasWei + blobGasOf(tx) * (prices.blobFeeWei ?? 0n) : gasWei
  const costWei = networkOf(env.rules).valueIsLate ? upfrontWei : maxCost(tx)
  const isLent = switches.skipBalance === true
  if (isLent && upfrontWei + tx.valueWei >= WORD_LIMIT) {
    return { kind: 'invalid', detail: 'gas * price + value is more wei than there can be' }
  }
  // Nobody holds so much.
  const isTooDear = !isLent && costWei >= WORD_LIMIT
  const isRefused = isTooDear || checkTerms(tx, env, switches) !== undefined
  const accessList = tx.type === 0 ? NO_ACCESS_LIST : tx.accessList
  const authorizations = tx.type === 4 ? standingOf(tx.authorizationList, env) : []
  const hashes = tx.type === 3 ? tx.blobVersionedHashes : []
  const moves = switches.movedPrecompiles === undefined ? [] : movesOf(env, switches)
  const keys = accessList.reduce((sum, { storageKeys }) => sum + storageKeys.length, 0)
  const sizes =
    accessList.length * ACCESS_SIZE +
    authorizations.length * AUTHORIZATION_SIZE +
    (keys + hashes.length) * 32 +
    moves.length * MOVE_SIZE
  const size = beginDraft(sizes, tx.data)
  const { u32, u64 } = draft
  u32[TX_FLAGS >>> 2] =
    flagsOf(switches, tx.to === null, isRefused) |
    (env.maySpendReserve === undefined || env.maySpendReserve(tx) ? MAY_DIP : 0)
  putAddress(u32, TX_SENDER >>> 2, tx.sender)
  if (tx.to === null) u32.fill(0, TX_TO >>> 2, (TX_TO >>> 2) + 6)
  else putAddress(u32, TX_TO >>> 2, tx.to)
  u64[TX_NONCE >>> 3] = tx.nonce
  u64[TX_GAS_LIMIT >>> 3] = tx.gasLimit
  u64[TX_INTRINSIC_GAS >>> 3] = due.intrinsicGas
  u64[TX_FLOOR_GAS >>> 3] = due.floorGas
  u64[TX_STORAGE_GAS >>> 3] = due.storageGas
  const { limits } = networkOf(env.rules)
  const kept = limits === undefined ? NO_RESOURCES : resourcesDue(tx, limits)
  u32[TX_DATA_BYTES >>> 2] = kept.dataBytes
  u32[TX_KV_UPDATES >>> 2] = kept.kvUpdates
  putWord(u64, TX_VALUE >>> 3, tx.valueWei)
  putWord(u64, TX_PRICE >>> 3, priceWei)
  putWord(u64, TX_TIP >>> 3, priceWei - (prices.baseFeeWei ?? 0n))
  putWord(u64, TX_UPFRONT >>> 3, upfrontWei)
  putWord(u64, TX_MAX_COST >>> 3, costWei)
  putShownPrices(prices)
  let at = TX_HEADER_SIZE
  at = putAccessList(at, accessList)
  at = putAuthorizations(at, authorizations)
  putPart(TX_HASHES, hashes.length, at)
  for (const hash of hashes) {
    putKey(u32, at >>> 2, hash)
    at += 32
  }
  at = putMoves(at, moves)
  putPart(TX_DATA_SIZE, tx.data.length, at)
  draft.u8.set(tx.data, at)
  return draft.u8.subarray(0, size)
}

/** A call by the protocol as `Machine.start` takes it, in memory that the next call writes over. */
export function draftSystemCall(call: SystemCall, env: BlockEnv): Uint8Array {
  const size = beginDraft(0, call.data)
  const { u32, u64 } = draft
  u32.fill(0, TX_FLAGS >>> 2, TX_HEADER_SIZE >>> 2)
  u32[TX_FLAGS >>> 2] = IS_SYSTEM_CALL
  putAddress(u32, TX_SENDER >>> 2, SYSTEM_ADDRESS)
  putAddress(u32, TX_TO >>> 2, call.to)
  u64[TX_GAS_LIMIT >>> 3] = SYSTEM_GAS
  putShownPrices(blockPrices(env))
  putPart(TX_DATA_SIZE, call.data.length, TX_HEADER_SIZE)
  draft.u8.set(call.data, TX_HEADER_SIZE)
  return draft.u8.subarray(0, size)
}

/** @returns bytes of the whole */
function beginDraft(sizes: number, data: Uint8Array): number {
  const size = TX_HEADER_SIZE + sizes + ((data.length + 7) & ~7)
  if (size > draft.u8.length) draft = newDraft(2 * size)
  draft.u32[TX_SIZE >>> 2] = size
  return size
}

function flagsOf(switches: Switches, isCreation: boolean, isRefused: boolean): number {
  return (
    (isCreation ? IS_CREATION : 0) |
    (isRefused ? IS_REFUSED : 0) |
    (switches.skipNonce === true ? SKIPS_NONCE : 0) |
    (switches.skipBalance === true ? SKIPS_BALANCE : 0) |
    (switches.skipSenderCode === true ? SKIPS_SENDER_CODE : 0) |
    (switches.unlimitedCodeSize === true ? HAS_UNLIMITED_CODE : 0) |
    (switches.measuresGas === true ? MEASURES_GAS : 0)
  )
}

function putShownPrices({ shownBaseFeeWei, blobFeeWei }: Prices): void {
  putWord(draft.u64, TX_BASE_FEE >>> 3, shownBaseFeeWei ?? 0n)
  putWord(draft.u64, TX_BLOB_BASE_FEE >>> 3, blobFeeWei ?? 0n)
}

/** How many there are of a part, and behind that where it begins. */
function putPart(field: number, count: number, at: number): void {
  draft.u32[field >>> 2] = count
  draft.u32[(field >>> 2) + 1] = at
}

function putAccessList(from: number, list: AccessList): number {
  const { u32 } = draft
  putPart(TX_ACCESSES, list.length, from)
  let at = from
  for (const { address, storageKeys } of list) {
    putAddress(u32, at >>> 2, address)
    u32[(at + ACCESS_KEYS) >>> 2] = storageKeys.length
    at += ACCESS_SIZE
    for (const key of storageKeys) {
      putKey(u32, at >>> 2, key)
      at += 32
    }
  }
  return at
}

/** An authorisation whose signer is known. */
type Standing = Pick<Authorization, 'address' | 'nonce'> & { readonly authority: Address }

/** EIP-7702: those that the state alone can still make void. */
function standingOf(list: readonly Authorization[], env: BlockEnv): Standing[] {
  const standing: Standing[] = []
  for (const authorization of list) {
    const { chainId, nonce, address } = authorization
    if ((chainId !== 0n && chainId !== env.chainId) || nonce >= MAX_NONCE) continue
    const authority = recoverAuthority(authorization)
    if (authority !== undefined) standing.push({ address, nonce, authority })
  }
  return standing
}

function putAuthorizations(from: number, list: readonly Standing[]): number {
  const { u32, u64 } = draft
  putPart(TX_AUTHORIZATIONS, list.length, from)
  let at = from
  for (const { authority, address, nonce } of list) {
    putAddress(u32, (at + AUTHORIZATION_AUTHORITY) >>> 2, authority)
    putAddress(u32, (at + AUTHORIZATION_TARGET) >>> 2, address)
    u64[(at + AUTHORIZATION_NONCE) >>> 3] = nonce
    at += AUTHORIZATION_SIZE
  }
  return at
}

interface Move {
  readonly from: Address
  readonly to: Address
  readonly number: number
}

function movesOf({ rules }: BlockEnv, { movedPrecompiles }: Switches): Move[] {
  return Array.from(movedPrecompiles ?? [], ([from, to]) => ({
    from,
    to,
    number: numberAt(from, rules),
  })).filter(({ number }) => number !== 0)
}

function putMoves(from: number, moves: readonly Move[]): number {
  const { u32 } = draft
  putPart(TX_MOVES, moves.length, from)
  let at = from
  for (const move of moves) {
    putAddress(u32, (at + MOVE_FROM) >>> 2, move.from)
    putAddress(u32, (at + MOVE_TO) >>> 2, move.to)
    u32[(at + MOVE_NUMBER) >>> 2] = move.number
    at += MOVE_SIZE
  }
  return at
}
