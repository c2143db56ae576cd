import { readFileSync } from 'node:fs'

/** What `scripts/wasm.mjs` compiles, and QuickJS, which the build alone has. */
export type WasmName =
  | 'engine'
  | 'engine-hooked'
  | 'precompile'
  | 'primitives'
  | 'quickjs'
  | 'receipts'
  | 'sealer'
  | 'shared-state'
  | 'store'

/** The bytes of an artefact: the build's, or in a checkout those in the cache. @throws {Error} when there are none. */
export function readWasm(name: WasmName): Uint8Array<ArrayBuffer> {
  for (const place of [`../wasm/${name}.wasm`, `../../.cache/wasm/${name}.wasm`]) {
    try {
      return new Uint8Array(readFileSync(new URL(place, import.meta.url)))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new Error(`${name}.wasm is missing: run \`npm run build\``)
}

/** A module of its own memory and no imports, compiled at once: for the small ones. */
export function instantiateWasm<Exports>(name: WasmName): Exports {
  const module = new WebAssembly.Module(readWasm(name))
  return new WebAssembly.Instance(module, {}).exports as unknown as Exports
}
