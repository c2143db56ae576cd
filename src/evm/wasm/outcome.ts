import { EMPTY_ACCOUNT } from '../../model/account.ts'
import type { Log } from '../../model/receipt.ts'
import { isActive } from '../../model/fork.ts'
import type { Hash, Slot } from '../../primitives/hex.ts'
import {
  type AccessSet,
  type AccountReads,
  type AccountWrites,
  type ChangeSet,
  type ReadSet,
  type VolatileRead,
  emptyChangeSet,
} from '../../state/access.ts'
import type { FrameError } from '../observer.ts'
import { frameErrorOf } from './halt.ts'
import type { Instance } from './instance.ts'
import {
  ACCOUNT_BALANCE,
  ACCOUNT_BASE_BALANCE,
  ACCOUNT_CODE,
  ACCOUNT_CODE_HASH,
  ACCOUNT_COVERED,
  ACCOUNT_FLAGS,
  ACCOUNT_NONCE,
  ACCOUNT_NOT_COVERED,
  ACCOUNT_READS,
  ACCOUNT_SLOTS,
  CODES,
  CODE_BYTES,
  CODE_LENGTH,
  CODE_SET,
  DESTROYED,
  EXISTS,
  FIRST_LOG,
  HIT_MEMORY_CAP,
  LOG_ACCOUNT,
  LOG_BYTES,
  LOG_DATA_SIZE,
  LOG_NEXT,
  LOG_TOPICS,
  READ_BALANCE,
  READ_CODE,
  READ_COVERED,
  READ_EMPTY,
  READ_NONCE,
  READ_NOT_COVERED,
  RESULT_DETAIL,
  RESULT_DETAIL2,
  RESULT_STATUS,
  SLOT_BASE,
  SLOT_EARLIER,
  SLOT_VALUE,
  TOUCHED,
  VOLATILE,
} from './layout.ts'
import type { KnownAccount, Session } from './session.ts'
import { OUT_OF_GAS } from './status.ts'

const VOLATILE_READS: readonly VolatileRead[] = [
  'TIMESTAMP',
  'NUMBER',
  'COINBASE',
  'PREVRANDAO',
  'BLOCKHASH',
  'GASLIMIT',
  'BASEFEE',
  'BLOBBASEFEE',
]

/** Why the outermost frame ended without success. */
export function endedWith({ instance, failure, timeout }: Session): FrameError | undefined {
  if (timeout !== undefined) return { kind: 'halt', reason: timeout }
  const status = instance.pointer(RESULT_STATUS)
  if (status === OUT_OF_GAS && instance.pointer(HIT_MEMORY_CAP) !== 0) {
    return { kind: 'halt', reason: 'out of gas: the engine has no more than 1 GiB of memory' }
  }
  return frameErrorOf(status, {
    first: instance.pointer(RESULT_DETAIL),
    second: instance.pointer(RESULT_DETAIL2),
    precompile: failure,
  })
}

/** What the transaction read and wrote. */
export function accessOf(session: Session): AccessSet {
  const reads: ReadSet = new Map()
  const writes = emptyChangeSet()
  const sweeps = isActive(session.env.rules, 'spuriousDragon')
  for (const account of session.accounts) {
    reads.set(account.address, readsOf(session.instance, account))
    const written = writesOf(session, account, sweeps, writes)
    if (written !== undefined) writes.accounts.set(account.address, written)
  }
  return { reads, writes, volatile: volatileOf(session.instance), precision: 'exact' }
}

function volatileOf(instance: Instance): ReadonlySet<VolatileRead> {
  const bits = instance.pointer(VOLATILE)
  const found = new Set<VolatileRead>()
  if (bits === 0) return found
  for (const [i, read] of VOLATILE_READS.entries()) if ((bits & (1 << i)) !== 0) found.add(read)
  return found
}

function readsOf(instance: Instance, { at, base, slots }: KnownAccount): AccountReads {
  const bits = instance.pointer(at + ACCOUNT_READS)
  const reads: AccountReads = { life: base !== undefined }
  const account = base ?? EMPTY_ACCOUNT
  const balance = balanceRead(instance, at, bits, account.balanceWei)
  if (balance !== undefined) reads.balance = balance
  if ((bits & READ_NONCE) !== 0) reads.nonce = account.nonce
  if ((bits & READ_CODE) !== 0) reads.codeHash = account.codeHash
  if (slots !== undefined) reads.slots = slots
  return reads
}

