import { EVMError, type ExecResult, type Log as RawLog } from '@ethereumjs/evm'
import { EthereumJSError } from '@ethereumjs/util'
import { type RunTxOpts, type RunTxResult, runTx } from '@ethereumjs/vm'

import type { Log } from '../../model/receipt.ts'
import { checkTransaction } from '../../model/validity.ts'
import { EMPTY_BYTES } from '../../primitives/bytes.ts'
import { type Address, bytesToAddress, bytesToHash, hexToBytes } from '../../primitives/hex.ts'
import type { AccessSet } from '../../state/access.ts'
import { whenHere } from '../../state/absent.ts'
import type { StateView } from '../../state/view.ts'
import {
  type Prices,
  atPrices,
  blockPrices,
  checkAdmission,
  missingFunds,
  pricesOf,
} from '../admission.ts'
import type {
  BlockEnv,
  Engine,
  Executable,
  ExecutionOptions,
  Outcome,
  Switches,
  SystemCall,
  SystemOutcome,
} from '../engine.ts'
import type { Observer } from '../observer.ts'
import { frameErrorOf } from './halt.ts'
import type { RawBlock, Rig } from './machine.ts'
import { RigPool } from './rig-pool.ts'
import { Tracer } from './tracer.ts'
import { toRawAddress, toRawTransaction } from './transaction.ts'

/** `runTx` reads the header alone, and of it what opcodes read too. */
type PaidBlock = NonNullable<RunTxOpts['block']>

const SYSTEM_ADDRESS = '0xfffffffffffffffffffffffffffffffffffffffe' as Address
const SYSTEM_GAS = 30_000_000n

/**
 * The reference engine: `@ethereumjs/vm` behind the port. Concurrent calls run on machines of their own.
 * @param eips rules beyond the fork's, by number: 7928 alone has accesses recorded since Prague
 */
export function createEthereumjsEngine(eips: readonly number[] = []): Engine {
  const pool = new RigPool(eips)
  return {
    name: 'ethereumjs',
    transact: (tx, env, view, options) =>
      fetching(view, options?.observer, (observer) =>
        transact(pool, tx, env, view, { ...options, observer }),
      ),
    systemCall: (call, env, view, observer) =>
      fetching(view, observer, (heard) => systemCall(pool, call, env, view, heard)),
  }
}

/** ethereumjs does not resume: what state is fetched for begins anew. So nobody hears it before all is here. */
async function fetching<T>(
  view: StateView,
  observer: Observer | undefined,
  run: (observer: Observer | undefined) => Promise<T>,
): Promise<T> {
  if (view.isPartial !== true) return run(observer)
  const unheard = await whenHere(() => run(undefined))
  return observer === undefined ? (unheard as T) : run(observer)
}

async function transact(
  pool: RigPool,
  tx: Executable,
  env: BlockEnv,
  view: StateView,
  options: ExecutionOptions | undefined,
): Promise<Outcome> {
  const switches = options?.switches ?? {}
  const rejection =
    checkTransaction(tx, env.rules, env.chainId, switches) ??
    checkAdmission(tx, env, view, switches)
  if (rejection !== undefined) return { kind: 'rejected', rejection }
  const rig = await pool.take(env, switches)
  const prices = pricesOf(tx, env, switches)
  begin(rig, env, view, prices, options?.observer)
  try {
    const outcome = await execute(rig, tx, env, view, prices, switches)
    pool.give(rig)
    return outcome
  } catch (error) {
    // What ethereumjs itself refuses is a refusal; anything else is a bug of ours or the view's.
    if (!(error instanceof EthereumJSError)) throw error
    return { kind: 'rejected', rejection: { kind: 'invalid', detail: error.message } }
  } finally {
    rig.evm.end()
    rig.state.end()
  }
}

async function execute(
  rig: Rig,
  tx: Executable,
  env: BlockEnv,
  view: StateView,
  prices: Prices,
  switches: Switches,
): Promise<Outcome> {
  let paid = tx
  if (switches.skipBalance === true && missingFunds(tx, view) > 0n) {
    paid = atPrices(tx, prices)
    rig.state.lend(tx.sender, missingFunds(paid, view))
  }
  if (switches.skipSenderCode === true) rig.state.hideCode(tx.sender)
  const raw = toRawTransaction(paid, rig.vm.common)
  const result = await runTx(rig.vm, {
    tx: raw,
    block: toRawBlock(env, prices.baseFeeWei, prices.blobFeeWei) as unknown as PaidBlock,
    skipNonce: true,
    skipBlockGasLimitValidation: true,
    skipHardForkValidation: true,
  })
  return conclude(rig, result, raw.getIntrinsicGas(), tx.to === null)
}

