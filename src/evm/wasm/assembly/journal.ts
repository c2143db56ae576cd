/** How to take changes back, in the order they were made. */
import {
  ACCOUNT_BALANCE,
  ACCOUNT_CODE,
  ACCOUNT_CODE_HASH,
  ACCOUNT_FLAGS,
  ACCOUNT_NONCE,
  CODE_HASH,
  JOURNAL,
  JOURNAL_SIZE,
  SLOT_FLAGS,
  SLOT_VALUE,
  TOUCHED,
} from '../layout'
import { copy } from '../../../primitives/assembly/u256'
import { pin } from './heap'

const OF_BALANCE: u32 = 1
const OF_NONCE: u32 = 2
const OF_FLAG: u32 = 3
const OF_SLOT: u32 = 4
const OF_SLOT_FLAG: u32 = 5
const OF_CODE: u32 = 6

const SIZE: usize = 40

let start: usize = JOURNAL
let next: usize = JOURNAL
let end: usize = JOURNAL + JOURNAL_SIZE

export function resetJournal(): void {
  start = JOURNAL
  next = JOURNAL
  end = JOURNAL + JOURNAL_SIZE
}

/** How long the journal is: `revertTo` goes back to it. */
@inline
export function mark(): usize {
  return next - start
}

@inline
function note(kind: u32, at: usize): usize {
  if (next + SIZE > end) move()
  const record = next
  next += SIZE
  store<u32>(record, kind)
  store<u32>(record, <u32>at, 4)
  return record
}

function move(): void {
  const length = next - start
  const room = (end - start) * 2
  const at = pin(room)
  memory.copy(at, start, length)
  start = at
  next = at + length
  end = at + room
}

export function noteBalance(account: usize): void {
  copy(note(OF_BALANCE, account) + 8, account + ACCOUNT_BALANCE)
}

export function noteNonce(account: usize): void {
  store<u64>(note(OF_NONCE, account), load<u64>(account, ACCOUNT_NONCE), 8)
}

export function noteCode(account: usize): void {
  store<u32>(note(OF_CODE, account), load<u32>(account, ACCOUNT_CODE), 8)
}

@inline
export function noteSlot(slot: usize): void {
  copy(note(OF_SLOT, slot) + 8, slot + SLOT_VALUE)
}

/** Sets a flag of an account. */
@inline
export function raise(account: usize, flag: u32): void {
  const flags = load<u32>(account, ACCOUNT_FLAGS)
  if ((flags & flag) != 0) return
  store<u32>(note(OF_FLAG, account), flag, 8)
  store<u32>(account, flags | flag, ACCOUNT_FLAGS)
}

@inline
export function raiseSlot(slot: usize, flag: u32): void {
  const flags = load<u32>(slot, SLOT_FLAGS)
  if ((flags & flag) != 0) return
  store<u32>(note(OF_SLOT_FLAG, slot), flag, 8)
  store<u32>(slot, flags | flag, SLOT_FLAGS)
}

/** Takes back all since `mark` was `length`. */
export function revertTo(length: usize): void {
  const target = start + length
  while (next > target) {
    next -= SIZE
    undo(next)
  }
}

function undo(record: usize): void {
  const at: usize = load<u32>(record, 4)
  switch (load<u32>(record)) {
    case OF_BALANCE:
      copy(at + ACCOUNT_BALANCE, record + 8)
      return
    case OF_NONCE:
      store<u64>(at, load<u64>(record, 8), ACCOUNT_NONCE)
      return
    case OF_FLAG: {
      const flag = load<u32>(record, 8)
      // Mainnet's history has it that the third precompile stays touched (EIP-716).
      if (flag == TOUCHED && isThird(at)) return
      store<u32>(at, load<u32>(at, ACCOUNT_FLAGS) & ~flag, ACCOUNT_FLAGS)
      return
    }
    case OF_SLOT:
      copy(at + SLOT_VALUE, record + 8)
      return
    case OF_SLOT_FLAG:
      store<u32>(at, load<u32>(at, SLOT_FLAGS) & ~load<u32>(record, 8), SLOT_FLAGS)
      return
    default: {
      const code: usize = load<u32>(record, 8)
      store<u32>(at, <u32>code, ACCOUNT_CODE)
      copy(at + ACCOUNT_CODE_HASH, code + CODE_HASH)
    }
  }
}

@inline
function isThird(account: usize): bool {
  return load<u64>(account) == 3 && (load<u64>(account, 8) | load<u64>(account, 16)) == 0
}
