import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Kv } from '../../../src/store/kv.ts'
import { openLevelKv } from '../../../src/store/level-kv.ts'
import { kvContract } from '../../contract/kv.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

let parent = ''
let count = 0
const newFolder = (): string => join(parent, `nested/db-${count++}`)

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'heddle-kv-'))
})
afterAll(async () => {
  await rm(parent, { recursive: true, force: true })
})

kvContract('level-kv', () => openLevelKv(newFolder()))

async function messageOf(action: Promise<unknown>): Promise<string> {
  try {
    await action
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  throw new Error('it did not fail')
}

describe('level-kv', () => {
  it('still has it after a restart', async () => {
    const folder = newFolder()
    const first = await openLevelKv(folder)
    await first.write([{ key: bytes('a'), value: bytes('1') }])
    await first.close()
    const second = await openLevelKv(folder)
    expect(second.get(bytes('a'))).toEqual(bytes('1'))
    await second.close()
  })

  it('names the folder that another holds, in one line', async () => {
    const folder = newFolder()
    const holder = await openLevelKv(folder)
    const message = await messageOf(openLevelKv(folder))
    expect(message).toBe(`the data folder ${folder} is in use by another process`)
    await holder.close()
  })

  it('names the folder that is damaged, in one line', async () => {
    const folder = newFolder()
    const kv = await openLevelKv(folder)
    await kv.write([{ key: bytes('a'), value: bytes('1') }])
    await kv.close()
    await writeFile(join(folder, 'CURRENT'), 'no manifest\n')
    const message = await messageOf(openLevelKv(folder))
    expect(message.split('\n')).toHaveLength(1)
    expect(message).toContain(folder)
    expect(message).toMatch(/damaged|cannot be opened/)
  })

  it('names the folder that cannot be made', async () => {
    const file = join(parent, 'a-file')
    await writeFile(file, '')
    const folder = join(file, 'db')
    const message = await messageOf(openLevelKv(folder))
    expect(message.startsWith(`the data folder ${folder} cannot be opened: `)).toBe(true)
  })

  it('never gives a wrong value: every flipped bit of a record is an error that names its key', async () => {
    const folder = newFolder()
    const kv = await openLevelKv(folder)
    await kv.write([{ key: bytes('key'), value: bytes('value') }])
    await kv.close()
    const options = { keyEncoding: 'view', valueEncoding: 'view' } as const
    const raw = new Level<Uint8Array, Uint8Array>(folder, options)
    const record = (await raw.get(bytes('key')))!
    expect(record).toHaveLength(9)
    await raw.put(bytes('other'), record)
    await raw.put(bytes('short'), record.subarray(0, 3))
    for (let bit = 0; bit < record.length * 8; bit++) {
      const flipped = record.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      await raw.put(bytes(`key${bit}`), flipped)
    }
    await raw.close()
    const damaged = await openLevelKv(folder)
    expect(damaged.get(bytes('key'))).toEqual(bytes('value'))
    expect(() => damaged.get(bytes('other'))).toThrow(
      `the record 0x6f74686572 in ${folder} is damaged`,
    )
    expect(() => damaged.get(bytes('short'))).toThrow('is damaged')
    for (let bit = 0; bit < record.length * 8; bit++) {
      expect(() => damaged.get(bytes(`key${bit}`))).toThrow('is damaged')
    }
    await damaged.close()
  })

  it('keeps a value of no bytes, wherever those lie', async () => {
    const kv = await openLevelKv(newFolder())
    const nowhere = new Uint8Array(new ArrayBuffer(0))
    await kv.write([{ key: bytes('a'), value: nowhere }])
    expect(kv.get(bytes('a'))).toEqual(new Uint8Array(0))
    await kv.close()
  })

  it('finds a flipped byte in the value on disk', async () => {
    const folder = newFolder()
    const kv = await openLevelKv(folder)
    const value = bytes('a value that can be found on the disk by its bytes')
    await kv.write([{ key: bytes('a'), value }])
    await kv.close()
    // Reopening moves the log into a table; the table is what gets damaged.
    await (await openLevelKv(folder)).close()
    let found = 0
    for (const file of await readdir(folder)) {
      const content = await readFile(join(folder, file))
      const at = content.indexOf(Buffer.from('found on the disk'))
      if (at === -1 || file.endsWith('.log')) continue
      content[at] = content[at]! ^ 1
      await writeFile(join(folder, file), content)
      found++
    }
    expect(found).toBe(1)
    await expect(openLevelKv(folder)).rejects.toThrow(/is damaged: \d+\.ldb at byte/)
  })
})

describe('what was acknowledged', () => {
  const put = (kv: Kv, text: string) => kv.write([{ key: bytes(text), value: bytes('1') }])

  it('is there, or the folder is refused: a cut log, an empty one and a database that is gone are no shorter one', async () => {
    const folder = newFolder()
    const kv = await openLevelKv(folder)
    await Promise.all(['a', 'b', 'c'].map((text) => put(kv, text)))
    await kv.acknowledge()
    await put(kv, 'd')
    await kv.close()
    const log = (await readdir(folder)).find((name) => name.endsWith('.log'))!
    const whole = await readFile(join(folder, log))
    const starts: number[] = []
    for (let at = 0; at < whole.length; at += 7 + whole.readUInt16LE(at + 4)) starts.push(at)
    expect(starts).toHaveLength(4)
    const cutTo = async (kept: number): Promise<string> => {
      const copy = newFolder()
      await cp(folder, copy, { recursive: true })
      await writeFile(join(copy, log), whole.subarray(0, starts[kept]))
      return copy
    }
    for (const [kept, lost] of [
      [0, 3],
      [2, 1],
    ] as const) {
      const copy = await cutTo(kept)
      expect(await messageOf(openLevelKv(copy))).toContain(
        `the data folder ${copy} is damaged: it lacks ${lost} of the 3 writes that were acknowledged`,
      )
    }
    // Of what came after it nobody was told.
    const shorter = await openLevelKv(await cutTo(3))
    expect([shorter.get(bytes('c')), shorter.get(bytes('d'))]).toEqual([bytes('1'), undefined])
    await shorter.close()
    // Reopening moves the log into a table, which nobody finds without its list.
    await (await openLevelKv(folder)).close()
    await rm(join(folder, 'CURRENT'))
    expect(await messageOf(openLevelKv(folder))).toContain('it lacks 3 of the 3 writes')
  })

  it('may be less when the user says so, by taking the mark away; a damaged mark is named', async () => {
    const folder = newFolder()
    const kv = await openLevelKv(folder)
    await put(kv, 'a')
    await kv.acknowledge()
    await kv.close()
    const mark = join(folder, 'ACKNOWLEDGED')
    const content = await readFile(mark)
    content[3]! ^= 1
    await writeFile(mark, content)
    expect(await messageOf(openLevelKv(folder))).toContain('is damaged: ACKNOWLEDGED')
    await rm(mark)
    const again = await openLevelKv(folder)
    expect(again.get(bytes('a'))).toEqual(bytes('1'))
    await again.acknowledge()
    await again.close()
    expect(await readFile(mark)).toHaveLength(12)
  })
})
