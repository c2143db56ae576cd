import { SUCCESS } from '../../evm/wasm/status.ts'
import type { Transaction } from '../../model/transaction.ts'
import { EMPTY_BYTES } from '../../primitives/bytes.ts'
import type { Address } from '../../primitives/hex.ts'
import { keccakHash } from '../../primitives/keccak.ts'
import {
  type AccountWrites,
  type ChangeSet,
  type ReadSet,
  emptyChangeSet,
} from '../../state/access.ts'
import type { BlockAccessList } from '../../state/block-access-list.ts'
import { locationsOf, locationsOfReads } from '../../state/change-set.ts'
import { locationKey } from '../../state/location.ts'
import { writeRecord } from '../../state/record-content.ts'
import { contentOf } from '../../state/record-of.ts'
import { Overlay } from '../../state/overlay.ts'
import type { StateView } from '../../state/view.ts'
import type { BlockInput } from '../executor.ts'

/**
 * Says of one transaction after another which of the earlier ones must be merged before it runs: as many as up to the last that writes what
 * it reads. Known are the sender's nonce, the block's hints, and without one the transaction's own access list (EIP-2930), each of whose
 * slots may be written.
 * @returns to be called in the order of the block, with the transaction's place in the lanes and in the block
 */
export function dependencies(
  block: BlockInput,
): (place: number, index: number, tx: Transaction) => number {
  if (block.dependencies !== undefined) return givenDependencies(block.dependencies)
  const writers = new Map<string, number>()
  return (place, index, tx) => {
    const { reads, writes } = expectedOf(block, index, tx)
    let after = 0
    for (const key of reads) after = Math.max(after, writers.get(key) ?? 0)
    for (const key of writes) writers.set(key, place + 1)
    return after
  }
}

function givenDependencies(
  lists: readonly (readonly number[])[],
): (place: number, index: number) => number {
  const places: number[] = []
  return (place, index) => {
    places[index] = place
    let after = 0
    for (const earlier of lists[index] ?? []) after = Math.max(after, (places[earlier] ?? -1) + 1)
    return after
  }
}

function expectedOf(
  block: BlockInput,
  index: number,
  tx: Transaction,
): { readonly reads: readonly string[]; readonly writes: readonly string[] } {
  const nonce = locationKey({ kind: 'nonce', address: tx.sender })
  const hint = block.hintOf?.(index)
  if (hint !== undefined) {
    const reads = locationsOfReads(hint.reads).filter((it) => it.kind !== 'balance')
    const exact = [...hint.reads].filter(([, { balance }]) => balance?.strength === 'exact')
    const balances = exact.map(([address]) => locationKey({ kind: 'balance', address }))
    return {
      reads: [nonce, ...reads.map(locationKey), ...balances],
      writes: [nonce, ...locationsOf(hint.writes).map(locationKey)],
    }
  }
  if (tx.type === 0) return { reads: [nonce], writes: [nonce] }
  const slots = tx.accessList.flatMap(({ address, storageKeys }) =>
    storageKeys.map((key) => locationKey({ kind: 'slot', address, key })),
  )
  return { reads: [nonce, ...slots], writes: [nonce, ...slots] }
}

/** What a block access list (EIP-7928) says that each transaction writes, as records. @param base the state before the block */
export function foretoldBy(
  list: BlockAccessList,
  transactions: number,
  base: StateView,
): readonly Uint8Array[] {
  const steps: ChangeSet[] = Array.from({ length: transactions + 2 }, emptyChangeSet)
  const writesAt = (step: number, address: Address): AccountWrites => {
    const { accounts } = steps[step]!
    let writes = accounts.get(address)
    if (writes === undefined) accounts.set(address, (writes = {}))
    return writes
  }
  for (const [address, { slots, balancesWei, nonces, codes }] of list) {
    for (const [step, wei] of balancesWei)
      if (step < steps.length) writesAt(step, address).balanceWei = wei
    for (const [step, nonce] of nonces)
      if (step < steps.length) writesAt(step, address).nonce = nonce
    for (const [step, code] of codes) {
      if (step >= steps.length) continue
      const hash = keccakHash(code)
      writesAt(step, address).codeHash = hash
      steps[step]!.codes.set(hash, code)
    }
    for (const [key, values] of slots) {
      for (const [step, value] of values) {
        if (step >= steps.length) continue
        const writes = writesAt(step, address)
        writes.slots ??= new Map()
        writes.slots.set(key, value)
      }
    }
  }
  const told = new Overlay(base)
  return steps.map((writes) => {
    for (const [address, own] of writes.accounts) {
      if (told.account(address) === undefined) own.life = 'created'
    }
    const record = recordOf(writes, told)
    told.apply(writes)
    return record
  })
}

/** A record of what is written, each balance with what it was before: what is shown of it is the difference. */
function recordOf(writes: ChangeSet, before: StateView): Uint8Array {
  const reads: ReadSet = new Map()
  for (const address of writes.accounts.keys()) {
    const wei = before.account(address)?.balanceWei ?? 0n
    reads.set(address, { balance: { strength: 'exact', wei } })
  }
  const access = { reads, writes, volatile: new Set<never>(), precision: 'exact' } as const
  const nothing = { gasUsed: 0n, gasRefunded: 0n, logs: [], created: null, output: EMPTY_BYTES }
  return writeRecord(contentOf({ ...nothing, status: SUCCESS, access }))
}
