import type { BlockEnv, Engine, SystemCall } from '../evm/engine.ts'
import type { Header } from '../model/block.ts'
import { DAO_ADDRESSES, DAO_REFUND_ADDRESS } from '../model/dao.ts'
import { isActive } from '../model/fork.ts'
import { bloomMayHold } from '../model/bloom.ts'
import { blockReward, ommerReward, nephewReward } from '../model/reward.ts'
import { bytesToHex, hexToBytes, parseHash } from '../primitives/hex.ts'
import type { Address } from '../primitives/hex.ts'
import { EMPTY_BYTES, bytesToBigInt, concatBytes } from '../primitives/bytes.ts'
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts'
import { whenHere } from '../state/absent.ts'
import type { ChangeSet, ReadSet, Touched } from '../state/access.ts'
import { emptyChangeSet } from '../state/access.ts'
import type { StepAccess } from '../state/block-access-list.ts'
import type { Overlay } from '../state/overlay.ts'
import type { StateView } from '../state/view.ts'
import type { BlockInput, Results } from './executor.ts'
import {
  BEACON_ROOTS_ADDRESS,
  BUILDER_DEPOSIT_ADDRESS,
  BUILDER_EXIT_ADDRESS,
  CONSOLIDATION_REQUEST_ADDRESS,
  HISTORY_STORAGE_ADDRESS,
  WITHDRAWAL_REQUEST_ADDRESS,
  knownEffect,
} from './system-contracts.ts'

/** What the protocol itself does before and after a block's transactions. */

const WEI_PER_GWEI = 1_000_000_000n
const DEPOSIT_EVENT = parseHash(
  '0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5',
)

/** A block that breaks the protocol's own steps, with the reason. */
export type ProtocolFault = { readonly kind: 'fault'; readonly detail: string }

/** Hears what the protocol's own steps accessed: for a block access list (EIP-7928), which has these too. */
export type AccessEar = (access: StepAccess) => void

/** EIP-4788 and EIP-2935: the beacon root and the parent's hash become readable. EIP-779: The DAO's ether moves. */
export async function beforeTransactions(
  header: Header,
  env: BlockEnv,
  engine: Engine,
  working: Overlay,
  hear?: AccessEar,
): Promise<void> {
  if (env.rules.dao === 'moves') working.apply(await whenHere(() => moveDaoEther(working)))
  if (isActive(env.rules, 'cancun') && header.parentBeaconBlockRoot !== undefined) {
    const data = hexToBytes(header.parentBeaconBlockRoot)
    await callIfDeployed({ to: BEACON_ROOTS_ADDRESS, data }, engine, env, working, hear)
  }
  if (isActive(env.rules, 'prague')) {
    const data = hexToBytes(header.parentHash)
    await callIfDeployed({ to: HISTORY_STORAGE_ADDRESS, data }, engine, env, working, hear)
  }
}

/** Rewards (until Paris), withdrawals (EIP-4895), and the requests of EIP-7685 from the receipts and the system contracts. */
export async function afterTransactions(
  block: BlockInput,
  engine: Engine,
  working: Overlay,
  results: Pick<Results, 'receipts'>,
  hear?: AccessEar,
): Promise<readonly Uint8Array[] | undefined | ProtocolFault> {
  const credits = new Map<Address, bigint>()
  if (!isActive(block.env.rules, 'paris')) addRewards(block, credits)
  for (const withdrawal of block.withdrawals ?? []) {
    addCredit(credits, withdrawal.address, withdrawal.amountGwei * WEI_PER_GWEI)
  }
  if (credits.size > 0) {
    const { reads, writes } = await whenHere(() => creditChanges(credits, working))
    hear?.({ reads, writes, touched: untouchedSlots(credits.keys()) })
    working.apply(writes)
  }
  if (!isActive(block.env.rules, 'prague')) return undefined
  const requests: Uint8Array[] = []
  const deposits = depositRequests(block, results)
  if ('kind' in deposits) return deposits
  pushRequest(requests, 0x00, deposits)
  for (const { type, to, since, optional } of REQUEST_CONTRACTS) {
    if (!isActive(block.env.rules, since)) continue
    if (!(await whenHere(() => hasCode(working, to)))) {
      if (optional) continue
      return { kind: 'fault', detail: `the system contract ${to} has no code` }
    }
    const call = { to, data: new Uint8Array(0) }
    const output = await systemCall(call, engine, block.env, working, hear)
    if (output === undefined) return { kind: 'fault', detail: `the system call to ${to} failed` }
    pushRequest(requests, type, output)
  }
  return requests
}

/** Who is asked for requests after the transactions, in order of type. Amsterdam's draft has contracts that a dev chain goes without. */
const REQUEST_CONTRACTS = [
  { type: 0x01, to: WITHDRAWAL_REQUEST_ADDRESS, since: 'prague', optional: false },
  { type: 0x02, to: CONSOLIDATION_REQUEST_ADDRESS, since: 'prague', optional: false },
  { type: 0x03, to: BUILDER_DEPOSIT_ADDRESS, since: 'amsterdam', optional: true },
  { type: 0x04, to: BUILDER_EXIT_ADDRESS, since: 'amsterdam', optional: true },
] as const

