import { type Address, type Hash, type Slot, ZERO_ADDRESS } from '../primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts'
import type { Log } from '../model/receipt.ts'
import type { AccessSet, AccountReads, AccountWrites, VolatileRead } from './access.ts'
import type { AccountEntry, RecordContent, SlotEntry } from './record-content.ts'
import {
  DID_BALANCE,
  DID_CODE,
  DID_CREATE,
  DID_DESTROY,
  DID_NONCE,
  DID_RECREATE,
  SAW_BALANCE,
  SAW_CODE,
  SAW_COVERED,
  SAW_EMPTY,
  SAW_LIFE,
  SAW_NONCE,
  SAW_NOT_COVERED,
  SLOT_ACCESSED,
  SLOT_READ,
  SLOT_WRITTEN,
  WAS_ACCESSED,
  WAS_THERE,
} from './record-layout.ts'
import { VOLATILE_READS } from './record.ts'

/** What an engine that writes no records says of a transaction. */
export interface Recordable {
  readonly status: number
  readonly gasUsed: bigint
  readonly gasRefunded: bigint
  readonly output: Uint8Array
  readonly logs: readonly Log[]
  readonly created: Address | null
  /** A balance that was written must have been read exactly, unless the account is new. */
  readonly access: AccessSet
}

const LIVES = { created: DID_CREATE, recreated: DID_RECREATE, destroyed: DID_DESTROY } as const

/** The same as a record's content. */
export function contentOf({ access, created, ...plain }: Recordable): RecordContent {
  const { reads, writes, touched } = access
  const addresses = new Set([
    ...reads.keys(),
    ...writes.accounts.keys(),
    ...(touched?.keys() ?? []),
  ])
  return {
    ...plain,
    volatile: bitsOf(access.volatile),
    details: [0, 0],
    created: created ?? ZERO_ADDRESS,
    accounts: Array.from(addresses, (address) =>
      entryOf(
        address,
        reads.get(address) ?? {},
        writes.accounts.get(address) ?? {},
        touched?.get(address),
      ),
    ),
    codes: [...writes.codes],
  }
}

function bitsOf(volatile: ReadonlySet<VolatileRead>): number {
  let bits = 0
  for (const [i, read] of VOLATILE_READS.entries()) if (volatile.has(read)) bits |= 1 << i
  return bits
}

function entryOf(
  address: Address,
  reads: AccountReads,
  writes: AccountWrites,
  touched: ReadonlySet<Slot> | undefined,
): AccountEntry {
  const { balance, nonce: baseNonce = 0n, codeHash: baseCodeHash = EMPTY_CODE_HASH } = reads
  const baseBalanceWei = balance?.strength === 'exact' ? balance.wei : 0n
  const atLeast = balance?.strength === 'atLeast' ? balance : undefined
  const left = leftOf(baseBalanceWei, baseNonce, baseCodeHash, writes)
  return {
    address,
    reads: readBits(reads),
    writes: writeBits(writes),
    flags: (reads.life === true ? WAS_THERE : 0) | (touched === undefined ? 0 : WAS_ACCESSED),
    baseBalanceWei,
    coveredWei: atLeast?.held === true ? atLeast.wei : 0n,
    notCoveredWei: atLeast?.held === false ? atLeast.wei : 0n,
    baseNonce,
    baseCodeHash,
    ...left,
    slots: slotsOf(reads.slots, writes.slots, touched),
  }
}

function leftOf(
  balanceWei: bigint,
  nonce: bigint,
  codeHash: Hash,
  writes: AccountWrites,
): Pick<AccountEntry, 'balanceWei' | 'nonce' | 'codeHash'> {
  if (writes.life === 'destroyed') return { balanceWei: 0n, nonce: 0n, codeHash: EMPTY_CODE_HASH }
  return {
    balanceWei: writes.balanceWei ?? balanceWei,
    nonce: writes.nonce ?? nonce,
    codeHash: writes.codeHash ?? codeHash,
  }
}

function readBits({ balance, nonce, codeHash, life }: AccountReads): number {
  let bits = 0
  if (balance?.strength === 'exact') bits |= SAW_BALANCE
  else if (balance?.strength === 'isEmpty') bits |= SAW_EMPTY
  else if (balance !== undefined) bits |= balance.held ? SAW_COVERED : SAW_NOT_COVERED
  if (nonce !== undefined) bits |= SAW_NONCE
  if (codeHash !== undefined) bits |= SAW_CODE
  return life === undefined ? bits : bits | SAW_LIFE
}

function writeBits({ life, balanceWei, nonce, codeHash }: AccountWrites): number {
  return (
    (life === undefined ? 0 : LIVES[life]) |
    (balanceWei === undefined ? 0 : DID_BALANCE) |
    (nonce === undefined ? 0 : DID_NONCE) |
    (codeHash === undefined ? 0 : DID_CODE)
  )
}

function slotsOf(
  read: ReadonlyMap<Slot, bigint> = new Map(),
  written: ReadonlyMap<Slot, bigint> = new Map(),
  touched: ReadonlySet<Slot> = new Set(),
): SlotEntry[] {
  return Array.from(new Set([...read.keys(), ...written.keys(), ...touched]), (key) => {
    const base = read.get(key) ?? 0n
    const flags =
      (read.has(key) ? SLOT_READ : 0) |
      (written.has(key) ? SLOT_WRITTEN : 0) |
      (touched.has(key) ? SLOT_ACCESSED : 0)
    return { key, base, value: written.get(key) ?? base, flags }
  })
}
