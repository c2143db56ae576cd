// What forge takes for `solc`: it asks for `--version` and sends standard JSON, and nothing else.
import { readFileSync, writeSync } from 'node:fs'
import { compileStandardJson, compilerVersion } from './solc-json.mjs'

const usage = 'usage: solc --version | solc --standard-json < input.json'

/** @param {readonly string[]} args the command line after the program's name */
export function main(args) {
  if (args.includes('--version')) {
    const banner = 'solc, the solidity compiler commandline interface'
    process.stdout.write(`${banner}\nVersion: ${compilerVersion()}\n`)
  } else if (args.includes('--standard-json')) {
    writeAll(compileStandardJson(readFileSync(0, 'utf8')))
  } else {
    process.stderr.write(`${usage}\n`)
    process.exitCode = 1
  }
}

/** Writes to a pipe in full, before anything in the compiler can end the process. */
function writeAll(text) {
  const bytes = Buffer.from(text)
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(1, bytes, written)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
    }
  }
}
