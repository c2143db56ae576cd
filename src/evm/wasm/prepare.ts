import { blobGasOf, maxCost } from '../../model/fees.ts'
import { isActive } from '../../model/fork.ts'
import { intrinsicGas } from '../../model/validity.ts'
import type { Address } from '../../primitives/hex.ts'
import { type Prices, atPrices, missingFunds } from '../admission.ts'
import type { Executable, Switches, SystemCall } from '../engine.ts'
import { authorize, isDelegationAt } from './authorize.ts'
import { writeBlobHashes } from './context.ts'
import {
  ACCOUNT_BALANCE,
  ACCOUNT_COVERED,
  ACCOUNT_FLAGS,
  ACCOUNT_NONCE,
  ACCOUNT_PRECOMPILE,
  ACCOUNT_READS,
  CODE_BYTES,
  EXISTS,
  READ_CODE,
  READ_COVERED,
  READ_NONCE,
  SCRATCH,
  TOUCHED,
  WARM,
} from './layout.ts'
import { numberAt } from './precompile-table.ts'
import type { KnownAccount, Session } from './session.ts'
import type { Bill } from './settle.ts'

const SYSTEM_GAS = 30_000_000n
/** The engine counts gas in 64 bits with a sign; calls may bring more. */
const MAX_GAS = 2n ** 63n - 1n

/** Buys the gas, counts the nonce, warms what is listed, and opens the transaction's frame. */
export function prepare(
  session: Session,
  tx: Executable,
  prices: Prices,
  gasPriceWei: bigint,
  switches: Switches,
): Bill {
  const { instance, env } = session
  movePrecompiles(session, switches)
  writeBlobHashes(instance, tx)
  const sender = session.load(tx.sender)
  instance.fn.setOrigin(sender.at)
  const lentWei = buyGas(session, sender, tx, prices, gasPriceWei, switches)
  const nonce = instance.u64[(sender.at + ACCOUNT_NONCE) >>> 3]!
  instance.u64[(sender.at + ACCOUNT_NONCE) >>> 3] = nonce + 1n
  warmUp(session, tx, sender)
  if (tx.type === 4) authorize(session, tx.authorizationList)
  const bought = tx.gasLimit - intrinsicGas(tx, env.rules)
  const gas = bought > MAX_GAS ? MAX_GAS : bought
  const input = instance.put(tx.data)
  if (tx.to === null) openCreation(session, sender, nonce, tx, input, gas)
  else openCall(session, sender.at, tx.to, tx.valueWei, input, tx.data.length, gas)
  return {
    sender,
    lentWei,
    beyondGas: bought - gas,
    gasPriceWei,
    paidBaseFeeWei: prices.baseFeeWei ?? 0n,
  }
}

/** Opens the frame of a call by the protocol. */
export function prepareSystemCall(session: Session, from: Address, call: SystemCall): void {
  const { instance } = session
  const sender = instance.accountAt(from)
  instance.fn.setOrigin(sender)
  instance.fn.warm(sender)
  const input = instance.put(call.data)
  openCall(session, sender, call.to, 0n, input, call.data.length, SYSTEM_GAS)
}

/** @returns what the sender was lent, in wei */
function buyGas(
  { instance, view }: Session,
  sender: KnownAccount,
  tx: Executable,
  prices: Prices,
  gasPriceWei: bigint,
  switches: Switches,
): bigint {
  const { at } = sender
  let lentWei = 0n
  let reads = READ_NONCE
  if (switches.skipSenderCode !== true) reads |= READ_CODE
  if (switches.skipBalance === true) {
    if (missingFunds(tx, view) > 0n) lentWei = missingFunds(atPrices(tx, prices), view)
  } else {
    reads |= READ_COVERED
    instance.setWord(at + ACCOUNT_COVERED, maxCost(tx))
  }
  instance.u32[(at + ACCOUNT_READS) >>> 2]! |= reads
  instance.u32[(at + ACCOUNT_FLAGS) >>> 2]! |= EXISTS | TOUCHED
  const costWei = tx.gasLimit * gasPriceWei + blobGasOf(tx) * (prices.blobFeeWei ?? 0n)
  const balanceWei = sender.base?.balanceWei ?? 0n
  instance.setWord(at + ACCOUNT_BALANCE, balanceWei + lentWei - costWei)
  return lentWei
}

/** EIP-2929, 2930, 3651 */
function warmUp({ instance, env }: Session, tx: Executable, sender: KnownAccount): void {
  if (!isActive(env.rules, 'berlin')) return
  const { fn } = instance
  fn.warm(sender.at)
  if (tx.to !== null) fn.warm(instance.accountAt(tx.to))
  if (isActive(env.rules, 'shanghai')) fn.warm(instance.accountAt(env.header.beneficiary))
  if (tx.type === 0) return
  for (const { address, storageKeys } of tx.accessList) {
    const at = instance.accountAt(address)
    fn.warm(at)
    for (const key of storageKeys) fn.warmSlot(instance.slotAt(at, key))
  }
}

function openCall(
  session: Session,
  from: number,
  address: Address,
  valueWei: bigint,
  input: number,
  size: number,
  gas: bigint,
): void {
  const { instance } = session
  const to = session.load(address)
  const precompile = instance.pointer(to.at + ACCOUNT_PRECOMPILE)
  let code = 0
  let codeAt = to.at
  if (precompile === 0) {
    code = session.codeOf(to.at)
    instance.u32[(to.at + ACCOUNT_READS) >>> 2]! |= READ_CODE
    if (isActive(session.env.rules, 'prague') && isDelegationAt(session, code)) {
      const target = session.load(instance.hex(code + CODE_BYTES + 3, 20) as Address)
      instance.fn.warm(target.at)
      code = session.codeOf(target.at)
      codeAt = target.at
      instance.u32[(codeAt + ACCOUNT_READS) >>> 2]! |= READ_CODE
    }
  }
  instance.setWord(SCRATCH, valueWei)
  instance.fn.beginCall(from, to.at, codeAt, code, precompile, input, size, gas)
}

function openCreation(
  session: Session,
  sender: KnownAccount,
  nonce: bigint,
  tx: Executable,
  input: number,
  gas: bigint,
): void {
  const { instance } = session
  const at = instance.fn.creationAt(sender.at, nonce)
  const created = session.loadAt(at)
  if (instance.fn.isVacancyKnown(at) === 0) session.loadVacancy(created)
  instance.fn.warm(at)
  instance.setWord(SCRATCH, tx.valueWei)
  instance.fn.beginCreation(sender.at, at, input, tx.data.length, gas)
}

/** eth_simulateV1: precompiles that answer elsewhere for this transaction. */
function movePrecompiles({ instance, env }: Session, { movedPrecompiles }: Switches): void {
  for (const [from, to] of movedPrecompiles ?? []) {
    const number = numberAt(from, env.rules)
    if (number === 0) continue
    const origin = instance.accountAt(from)
    instance.u32[(origin + ACCOUNT_PRECOMPILE) >>> 2] = 0
    instance.u32[(origin + ACCOUNT_FLAGS) >>> 2]! &= ~WARM
    const target = instance.accountAt(to)
    instance.u32[(target + ACCOUNT_PRECOMPILE) >>> 2] = number
    instance.u32[(target + ACCOUNT_FLAGS) >>> 2]! |= WARM
  }
}
