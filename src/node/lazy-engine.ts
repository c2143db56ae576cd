import type { Engine } from '../evm/engine.ts'

/** An engine that is loaded by its first use, or by `load` beforehand; the node starts without it. */
export interface LazyEngine extends Engine {
  load(): Promise<Engine>
}

export function lazyEngine(name: string, open: () => Promise<Engine>): LazyEngine {
  let loaded: Engine | undefined
  let loading: Promise<Engine> | undefined
  const load = (): Promise<Engine> => {
    loading ??= open().then((engine) => (loaded = engine))
    return loading
  }
  return {
    name,
    load,
    transact: (tx, env, view, options) =>
      loaded === undefined
        ? load().then((engine) => engine.transact(tx, env, view, options))
        : loaded.transact(tx, env, view, options),
    systemCall: (call, env, view, observer) =>
      loaded === undefined
        ? load().then((engine) => engine.systemCall(call, env, view, observer))
        : loaded.systemCall(call, env, view, observer),
  }
}
