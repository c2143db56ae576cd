import type { BlockEnv, Engine, Executable, Outcome, Patience, Switches } from '../evm/engine.ts'
import type { Observer } from '../evm/observer.ts'
import { createAccessListTracer } from '../evm/tracer/access-list.ts'
import { isPrecompile } from '../evm/tracer/precompiles.ts'
import type { CallFields } from '../model/call.ts'
import { createAddress } from '../model/create-address.ts'
import { maxGasPrice } from '../model/fees.ts'
import { isActive } from '../model/fork.ts'
import { networkOf } from '../model/network.ts'
import type { Rejection } from '../model/rejection.ts'
import type { AccessList, TransactionFields } from '../model/transaction.ts'
import { EMPTY_BYTES } from '../primitives/bytes.ts'
import { type Address, ZERO_ADDRESS } from '../primitives/hex.ts'
import type { Soon } from '../primitives/soon.ts'
import { bringHere } from '../state/absent.ts'
import type { StateView } from '../state/view.ts'

/** Calls that leave no trace: eth_call, eth_estimateGas, eth_createAccessList. */

/** The block and state a call runs on. */
export interface CallTarget {
  readonly env: BlockEnv
  readonly view: StateView
  /** What the call may use when it names no gas. */
  readonly defaultGas: bigint
  readonly switches?: Switches | undefined
}

/**
 * Fetches together what a call reads for certain and what it says that it reads (EIP-2930), where state lies elsewhere. What the
 * functions here look up themselves is here then.
 */
export async function fetchForCall(
  fields: CallFields,
  { view, env }: Pick<CallTarget, 'view' | 'env'>,
): Promise<void> {
  if (view.isPartial !== true) return
  const { from = ZERO_ADDRESS, to, accessList = [] } = fields
  await bringHere([
    () => view.account(env.header.beneficiary),
    () => view.account(from),
    () => (to === undefined || to === null ? undefined : view.account(to)),
    ...accessList.flatMap(({ address, storageKeys }) => [
      () => view.account(address),
      ...storageKeys.map((key) => () => view.slot(address, key)),
    ]),
  ])
}

export type Invalid = { readonly kind: 'rejected'; readonly rejection: Rejection }

/** A transaction as an engine takes it; of the type that is named or its fields imply, fees as named or none. */
export function executableOf(fields: CallFields, target: CallTarget): Executable | Invalid {
  const sender = fields.from ?? ZERO_ADDRESS
  const nonce = fields.nonce ?? target.view.account(sender)?.nonce ?? 0n
  const { env } = target
  const gasLimit = fields.gas ?? target.defaultGas
  const valueWei = fields.valueWei ?? 0n
  const data = fields.data ?? EMPTY_BYTES
  const chainId = fields.chainId ?? env.chainId
  const accessList = fields.accessList ?? []
  const to = fields.to ?? null
  const gasPriceWei = fields.gasPriceWei ?? 0n
  const maxFeePerGasWei =
    fields.maxFeePerGasWei ?? fields.gasPriceWei ?? fields.maxPriorityFeePerGasWei ?? 0n
  const maxPriorityFeePerGasWei = fields.maxPriorityFeePerGasWei ?? gasPriceWei
  const type = typeOf(fields, env)
  // Each literal is whole: V8 is slow to add to a copy, and each call would make new shapes that no cache knows.
  switch (type) {
    case 0:
      return { type, chainId, sender, nonce, gasLimit, to, valueWei, data, gasPriceWei }
    case 1:
      return { type, chainId, sender, nonce, gasLimit, to, valueWei, data, accessList, gasPriceWei }
    case 2:
      return {
        type,
        chainId,
        sender,
        nonce,
        gasLimit,
        to,
        valueWei,
        data,
        accessList,
        maxFeePerGasWei,
        maxPriorityFeePerGasWei,
      }
    case 3:
      if (to === null)
        return invalid('a blob transaction cannot create a contract: `to` is missing')
      return {
        type,
        chainId,
        sender,
        nonce,
        gasLimit,
        to,
        valueWei,
        data,
        accessList,
        maxFeePerGasWei,
        maxPriorityFeePerGasWei,
        blobVersionedHashes: fields.blobVersionedHashes ?? [],
        maxFeePerBlobGasWei: fields.maxFeePerBlobGasWei ?? 0n,
      }
    case 4:
      if (to === null)
        return invalid('a set-code transaction cannot create a contract: `to` is missing')
      return {
        type,
        chainId,
        sender,
        nonce,
        gasLimit,
        to,
        valueWei,
        data,
        accessList,
        maxFeePerGasWei,
        maxPriorityFeePerGasWei,
        authorizationList: fields.authorizationList ?? [],
      }
  }
}

