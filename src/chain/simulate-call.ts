import type { BlockEnv, BlockGas, Engine, Executable, Outcome, Switches } from '../evm/engine.ts'
import { createTransferLog } from '../evm/tracer/transfer-log.ts'
import { type ExecutedOutcome, receiptOf } from '../executor/receipts.ts'
import type { CallFields } from '../model/call.ts'
import { encodeUnsigned, transactionHash } from '../model/codec/transaction.ts'
import { GAS_PER_BLOB, blobGasOf, maxGasPrice } from '../model/fees.ts'
import { isActive } from '../model/fork.ts'
import type { Log, Receipt } from '../model/receipt.ts'
import type { SimulatedCall, SimulationFault } from '../model/simulation.ts'
import type { Transaction } from '../model/transaction.ts'
import type { Hash } from '../primitives/hex.ts'
import type { AccessSet } from '../state/access.ts'
import type { Overlay } from '../state/overlay.ts'
import { callOf, fetchForCall } from './simulate.ts'

/** All calls of a simulation together may use this much gas, as much as Geth allows unless told otherwise. */
const GAS_BUDGET = 50_000_000n
/** What any call needs. */
const TRANSACTION_GAS = 21_000n

/** What is left of a simulation's gas. */
export interface GasBudget {
  left: bigint
}

export function newGasBudget(): GasBudget {
  return { left: GAS_BUDGET }
}

/** A simulated block in the making. */
export interface BlockRun {
  readonly engine: Engine
  readonly env: BlockEnv
  readonly working: Overlay
  readonly switches: Switches
  readonly traceTransfers: boolean
  readonly validation: boolean
  readonly budget: GasBudget
  /** The root of the state so far: for receipts before Byzantium. */
  readonly stateRoot: () => Hash
  readonly transactions: Transaction[]
  readonly receipts: Receipt[]
  readonly accesses: AccessSet[]
  readonly calls: SimulatedCall[]
  /** What counts towards the block's limit. */
  blockGas: BlockGas
  blobGasUsed: bigint
}

/** Runs one call on top of those before it in its block; the reason when it cannot be there. */
export async function simulateCall(
  run: BlockRun,
  fields: CallFields,
): Promise<SimulationFault | undefined> {
  const { env, working } = run
  await fetchForCall(fields, { view: working, env })
  const gas = gasOf(run, fields)
  if (typeof gas !== 'bigint') return gas
  const completed = callOf({ ...fields, gas }, { env, view: working, defaultGas: gas })
  if ('kind' in completed) return completed
  // A chain id says something of a signature; there is none.
  const tx = completed.type === 0 ? { ...completed, chainId: fields.chainId } : completed
  const fault = blobFault(run, tx)
  if (fault !== undefined) return fault
  const isFree = !run.validation && maxGasPrice(tx) === 0n
  const transfers = run.traceTransfers ? createTransferLog() : undefined
  const outcome = await run.engine.transact(tx, env, working, {
    switches: { ...run.switches, skipFees: isFree, showBaseFee: true },
    observer: transfers?.observer,
  })
  if (outcome.kind === 'rejected') return outcome
  working.apply(outcome.access.writes)
  record(run, tx, outcome, transfers?.logs())
  return undefined
}

/** The gas limit of a call: what it names, or what its block has left, within what the simulation has left. */
function gasOf({ env, blockGas, budget }: BlockRun, { gas }: CallFields): bigint | SimulationFault {
  const { regular, state } = blockGas
  const availableGas = env.header.gasLimit - (regular > state ? regular : state)
  const wanted = gas ?? availableGas
  if (wanted > availableGas) {
    const rejection = { kind: 'gasLimitAboveBlock', gasLimit: wanted, availableGas } as const
    return { kind: 'rejected', rejection }
  }
  if (budget.left < TRANSACTION_GAS) return { kind: 'gasSpent', limit: GAS_BUDGET }
  return wanted < budget.left ? wanted : budget.left
}

function blobFault(run: BlockRun, tx: Executable): SimulationFault | undefined {
  const blobGas = blobGasOf(tx)
  const maxBlobs = BigInt(run.env.rules.blob?.max ?? 0)
  const availableBlobGas = maxBlobs * GAS_PER_BLOB - run.blobGasUsed
  if (blobGas <= availableBlobGas) return undefined
  return { kind: 'rejected', rejection: { kind: 'blobGasAboveBlock', blobGas, availableBlobGas } }
}

function record(
  run: BlockRun,
  tx: Executable,
  outcome: ExecutedOutcome,
  logs: readonly Log[] | undefined,
): void {
  const { env, receipts } = run
  const { gasUsed, gasRefunded } = outcome
  run.budget.left -= gasUsed
  const { regular, state } = outcome.blockGas ?? { regular: gasUsed, state: 0n }
  run.blockGas = { regular: run.blockGas.regular + regular, state: run.blockGas.state + state }
  run.blobGasUsed += blobGasOf(tx)
  const transaction = unsigned(tx)
  const paidGas = (receipts.at(-1)?.cumulativeGasUsed ?? 0n) + gasUsed
  const root = isActive(env.rules, 'byzantium') ? undefined : run.stateRoot()
  const receipt = receiptOf(transaction, outcome, env.header, env.rules, paidGas, root)
  run.transactions.push(transaction)
  receipts.push(receipt)
  run.accesses.push(outcome.access)
  run.calls.push({
    outcome: resultOf(outcome),
    logs: outcome.kind === 'success' ? (logs ?? receipt.logs) : [],
    gasUsed,
    maxUsedGas: gasUsed + gasRefunded,
  })
}

function unsigned(tx: Executable): Transaction {
  const raw = encodeUnsigned(tx)
  const signature = { yParity: 0, r: 0n, s: 0n } as const
  return { ...tx, signature, raw, hash: transactionHash(raw) }
}

function resultOf(outcome: Exclude<Outcome, { kind: 'rejected' }>): SimulatedCall['outcome'] {
  if (outcome.kind === 'halt') return { kind: 'halt', reason: outcome.reason }
  return { kind: outcome.kind, output: outcome.output }
}
