/** Keys of the state's tries: keccak256 of an address or a storage key, remembered, since blocks come back to the same ones. */
import { keccak256 } from '../../primitives/assembly/keccak'
import { copy, isEqual } from '../../primitives/assembly/u256'
import { storeBytes32 } from '../../primitives/assembly/u256-bytes'

const ENTRIES: usize = 4096
/** The name, its key, and what it is a name of. */
const ENTRY: usize = 72
const TABLE: usize = memory.data(294912)
const NAME: usize = memory.data(32)

const OF_ACCOUNT: u32 = 1
const OF_SLOT: u32 = 2

/** The key of the account whose address is in the three limbs at `name`. */
export function accountKey(out: usize, name: usize): void {
  store<u64>(NAME, load<u64>(name))
  store<u64>(NAME, load<u64>(name, 8), 8)
  store<u64>(NAME, load<u64>(name, 16), 16)
  store<u64>(NAME, 0, 24)
  keyOf(out, NAME, OF_ACCOUNT)
}

export function slotKey(out: usize, name: usize): void {
  keyOf(out, name, OF_SLOT)
}

const BYTES: usize = memory.data(32)

function keyOf(out: usize, name: usize, kind: u32): void {
  const mixed =
    load<u64>(name) ^
    rotl(load<u64>(name, 8), 17) ^
    rotl(load<u64>(name, 16), 34) ^
    rotl(load<u64>(name, 24), 51)
  const index = <usize>((mixed * 0x9e3779b97f4a7c15) >> 52) & (ENTRIES - 1)
  const entry = TABLE + index * ENTRY
  if (load<u32>(entry, 64) != kind || !isEqual(entry, name)) {
    storeBytes32(BYTES, name)
    if (kind == OF_ACCOUNT) keccak256(entry + 32, BYTES + 12, 20)
    else keccak256(entry + 32, BYTES, 32)
    copy(entry, name)
    store<u32>(entry, kind, 64)
  }
  copy(out, entry + 32)
}
