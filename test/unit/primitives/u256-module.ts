import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { compileFile } from '../../../scripts/wasm.mjs'

const folder = fileURLToPath(new URL('../../../src/primitives/assembly/', import.meta.url))
const cache = fileURLToPath(new URL('../../../.cache/wasm/', import.meta.url))

/** Exports take and return pointers, lengths and nothing. */
export interface WordModule {
  readonly memory: Uint8Array
  call(name: string, ...args: readonly number[]): void
}

/** The words and keccak of `src/primitives/assembly` alone, compiled when a source of theirs changed. */
export async function loadWordModule(): Promise<WordModule> {
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).toSorted()) hash.update(readFileSync(folder + name))
  const path = `${cache}primitives-${hash.digest('hex').slice(0, 16)}.wasm`
  if (!existsSync(path)) {
    mkdirSync(cache, { recursive: true })
    await compileFile('src/primitives/assembly/module.ts', path)
  }
  const abort = () => {
    throw new Error('aborted')
  }
  const module = await WebAssembly.compile(readFileSync(path))
  const exports = new WebAssembly.Instance(module, { env: { abort } }).exports as Readonly<
    Record<string, unknown>
  >
  const memory = new Uint8Array((exports['memory'] as WebAssembly.Memory).buffer)
  const functions = new Map<string, (...args: readonly number[]) => void>()
  return {
    memory,
    call(name, ...args) {
      let found = functions.get(name)
      if (found === undefined) {
        found = exports[name] as (...args: readonly number[]) => void
        functions.set(name, found)
      }
      found(...args)
    },
  }
}
