import { instantiateWasm } from '../../primitives/wasm-file.ts'

/** What `assembly/` exports; pointers are numbers. */
interface Exports {
  readonly memory: WebAssembly.Memory
  blake2fState(): number
  blake2f(rounds: number, isFinal: number): void
  layModexp(baseLimbs: number, modulusLimbs: number, exponentBytes: number): void
  baseAt(): number
  modulusAt(): number
  exponentAt(): number
  modexp(exponentBytes: number): number
}

let exports: Exports | undefined

/** The precompiles in WebAssembly: 4 kB, compiled when one is called for the first time. */
export function precompileModule(): Exports {
  exports ??= instantiateWasm<Exports>('precompile')
  return exports
}
