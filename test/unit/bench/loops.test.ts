import { describe, expect, it } from 'vitest'

import { compileLoops } from '../../../scripts/bench/contracts.mjs'
import { loops } from '../../../scripts/bench/engines.mjs'
import { inputs } from '../../../scripts/bench/precompiles.mjs'
import { callWorkloads } from '../../../scripts/bench/workloads/calls.mjs'
import { precompileAt } from '../../../src/evm/precompiles.ts'

describe('the loops of the bench', () => {
  it('are all functions of the contract, over RPC and in process alike', async () => {
    const { abi, runtime } = await compileLoops()
    const names = abi.filter((entry) => entry.type === 'function').map((entry) => entry.name)
    expect(loops.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
    const workload = callWorkloads.find(({ id }) => id === 'loops')
    expect(workload?.metrics).toMatchObject(
      loops.map(({ name, title }) => ({ key: name, title, unit: 'Mgas/s' })),
    )
    expect(runtime.length).toBeGreaterThan(2)
  })
})

describe('the inputs that precompiles are measured with', () => {
  it('are none that a precompile refuses, and all of names of their own', async () => {
    for (const { number, name, input } of inputs) {
      for (const fork of ['berlin', 'osaka'] as const) {
        const rules = { fork, blob: undefined }
        const precompile = precompileAt(number, rules)
        await precompile?.prepare?.()
        // A million rounds, and powers of thousands of bits, are for the bench alone.
        if (precompile!.gas(input, rules) > 40_000n) continue
        expect(precompile?.run(input, rules), name).toBeDefined()
      }
    }
    expect(new Set(inputs.map(({ name }) => name)).size).toBe(inputs.length)
  })
})