async function systemCall(
  pool: RigPool,
  call: SystemCall,
  env: BlockEnv,
  view: StateView,
  observer: Observer | undefined,
): Promise<SystemOutcome> {
  const rig = await pool.take(env, {})
  begin(rig, env, view, blockPrices(env), observer)
  rig.evm.fillReservoir()
  try {
    const { execResult } = await rig.evm.runCall({
      caller: toRawAddress(SYSTEM_ADDRESS),
      to: toRawAddress(call.to),
      data: call.data,
      gasLimit: SYSTEM_GAS,
      skipNonceIncrement: true,
    })
    await rig.evm.journal.cleanup()
    const error = frameErrorOf(execResult, false)
    const access = systemAccessOf(rig)
    pool.give(rig)
    if (error !== undefined) return { kind: 'failed', error, access }
    return { kind: 'success', output: execResult.returnValue, access }
  } finally {
    rig.evm.end()
    rig.state.end()
  }
}

function begin(
  rig: Rig,
  env: BlockEnv,
  view: StateView,
  prices: Prices,
  observer: Observer | undefined,
): void {
  rig.state.begin(view)
  rig.evm.journal.cleanJournal()
  rig.hashes.env = env
  const block = toRawBlock(env, prices.shownBaseFeeWei, prices.blobFeeWei)
  rig.evm.begin(block, observer && new Tracer(observer, rig.state))
}

function conclude(
  rig: Rig,
  result: RunTxResult,
  intrinsicGas: bigint,
  isCreation: boolean,
): Outcome {
  const { execResult, totalGasSpent: gasUsed } = result
  const { txRegularGas: regular, txStateGas: state = 0n, blockGasSpent } = result
  const spent = regular === undefined ? execResult.executionGasUsed + intrinsicGas : blockGasSpent
  const executed = {
    gasUsed,
    gasRefunded: spent > gasUsed ? spent - gasUsed : 0n,
    access: accessOf(rig),
    ...(regular === undefined ? {} : { blockGas: { regular, state } }),
  }
  const error = isKept(execResult) ? undefined : frameErrorOf(execResult, isCreation)
  if (error?.kind === 'halt') {
    return { kind: 'halt', reason: error.reason, output: EMPTY_BYTES, ...executed }
  }
  const output = execResult.returnValue
  if (error?.kind === 'revert') return { kind: 'revert', output, ...executed }
  const { createdAddress } = result
  const created = isCreation && createdAddress ? bytesToAddress(createdAddress.bytes) : null
  const logs = (execResult.logs ?? []).map(toLog)
  return { kind: 'success', output, logs, created, ...executed }
}

/** On Frontier a creation that cannot pay for its code leaves an account without code, and counts. */
function isKept({ exceptionError }: ExecResult): boolean {
  return exceptionError?.error === EVMError.errorMessages.CODESTORE_OUT_OF_GAS
}

function accessOf(rig: Rig): AccessSet {
  const writes = rig.state.takeChanges()
  const volatile = rig.evm.end()
  const touched = rig.evm.takeTouched()
  const access = { reads: rig.state.takeReads(), writes, volatile, precision: 'accounts' } as const
  return touched === undefined ? access : { ...access, touched }
}

/** EIP-7928: the caller of a system call is not accessed by calling. */
function systemAccessOf(rig: Rig): AccessSet {
  const access = accessOf(rig)
  if (access.touched === undefined) return access
  const touched = new Map(access.touched)
  touched.delete(SYSTEM_ADDRESS)
  return { ...access, touched }
}

function toLog([address, topics, data]: RawLog): Log {
  return { address: bytesToAddress(address), topics: topics.map(bytesToHash), data }
}

function toRawBlock(
  { header }: BlockEnv,
  baseFeeWei: bigint | undefined,
  blobFeeWei: bigint | undefined,
): RawBlock {
  return {
    header: {
      number: header.number,
      coinbase: toRawAddress(header.beneficiary),
      timestamp: header.timestamp,
      difficulty: header.difficulty,
      prevRandao: hexToBytes(header.mixHash),
      gasLimit: header.gasLimit,
      ...(baseFeeWei === undefined ? {} : { baseFeePerGas: baseFeeWei }),
      slotNumber: header.slotNumber ?? 0n,
      getBlobGasPrice: () => blobFeeWei,
    },
  }
}
