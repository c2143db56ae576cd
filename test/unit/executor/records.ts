import { hexToBytes } from '../../../src/primitives/hex.ts'
import { keccakHash } from '../../../src/primitives/keccak.ts'
import * as layout from '../../../src/state/record-layout.ts'

/** An access record as a test writes it. What is left out was neither read nor written. */
interface SlotDraft {
  readonly key: bigint
  readonly read?: bigint
  readonly written?: bigint
}
export interface AccountDraft {
  readonly address: `0x${string}`
  readonly reads?: number
  readonly writes?: number
  readonly wasThere?: boolean
  readonly balances?: readonly [before: bigint, after: bigint]
  readonly covered?: bigint
  readonly notCovered?: bigint
  readonly nonces?: readonly [before: bigint, after: bigint]
  readonly codes?: readonly [before: string, after: string]
  readonly slots?: readonly SlotDraft[]
}

/** The bytes of a record with these accounts and codes, without logs and output. */
export function recordOf(
  accounts: readonly AccountDraft[],
  codes: readonly Uint8Array[] = [],
): Uint8Array {
  const slots = accounts.reduce((sum, { slots: it = [] }) => sum + it.length, 0)
  const codesAt =
    layout.RECORD_HEADER_SIZE +
    accounts.length * layout.ENTRY_SIZE +
    slots * layout.RECORD_SLOT_SIZE
  const size = codes.reduce((sum, code) => sum + codeRoom(code), codesAt)
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  view.setUint32(layout.RECORD_SIZE, size, true)
  view.setUint32(layout.RECORD_ACCOUNTS, accounts.length, true)
  view.setUint32(layout.RECORD_CODES, codes.length, true)
  view.setUint32(layout.RECORD_CODES_AT, codesAt, true)
  let at = layout.RECORD_HEADER_SIZE
  for (const account of accounts) {
    const { balances = [0n, 0n], nonces = [0n, 0n], codes: hashes, slots: own = [] } = account
    bytes.set(hexToBytes(account.address).toReversed(), at + layout.ENTRY_ADDRESS)
    view.setUint32(at + layout.ENTRY_READS, account.reads ?? 0, true)
    view.setUint32(at + layout.ENTRY_WRITES, account.writes ?? 0, true)
    view.setUint32(at + layout.ENTRY_SLOTS, own.length, true)
    const flags = account.wasThere === false ? 0 : layout.WAS_THERE
    view.setUint32(at + layout.ENTRY_FLAGS, flags, true)
    setWord(view, at + layout.ENTRY_BASE_BALANCE, balances[0])
    setWord(view, at + layout.ENTRY_BALANCE, balances[1])
    setWord(view, at + layout.ENTRY_COVERED, account.covered ?? 0n)
    setWord(view, at + layout.ENTRY_NOT_COVERED, account.notCovered ?? 0n)
    view.setBigUint64(at + layout.ENTRY_BASE_NONCE, nonces[0], true)
    view.setBigUint64(at + layout.ENTRY_NONCE, nonces[1], true)
    if (hashes !== undefined) {
      bytes.set(hexToBytes(hashes[0]), at + layout.ENTRY_BASE_CODE)
      bytes.set(hexToBytes(hashes[1]), at + layout.ENTRY_CODE)
    }
    at += layout.ENTRY_SIZE
    for (const slot of own) {
      setWord(view, at + layout.RECORD_SLOT_KEY, slot.key)
      setWord(view, at + layout.RECORD_SLOT_BASE, slot.read ?? 0n)
      setWord(view, at + layout.RECORD_SLOT_VALUE, slot.written ?? slot.read ?? 0n)
      const read = slot.read === undefined ? 0 : layout.SLOT_READ
      const written = slot.written === undefined ? 0 : layout.SLOT_WRITTEN
      view.setUint32(at + layout.RECORD_SLOT_FLAGS, read | written, true)
      at += layout.RECORD_SLOT_SIZE
    }
  }
  for (const code of codes) {
    bytes.set(hexToBytes(keccakHash(code)), at + layout.RECORD_CODE_HASH)
    view.setUint32(at + layout.RECORD_CODE_LENGTH, code.length, true)
    bytes.set(code, at + layout.RECORD_CODE_BYTES)
    at += codeRoom(code)
  }
  return bytes
}

function codeRoom(code: Uint8Array): number {
  return layout.RECORD_CODE_BYTES + ((code.length + 7) & ~7)
}

function setWord(view: DataView, at: number, value: bigint): void {
  for (let k = 0; k < 4; k++) {
    view.setBigUint64(at + 8 * k, BigInt.asUintN(64, value >> BigInt(64 * k)), true)
  }
}
