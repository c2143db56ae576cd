import { effectiveGasPrice } from '../../model/fees.ts'
import { isActive } from '../../model/fork.ts'
import { checkTransaction } from '../../model/validity.ts'
import type { Address } from '../../primitives/hex.ts'
import type { StateView } from '../../state/view.ts'
import { type Prices, blockPrices, checkAdmission, pricesOf } from '../admission.ts'
import type {
  BlockEnv,
  Engine,
  Executable,
  ExecutionOptions,
  Outcome,
  Patience,
  Switches,
  SystemCall,
  SystemOutcome,
} from '../engine.ts'
import type { Observer } from '../observer.ts'
import { writeBlock, writeTransaction } from './context.ts'
import { endedWith } from './outcome.ts'
import { accessOf } from './outcome.ts'
import { type Rig, RigPool } from './rig-pool.ts'
import { Session } from './session.ts'
import { type Bill, settle } from './settle.ts'
import { prepare, prepareSystemCall } from './prepare.ts'
import { HIT_MEMORY_CAP, RESULT_OUTPUT, RESULT_OUTPUT_SIZE } from './layout.ts'

const SYSTEM_ADDRESS = '0xfffffffffffffffffffffffffffffffffffffffe' as Address
const NO_SWITCHES: Switches = {}

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
  const switches = options?.switches ?? NO_SWITCHES
  const rejection =
    checkTransaction(tx, env.rules, env.chainId, switches) ??
    checkAdmission(tx, env, view, switches)
  if (rejection !== undefined) return { kind: 'rejected', rejection }
  const prices = pricesOf(tx, env, switches)
  const gasPriceWei = effectiveGasPrice(tx, prices.baseFeeWei)
  const begin = (rig: Rig): { session: Session; bill: Bill } => {
    const session = beginSession(rig, env, view, prices, gasPriceWei, switches)
    return { session, bill: prepare(session, tx, prices, gasPriceWei, switches) }
  }
  const finish = (session: Session, bill: Bill): Outcome => settle(session, tx, bill)
  return attempt(pool, options, begin, finish)
}

function systemCall(
  pool: RigPool,
  call: SystemCall,
  env: BlockEnv,
  view: StateView,
  observer: Observer | undefined,
): SystemOutcome | Promise<SystemOutcome> {
  const begin = (rig: Rig): { session: Session; bill: undefined } => {
    const prices = blockPrices(env)
    const session = beginSession(rig, env, view, prices, 0n, NO_SWITCHES)
    prepareSystemCall(session, SYSTEM_ADDRESS, call)
    return { session, bill: undefined }
  }
  return attempt(pool, { observer }, begin, systemOutcomeOf)
}

function systemOutcomeOf(session: Session): SystemOutcome {
  const error = endedWith(session)
  const access = accessOf(session)
  if (error !== undefined) return { kind: 'failed', error, access }
  const { instance } = session
  const output = instance.copyOut(
    instance.pointer(RESULT_OUTPUT),
    instance.pointer(RESULT_OUTPUT_SIZE),
  )
  return { kind: 'success', output, access }
}

function beginSession(
  rig: Rig,
  env: BlockEnv,
  view: StateView,
  prices: Prices,
  gasPriceWei: bigint,
  switches: Switches,
): Session {
  const { instance } = rig
  writeBlock(instance, rig.written, env)
  writeTransaction(instance, prices, gasPriceWei, switches)
  const session = new Session(instance, env, view)
  rig.session = session
  instance.begin()
  return session
}

/**
 * Begins on a rig, runs to the end and finishes. A trap means that the memory's cap was reached: the transaction then runs out
 * of gas on another rig.
 */
function attempt<B, T>(
  pool: RigPool,
  options: ExecutionOptions | undefined,
  begin: (rig: Rig) => { session: Session; bill: B },
  finish: (session: Session, bill: B) => T,
): T | Promise<T> {
  const rig = pool.take(options?.observer)
  if (rig instanceof Promise) {
    return rig.then((late) => attemptOn(pool, late, options?.patience, begin, finish))
  }
  return attemptOn(pool, rig, options?.patience, begin, finish)
}

function attemptOn<B, T>(
  pool: RigPool,
  rig: Rig,
  patience: Patience | undefined,
  begin: (rig: Rig) => { session: Session; bill: B },
  finish: (session: Session, bill: B) => T,
): T | Promise<T> {
  const { session, bill } = begin(rig)
  const goOn = (): T | Promise<T> => {
    try {
      session.run(patience)
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error
      return giveUp(pool, begin, finish)
    }
    if (session.waitsFor !== undefined) return session.waitsFor.then(goOn)
    const outcome = finish(session, bill)
    pool.give(rig)
    return outcome
  }
  return goOn()
}

function giveUp<B, T>(
  pool: RigPool,
  begin: (rig: Rig) => { session: Session; bill: B },
  finish: (session: Session, bill: B) => T,
): T {
  const rig = pool.takeBare()
  const { session, bill } = begin(rig)
  session.instance.fn.abort()
  session.instance.u32[HIT_MEMORY_CAP >>> 2] = 1
  const outcome = finish(session, bill)
  pool.give(rig)
  return outcome
}
