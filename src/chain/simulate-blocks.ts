import type { Engine } from '../evm/engine.ts'
import { afterTransactions, beforeTransactions } from '../executor/protocol.ts'
import { receiptsRoot } from '../executor/receipts.ts'
import { blockBloom } from '../model/bloom.ts'
import type { Header, Withdrawal } from '../model/block.ts'
import { isActive } from '../model/fork.ts'
import type {
  SimulatedBlock,
  Simulation,
  SimulationFault,
  SimulationRequest,
} from '../model/simulation.ts'
import type { Hash } from '../primitives/hex.ts'
import { type StepAccess, blockAccessList } from '../state/block-access-list.ts'
import { whenHere } from '../state/absent.ts'
import type { CodeStore } from '../state/codes.ts'
import { Overlay } from '../state/overlay.ts'
import { overrideChanges } from '../state/overrides.ts'
import { type Version, applyChanges, viewOf } from '../state/world.ts'
import { type BlockYield, sealBlock } from './assemble.ts'
import type { Chain } from './chain.ts'
import type { LiveRecord } from './block-record.ts'
import { moveFault, movedPrecompiles } from './precompile-overrides.ts'
import { type BlockRun, type GasBudget, newGasBudget, simulateCall } from './simulate-call.ts'
import { simulatedEnv, simulatedHeader } from './simulation-block.ts'
import { type PlannedBlock, planBlocks } from './simulation-plan.ts'

/** What a simulation runs on; nothing of it changes. */
export interface SimulationBase {
  readonly chain: Chain
  readonly engine: Engine
  /** The block that the first simulated one follows. */
  readonly record: LiveRecord
  /** The code of the accounts in `record`'s state. */
  readonly codes: Pick<CodeStore, 'get'>
  readonly unlimitedCodeSize: boolean
}

/** The simulated chain so far. */
interface Progress {
  readonly blocks: SimulatedBlock[]
  readonly codes: Map<Hash, Uint8Array>
  readonly budget: GasBudget
  version: Version
}

/**
 * Runs blocks that might follow `base`, as eth_simulateV1 does: numbers that are skipped become empty blocks, every block has a header
 * with its real roots, and later blocks see the earlier ones. A call that cannot be in its block refuses the whole simulation.
 */
export async function simulateBlocks(
  base: SimulationBase,
  request: SimulationRequest,
): Promise<Simulation> {
  const plan = planBlocks(base.record.block.header, request.blocks)
  if (plan.kind === 'refused') return plan
  const { version } = base.record
  const progress = { blocks: [], codes: new Map(), budget: newGasBudget(), version }
  for (const planned of plan.blocks) {
    const fault = await simulateBlock(base, request, planned, progress)
    if (fault !== undefined) return { kind: 'refused', fault }
  }
  return { kind: 'simulated', blocks: progress.blocks }
}

async function simulateBlock(
  base: SimulationBase,
  request: SimulationRequest,
  planned: PlannedBlock,
  progress: Progress,
): Promise<SimulationFault | undefined> {
  const parent = progress.blocks.at(-1)?.block ?? base.record.block
  const { header, rules } = simulatedHeader(base.chain, parent, planned, request.validation)
  const { stateOverrides = new Map() } = planned
  const fault = moveFault(stateOverrides, rules)
  if (fault !== undefined) return fault
  const codes = { get: (hash: Hash) => progress.codes.get(hash) ?? base.codes.get(hash) }
  const untouched = viewOf(progress.version, codes)
  const overridden = await whenHere(() =>
    overrideChanges(stateOverrides, (address) => untouched.account(address) !== undefined),
  )
  keepCodes(progress, overridden.codes)
  const before = await whenHere(() => applyChanges(progress.version, overridden))
  const working = new Overlay(viewOf(before, codes))
  const run: BlockRun = {
    engine: base.engine,
    env: simulatedEnv(base.chain, base.record, progress.blocks, planned, header, rules),
    working,
    switches: {
      skipNonce: !request.validation,
      skipSenderCode: true,
      skipGasCap: true,
      unlimitedCodeSize: base.unlimitedCodeSize,
      movedPrecompiles: movedPrecompiles(stateOverrides, rules),
    },
    traceTransfers: request.traceTransfers,
    validation: request.validation,
    budget: progress.budget,
    stateRoot: () => applyChanges(before, working.changes).stateRoot,
    transactions: [],
    receipts: [],
    accesses: [],
    calls: [],
    blockGas: { regular: 0n, state: 0n },
    blobGasUsed: 0n,
  }
  const outcome = await runBlock(base.chain, run, header, planned)
  if (outcome.kind === 'fault') return outcome.fault
  keepCodes(progress, working.changes.codes)
  progress.version = await whenHere(() => applyChanges(before, working.changes))
  const { executed, withdrawals } = outcome
  const block = sealBlock(header, executed, withdrawals, progress.version.stateRoot)
  progress.blocks.push({ block, calls: run.calls })
  return undefined
}

type RunOutcome =
  | {
      readonly kind: 'ran'
      readonly executed: BlockYield
      readonly withdrawals: readonly Withdrawal[] | undefined
    }
  | { readonly kind: 'fault'; readonly fault: SimulationFault }

/** The block's calls with what the protocol does around them. */
async function runBlock(
  { config }: Chain,
  run: BlockRun,
  header: Header,
  { calls, blockOverrides }: PlannedBlock,
): Promise<RunOutcome> {
  const { env, engine, working } = run
  const first: StepAccess[] = []
  const last: StepAccess[] = []
  await beforeTransactions(header, env, engine, working, (step) => first.push(step))
  for (const fields of calls) {
    const fault = await simulateCall(run, fields)
    if (fault !== undefined) return { kind: 'fault', fault }
  }
  const { transactions, receipts, blobGasUsed } = run
  const withdrawals = isActive(env.rules, 'shanghai')
    ? (blockOverrides?.withdrawals ?? [])
    : undefined
  const requests = await afterTransactions(
    {
      config,
      env,
      header,
      transactions,
      ommers: [],
      withdrawals,
      onRejection: 'stop',
      protocol: 'full',
    },
    engine,
    working,
    { receipts },
    (step) => last.push(step),
  )
  if (requests !== undefined && 'kind' in requests) {
    return { kind: 'fault', fault: { kind: 'invalidBlock', detail: requests.detail } }
  }
  const executed: BlockYield = {
    transactions,
    gasUsed: maxOf(run.blockGas.regular, run.blockGas.state),
    blobGasUsed,
    logsBloom: blockBloom(receipts),
    receiptsRoot: receiptsRoot(receipts),
    requests,
    blockAccessList: isActive(env.rules, 'amsterdam')
      ? blockAccessList([first, ...run.accesses.map((access) => [access]), last])
      : undefined,
  }
  return { kind: 'ran', executed, withdrawals }
}

function keepCodes({ codes }: Progress, fresh: ReadonlyMap<Hash, Uint8Array>): void {
  for (const [hash, code] of fresh) codes.set(hash, code)
}

function maxOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
