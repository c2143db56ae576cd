import { expect, it } from 'vitest'
import { Slab } from '../../../src/primitives/slab.ts'

it('gives copies that nothing changes but who has them, in few pieces of memory', () => {
  const slab = new Slab()
  const bytes = Uint8Array.from({ length: 1_000 }, (_, at) => at & 255)
  const copies = Array.from({ length: 200 }, (_, at) => slab.copy(bytes, at, 700))
  const wanted = copies.map((_, at) => Uint8Array.from({ length: 700 }, (_, i) => (at + i) & 255))
  bytes.fill(7)
  copies[3]!.fill(9)
  wanted[3]!.fill(9)
  expect(copies).toEqual(wanted)
  expect(new Set(copies.map(({ buffer }) => buffer)).size).toBe(3)
})

it('gives long ones memory of their own', () => {
  const copied = new Slab().copy(new Uint8Array(100_000).fill(5), 1, 99_000)
  expect(copied).toEqual(new Uint8Array(99_000).fill(5))
  expect(copied.buffer.byteLength).toBe(99_000)
})
