import {
  type Address,
  type Hash,
  type Slot,
  ZERO_HASH,
  bytesToHex,
  toQuantity,
} from '../../primitives/hex.ts'
import type { Json } from '../backend.ts'
import { LATEST, blockRef } from '../codec/block-ref.ts'
import { fieldsOf, text } from '../codec/decoder.ts'
import { jsonOut } from '../codec/encoder.ts'
import { address, atLeastOne, hash } from '../codec/scalar.ts'
import type { NamedSlot } from '../contract-port.ts'
import { serverError } from '../error.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'
import { notInspected } from '../traces.ts'
import { notRerun } from './parallel.ts'

const MAX_FOUND = 200
const MAX_SLOTS = 1_000
const DEFAULT_SLOTS = 200

const who = param('address', address)
const at = optional('block', blockRef, LATEST)
const page = fieldsOf({ start: hash, limit: atLeastOne(MAX_SLOTS) })

/** What a transaction changed: balances, nonces, codes, and variables by name with their values before and after. */
async function stateDiff(context: Context, transaction: Hash): Promise<Json> {
  const { inspect, contracts } = context.backend
  const found = await inspect.changesOf(transaction)
  if (found.kind === 'unknownBlock') throw serverError('transaction not found')
  if (found.kind !== 'changed')
    throw notRerun(found, { kind: 'hash', hash: transaction, requireCanonical: false })
  const slots = found.accounts.flatMap(({ address: of, slots: changed }) =>
    changed.map(({ key }) => ({ address: of, key })),
  )
  const named = await contracts.nameWritten(transaction, slots)
  // Names are found by running the block once more, for which its state must be there.
  const names = named.kind === 'named' ? named.slots : slots.map(unnamed)
  const accounts = found.accounts.map((account): Json => {
    const { address: of, isDestroyed, balanceWei, nonce, code } = account
    return {
      address: of,
      destroyed: isDestroyed,
      ...(isDestroyed
        ? {}
        : {
            ...(balanceWei && { balance: both(balanceWei, toQuantity) }),
            ...(nonce && { nonce: both(nonce, Number) }),
            ...(code && { code: both(code, bytesToHex) }),
          }),
      storage: account.slots.map((slot) => {
        const name = names.find(({ address: owner, key }) => owner === of && key === slot.key)!
        return slotChange(name, slot.before, slot.after)
      }),
    }
  })
  return { accounts }
}

function both<T, U extends Json>(
  { before, after }: { readonly before: T; readonly after: T },
  show: (value: T) => U,
): Json {
  return { before: show(before), after: show(after) }
}

function unnamed(slot: { readonly address: Address; readonly key: Slot }): NamedSlot {
  return { ...slot, label: `${slot.address} slot ${slot.key}`, fields: [] }
}

function slotChange(slot: NamedSlot, was: bigint, is: bigint): Json {
  const differs = was ^ is
  const fields = slot.fields.filter(({ offset, bytes }) => {
    return ((differs >> BigInt(offset * 8)) & ((1n << BigInt(bytes * 8)) - 1n)) !== 0n
  })
  return {
    slot: slot.key,
    label: slot.label,
    before: wordOf(was),
    after: wordOf(is),
    fields: fields.map(({ name, type, show }) => ({
      name,
      type,
      before: show(was),
      after: show(is),
    })),
  }
}

function wordOf(value: bigint): string {
  return `0x${value.toString(16).padStart(64, '0')}`
}

/** Contracts and storage in the words of the artefacts that the node watches. */
export const contracts: MethodTable = {
  /** Null for an account without code; `name`, `source` and `abi` are null when no artefact has its code. */
  heddle_getContract: method([who, at], jsonOut, async (context, wanted, block) => {
    const found = await context.backend.contracts.at(wanted, block)
    if (found.kind !== 'looked') throw await notInspected(context, found, block)
    const { contract } = found
    if (contract === undefined) return null
    const { name, source, abi, implementation } = contract
    return {
      address: wanted,
      name: name ?? null,
      source: source ?? null,
      abi: (abi ?? null) as Json,
      implementation: implementation ?? null,
    }
  }),
  /** Accounts by a part of their contracts' names, as of the newest block. */
  heddle_findContracts: method(
    [param('text', text), optional('limit', atLeastOne(MAX_FOUND), MAX_FOUND)],
    jsonOut,
    async ({ backend }, wanted, limit): Promise<Json> => {
      const { contracts: found, complete } = await backend.contracts.find(wanted, limit)
      return { contracts: found.map((one) => ({ ...one })), complete }
    },
  ),
  /** An account's slots by the hashes of their keys, a page at a time, with the variables that lie in them. */
  heddle_getStorage: method(
    [who, at, optional('page', page, {})],
    jsonOut,
    async (context, wanted, block, { start = ZERO_HASH, limit = DEFAULT_SLOTS }): Promise<Json> => {
      const { inspect, contracts: names } = context.backend
      const slots = await inspect.slots({ block }, wanted, start, limit)
      if (slots.kind !== 'page') throw await notInspected(context, slots, block)
      const keys = slots.items.map(({ key }) => key)
      const named = await names.nameStorage(wanted, keys, block)
      if (named.kind !== 'named') throw await notInspected(context, named, block)
      return {
        slots: slots.items.map(({ key, value }, index) => ({
          slot: key,
          value: toQuantity(value),
          label: named.slots[index]!.label,
          fields: named.slots[index]!.fields.map(({ name, type, show }) => ({
            name,
            type,
            value: show(value),
          })),
        })),
        next: slots.next ?? null,
      }
    },
  ),
  heddle_getStateDiff: method([param('transactionHash', hash)], jsonOut, stateDiff),
}
