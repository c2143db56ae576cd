import type { DevChain } from '../../src/chain/dev-chain.ts'
import { type SimulationBase, simulateBlocks } from '../../src/chain/simulate-blocks.ts'
import type { Engine } from '../../src/evm/engine.ts'
import type {
  SimulatedBlock,
  SimulationFault,
  SimulationRequest,
} from '../../src/model/simulation.ts'
import { type Address, slotOf } from '../../src/primitives/hex.ts'
import { USERS, devChain } from './dev-chain.ts'

export const [ALICE, BOB, CAROL] = USERS as readonly [Address, Address, Address]
/** An account with nothing. */
export const POOR = '0x00000000000000000000000000000000000a11ce' as Address
/** Where tests put code. */
export const A = '0x000000000000000000000000000000000000aaaa' as Address
export const B = '0x000000000000000000000000000000000000bbbb' as Address

type Blocks = SimulationRequest['blocks']
type Options = Partial<SimulationRequest>

/** The head of `dev` with the state after it, on this engine. */
export function baseOf(engine: Engine, dev: DevChain): SimulationBase {
  const { chain } = dev
  return { chain, engine, record: chain.head, codes: chain.codes, unlimitedCodeSize: false }
}

interface Simulations {
  readonly simulate: (
    blocks: Blocks,
    options?: Options,
    dev?: DevChain,
  ) => Promise<readonly SimulatedBlock[]>
  readonly faultOf: (blocks: Blocks, options?: Options) => Promise<SimulationFault>
}

/** Simulations on this engine, on a fresh chain unless another is given. */
export function simulationOn(engine: Engine): Simulations {
  const run = (blocks: Blocks, options: Options, dev: DevChain) => {
    const request = { blocks, traceTransfers: false, validation: false, ...options }
    return simulateBlocks(baseOf(engine, dev), request)
  }
  return {
    async simulate(blocks, options = {}, dev = devChain()) {
      const result = await run(blocks, options, dev)
      if (result.kind === 'refused') throw new Error(`refused: ${result.fault.kind}`)
      return result.blocks
    },
    async faultOf(blocks, options = {}) {
      const result = await run(blocks, options, devChain())
      if (result.kind === 'simulated') throw new Error('not refused')
      return result.fault
    },
  }
}

export function slots(kind: 'replace' | 'diff', values: Readonly<Record<number, bigint>>) {
  const entries = Object.entries(values).map(
    ([key, value]) => [slotOf(BigInt(key)), value] as const,
  )
  return { kind, slots: new Map(entries) }
}
