import { type Address, type Slot, slotOf, toQuantity } from '../../primitives/hex.ts'
import type { StateChange } from '../backend.ts'

/** An account after a block, as MegaETH's realtime API shows it. */
export function encodeStateChange({ address, account, slots }: StateChange): {
  readonly address: Address
  readonly nonce: number
  readonly balance: string
  readonly storage: Readonly<Record<Slot, string>>
} {
  return {
    address,
    nonce: Number(account?.nonce ?? 0n),
    balance: toQuantity(account?.balanceWei ?? 0n),
    storage: Object.fromEntries(Array.from(slots, ([slot, word]) => [slot, slotOf(word)])),
  }
}
