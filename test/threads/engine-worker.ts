// One transfer on a machine of the module that was posted.
import { parentPort, workerData } from 'node:worker_threads'

import { encodeTransaction } from '../../src/evm/wasm/encode.ts'
import { Machine } from '../../src/evm/wasm/machine.ts'
import { serve } from '../../src/evm/wasm/serve.ts'
import { DONE, NEED } from '../../src/evm/wasm/status.ts'
import type { Engine } from '../../src/evm/engine.ts'
import { TestWorld } from '../contract/engine-world.ts'

/** What the thread says of its machine, in milliseconds, and how long the record of a transfer was. */
export interface EngineReport {
  readonly readyMs: number
  readonly transferMs: number
  readonly recordSize: number
}

const startedMs = performance.now()
const machine = new Machine(workerData as WebAssembly.Module)
const readyMs = performance.now() - startedMs
const world = new TestWorld(undefined as unknown as Engine, {})
machine.setBlock(world.env)
machine.start(encodeTransaction(world.transaction({ valueWei: 1n }), world.env) as Uint8Array)
for (let state = machine.run(1000); state !== DONE; state = machine.run(1000)) {
  if (state === NEED) void serve(machine, world.view)
}
const report: EngineReport = {
  readyMs,
  transferMs: performance.now() - startedMs - readyMs,
  recordSize: machine.recordSize,
}
parentPort!.postMessage(report)
