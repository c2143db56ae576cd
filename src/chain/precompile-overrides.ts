import { isPrecompile } from '../evm/tracer/precompiles.ts'
import type { StateOverrides } from '../model/call.ts'
import type { Rules } from '../model/fork.ts'
import type { SimulationFault } from '../model/simulation.ts'
import type { Address } from '../primitives/hex.ts'

export type MovedPrecompiles = ReadonlyMap<Address, Address>

/** Where a precompile goes that an override replaces: an address that nobody calls. */
const NOWHERE = '0xffffffffffffffffffffffffffffffffffffff00' as Address

/**
 * Where precompiles answer under these overrides: one with `movePrecompileTo` there, any other that is overridden nowhere, since its
 * account's code runs instead. Of two that move to one address the higher answers, as in Geth.
 */
export function movedPrecompiles(overrides: StateOverrides, rules: Rules): MovedPrecompiles {
  const moved = new Map<Address, Address>()
  for (const address of [...overrides.keys()].toSorted()) {
    if (!isPrecompile(address, rules)) continue
    moved.set(address, overrides.get(address)?.movePrecompileTo ?? NOWHERE)
  }
  return moved
}

/** What is wrong with the moves that the overrides ask for; undefined when nothing is. */
export function moveFault(overrides: StateOverrides, rules: Rules): SimulationFault | undefined {
  for (const address of [...overrides.keys()].toSorted()) {
    const to = overrides.get(address)?.movePrecompileTo
    if (to === undefined) continue
    if (!isPrecompile(address, rules)) return { kind: 'notPrecompile', address }
    if (to === address) return { kind: 'movedOntoItself', address }
    if (overrides.has(to)) return { kind: 'movedOntoOverride', address: to }
  }
  return undefined
}
