import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { LanePool } from '../../../src/executor/lane/pool.ts'
import type { BlockTask } from '../../../src/executor/lane/protocol.ts'

/** As a lane that fails at its receipts, when it has left the block. */
const FAILS = `export default () => { throw new Error('at its receipts') }`
const WORKS = `export default () => ({ kind: 'worked' })`
const task = { kind: 'block' } as BlockTask

describe('threads', () => {
  let folder: string
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'heddle-pool-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function poolOf(name: string, source: string): LanePool {
    const file = join(folder, `${name}.mjs`)
    writeFileSync(file, source)
    return new LanePool(1, pathToFileURL(file))
  }

  it('have ended well when all came back from the block', async () => {
    const pool = poolOf('works', WORKS)
    await pool.run(task)
    expect(await pool.partsEnded(60_000)).toBe(true)
    await pool.close()
  })

  it('have not ended well when one failed, though the block was over by then, until they are others', async () => {
    const pool = poolOf('fails', FAILS)
    const failure = await pool.run(task).catch((error: Error) => error.message)
    expect(failure).toBe('at its receipts')
    expect([await pool.partsEnded(60_000), await pool.partsEnded(60_000)]).toEqual([false, false])
    await pool.replace()
    expect(await pool.partsEnded(60_000)).toBe(true)
    await pool.close()
  })
})
