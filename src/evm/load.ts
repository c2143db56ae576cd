import type { Engine } from './engine.ts'
import { inTurn } from './in-turn.ts'

/** The reference engine. It is imported here and only here, so that a node starts without its 0.3 s. */
export async function loadEthereumjsEngine(): Promise<Engine> {
  const { createEthereumjsEngine } = await import('./ethereumjs/engine.ts')
  return inTurn(createEthereumjsEngine())
}
