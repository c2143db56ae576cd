import type { AccountAccess, StepChange } from '../model/block-access-list.ts'
import type { AccountReads, AccountWrites, AccessSet, ReadSet } from '../state/access.ts'
import { emptyChangeSet } from '../state/access.ts'

type Hint = Pick<AccessSet, 'reads' | 'writes'>

/**
 * What is wrong with lists of dependencies, in Polygon's form: for each transaction the places of the earlier ones that it waits for.
 * @param name of the lists, for the sentence @returns undefined when they are sound
 */
export function dependencyFault(
  lists: readonly (readonly number[])[],
  transactions: number,
  name: string,
): string | undefined {
  if (lists.length !== transactions) {
    return `\`${name}\`: expected ${transactions} lists, one for each transaction, got ${lists.length}`
  }
  for (const [index, list] of lists.entries()) {
    for (const [at, earlier] of list.entries()) {
      const entry = `\`${name}[${index}][${at}]\``
      if (list.indexOf(earlier) < at) return `${entry}: ${earlier} is there twice`
      if (earlier < index) continue
      if (earlier >= transactions) {
        return `${entry}: ${earlier} is no transaction of the block, which has ${transactions}`
      }
      const cycle = pathBetween(lists, earlier, index)
      if (cycle !== undefined) return `${entry}: a cycle, ${[index, ...cycle].join(' waits for ')}`
      return `${entry}: ${earlier} points forward, transaction ${index} can wait for earlier ones only`
    }
  }
  return undefined
}

/** A way along the lists from one transaction to another; both ends are in it. */
function pathBetween(
  lists: readonly (readonly number[])[],
  from: number,
  to: number,
): readonly number[] | undefined {
  const cameFrom = new Map<number, number>([[from, -1]])
  const open = [from]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) {
      const path: number[] = []
      for (let step = at; step !== -1; step = cameFrom.get(step)!) path.unshift(step)
      return path
    }
    for (const next of lists[at] ?? []) {
      if (cameFrom.has(next)) continue
      cameFrom.set(next, at)
      open.push(next)
    }
  }
  return undefined
}

/** What is wrong with a block access list as a hint: a step that the block does not have. */
export function accessListFault(
  list: readonly AccountAccess[],
  transactions: number,
  name: string,
): string | undefined {
  for (const [at, account] of list.entries()) {
    const fields = {
      balanceChanges: account.balanceChanges,
      nonceChanges: account.nonceChanges,
      codeChanges: account.codeChanges,
      ...Object.fromEntries(
        account.storageChanges.map(({ changes }, slot) => [
          `storageChanges[${slot}].changes`,
          changes,
        ]),
      ),
    }
    for (const [field, changes] of Object.entries<readonly StepChange<unknown>[]>(fields)) {
      const change = changes.findIndex(({ index }) => index > transactions + 1)
      if (change < 0) continue
      const { index } = changes[change]!
      return `\`${name}[${at}].${field}[${change}].index\`: ${index} is no step of the block, which has 0 to ${transactions + 1}`
    }
  }
  return undefined
}

/** What a block access list (EIP-7928) says that each transaction changes; what is changed is taken as read too. */
export function hintsOfAccessList(
  list: readonly AccountAccess[],
  transactions: number,
): readonly Hint[] {
  const hints = Array.from({ length: transactions }, () => ({
    reads: new Map() as ReadSet,
    writes: emptyChangeSet(),
  }))
  for (const { address, storageChanges, balanceChanges, nonceChanges } of list) {
    const at = (index: number): { reads: AccountReads; writes: AccountWrites } | undefined => {
      const hint = hints[index - 1]
      if (hint === undefined) return undefined
      const reads = hint.reads.get(address) ?? {}
      const writes = hint.writes.accounts.get(address) ?? {}
      hint.reads.set(address, reads)
      hint.writes.accounts.set(address, writes)
      return { reads, writes }
    }
    for (const { index, value } of nonceChanges) {
      const own = at(index)
      if (own === undefined) continue
      own.reads.nonce = value
      own.writes.nonce = value
    }
    for (const { index, value } of balanceChanges) {
      const own = at(index)
      if (own !== undefined) own.writes.balanceWei = value
    }
    for (const { key, changes } of storageChanges) {
      for (const { index, value } of changes) {
        const own = at(index)
        if (own === undefined) continue
        own.reads.slots ??= new Map()
        own.reads.slots.set(key, value)
        own.writes.slots ??= new Map()
        own.writes.slots.set(key, value)
      }
    }
  }
  return hints
}
