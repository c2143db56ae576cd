import { type Address, hexToBytes } from '../primitives/hex.ts'
import { concatBytes } from '../primitives/bytes.ts'
import { sign } from '../primitives/secp256k1.ts'
import type { DevAccount, NodeConfig } from './config.ts'

/** The accounts whose keys the node holds. */
export class Wallet {
  readonly accounts: readonly DevAccount[]
  readonly #keys: ReadonlyMap<Address, Uint8Array>

  constructor(accounts: readonly DevAccount[]) {
    this.accounts = accounts
    this.#keys = new Map(accounts.map((it) => [it.address, hexToBytes(it.privateKey)]))
  }

  /** Who has ether at the start, and how much wei. */
  funded({ accounts, fundedAccounts }: NodeConfig): ReadonlyMap<Address, bigint> {
    const own = this.accounts.map(({ address }) => [address, accounts.balanceWei] as const)
    return new Map([...own, ...fundedAccounts])
  }

  /** 32 bytes; undefined for a stranger. */
  key(address: Address): Uint8Array | undefined {
    return this.#keys.get(address)
  }

  /** r, s and v (27 or 28): 65 bytes over a 32-byte digest; undefined for a stranger. */
  sign(address: Address, digest: Uint8Array): Uint8Array | undefined {
    const key = this.#keys.get(address)
    if (key === undefined) return undefined
    const { r, s, yParity } = sign(digest, key)
    return concatBytes(r, s, Uint8Array.of(27 + yParity))
  }
}
