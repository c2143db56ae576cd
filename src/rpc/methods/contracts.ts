import { type Address, type Hash, type Slot, ZERO_HASH, toQuantity } from '../../primitives/hex.ts'
import type { Json } from '../backend.ts'
import { LATEST, blockRef } from '../codec/block-ref.ts'
import { fieldsOf, text } from '../codec/decoder.ts'
import { jsonOut } from '../codec/encoder.ts'
import { address, atLeastOne, hash } from '../codec/scalar.ts'
import type { NamedSlot } from '../contract-port.ts'
import { serverError } from '../error.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'
import { notInspected, tracedJson } from '../traces.ts'

const MAX_FOUND = 200
const MAX_SLOTS = 1_000
const DEFAULT_SLOTS = 200

const who = param('address', address)
const at = optional('block', blockRef, LATEST)
const page = fieldsOf({ start: hash, limit: atLeastOne(MAX_SLOTS) })

/** What a tracer of differences shows of an account; absent is empty before, and unchanged after. */
interface TracedAccount {
  readonly balance?: string
  readonly nonce?: number
  readonly code?: string
  readonly storage?: Readonly<Record<Slot, string>>
}
type Traced = Readonly<Record<Address, TracedAccount>>

/** What a transaction changed: balances, nonces, codes, and variables by name with their values before and after. */
async function stateDiff(context: Context, transaction: Hash): Promise<Json> {
  const { execution, contracts } = context.backend
  const tracer = { tracer: 'prestateTracer', tracerConfig: { diffMode: true } }
  const traced = await execution.traceTransaction(transaction, tracer)
  const { pre, post } = (await tracedJson(context, traced, LATEST)) as unknown as {
    readonly pre: Traced
    readonly post: Traced
  }
  const addresses = [...new Set([...Object.keys(pre), ...Object.keys(post)])] as Address[]
  const slots = addresses.flatMap((of) =>
    keysOf(pre[of], post[of]).map((key) => ({ address: of, key })),
  )
  const names = await contracts.nameWritten(transaction, slots)
  if (names.kind !== 'named') throw serverError('state not available: it is not kept any longer')
  const accounts = addresses.map((of): Json => {
    const [before, after] = [pre[of] ?? {}, post[of]]
    return {
      address: of,
      destroyed: after === undefined,
      ...changed('balance', before.balance, after?.balance, '0x0'),
      ...changed('nonce', before.nonce, after?.nonce, 0),
      ...changed('code', before.code, after?.code, '0x'),
      storage: names.slots
        .filter((slot) => slot.address === of)
        .map((slot) => slotChange(slot, before.storage?.[slot.key], after?.storage?.[slot.key])),
    }
  })
  return { accounts }
}

function keysOf(before: TracedAccount = {}, after: TracedAccount = {}): Slot[] {
  const keys = [...Object.keys(before.storage ?? {}), ...Object.keys(after.storage ?? {})]
  return [...new Set(keys)] as Slot[]
}

/** Nothing when it did not change. */
function changed<T extends string | number>(
  name: string,
  before: T | undefined,
  after: T | undefined,
  none: T,
): Readonly<Record<string, Json>> {
  return after === undefined ? {} : { [name]: { before: before ?? none, after } }
}

function slotChange(slot: NamedSlot, before = '0x0', after = '0x0'): Json {
  const [was, is] = [BigInt(before), BigInt(after)]
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
