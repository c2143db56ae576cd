import { type CallTarget, call, callOf, callSwitches } from '../../chain/simulate.ts'
import type { Engine, Executable, Outcome, Switches } from '../../evm/engine.ts'
import type { Observer } from '../../evm/observer.ts'
import { openTransaction } from '../../model/signer.ts'
import type { CallContext } from '../../rpc/call-port.ts'
import type { CallStep, StepResult } from '../../rpc/inspect-port.ts'
import { Overlay } from '../../state/overlay.ts'
import { failureOf } from './failure.ts'
import { withOverrides } from './overrides.ts'
import type { TracerMaker } from './tracing.ts'

const RAW_PATIENCE = { yieldMs: 20, limitMs: 5_000 }

/** Runs calls one after another; each sees what those before it did. */
export async function runMany(
  engine: Engine,
  tracerFor: TracerMaker,
  steps: readonly CallStep[],
  start: CallTarget,
  context: CallContext,
): Promise<readonly StepResult[]> {
  const base = withOverrides(start, context)
  const state = new Overlay(base.view)
  const results: StepResult[] = []
  for (const step of steps) {
    const target = withOverrides(
      { ...base, view: state },
      { at: context.at, blockOverrides: step.blockOverrides },
    )
    results.push(await runStep(engine, tracerFor, step, target, state))
  }
  return results
}

async function runStep(
  engine: Engine,
  tracerFor: TracerMaker,
  step: CallStep,
  target: CallTarget,
  state: Overlay,
): Promise<StepResult> {
  const opened = step.call.kind === 'fields' ? undefined : openTransaction(step.call.raw)
  if (opened !== undefined && !opened.ok) {
    return { kind: 'rejected', rejection: { kind: 'invalid', detail: opened.error } }
  }
  const tx =
    step.call.kind === 'fields' ? callOf(step.call.fields, target) : (opened!.value as Executable)
  if ('kind' in tx) return tx
  const { view, env } = target
  const switches = switchesOf(step, tx, target)
  const made = step.trace && tracerFor(step.trace, { view, env, transaction: tx, switches })
  if (made !== undefined && made.kind !== 'tracer') return made
  const outcome = await execute(engine, step, tx, target, made?.observer)
  if (outcome.kind === 'rejected') return failureOf(outcome)
  const traced = await made?.result(outcome)
  if (traced !== undefined && traced.kind !== 'traced') return traced
  const { beneficiary } = env.header
  const before = state.account(beneficiary)?.balanceWei ?? 0n
  state.apply(outcome.access.writes)
  return {
    kind: 'executed',
    outcome: outcome.kind,
    output: outcome.kind === 'halt' ? new Uint8Array(0) : outcome.output,
    reason: outcome.kind === 'halt' ? outcome.reason : undefined,
    gasUsed: outcome.gasUsed,
    paidWei: (state.account(beneficiary)?.balanceWei ?? 0n) - before,
    trace: traced?.result,
  }
}

function switchesOf({ call: { kind } }: CallStep, tx: Executable, target: CallTarget): Switches {
  if (kind === 'fields') return callSwitches(tx, target)
  const { switches } = target
  if (kind === 'included') return { ...switches }
  return { skipNonce: true, skipSenderCode: true, skipGasCap: true, ...switches }
}

/** A signed transaction pays what it says, whatever its nonce is. */
function execute(
  engine: Engine,
  step: CallStep,
  tx: Executable,
  target: CallTarget,
  observer: Observer | undefined,
): Outcome | Promise<Outcome> {
  if (step.call.kind === 'fields') return call(engine, step.call.fields, target, observer)
  return engine.transact(tx, target.env, target.view, {
    switches: switchesOf(step, tx, target),
    observer,
    patience: RAW_PATIENCE,
  })
}
