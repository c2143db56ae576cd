import { afterEach, describe, expect, it } from 'vitest'

import type { Kv } from '../../src/store/kv.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What every key-value store keeps. @param open a new, empty store at each call. */
export function kvContract(name: string, open: () => Promise<Kv>): void {
  describe(`${name} keeps the contract of a key-value store`, () => {
    const opened: Kv[] = []
    const start = async (): Promise<Kv> => {
      const kv = await open()
      opened.push(kv)
      return kv
    }
    afterEach(async () => {
      for (const kv of opened.splice(0)) await kv.close()
    })

    it('has nothing at first', async () => {
      const kv = await start()
      expect(kv.get(bytes('a'))).toBeUndefined()
    })

    it('gives back what was written, byte for byte', async () => {
      const kv = await start()
      const value = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff)
      await kv.write([{ key: Uint8Array.of(0, 255, 128), value }])
      expect(kv.get(Uint8Array.of(0, 255, 128))).toEqual(value)
      expect(kv.get(Uint8Array.of(0, 255))).toBeUndefined()
    })

    it('keeps an empty value apart from none', async () => {
      const kv = await start()
      await kv.write([{ key: bytes('a'), value: new Uint8Array(0) }])
      expect(kv.get(bytes('a'))).toEqual(new Uint8Array(0))
    })

    it('takes a batch in its order', async () => {
      const kv = await start()
      await kv.write([
        { key: bytes('a'), value: bytes('1') },
        { key: bytes('b'), value: bytes('2') },
        { key: bytes('a'), value: bytes('3') },
        { key: bytes('b'), value: undefined },
      ])
      expect(kv.get(bytes('a'))).toEqual(bytes('3'))
      expect(kv.get(bytes('b'))).toBeUndefined()
    })

    it('overwrites and deletes, also what is not there', async () => {
      const kv = await start()
      await kv.write([{ key: bytes('a'), value: bytes('1') }])
      await kv.write([
        { key: bytes('a'), value: bytes('2') },
        { key: bytes('never'), value: undefined },
      ])
      expect(kv.get(bytes('a'))).toEqual(bytes('2'))
      await kv.write([{ key: bytes('a'), value: undefined }])
      expect(kv.get(bytes('a'))).toBeUndefined()
    })

    it('takes an empty batch', async () => {
      const kv = await start()
      await kv.write([])
    })

    it('does not see later changes of the arrays it was given or gave', async () => {
      const kv = await start()
      const value = bytes('one')
      await kv.write([{ key: bytes('a'), value }])
      value[0] = 0
      const read = kv.get(bytes('a'))!
      read[1] = 0
      expect(kv.get(bytes('a'))).toEqual(bytes('one'))
    })

    it('has nothing to recover from while no write has failed', async () => {
      const kv = await start()
      await kv.write([{ key: bytes('a'), value: bytes('1') }])
      expect(await kv.recover()).toBe(true)
      expect(kv.get(bytes('a'))).toEqual(bytes('1'))
    })

    it('has nothing more to do when what it was given is acknowledged', async () => {
      const kv = await start()
      await kv.acknowledge()
      await kv.write([{ key: bytes('a'), value: bytes('1') }])
      await kv.acknowledge()
      expect(kv.get(bytes('a'))).toEqual(bytes('1'))
    })

    it('refuses work after it was closed, and closes twice', async () => {
      const kv = await open()
      await kv.close()
      expect(() => kv.get(bytes('a'))).toThrow(/closed|not open/)
      await expect(kv.write([{ key: bytes('a'), value: bytes('1') }])).rejects.toThrow(
        /closed|not open/,
      )
      await kv.close()
    })
  })
}
