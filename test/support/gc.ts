import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** Collects what nobody can reach, and lets those who wait for it know. */
export async function collectGarbage(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) {
    // What a WeakRef gave stays until its task ends.
    await setImmediate()
    gc()
  }
  await setImmediate()
}
