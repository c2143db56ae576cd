// The contracts that the workloads use: those of the project, and the loops beside this file.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildContracts } from '../contracts.mjs'
import { root } from '../prepare.mjs'

/**
 * @typedef {object} Contract
 * @property {import('viem').Abi} abi
 * @property {`0x${string}`} bytecode
 */

let built

/**
 * A contract of `contracts/src`, compiled when it has to be.
 * @param {string} name such as `ERC20`
 * @returns {Promise<Contract>}
 * @throws {Error} when a source does not compile
 */
export async function loadContract(name) {
  built ??= buildContracts()
  await built
  const path = join(root, 'out', `${name}.sol`, `${name}.json`)
  const { abi, bytecode } = JSON.parse(readFileSync(path, 'utf8'))
  return { abi, bytecode: bytecode.object }
}

/**
 * The loops of `Loops.sol`.
 * @returns {Promise<Contract & { runtime: `0x${string}` }>}
 * @throws {Error} when it does not compile
 */
export async function compileLoops() {
  const { compileStandardJson } = await import('../solc-json.mjs')
  const content = readFileSync(new URL('./Loops.sol', import.meta.url), 'utf8')
  const input = {
    language: 'Solidity',
    sources: { 'Loops.sol': { content } },
    settings: {
      evmVersion: 'osaka',
      optimizer: { enabled: true, runs: 200 },
      outputSelection: {
        '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] },
      },
    },
  }
  const output = JSON.parse(compileStandardJson(JSON.stringify(input)))
  const error = output.errors?.find((problem) => problem.severity === 'error')
  if (error !== undefined) throw new Error(error.formattedMessage)
  const { abi, evm } = output.contracts['Loops.sol']['Loops']
  return {
    abi,
    bytecode: `0x${evm.bytecode.object}`,
    runtime: `0x${evm.deployedBytecode.object}`,
  }
}
