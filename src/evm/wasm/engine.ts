import { isActive } from '../../model/fork.ts'
import { RECORD_REJECTED } from '../../state/record-layout.ts'
import { type TransactionRecord, statusIn } from '../../state/record.ts'
import type { StateView } from '../../state/view.ts'
import { checkAdmission } from '../admission.ts'
import type {
  BlockEnv,
  Engine,
  Executable,
  ExecutionOptions,
  Outcome,
  Patience,
  SystemCall,
  SystemOutcome,
} from '../engine.ts'
import type { Observer } from '../observer.ts'
import { draftSystemCall, draftTransaction } from './encode.ts'
import { outcomeOf, systemOutcomeOf } from './outcome.ts'
import { RecordSlab } from './record-slab.ts'
import { type Rig, RigPool } from './rig-pool.ts'
import { serve } from './serve.ts'
import { DONE, NEED } from './status.ts'

/** Jumps of one run. Between runs V8 can put in the interpreter that it has compiled better meanwhile. */
const FUEL = 100_000
/** Jumps between two looks at the clock. */
const TIMED_FUEL = 2_000

const records = new RecordSlab()

/**
 * The engine in WebAssembly behind the port. It answers at once, but when a precompile's library has to be loaded.
 * @param reference takes the forks that are still drafts
 */
export async function createWasmEngine(reference: () => Promise<Engine>): Promise<Engine> {
  const pool = await RigPool.create()
  return {
    name: 'wasm',
    transact: (tx, env, view, options) =>
      isActive(env.rules, 'amsterdam')
        ? reference().then((engine) => engine.transact(tx, env, view, options))
        : transact(pool, tx, env, view, options),
    systemCall: (call, env, view, observer) =>
      isActive(env.rules, 'amsterdam')
        ? reference().then((engine) => engine.systemCall(call, env, view, observer))
        : systemCall(pool, call, env, view, observer),
  }
}

function transact(
  pool: RigPool,
  tx: Executable,
  env: BlockEnv,
  view: StateView,
  options: ExecutionOptions | undefined,
): Outcome | Promise<Outcome> {
  const switches = options?.switches
  const encoded = draftTransaction(tx, env, switches)
  if (!(encoded instanceof Uint8Array)) return { kind: 'rejected', rejection: encoded }
  const job: Job<Outcome> = {
    encoded,
    env,
    view,
    patience: options?.patience,
    conclude(record, aborted) {
      if (statusIn(record) !== RECORD_REJECTED) return outcomeOf(record, tx.to === null, aborted)
      const rejection = checkAdmission(tx, env, view, switches ?? {})
      if (rejection === undefined) throw new Error('bug: the engine alone rejects a transaction')
      return { kind: 'rejected', rejection }
    },
  }
  return perform(pool, options?.observer, job)
}

function systemCall(
  pool: RigPool,
  call: SystemCall,
  env: BlockEnv,
  view: StateView,
  observer: Observer | undefined,
): SystemOutcome | Promise<SystemOutcome> {
  const encoded = draftSystemCall(call, env)
  const job = { encoded, env, view, patience: undefined, conclude: systemOutcomeOf }
  return perform(pool, observer, job)
}

/** Something to run, and what is made of its record. */
interface Job<T> {
  /** A draft: to be started at once. */
  readonly encoded: Uint8Array
  readonly env: BlockEnv
  readonly view: StateView
  readonly patience: Patience | undefined
  /** @param aborted why it was ended from outside */
  conclude(record: TransactionRecord, aborted: string | undefined): T
}

function perform<T>(pool: RigPool, observer: Observer | undefined, job: Job<T>): T | Promise<T> {
  const rig = pool.take(observer)
  if (rig instanceof Promise) {
    const kept = { ...job, encoded: job.encoded.slice() }
    return rig.then((late) => performOn(pool, late, kept))
  }
  return performOn(pool, rig, job)
}

function performOn<T>(pool: RigPool, rig: Rig, job: Job<T>): T | Promise<T> {
  const { machine } = rig
  machine.setBlock(job.env)
  machine.start(job.encoded)
  const { patience } = job
  if (patience !== undefined) return performInTime(pool, rig, job, patience)
  const goOn = (): T | Promise<T> => {
    for (;;) {
      const state = machine.run(FUEL)
      if (state === DONE) return finish(pool, rig, job, undefined)
      if (state !== NEED) continue
      const wait = serve(machine, job.view)
      if (wait !== undefined) return wait.then(goOn)
    }
  }
  return goOn()
}

/** As above, with turns for other work and an end after the limit. */
function performInTime<T>(
  pool: RigPool,
  rig: Rig,
  job: Job<T>,
  { yieldMs, limitMs }: Patience,
): T | Promise<T> {
  const { machine } = rig
  let spentMs = 0
  let aborted: string | undefined
  const goOn = (): T | Promise<T> => {
    const startedMs = performance.now()
    for (;;) {
      const state = machine.run(TIMED_FUEL)
      if (state === DONE) return finish(pool, rig, job, aborted)
      let wait = state === NEED ? serve(machine, job.view) : undefined
      if (wait === undefined) {
        const sinceMs = performance.now() - startedMs
        if (spentMs + sinceMs > limitMs) {
          if (machine.abort()) aborted = `execution aborted (timeout = ${limitMs / 1000}s)`
        } else if (sinceMs > yieldMs) wait = new Promise((resolve) => setImmediate(resolve))
      }
      if (wait === undefined) continue
      spentMs += performance.now() - startedMs
      return wait.then(goOn)
    }
  }
  return goOn()
}

function finish<T>(pool: RigPool, rig: Rig, job: Job<T>, aborted: string | undefined): T {
  const record = records.keep(rig.machine)
  pool.give(rig)
  return job.conclude(record, aborted)
}
