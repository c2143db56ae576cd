import { LATEST, blockRef } from '../codec/block-ref.ts'
import { simulatedBlocksOut, simulationParams } from '../codec/simulation.ts'
import { noStateError } from '../failure.ts'
import { type MethodTable, method, optional, param } from '../method.ts'
import { simulationError } from '../simulation-failure.ts'

const request = param('payload', simulationParams)
const base = optional('block', blockRef, LATEST)

/** Blocks that might follow. */
export const ethSimulate: MethodTable = {
  eth_simulateV1: method([request, base], simulatedBlocksOut, async (context, asked, at) => {
    const { full, ...wanted } = asked
    const result = await context.backend.execution.simulate(wanted, at)
    switch (result.kind) {
      case 'simulated':
        return result.blocks.map((block) => ({ ...block, full }))
      case 'refused':
        throw simulationError(result.fault)
      case 'noState':
        throw await noStateError(context, at)
    }
  }),
}
