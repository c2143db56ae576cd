import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compactLevel } from '../../../src/store/compact.ts'
import { openLevelKv } from '../../../src/store/level-kv.ts'
import { damagedBlockAt } from '../../../src/store/level-table.ts'

const FOOTER = 48

let folder: string
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Tables of blocks that LevelDB compressed, whose index it did too, or none of them. */
const tables: Buffer[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-table-'))
  for (const make of [(): Buffer => randomBytes(400), (): Buffer => Buffer.alloc(400, 7)]) {
    const path = join(folder, String(tables.length))
    const kv = await openLevelKv(path)
    const writes = Array.from({ length: 800 }, (_, index) => {
      // Keys with much in common make an index that is compressed.
      return { key: Buffer.from(`${'key '.repeat(10)}${index}`), value: make() }
    })
    await kv.write(writes)
    await kv.close()
    await compactLevel(path)
    tables.push(...(await tablesIn(path)).map(({ bytes }) => bytes))
  }
})

async function tablesIn(path: string): Promise<{ name: string; bytes: Buffer }[]> {
  const names = (await readdir(path)).filter((name) => name.endsWith('.ldb'))
  return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(path, name)) })))
}

describe('a table', () => {
  it('is whole as LevelDB wrote it, and unfinished without its end', () => {
    expect(tables.length).toBeGreaterThanOrEqual(2)
    for (const table of tables) {
      expect(damagedBlockAt(table)).toBeUndefined()
      for (let length = 0; length < table.length; length += 97) {
        expect(damagedBlockAt(table.subarray(0, length))).toBeUndefined()
      }
    }
  })

  it('names the block in which a bit flipped, wherever that is', () => {
    for (const table of tables) {
      const end = table.length - FOOTER
      for (let at = 0; at < end; at += 1 + Math.floor(end / 400)) {
        const bent = Buffer.from(table)
        bent[at]! ^= 1 << (at % 8)
        const place = damagedBlockAt(bent)
        expect(place, `byte ${at}`).toBeLessThanOrEqual(at)
        // No block is longer: what compresses badly ends with the record above 4 KiB, the index is at the end.
        if (at < end / 2) expect(place, `byte ${at}`).toBeGreaterThan(at - 6000)
      }
      // The numbers of the footer; zeros come after them, so the highest bit of the last says nothing.
      for (let at = end; table[at] !== 0; at++) {
        for (let bit = 0; bit < 7; bit++) {
          const bent = Buffer.from(table)
          bent[at]! ^= 1 << bit
          expect(damagedBlockAt(bent), `bit ${bit} of byte ${at}`).toBeLessThanOrEqual(end)
        }
      }
    }
  })
})

it('a folder with a damaged table is refused by name and place, and so is compacting it', async () => {
  const path = join(folder, '1')
  const { name, bytes } = (await tablesIn(path))[0]!
  bytes[10]! ^= 4
  await writeFile(join(path, name), bytes)
  const text = `the data folder ${path} is damaged: ${name} at byte 0`
  await expect(openLevelKv(path)).rejects.toThrow(text)
  await expect(compactLevel(path)).rejects.toThrow(text)
})
