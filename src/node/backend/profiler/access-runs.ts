import { isPrecompile } from '../../../evm/tracer/precompiles.ts'
import type { BlockEnv, Engine, Executable, Outcome, Switches } from '../../../evm/engine.ts'
import { createAddress } from '../../../model/create-address.ts'
import { isActive } from '../../../model/fork.ts'
import type { AccessList } from '../../../model/transaction.ts'
import type { Address, Slot } from '../../../primitives/hex.ts'
import type { AccessSet } from '../../../state/access.ts'
import type { StateView } from '../../../state/view.ts'

/** Running one transaction again with one list or another. */

/** Where a transaction runs. */
export interface Scene {
  readonly tx: Executable
  readonly env: BlockEnv
  readonly view: StateView
  readonly switches: Switches
}

export type Ran = Exclude<Outcome, { kind: 'rejected' }>

/** The transaction with this list, whatever it had; undefined when it cannot be in a block so. */
export async function runWith(
  engine: Engine,
  { tx, env, view, switches }: Scene,
  list: AccessList,
): Promise<Ran | undefined> {
  const outcome = await engine.transact(withList(tx, list, env), env, view, { switches })
  return outcome.kind === 'rejected' ? undefined : outcome
}

/** A legacy transaction takes the type that has a list (EIP-2930) when it gets one. */
function withList(tx: Executable, accessList: AccessList, { chainId }: BlockEnv): Executable {
  if (tx.type !== 0) return { ...tx, accessList }
  return accessList.length === 0
    ? tx
    : { ...tx, type: 1, chainId: tx.chainId ?? chainId, accessList }
}

/** The list that it has; empty for a legacy transaction. */
export function declaredList(tx: Executable): AccessList {
  return tx.type === 0 ? [] : tx.accessList
}

/** All places that were used, as a list. Accounts that the transaction made are left out: they are warm from then on. */
export function usedList({ reads, writes }: AccessSet): AccessList {
  const list: { readonly address: Address; readonly storageKeys: readonly Slot[] }[] = []
  for (const [address, { slots }] of reads) {
    if (writes.accounts.get(address)?.life === 'created') continue
    list.push({ address, storageKeys: [...(slots?.keys() ?? [])].toSorted() })
  }
  return list.toSorted((a, b) => (a.address < b.address ? -1 : 1))
}

/** Whether an account is warm in every transaction like this one. */
export function warmIn({ tx, env }: Pick<Scene, 'tx' | 'env'>): (address: Address) => boolean {
  const target = tx.to ?? createAddress(tx.sender, tx.nonce)
  const coinbase = isActive(env.rules, 'shanghai') ? env.header.beneficiary : undefined
  return (address) =>
    address === tx.sender ||
    address === target ||
    address === coinbase ||
    isPrecompile(address, env.rules)
}
