import type { Engine } from './engine.ts'

/**
 * An asynchronous engine that runs one transaction after another. Interleaved they would be no faster on one thread, and each
 * would need a machine of its own: 64 calls at once cost five times as much as in turn.
 */
export function inTurn(engine: Engine): Engine {
  let last: Promise<unknown> = Promise.resolve()
  const next = <T>(job: () => T | Promise<T>): Promise<T> => {
    const turn = last.then(job)
    last = turn.catch(() => undefined)
    return turn
  }
  return {
    name: engine.name,
    transact: (...args) => next(() => engine.transact(...args)),
    systemCall: (...args) => next(() => engine.systemCall(...args)),
  }
}