/** Checks that one predicate cannot say together are an exact read. */
function balanceRead(
  instance: Instance,
  at: number,
  bits: number,
  wei: bigint,
): AccountReads['balance'] | undefined {
  const isCovered = (bits & READ_COVERED) !== 0
  const isNotCovered = (bits & READ_NOT_COVERED) !== 0
  const isEmptiness = (bits & READ_EMPTY) !== 0
  const checks = Number(isCovered) + Number(isNotCovered) + Number(isEmptiness)
  if ((bits & READ_BALANCE) !== 0 || checks > 1) return { strength: 'exact', wei }
  if (isCovered)
    return { strength: 'atLeast', wei: instance.word(at + ACCOUNT_COVERED), held: true }
  if (isNotCovered) {
    return { strength: 'atLeast', wei: instance.word(at + ACCOUNT_NOT_COVERED), held: false }
  }
  return isEmptiness ? { strength: 'isEmpty', empty: wei === 0n } : undefined
}

function writesOf(
  session: Session,
  account: KnownAccount,
  sweeps: boolean,
  changes: ChangeSet,
): AccountWrites | undefined {
  const { instance } = session
  const { at, base } = account
  const flags = instance.pointer(at + ACCOUNT_FLAGS)
  const isGone =
    (flags & (EXISTS | DESTROYED)) !== EXISTS ||
    (sweeps && (flags & TOUCHED) !== 0 && isEmptyAt(instance, at))
  if (isGone) return base === undefined ? undefined : { life: 'destroyed' }
  const writes: AccountWrites = {}
  let isWritten = false
  if (base === undefined) {
    writes.life = 'created'
    isWritten = true
  }
  if (!instance.areWordsEqual(at + ACCOUNT_BALANCE, at + ACCOUNT_BASE_BALANCE)) {
    writes.balanceWei = instance.word(at + ACCOUNT_BALANCE)
    isWritten = true
  }
  const nonce = instance.u64[(at + ACCOUNT_NONCE) >>> 3]!
  if (nonce !== (base?.nonce ?? 0n)) {
    writes.nonce = nonce
    isWritten = true
  }
  if ((flags & CODE_SET) !== 0)
    isWritten = writeCode(session, account, writes, changes) || isWritten
  const slots = slotsOf(session, at)
  if (slots !== undefined) {
    writes.slots = slots
    isWritten = true
  }
  return isWritten ? writes : undefined
}

function isEmptyAt(instance: Instance, at: number): boolean {
  const { u32 } = instance
  if (u32[(at + ACCOUNT_NONCE) >>> 2] !== 0 || u32[(at + ACCOUNT_NONCE + 4) >>> 2] !== 0)
    return false
  if (instance.pointer(at + ACCOUNT_CODE) !== CODES) return false
  for (let k = 0; k < 8; k++) if (u32[((at + ACCOUNT_BALANCE) >>> 2) + k] !== 0) return false
  return true
}

function writeCode(
  { instance }: Session,
  { at, base }: KnownAccount,
  writes: AccountWrites,
  changes: ChangeSet,
): boolean {
  const hash = instance.hex(at + ACCOUNT_CODE_HASH, 32) as Hash
  if (hash === (base ?? EMPTY_ACCOUNT).codeHash) return false
  writes.codeHash = hash
  const code = instance.pointer(at + ACCOUNT_CODE)
  if (code !== CODES) {
    changes.codes.set(
      hash,
      instance.copyOut(code + CODE_BYTES, instance.pointer(code + CODE_LENGTH)),
    )
    instance.keepCode(hash, code)
  }
  return true
}

function slotsOf(session: Session, at: number): Map<Slot, bigint> | undefined {
  const { instance } = session
  let slots: Map<Slot, bigint> | undefined
  let slot = instance.pointer(at + ACCOUNT_SLOTS)
  while (slot !== 0) {
    if (!instance.areWordsEqual(slot + SLOT_VALUE, slot + SLOT_BASE)) {
      slots ??= new Map()
      slots.set(session.keyOf(slot), instance.word(slot + SLOT_VALUE))
    }
    slot = instance.pointer(slot + SLOT_EARLIER)
  }
  return slots
}

/** The logs of a transaction that succeeded. */
export function logsOf(session: Session): Log[] {
  const { instance } = session
  const logs: Log[] = []
  let at = instance.pointer(FIRST_LOG)
  while (at !== 0) {
    logs.push(logAt(session, at))
    at = instance.pointer(at + LOG_NEXT)
  }
  return logs
}

/** The log whose record is at `at`. */
export function logAt(session: Session, at: number): Log {
  const { instance } = session
  const { address } = session.loadAt(instance.pointer(at + LOG_ACCOUNT))
  const count = instance.pointer(at + LOG_TOPICS)
  const topics: Hash[] = []
  for (let i = 0; i < count; i++) topics.push(instance.hex(at + LOG_BYTES + 32 * i, 32) as Hash)
  const data = instance.copyOut(at + LOG_BYTES + 32 * count, instance.pointer(at + LOG_DATA_SIZE))
  return { address, topics, data }
}
