import type { RecordedTransaction, Recording } from '../analysis/input.ts'
import { TraceRecorder } from '../analysis/trace-recorder.ts'
import type { BlockEnv, Engine, Executable, Outcome, Switches } from '../evm/engine.ts'
import { readRevertReason } from '../evm/tracer/revert-reason.ts'
import type { Rejection } from '../model/rejection.ts'
import { type Address, type Hash, bytesToHex } from '../primitives/hex.ts'
import { Pace } from '../primitives/slices.ts'
import { Overlay } from '../state/overlay.ts'
import type { StateView } from '../state/view.ts'
import { type Unnamed, balancesBefore, codeIn, recordedOf } from './record-block.ts'

/** One transaction of a block that is only supposed. */
export interface Step {
  /** Made when its turn comes: a nonce may depend on what ran before. */
  txOn(view: Overlay): Executable & { readonly hash?: Hash }
  readonly switches: Switches
  /** Whether it is part of what is analysed; else it only prepares for what comes. */
  readonly counts: boolean
  /** It must succeed, or what comes after it is about nothing. */
  readonly isSetup?: boolean
}

/** What came of a step that counts. */
interface StepResult {
  readonly tx: Executable & { readonly hash?: Hash }
  readonly outcome: Exclude<Outcome, { kind: 'rejected' }>
}

/** A run of steps, one after another on one state. */
export interface Run extends Unnamed {
  /** Of the steps that count, in the order of `recording.transactions`. */
  readonly results: readonly StepResult[]
  /** Steps that no block could hold, by their place. */
  readonly rejected: readonly { readonly index: number; readonly rejection: Rejection }[]
  /** Steps of the setup that failed, by their place. */
  readonly setupFailures: readonly { readonly index: number; readonly reason: string }[]
  /** The state in the end. */
  readonly after: Overlay
}

/** Runs steps in order as one block on a state, observed; the state is not written. */
export async function observeRun(
  engine: Engine,
  env: BlockEnv,
  base: StateView,
  steps: readonly Step[],
): Promise<Run> {
  const after = new Overlay(base)
  const hashed = new Map<string, Uint8Array>()
  const transactions: RecordedTransaction[] = []
  const results: StepResult[] = []
  const rejected: { readonly index: number; readonly rejection: Rejection }[] = []
  const setupFailures: { readonly index: number; readonly reason: string }[] = []
  const balancesWei = new Map<Address, bigint>()
  const pace = new Pace()
  for (const [index, step] of steps.entries()) {
    await pace.turn()
    const recorder = new TraceRecorder(hashed)
    const tx = step.txOn(after)
    const outcome = await engine.transact(tx, env, after, {
      switches: step.switches,
      observer: recorder,
    })
    if (outcome.kind === 'rejected') {
      rejected.push({ index, rejection: outcome.rejection })
      continue
    }
    if (step.isSetup === true && outcome.kind !== 'success') {
      setupFailures.push({ index, reason: failureOf(outcome) })
    }
    if (step.counts) {
      for (const [address, wei] of balancesBefore([outcome.access], after)) {
        // What the first that counts finds, whatever others did to it since.
        if (!balancesWei.has(address)) balancesWei.set(address, wei)
      }
      transactions.push(recordedOf(tx, outcome.access, outcome.gasUsed, recorder.trace()))
      results.push({ tx, outcome })
    }
    after.apply(outcome.access.writes)
  }
  const recording: Recording = {
    transactions,
    beneficiary: env.header.beneficiary,
    balancesWei,
  }
  const codeOf = (address: Address): Uint8Array => codeIn(after, address)
  return {
    recording,
    hashed: [...hashed.values()],
    codeOf,
    results,
    rejected,
    setupFailures,
    after,
  }
}

/** Why an execution failed, in Geth's words. */
export function failureOf(outcome: Exclude<Outcome, { kind: 'rejected' | 'success' }>): string {
  return outcome.kind === 'halt' ? outcome.reason : revertWords(outcome.output)
}

function revertWords(output: Uint8Array): string {
  const reason = readRevertReason(output)
  if (reason?.kind === 'error') return `execution reverted: ${reason.message}`
  if (reason?.kind === 'panic') return `execution reverted: ${reason.words}`
  return output.length === 0 ? 'execution reverted' : `execution reverted: ${bytesToHex(output)}`
}
