/** A table of state for tests: what the engine asks of another instance, and a host that fills it. */

// An entry: 24 bytes of address (and for a slot 32 of key), a word that says what is answered, then the words.
const ACCOUNTS: usize = 0x10000
const ACCOUNT_SIZE: usize = 128
const SLOTS: usize = 0x80000
const SLOT_SIZE: usize = 96
const LATER: u64 = 1

let accounts: usize = 0
let slots: usize = 0
let found: usize = 0

export function clear(): void {
  accounts = 0
  slots = 0
}

/** Room for one more account: address, 1 when it is there later, ten words. */
export function newAccount(): usize {
  return ACCOUNTS + accounts++ * ACCOUNT_SIZE
}

/** Room for one more slot: the account's handle, 1 when it is there later, the key's limbs, four words. */
export function newSlot(): usize {
  return SLOTS + slots++ * SLOT_SIZE
}

export function account(a0: u64, a1: u64, a2: u64): i32 {
  for (let i: usize = 0; i < accounts; i++) {
    const at = ACCOUNTS + i * ACCOUNT_SIZE
    if (load<u64>(at) != a0 || load<u64>(at, 8) != a1 || load<u64>(at, 16) != a2) continue
    if (load<u64>(at, 24) == LATER) return -1
    found = at + 32
    return <i32>at
  }
  return 0
}

export function slot(handle: i32, k0: u64, k1: u64, k2: u64, k3: u64): i32 {
  for (let i: usize = 0; i < slots; i++) {
    const at = SLOTS + i * SLOT_SIZE
    if (load<u64>(at) != <u64>handle || load<u64>(at, 16) != k0 || load<u64>(at, 24) != k1) continue
    if (load<u64>(at, 32) != k2 || load<u64>(at, 40) != k3) continue
    if (load<u64>(at, 8) == LATER) return -1
    found = at + 48
    return 1
  }
  return 0
}

export function word(i: i32): u64 {
  return load<u64>(found + (<usize>i << 3))
}
