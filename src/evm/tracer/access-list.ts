import type { AccessList } from '../../model/transaction.ts'
import { type Address, type Slot, slotOf } from '../../primitives/hex.ts'
import type { Observer } from '../observer.ts'

const STORAGE = new Set(['SLOAD', 'SSTORE'])
const ACCOUNTS = new Set(['BALANCE', 'EXTCODEHASH', 'EXTCODESIZE', 'EXTCODECOPY', 'SELFDESTRUCT'])
const CALLS = new Set(['CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL'])
const ADDRESS_MASK = (1n << 160n) - 1n

/**
 * Collects what an execution touches, as eth_createAccessList lists it (EIP-2930).
 * @param start what is listed already @param isWarm tells accounts that are warm anyway: listed only with storage
 * @param pageBits of a slot's number, those that say where in its page it is: one slot of a page warms all
 */
export function createAccessListTracer(
  start: AccessList,
  isWarm: (address: Address) => boolean,
  pageBits = 0,
): { readonly observer: Observer; list(): AccessList } {
  const touched = new Map<Address, Map<bigint, Slot>>()
  const touch = (address: Address): Map<bigint, Slot> => {
    const slots = touched.get(address) ?? new Map<bigint, Slot>()
    touched.set(address, slots)
    return slots
  }
  for (const { address, storageKeys } of start) {
    const slots = touch(address)
    for (const key of storageKeys) slots.set(BigInt(key) >> BigInt(pageBits), key)
  }
  const touchAccount = (word: bigint | undefined): void => {
    if (word === undefined) return
    const address = `0x${(word & ADDRESS_MASK).toString(16).padStart(40, '0')}` as Address
    if (!isWarm(address)) touch(address)
  }
  const observer: Observer = {
    step({ name, stack, address }) {
      if (STORAGE.has(name)) {
        const key = stack[stack.length - 1]
        if (key !== undefined) {
          const slots = touch(address)
          const unit = key >> BigInt(pageBits)
          if (!slots.has(unit)) slots.set(unit, slotOf(key))
        }
      } else if (ACCOUNTS.has(name)) {
        touchAccount(stack[stack.length - 1])
      } else if (CALLS.has(name) && stack.length >= 5) {
        touchAccount(stack[stack.length - 2])
      }
    },
  }
  return {
    observer,
    list: () =>
      [...touched].map(([address, slots]) => ({ address, storageKeys: [...slots.values()] })),
  }
}
