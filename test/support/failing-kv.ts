import { type Kv, KvError } from '../../src/store/kv.ts'

/** A store that keeps its contract until its disk is full: then no write succeeds, and reads go on. */
export interface FailingKv extends Kv {
  /** Lets so many writes more through. */
  fillAfter(writes: number): void
  /** There is room again. */
  empty(): void
}

export function failingKv(inner: Kv): FailingKv {
  let left = Number.POSITIVE_INFINITY
  let failure: KvError | undefined
  return {
    get: (key) => inner.get(key),
    async write(batch) {
      if (left-- <= 0) failure ??= new KvError('writing failed: no space left on device')
      if (failure !== undefined) throw failure
      await inner.write(batch)
    },
    acknowledge: () => inner.acknowledge(),
    async recover() {
      if (left > 0) failure = undefined
      return failure === undefined
    },
    close: () => inner.close(),
    fillAfter(writes) {
      left = writes
    },
    empty() {
      left = Number.POSITIVE_INFINITY
    },
  }
}