async function callIfDeployed(
  call: SystemCall,
  engine: Engine,
  env: BlockEnv,
  working: Overlay,
  hear: AccessEar | undefined,
): Promise<void> {
  // EIP-4788 and EIP-2935: a call that fails changes nothing and the block stands.
  const isDeployed = await whenHere(() => hasCode(working, call.to))
  if (isDeployed) await systemCall(call, engine, env, working, hear)
  else hear?.({ reads: new Map(), writes: emptyChangeSet(), touched: untouchedSlots([call.to]) })
}

/** Is run where what it does is not known, or somebody has to hear what it reads. @returns its output; undefined when it failed */
async function systemCall(
  call: SystemCall,
  engine: Engine,
  env: BlockEnv,
  working: Overlay,
  hear: AccessEar | undefined,
): Promise<Uint8Array | undefined> {
  const known =
    hear === undefined ? await whenHere(() => knownEffect(call, env, working)) : undefined
  if (known !== undefined) {
    working.apply(known)
    return EMPTY_BYTES
  }
  const outcome = await engine.systemCall(call, env, working)
  hear?.(outcome.access)
  if (outcome.kind === 'failed') return undefined
  working.apply(outcome.access.writes)
  return outcome.output
}

function untouchedSlots(addresses: Iterable<Address>): Touched {
  return new Map(Array.from(addresses, (address) => [address, new Set()]))
}

function addRewards(block: BlockInput, credits: Map<Address, bigint>): void {
  const rewardWei = blockReward(block.env.rules)
  const { header, ommers } = block
  for (const ommer of ommers) {
    addCredit(credits, ommer.beneficiary, ommerReward(rewardWei, header.number, ommer.number))
  }
  addCredit(credits, header.beneficiary, rewardWei + nephewReward(rewardWei, ommers.length))
}

function addCredit(credits: Map<Address, bigint>, address: Address, wei: bigint): void {
  credits.set(address, (credits.get(address) ?? 0n) + wei)
}

/** Every account of the list is there afterwards, as it was when nobody cleared the empty ones. */
function moveDaoEther(view: StateView): ChangeSet {
  const changes = emptyChangeSet()
  const move = (address: Address, wei: (before: bigint) => bigint): bigint => {
    const before = view.account(address)
    const balanceWei = before?.balanceWei ?? 0n
    changes.accounts.set(address, {
      ...(before === undefined && { life: 'created' }),
      balanceWei: wei(balanceWei),
    })
    return balanceWei
  }
  let movedWei = 0n
  for (const address of DAO_ADDRESSES) movedWei += move(address, () => 0n)
  move(DAO_REFUND_ADDRESS, (before) => before + movedWei)
  return changes
}

/** Plain credits as a change. A credit of nothing touches: it never brings an account to life (EIP-161). */
function creditChanges(
  credits: ReadonlyMap<Address, bigint>,
  view: StateView,
): Pick<StepAccess, 'reads' | 'writes'> {
  const reads: ReadSet = new Map()
  const changes = emptyChangeSet()
  for (const [address, wei] of credits) {
    if (wei === 0n) continue
    const before = view.account(address)
    const balanceWei = before?.balanceWei ?? 0n
    reads.set(address, {
      balance: { strength: 'exact', wei: balanceWei },
      life: before !== undefined,
    })
    changes.accounts.set(address, {
      ...(before === undefined && { life: 'created' }),
      balanceWei: balanceWei + wei,
    })
  }
  return { reads, writes: changes }
}

function pushRequest(requests: Uint8Array[], type: number, data: Uint8Array): void {
  if (data.length > 0) requests.push(concatBytes(Uint8Array.of(type), data))
}

/** EIP-6110: the deposits that the deposit contract logged, laid end to end. */
function depositRequests(
  block: BlockInput,
  results: Pick<Results, 'receipts'>,
): Uint8Array | ProtocolFault {
  const contract = block.config.depositContract?.toLowerCase() as Address | undefined
  if (contract === undefined) return EMPTY_BYTES
  const deposits: Uint8Array[] = []
  const logs = results.receipts.flatMap((it) =>
    bloomMayHold(it.logsBloom, contract) ? it.logs : [],
  )
  for (const log of logs) {
    if (log.address !== contract || log.topics[0] !== DEPOSIT_EVENT) continue
    const deposit = parseDeposit(log.data)
    if (deposit === undefined) {
      return { kind: 'fault', detail: `a deposit event is malformed: ${bytesToHex(log.data)}` }
    }
    deposits.push(deposit)
  }
  return concatBytes(...deposits)
}

/** Offset, and size in bytes, of each field in the ABI encoding of DepositEvent(bytes,bytes,bytes,bytes,bytes). */
const DEPOSIT_FIELDS = [
  [160, 48],
  [256, 32],
  [320, 8],
  [384, 96],
  [512, 8],
] as const

function parseDeposit(data: Uint8Array): Uint8Array | undefined {
  if (data.length !== 576) return undefined
  const parts: Uint8Array[] = []
  for (const [index, [offset, size]] of DEPOSIT_FIELDS.entries()) {
    const head = data.subarray(index * 32, index * 32 + 32)
    if (bytesToBigInt(head) !== BigInt(offset)) return undefined
    if (bytesToBigInt(data.subarray(offset, offset + 32)) !== BigInt(size)) return undefined
    parts.push(data.subarray(offset + 32, offset + 32 + size))
  }
  return concatBytes(...parts)
}

function hasCode(view: StateView, address: Address): boolean {
  const account = view.account(address)
  return account !== undefined && account.codeHash !== EMPTY_CODE_HASH
}
