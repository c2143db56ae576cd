import fc from 'fast-check'

import { type Address, type Slot, slotOf } from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../../src/primitives/keccak.ts'
import { type AccountWrites, type ChangeSet, emptyChangeSet } from '../../../src/state/access.ts'
import type { StateView } from '../../../src/state/view.ts'
import type { GenesisAlloc } from '../../../src/state/world.ts'

/** The world in its plainest form: what versions and overlays are compared with. */
interface ModelAccount {
  nonce: bigint
  balanceWei: bigint
  code: Uint8Array
  storage: Map<Slot, bigint>
}
export type Model = Map<Address, ModelAccount>

export const addresses: readonly Address[] = Array.from(
  { length: 6 },
  (_, i) => `0x${(i + 1).toString(16).padStart(40, '0')}` as Address,
)
export const slots: readonly Slot[] = [0n, 1n, 2n, 2n ** 255n].map(slotOf)

/** What a step does to one account; where it cannot be, it is left out. */
export interface Step {
  readonly address: Address
  readonly act: 'change' | 'create' | 'destroy' | 'recreate'
  readonly balanceWei: bigint | undefined
  readonly nonce: bigint | undefined
  readonly code: Uint8Array | undefined
  readonly slots: readonly (readonly [Slot, bigint])[]
}

const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined })

const step: fc.Arbitrary<Step> = fc.record({
  address: fc.constantFrom(...addresses),
  act: fc.constantFrom('change', 'change', 'create', 'destroy', 'recreate'),
  balanceWei: maybe(fc.bigInt({ min: 0n, max: 3n })),
  nonce: maybe(fc.bigInt({ min: 0n, max: 3n })),
  code: maybe(fc.uint8Array({ maxLength: 2 })),
  slots: fc.array(fc.tuple(fc.constantFrom(...slots), fc.bigInt({ min: 0n, max: 2n })), {
    maxLength: 4,
  }),
})

/** Transactions, each touching an account at most once. */
export const transactions: fc.Arbitrary<Step[][]> = fc.array(
  fc.uniqueArray(step, { selector: ({ address }) => address, maxLength: 4 }),
  { maxLength: 8 },
)

/** Does the steps to `model` and says so as a change set. */
export function perform(model: Model, steps: readonly Step[]): ChangeSet {
  const changes = emptyChangeSet()
  for (const { address, act, ...fields } of steps) {
    const account = model.get(address)
    if ((act === 'create') !== (account === undefined)) continue
    if (act === 'destroy') {
      model.delete(address)
      changes.accounts.set(address, { life: 'destroyed' })
      continue
    }
    const writes: AccountWrites = {}
    if (act !== 'change') writes.life = act === 'create' ? 'created' : 'recreated'
    const after = account ?? blank()
    if (act === 'recreate') after.storage.clear()
    write(after, writes, changes, fields)
    model.set(address, after)
    changes.accounts.set(address, writes)
  }
  return changes
}

function blank(): ModelAccount {
  return { nonce: 0n, balanceWei: 0n, code: new Uint8Array(0), storage: new Map() }
}

function write(
  after: ModelAccount,
  writes: AccountWrites,
  changes: ChangeSet,
  fields: Omit<Step, 'address' | 'act'>,
): void {
  if (fields.balanceWei !== undefined) writes.balanceWei = after.balanceWei = fields.balanceWei
  if (fields.nonce !== undefined) writes.nonce = after.nonce = fields.nonce
  if (fields.code !== undefined) {
    after.code = fields.code
    writes.codeHash = keccakHash(fields.code)
    changes.codes.set(writes.codeHash, fields.code)
  }
  if (fields.slots.length > 0) writes.slots = new Map(fields.slots)
  for (const [key, value] of writes.slots ?? []) {
    if (value === 0n) after.storage.delete(key)
    else after.storage.set(key, value)
  }
}

export function allocOf(model: Model): GenesisAlloc {
  return model
}

/** Everything that can be asked of a view, in one comparable value. */
export function lookAt(view: StateView): unknown {
  return addresses.map((address) => {
    const account = view.account(address)
    return {
      account,
      code: Buffer.from(view.code(account?.codeHash ?? EMPTY_CODE_HASH)).toString('hex'),
      slots: slots.map((key) => view.slot(address, key)),
    }
  })
}

export function lookAtModel(model: Model): unknown {
  return addresses.map((address) => {
    const account = model.get(address)
    return {
      account: account && {
        nonce: account.nonce,
        balanceWei: account.balanceWei,
        codeHash: keccakHash(account.code),
      },
      code: Buffer.from(account?.code ?? []).toString('hex'),
      slots: slots.map((key) => account?.storage.get(key) ?? 0n),
    }
  })
}
