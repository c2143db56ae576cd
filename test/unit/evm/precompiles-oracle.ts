import { type EVM, type PrecompileInput, createEVM, getActivePrecompiles } from '@ethereumjs/evm'

import { createCommon } from '../../../src/evm/ethereumjs/common.ts'
import type { ForkName } from '../../../src/model/fork.ts'

const GAS_LIMIT = 2n ** 62n

/** Undefined output: the call failed. */
export interface PrecompileResult {
  readonly gas: bigint
  readonly output: Uint8Array | undefined
}

const machines = new Map<ForkName, Promise<EVM>>()

function machineFor(fork: ForkName): Promise<EVM> {
  let machine = machines.get(fork)
  if (machine === undefined) {
    machine = createEVM({ common: createCommon(fork, 1n) })
    machines.set(fork, machine)
  }
  return machine
}

/** What ethereumjs' precompile answers; undefined when the fork has none there. */
export async function askEthereumjs(
  fork: ForkName,
  number: number,
  data: Uint8Array,
): Promise<PrecompileResult | undefined> {
  const machine = await machineFor(fork)
  const found = getActivePrecompiles(machine.common).get(number.toString(16).padStart(40, '0'))
  if (found === undefined) return undefined
  const result = await found({
    data,
    gasLimit: GAS_LIMIT,
    common: machine.common,
    _EVM: machine,
    stateManager: machine.stateManager,
  } as unknown as PrecompileInput)
  const failed = result.exceptionError !== undefined
  return { gas: result.executionGasUsed, output: failed ? undefined : result.returnValue }
}
