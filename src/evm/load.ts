import type { Engine } from './engine.ts'
import { inTurn } from './in-turn.ts'

export const ENGINE_NAMES = ['ethereumjs', 'wasm'] as const
export type EngineName = (typeof ENGINE_NAMES)[number]
export const DEFAULT_ENGINE: EngineName = 'wasm'

export function loadEngine(name: EngineName): Promise<Engine> {
  return name === 'wasm' ? loadWasmEngine() : loadEthereumjsEngine()
}

/** The reference engine. It is imported here and only here, so that a node starts without its 0.3 s. */
export async function loadEthereumjsEngine(): Promise<Engine> {
  const { createEthereumjsEngine } = await import('./ethereumjs/engine.ts')
  return inTurn(createEthereumjsEngine())
}

/** Our engine. It needs its compiled artefacts; the reference is loaded when a draft fork asks for it. */
export async function loadWasmEngine(): Promise<Engine> {
  const { createWasmEngine } = await import('./wasm/engine.ts')
  let reference: Promise<Engine> | undefined
  return createWasmEngine(() => (reference ??= loadEthereumjsEngine()))
}

/** Lets V8 compile our engine for speed before the first call needs it: some 60 ms, in turns. The reference has no use for that. */
export async function warmUpEngine(engine: Engine): Promise<void> {
  if (engine.name !== 'wasm') return
  const { warmUp } = await import('./wasm/warm-up.ts')
  await warmUp(engine)
}
