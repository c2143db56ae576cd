// The compiler of the npm package `solc`, run over standard JSON. Shared by `scripts/solc`, which
// forge calls, and `scripts/contracts.mjs`, so that both ways give the same bytecode.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** @returns {string} the long version, such as `0.8.37+commit.f401782d.Emscripten.clang` */
export function compilerVersion() {
  return require('solc').version()
}

/**
 * Compiles what a standard JSON input names. Sources carry their `content`: no file is read here.
 *
 * @param {string} input standard JSON, as text
 * @returns {string} standard JSON output, as text; compile errors are inside it
 */
export function compileStandardJson(input) {
  return require('solc').compile(input)
}
