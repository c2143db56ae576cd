import { crc32 as nativeCrc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { crc32, maskedCrc32c } from '../../../src/store/crc.ts'

it('is the checksum of both strings one after the other, short or long', () => {
  for (const length of [0, 1, 7, 8, 9, 100, 511, 512, 513, 5_000]) {
    const second = Uint8Array.from({ length }, (_, at) => (at * 89) & 255)
    for (const first of [
      new Uint8Array(0),
      Uint8Array.of(1),
      Uint8Array.from({ length: 21 }, (_, at) => 255 - at),
    ]) {
      expect(crc32(first, second)).toBe(nativeCrc32(Buffer.concat([first, second])))
    }
  }
})

it('is the checksum that LevelDB masks: of RFC 3720, turned by 15 bits, and the constant added', () => {
  const zeros = new Uint8Array(40)
  const crc = 0x8a9136aa
  expect(maskedCrc32c(zeros, 4, 36)).toBe((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0)
})
