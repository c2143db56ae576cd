import { loadModule } from '../../evm/wasm/instance.ts'
import { type SharedSizes, createSharedMemory, loadSharedState } from './shared-state.ts'

/** What all threads of one pool share. It is dropped whole when a lane fails. */
export interface Session {
  readonly memory: WebAssembly.Memory
  readonly sizes: SharedSizes
  readonly stateModule: WebAssembly.Module
  readonly engineModule: WebAssembly.Module
}

const MIB = 1024 * 1024
/** Room for 100,000 accounts and as many slots and their code. */
const BASE_BYTES = 96 * MIB
/** Room for some 30,000 records in a lane and block; of many lanes' all together 2 GiB. */
const ARENA_BYTES = 32 * MIB
const ARENAS_BYTES = 2048 * MIB

/**
 * @param lanes threads that run transactions; the main thread has an arena beside them, the last one
 * @param arena bytes of an arena at most, a multiple of 8
 */
export async function openSession(lanes: number, arena: number = ARENA_BYTES): Promise<Session> {
  const [stateModule, engineModule] = await Promise.all([loadSharedState(), loadModule('engine')])
  const share = Math.floor(ARENAS_BYTES / (lanes + 1) / 65_536) * 65_536
  const sizes = { lanes: lanes + 1, arena: Math.min(arena, share), base: BASE_BYTES }
  return { memory: createSharedMemory(sizes), sizes, stateModule, engineModule }
}
