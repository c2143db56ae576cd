/** What the precompiles that are worked out in WebAssembly export. */
export { blake2f, blake2fState } from './blake2f'
export { baseAt, exponentAt, layModexp, modexp, modulusAt } from './modexp'
