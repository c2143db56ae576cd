import { EMPTY_ACCOUNT, isEmptyAccount } from '../../model/account.ts'
import {
  type Address,
  type Hash,
  type Hex,
  type Slot,
  bytesToHex,
  parseAddress,
  slotOf,
  toQuantity,
} from '../../primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../../primitives/keccak.ts'
import type { AccountWrites } from '../../state/access.ts'
import type { StateView } from '../../state/view.ts'
import type { Step } from '../observer.ts'
import type { ExecutedOutcome, TraceContext, Tracer } from './tracer.ts'

export interface PrestateTracerConfig {
  /** Show only what changed, before and after. */
  readonly diffMode: boolean
  readonly disableCode: boolean
  readonly disableStorage: boolean
  /** Show accounts too that did not exist before. Not together with `diffMode`. */
  readonly includeEmpty: boolean
}

interface ShownAccount {
  balance?: Hex
  code?: Hex
  codeHash?: Hash
  nonce?: number
  storage?: Record<Slot, Hex>
}
type ShownState = Record<Address, ShownAccount>

/** Accounts that were touched, and which of their slots. */
type Touched = Map<Address, Set<Slot>>

/** One account before or after. */
interface Snapshot {
  readonly balanceWei: bigint
  readonly nonce: bigint
  readonly codeHash: Hash
  readonly code: Uint8Array
  slot(key: Slot): bigint
}

const SLOAD = 0x54
const SSTORE = 0x55
/** BALANCE, EXTCODESIZE, EXTCODECOPY, EXTCODEHASH, SELFDESTRUCT: the account is on top of the stack. */
const NAMES_ON_TOP: ReadonlySet<number> = new Set([0x31, 0x3b, 0x3c, 0x3f, 0xff])
/** CALL, CALLCODE, DELEGATECALL, STATICCALL: the account is the second. */
const CALLS: ReadonlySet<number> = new Set([0xf1, 0xf2, 0xf4, 0xfa])

/** Geth's `prestateTracer`: what the transaction touched as it was before; in diff mode also as it became. */
export function createPrestateTracer(config: PrestateTracerConfig, context: TraceContext): Tracer {
  const touched: Touched = new Map()
  const touch = (address: Address): Set<Slot> => {
    let slots = touched.get(address)
    if (slots === undefined) touched.set(address, (slots = new Set()))
    return slots
  }
  touch(context.transaction.sender)
  if (context.transaction.to !== null) touch(context.transaction.to)
  touch(context.env.header.beneficiary)
  return {
    observer: {
      frameStart({ to, codeAddress }) {
        touch(to)
        touch(codeAddress)
      },
      step: (step) => touchOfStep(step, touch),
    },
    result(outcome) {
      touchWrites(outcome, context.view, touch)
      return config.diffMode
        ? showDiff(touched, outcome, context.view, config)
        : showBefore(touched, context.view, config)
    },
  }
}

/** An instruction that cannot be paid has no effect, and is passed over. */
function touchOfStep(step: Step, touch: (address: Address) => Set<Slot>): void {
  if (step.gas < step.gasCost) return
  const { opcode, stack } = step
  const top = stack.at(-1)
  if (top === undefined) return
  if (opcode === SLOAD || opcode === SSTORE) touch(step.address).add(slotOf(top))
  else if (NAMES_ON_TOP.has(opcode)) touch(wordToAddress(top))
  else if (CALLS.has(opcode) && stack.length >= 5) touch(wordToAddress(stack.at(-2)!))
}

function wordToAddress(word: bigint): Address {
  return parseAddress(`0x${slotOf(word).slice(26)}`)
}

/** What changed without an instruction that names it: accounts that authorised code (EIP-7702), fees. */
function touchWrites(
  outcome: ExecutedOutcome,
  view: StateView,
  touch: (address: Address) => Set<Slot>,
): void {
  for (const [address, writes] of outcome.access.writes.accounts) {
    const before = view.account(address) ?? EMPTY_ACCOUNT
    const changed =
      (writes.balanceWei ?? before.balanceWei) !== before.balanceWei ||
      (writes.nonce ?? before.nonce) !== before.nonce ||
      (writes.codeHash ?? before.codeHash) !== before.codeHash
    if (changed) touch(address)
  }
}

