import type { BlockEnv, Executable } from '../evm/engine.ts'
import type { Block } from '../model/block.ts'
import type { Rules } from '../model/fork.ts'
import { networkOf } from '../model/network.ts'
import { recoverAuthority } from '../model/signer.ts'
import type { Address } from '../primitives/hex.ts'

/** Who may spend what is kept for fees, as execution judges it: what `reserve-budget.ts` judges before. */

const spendersOf = new WeakMap<Block, ReadonlySet<Address>>()

/**
 * Says of a transaction whether it is its sender's first in k blocks: nothing before it in its block or the blocks before was sent by
 * the same account, or authorised by it.
 * @param ancestors the blocks before, the newest first: no more than k - 1 are looked at
 * @param transactions of the block, in its order: a transaction is known by being the same object
 * @returns undefined where the network keeps no reserve
 */
export function reserveSpenders(
  rules: Rules,
  ancestors: () => Iterable<Block>,
  transactions: readonly Executable[],
): BlockEnv['maySpendReserve'] {
  const { reserve } = networkOf(rules)
  if (reserve === undefined) return undefined
  let lately: readonly ReadonlySet<Address>[] | undefined
  let places: Places | undefined
  return (tx) => {
    const { sender } = tx
    lately ??= [...newest(ancestors(), reserve.delayBlocks - 1)].map(activeIn)
    if (lately.some((active) => active.has(sender)) || authoritiesOf(tx).includes(sender)) {
      return false
    }
    places ??= placesOf(transactions)
    const place = places.of.get(tx)
    return place === undefined || (places.first.get(sender) ?? place) >= place
  }
}

function* newest(blocks: Iterable<Block>, count: number): Iterable<Block> {
  let left = count
  for (const block of blocks) {
    if (left-- <= 0) return
    yield block
  }
}

/** Who sent or authorised anything in a block. */
function activeIn(block: Block): ReadonlySet<Address> {
  let active = spendersOf.get(block)
  if (active === undefined) {
    active = new Set(block.transactions.flatMap((tx) => [tx.sender, ...authoritiesOf(tx)]))
    spendersOf.set(block, active)
  }
  return active
}

interface Places {
  readonly of: ReadonlyMap<Executable, number>
  /** Where an account first sends or authorises. */
  readonly first: ReadonlyMap<Address, number>
}

function placesOf(transactions: readonly Executable[]): Places {
  const of = new Map<Executable, number>()
  const first = new Map<Address, number>()
  for (const [place, tx] of transactions.entries()) {
    of.set(tx, place)
    for (const address of [tx.sender, ...authoritiesOf(tx)]) {
      if (!first.has(address)) first.set(address, place)
    }
  }
  return { of, first }
}

/** Whose authorisations a transaction carries (EIP-7702), as far as they are well signed. */
export function authoritiesOf(tx: Executable): readonly Address[] {
  if (tx.type !== 4) return []
  return tx.authorizationList.flatMap((authorization) => recoverAuthority(authorization) ?? [])
}
