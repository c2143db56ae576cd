/** The transaction at work, as it was encoded. */
import { TX_FLAGS } from '../transaction-layout'
import { accountAt } from './accounts'

export let tx: usize = 0

/** Where it is. */
export function transaction(): usize {
  return tx
}

export function setTransaction(at: usize): void {
  tx = at
}

@inline
export function has(flag: u32): bool {
  return (load<u32>(tx, TX_FLAGS) & flag) != 0
}

/** The entry of the account whose address is at `at`. */
@inline
export function accountIn(at: usize): usize {
  return accountAt(load<u64>(at), load<u64>(at, 8), load<u64>(at, 16))
}

@inline
export function isNone(address: usize): bool {
  return (load<u64>(address) | load<u64>(address, 8) | load<u64>(address, 16)) == 0
}