/** The transaction type that the fields imply, as wallets choose it. */
export function typeOf(
  fields: CallFields,
  { rules }: Pick<BlockEnv, 'rules'>,
): TransactionFields['type'] {
  const { type } = fields
  if (type === 0 || type === 1 || type === 2 || type === 3 || type === 4) return type
  if (fields.authorizationList !== undefined) return 4
  if (fields.blobVersionedHashes !== undefined || fields.maxFeePerBlobGasWei !== undefined) return 3
  const named = fields.maxFeePerGasWei !== undefined || fields.maxPriorityFeePerGasWei !== undefined
  if (named) return 2
  if (fields.gasPriceWei !== undefined || !isActive(rules, 'london')) {
    return fields.accessList === undefined ? 0 : 1
  }
  return 2
}

function invalid(detail: string): Invalid {
  return { kind: 'rejected', rejection: { kind: 'invalid', detail } }
}

/** Five seconds are Geth's limit; other requests are answered meanwhile. */
const CALL_PATIENCE: Patience = { yieldMs: 20, limitMs: 5_000 }

/** Runs a call. Without a price it is free, as Geth has it. */
export function call(
  engine: Engine,
  fields: CallFields,
  target: CallTarget,
  observer?: Observer,
): Soon<Outcome> {
  if (target.view.isPartial !== true) return callHere(engine, fields, target, observer)
  return fetchForCall(fields, target).then(() => callHere(engine, fields, target, observer))
}

function callHere(
  engine: Engine,
  fields: CallFields,
  target: CallTarget,
  observer: Observer | undefined,
): Soon<Outcome> {
  const tx = callOf(fields, target)
  if ('kind' in tx) return tx
  return engine.transact(tx, target.env, target.view, {
    switches: callSwitches(tx, target),
    observer,
    patience: CALL_PATIENCE,
  })
}

/** What a call leaves out of a transaction's rules. */
export function callSwitches(tx: Executable, target: CallTarget): Switches {
  return {
    skipNonce: true,
    skipFees: maxGasPrice(tx) === 0n,
    skipSenderCode: true,
    skipGasCap: true,
    ...target.switches,
  }
}

/**
 * The call as an engine takes it. As in Geth a type says nothing of it (ethers names one in an estimate whose blobs or authorisations are
 * not there), nor does a blob fee without blobs where there could be some.
 */
export function callOf(fields: CallFields, target: CallTarget): Executable | Invalid {
  const { type, blobVersionedHashes, maxFeePerBlobGasWei } = fields
  const isIdleFee =
    maxFeePerBlobGasWei !== undefined &&
    blobVersionedHashes === undefined &&
    isActive(target.env.rules, 'cancun')
  if (type === undefined && !isIdleFee) return executableOf(fields, target)
  const feeWei = isIdleFee ? undefined : maxFeePerBlobGasWei
  return executableOf({ ...fields, type: undefined, maxFeePerBlobGasWei: feeWei }, target)
}

export type Estimate =
  | { readonly kind: 'estimated'; readonly gas: bigint }
  | { readonly kind: 'exceedsAllowance'; readonly allowanceGas: bigint }
  | Exclude<Outcome, { kind: 'success' }>

const TRANSFER_GAS = 21_000n
const CALL_STIPEND_GAS = 2_300n

/** The least gas that `fields` succeeds with: no less does. Where nothing is refunded that is known after two runs. */
export async function estimateGas(
  engine: Engine,
  fields: CallFields,
  target: CallTarget,
): Promise<Estimate> {
  await fetchForCall(fields, target)
  const measured = { ...target, switches: { ...target.switches, measuresGas: true } }
  const attempt = (gas: bigint): Soon<Outcome> => call(engine, { ...fields, gas }, measured)
  const ceiling = gasCeiling(fields, target)
  if (typeof ceiling !== 'bigint') return ceiling
  if (isPlainTransfer(fields, target) && ceiling >= TRANSFER_GAS) {
    const transfer = await attempt(TRANSFER_GAS)
    if (transfer.kind === 'success') return { kind: 'estimated', gas: TRANSFER_GAS }
  }
  const full = await attempt(ceiling)
  if (full.kind !== 'success') return outOfGas(full) ? exceeds(ceiling) : full
  let low = full.gasUsed - 1n
  let high = ceiling
  const spent = full.gasUsed + full.gasRefunded
  // What it spent, and what it spent with what each call must leave to its caller.
  for (const likely of [spent, ((spent + CALL_STIPEND_GAS) * 64n) / 63n]) {
    if (likely >= high || likely <= low) continue
    if ((await attempt(likely)).kind === 'success') high = likely
    else low = likely
  }
  while (low + 1n < high) {
    const middle = (high + low) / 2n
    const next = middle > low * 2n ? low * 2n : middle
    if ((await attempt(next)).kind === 'success') high = next
    else low = next
  }
  return { kind: 'estimated', gas: high }
}

