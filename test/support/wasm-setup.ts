import { ensureWasm } from '../../scripts/wasm.mjs'

/** Compiles the engine once, before the tests that run from the sources. */
export default async function setup(): Promise<void> {
  await ensureWasm()
}