function showBefore(touched: Touched, view: StateView, config: PrestateTracerConfig): ShownState {
  const state: ShownState = {}
  for (const [address, slots] of sorted(touched)) {
    const before = beforeOf(address, view)
    if (isEmptyAccount(before) && !config.includeEmpty) continue
    state[address] = showAccount(before, slots, config)
  }
  return state
}

function showDiff(
  touched: Touched,
  outcome: ExecutedOutcome,
  view: StateView,
  config: PrestateTracerConfig,
): { readonly post: ShownState; readonly pre: ShownState } {
  const pre: ShownState = {}
  const post: ShownState = {}
  const { accounts, codes } = outcome.access.writes
  for (const [address, slots] of sorted(touched)) {
    const before = beforeOf(address, view)
    const writes = accounts.get(address)
    if (writes?.life === 'destroyed') {
      if (!isEmptyAccount(before)) pre[address] = showAccount(before, slots, config)
      continue
    }
    if (writes === undefined) continue
    const after = afterOf(before, writes, codes, view)
    const moved = [...slots].filter((key) => before.slot(key) !== after.slot(key))
    const change = showChange(before, after, moved, config)
    if (change === undefined) continue
    post[address] = change
    const held = moved.filter((key) => before.slot(key) !== 0n)
    if (!isEmptyAccount(before)) pre[address] = showAccount(before, held, config)
  }
  return { post, pre }
}

/** The fields that differ; undefined when none does. */
function showChange(
  before: Snapshot,
  after: Snapshot,
  moved: readonly Slot[],
  config: PrestateTracerConfig,
): ShownAccount | undefined {
  const shown: ShownAccount = {}
  if (after.balanceWei !== before.balanceWei) shown.balance = toQuantity(after.balanceWei)
  if (after.codeHash !== before.codeHash) {
    if (!config.disableCode) shown.code = bytesToHex(after.code)
    shown.codeHash = after.codeHash
  }
  if (after.nonce !== before.nonce) shown.nonce = Number(after.nonce)
  if (!config.disableStorage && moved.length > 0) {
    const kept = moved.filter((key) => after.slot(key) !== 0n)
    // A slot that was cleared is a change of the account, though it shows nothing after.
    if (kept.length > 0) shown.storage = showSlots(after, kept)
    return shown
  }
  return Object.keys(shown).length > 0 ? shown : undefined
}

function showAccount(
  account: Snapshot,
  slots: Iterable<Slot>,
  config: PrestateTracerConfig,
): ShownAccount {
  const shown: ShownAccount = { balance: toQuantity(account.balanceWei) }
  if (account.codeHash !== EMPTY_CODE_HASH) {
    if (!config.disableCode) shown.code = bytesToHex(account.code)
    shown.codeHash = account.codeHash
  }
  if (account.nonce !== 0n) shown.nonce = Number(account.nonce)
  const keys = config.disableStorage ? [] : [...slots]
  if (keys.length > 0) shown.storage = showSlots(account, keys)
  return shown
}

function showSlots(account: Snapshot, keys: readonly Slot[]): Record<Slot, Hex> {
  const entries = keys.toSorted().map((key): [Slot, Hex] => [key, slotOf(account.slot(key))])
  return Object.fromEntries(entries)
}

function beforeOf(address: Address, view: StateView): Snapshot {
  const { balanceWei, nonce, codeHash } = view.account(address) ?? EMPTY_ACCOUNT
  return {
    balanceWei,
    nonce,
    codeHash,
    code: view.code(codeHash),
    slot: (key) => view.slot(address, key),
  }
}

function afterOf(
  before: Snapshot,
  writes: AccountWrites,
  codes: ReadonlyMap<Hash, Uint8Array>,
  view: StateView,
): Snapshot {
  const codeHash = writes.codeHash ?? before.codeHash
  const wiped = writes.life === 'recreated'
  return {
    balanceWei: writes.balanceWei ?? before.balanceWei,
    nonce: writes.nonce ?? before.nonce,
    codeHash,
    code: codes.get(codeHash) ?? view.code(codeHash),
    slot: (key) => writes.slots?.get(key) ?? (wiped ? 0n : before.slot(key)),
  }
}

function sorted(touched: Touched): readonly (readonly [Address, Set<Slot>])[] {
  return [...touched].sort(([a], [b]) => (a < b ? -1 : 1))
}