function exceeds(allowanceGas: bigint): Estimate {
  return { kind: 'exceedsAllowance', allowanceGas }
}

function outOfGas(outcome: Outcome): boolean {
  if (outcome.kind === 'halt') return outcome.reason === 'out of gas'
  if (outcome.kind !== 'rejected') return false
  return (
    outcome.rejection.kind === 'intrinsicGasTooLow' || outcome.rejection.kind === 'floorGasTooLow'
  )
}

/** The most gas that may be tried: what is named, else the default, within what the sender can pay. */
function gasCeiling(fields: CallFields, target: CallTarget): bigint | Invalid {
  const gas =
    fields.gas !== undefined && fields.gas >= TRANSFER_GAS ? fields.gas : target.defaultGas
  const priceWei = fields.maxFeePerGasWei ?? fields.gasPriceWei ?? 0n
  if (priceWei === 0n) return gas
  const sender = fields.from ?? ZERO_ADDRESS
  const balanceWei = target.view.account(sender)?.balanceWei ?? 0n
  const valueWei = fields.valueWei ?? 0n
  if (valueWei > balanceWei) {
    const rejection: Rejection = {
      kind: 'insufficientFunds',
      sender,
      balanceWei,
      costWei: valueWei,
    }
    return { kind: 'rejected', rejection }
  }
  const affordable = (balanceWei - valueWei) / priceWei
  return affordable < gas ? affordable : gas
}

function isPlainTransfer(fields: CallFields, { view }: CallTarget): boolean {
  if (fields.to === undefined || fields.to === null || (fields.data?.length ?? 0) > 0) return false
  if (fields.accessList !== undefined || fields.authorizationList !== undefined) return false
  const account = view.account(fields.to)
  return account === undefined || view.code(account.codeHash).length === 0
}

export type Listed =
  | {
      readonly kind: 'listed'
      readonly accessList: AccessList
      readonly gasUsed: bigint
      /** Why the call failed with the list, if it did. */
      readonly error: string | undefined
    }
  | Invalid

/** EIP-2930: the access list that the call settles on; each round may touch other places than the one before. */
export async function createAccessList(
  engine: Engine,
  fields: CallFields,
  target: CallTarget,
): Promise<Listed> {
  await fetchForCall(fields, target)
  const isWarm = warmAnyway(fields, target)
  const measured = { ...target, switches: { ...target.switches, measuresGas: true } }
  const { bits } = networkOf(target.env.rules).pages ?? {}
  let accessList = createAccessListTracer(fields.accessList ?? [], isWarm, bits).list()
  for (;;) {
    const tracer = createAccessListTracer(accessList, isWarm, bits)
    const outcome = await call(engine, { ...fields, accessList }, measured, tracer.observer)
    if (outcome.kind === 'rejected') return outcome
    const next = tracer.list()
    if (sameList(next, accessList)) {
      return { kind: 'listed', accessList, gasUsed: outcome.gasUsed, error: errorOf(outcome) }
    }
    accessList = next
  }
}

function warmAnyway(fields: CallFields, { env, view }: CallTarget): (address: Address) => boolean {
  const sender = fields.from ?? ZERO_ADDRESS
  const nonce = fields.nonce ?? view.account(sender)?.nonce ?? 0n
  const target = fields.to ?? createAddress(sender, nonce)
  return (address) => address === sender || address === target || isPrecompile(address, env.rules)
}

function sameList(a: AccessList, b: AccessList): boolean {
  const count = (list: AccessList): number =>
    list.reduce((sum, entry) => sum + 1 + entry.storageKeys.length, 0)
  // A round only adds to the list it was given.
  return count(a) === count(b)
}

function errorOf(outcome: Exclude<Outcome, { kind: 'rejected' }>): string | undefined {
  if (outcome.kind === 'revert') return 'execution reverted'
  return outcome.kind === 'halt' ? outcome.reason : undefined
}
