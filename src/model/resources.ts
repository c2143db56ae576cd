import type { ResourceLimits, Resources } from './network.ts'
import { recoverAuthority } from './signer.ts'
import type { TransactionFields } from './transaction.ts'

/** What has to be kept beside gas, where a network counts it: "Resource Accounting" in MegaETH's specification, as of REX5. */

export const NO_RESOURCES: Resources = { dataBytes: 0, kvUpdates: 0, stateGrowth: 0 }

/** What a transaction comes to whatever becomes of it: itself, and the accounts that it writes before it runs. */
export function resourcesDue(
  tx: TransactionFields,
  { data }: Pick<ResourceLimits, 'data'>,
): Resources {
  let dataBytes = data.transaction + tx.data.length
  let kvUpdates = 1
  if (tx.type !== 0) {
    for (const { storageKeys } of tx.accessList) {
      dataBytes += data.listedAddress + data.listedSlot * storageKeys.length
    }
  }
  if (tx.type === 4) {
    dataBytes += data.authorization * tx.authorizationList.length
    // Well signed is enough, until REX6.
    kvUpdates += tx.authorizationList.filter((it) => recoverAuthority(it) !== undefined).length
  }
  return { dataBytes: dataBytes + data.write * kvUpdates, kvUpdates, stateGrowth: 0 }
}

export function addResources(one: Resources, other: Resources): Resources {
  return {
    dataBytes: one.dataBytes + other.dataBytes,
    kvUpdates: one.kvUpdates + other.kvUpdates,
    stateGrowth: one.stateGrowth + other.stateGrowth,
  }
}

/** Of which there is as much as may be, or more; undefined while there is room. */
export function usedUp(used: Resources, limit: Resources): keyof Resources | undefined {
  if (used.dataBytes >= limit.dataBytes) return 'dataBytes'
  if (used.kvUpdates >= limit.kvUpdates) return 'kvUpdates'
  return used.stateGrowth >= limit.stateGrowth ? 'stateGrowth' : undefined
}
