import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openLevelKv } from '../../../src/store/level-kv.ts'
import { damagedRecordAt } from '../../../src/store/level-log.ts'

/** The log of batches of all lengths, in blocks and across them. */
async function writtenLog(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-log-'))
  try {
    const kv = await openLevelKv(folder)
    for (const length of [0, 1, 100, 32_700, 3, 90_000, 7, 32_768, 500]) {
      await kv.write([{ key: Uint8Array.of(length & 255), value: new Uint8Array(length).fill(7) }])
    }
    await kv.close()
    const name = (await readdir(folder)).find((file) => file.endsWith('.log'))!
    return await readFile(join(folder, name))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

it('finds the record in which a bit of a log flipped, and takes one that ends early for a writer that was killed', async () => {
  const log = await writtenLog()
  expect(log.length).toBeGreaterThan(4 * 32_768)
  expect(damagedRecordAt(log)).toBeUndefined()
  for (let length = 0; length < log.length; length += 611) {
    expect(damagedRecordAt(log.subarray(0, length))).toBeUndefined()
  }
  expect(damagedRecordAt(Buffer.concat([log, new Uint8Array(5_000)]))).toBeUndefined()
  let found = 0
  const flips = 300
  for (let flip = 0; flip < flips; flip++) {
    const at = (flip * 541 + 13) % (log.length - 600)
    const bent = Buffer.from(log)
    bent[at]! ^= 1 << (flip % 8)
    const place = damagedRecordAt(bent)
    if (place === undefined) continue
    expect(place).toBeLessThanOrEqual(at)
    found++
  }
  // What stands between the last record of a block and its end says nothing.
  expect(found).toBeGreaterThan(flips - 5)
})
