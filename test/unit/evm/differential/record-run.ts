import type { Executable, Switches } from '../../../../src/evm/engine.ts'
import { encodeTransaction } from '../../../../src/evm/wasm/encode.ts'
import { loadModule } from '../../../../src/evm/wasm/instance.ts'
import { Machine } from '../../../../src/evm/wasm/machine.ts'
import { serve } from '../../../../src/evm/wasm/serve.ts'
import { DONE, NEED } from '../../../../src/evm/wasm/status.ts'
import { type TransactionRecord, recordMemory } from '../../../../src/state/record.ts'
import type { TestWorld } from '../../../contract/engine-world.ts'

/** Not at the beginning of its memory, as lanes keep records. */
const AT = 64

const machine = new Machine(await loadModule('engine'))

/** The record of a transaction; undefined when it is refused before it runs. */
export async function recordOf(
  world: TestWorld,
  tx: Executable,
  switches: Switches = {},
): Promise<TransactionRecord | undefined> {
  const encoded = encodeTransaction(tx, world.env, switches)
  if (!(encoded instanceof Uint8Array)) return undefined
  machine.setBlock(world.env)
  machine.start(encoded)
  for (;;) {
    const state = machine.run(1_000_000)
    if (state === NEED) await serve(machine, world.view)
    if (state !== DONE) continue
    const memory = recordMemory(new ArrayBuffer(AT + machine.recordSize))
    machine.copyRecord(memory.u8, AT)
    return { memory, at: AT }
  }
}
