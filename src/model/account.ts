import { EMPTY_CODE_HASH } from '../primitives/keccak.ts'
import type { Hash } from '../primitives/hex.ts'

/** What an account is, its storage apart. */
export interface Account {
  readonly nonce: bigint
  readonly balanceWei: bigint
  readonly codeHash: Hash
}

export const EMPTY_ACCOUNT: Account = { nonce: 0n, balanceWei: 0n, codeHash: EMPTY_CODE_HASH }

/** Empty by EIP-161: no nonce, no balance, no code. */
export function isEmptyAccount(account: Account): boolean {
  return account.nonce === 0n && account.balanceWei === 0n && account.codeHash === EMPTY_CODE_HASH
}
