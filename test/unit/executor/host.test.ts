import { expect, it } from 'vitest'

import { LaneHost } from '../../../src/executor/lane/host.ts'
import type { LanePool } from '../../../src/executor/lane/pool.ts'
import { openSession } from '../../../src/executor/lane/session.ts'

/** Threads of which some are at a block until `end` says how they ended. */
async function threadsAtABlock() {
  const session = await openSession(0, 1024 * 1024)
  let end: (isWell: boolean) => void = () => undefined
  const parts = new Promise<boolean>((resolve) => (end = resolve))
  let replaced = 0
  const pool: Pick<LanePool, 'session' | 'partsEnded' | 'replace'> = {
    session: async () => session,
    partsEnded: () => parts,
    replace: async () => void replaced++,
  }
  return { host: new LaneHost(pool as LanePool, 2), end, replaced: () => replaced }
}

it('nobody gets at the shared memory while a lane that left a block makes its receipts', async () => {
  const { host, end, replaced } = await threadsAtABlock()
  let isOpen = false
  const opening = host.open().then(() => (isOpen = true))
  await new Promise(setImmediate)
  expect(isOpen).toBe(false)
  end(true)
  await opening
  expect([isOpen, replaced()]).toEqual([true, 0])
})

it('threads are replaced of which one failed after it had left the block', async () => {
  const { host, end, replaced } = await threadsAtABlock()
  end(false)
  await host.open()
  expect(replaced()).toBe(1)
})
