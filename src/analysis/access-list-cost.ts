import type { AccessList } from '../model/transaction.ts'
import type { Address, Slot } from '../primitives/hex.ts'
import type { RecordedTransaction } from './input.ts'

/** Gas of EIP-2929 and EIP-2930. */
export interface AccessListGas {
  readonly listedAccount: number
  readonly listedSlot: number
  readonly coldAccount: number
  readonly coldSlot: number
  readonly warm: number
}

const BERLIN_GAS: AccessListGas = {
  listedAccount: 2400,
  listedSlot: 1900,
  coldAccount: 2600,
  coldSlot: 2100,
  warm: 100,
}

/** What a transaction costs without a list, with the one that it has, and with the cheapest; modelled, refunds and floors aside. */
export interface AccessListCosts {
  readonly none: number
  readonly declared: number
  readonly best: number
  readonly bestList: AccessList
}

/**
 * @param warm accounts that every transaction finds warm: its sender, whom it calls, precompiles, since Shanghai the beneficiary
 */
export function accessListCosts(
  { access, gasUsed, declared = [] }: RecordedTransaction,
  warm: ReadonlySet<Address>,
  gas: AccessListGas = BERLIN_GAS,
): AccessListCosts {
  const touched = new Map<Address, ReadonlySet<Slot>>()
  for (const [address, { slots }] of access.reads) {
    const isNew = access.writes.accounts.get(address)?.life === 'created'
    if (!isNew) touched.set(address, new Set(slots?.keys()))
  }
  const none = gasUsed - effectOf(declared, touched, warm, gas)
  const bestList: { readonly address: Address; readonly storageKeys: readonly Slot[] }[] = []
  for (const [address, slots] of touched) {
    const entry = { address, storageKeys: [...slots].sort() }
    const plain = { address, storageKeys: [] }
    const [cheaper] = [entry, plain].sort(
      (a, b) => effectOf([a], touched, warm, gas) - effectOf([b], touched, warm, gas),
    )
    if (effectOf([cheaper!], touched, warm, gas) < 0) bestList.push(cheaper!)
  }
  bestList.sort((a, b) => (a.address < b.address ? -1 : 1))
  const best = none + effectOf(bestList, touched, warm, gas)
  return { none, declared: gasUsed, best, bestList }
}

/** Gas that a list adds; negative when it saves. */
function effectOf(
  list: AccessList,
  touched: ReadonlyMap<Address, ReadonlySet<Slot>>,
  warm: ReadonlySet<Address>,
  gas: AccessListGas,
): number {
  let effect = 0
  const seen = new Set<string>()
  for (const { address, storageKeys } of list) {
    effect += gas.listedAccount + gas.listedSlot * storageKeys.length
    const slots = touched.get(address)
    const isFirst = !seen.has(address)
    seen.add(address)
    if (slots !== undefined && !warm.has(address) && isFirst) effect -= gas.coldAccount - gas.warm
    for (const key of storageKeys) {
      const place = `${address}:${key}`
      if (slots?.has(key) === true && !seen.has(place)) effect -= gas.coldSlot - gas.warm
      seen.add(place)
    }
  }
  return effect
}
