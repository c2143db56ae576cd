import { keccak_256 } from '@noble/hashes/sha3.js'
import { beforeAll, describe, expect, it } from 'vitest'

import { type WordModule, loadWordModule } from './u256-module.ts'

const INPUT = 0x9000
const DIGEST = 0x8000

describe('keccak-256 in WebAssembly', () => {
  let words: WordModule
  beforeAll(async () => {
    words = await loadWordModule()
  })

  function digest(input: Uint8Array, from: number, to: number): string {
    words.memory.set(input, from)
    words.call('keccak256', to, from, input.length)
    return Buffer.from(words.memory.slice(to, to + 32)).toString('hex')
  }

  it('is noble’s for every length up to 600, at any place', () => {
    for (let length = 0; length <= 600; length++) {
      const input = Uint8Array.from({ length }, (_, index) => (index * 31 + length * 7) & 255)
      const wanted = Buffer.from(keccak_256(input)).toString('hex')
      // What is behind the input does not count.
      words.memory.fill(0xff, INPUT, INPUT + 1000)
      expect(digest(input, INPUT + (length % 9), DIGEST), `length ${length}`).toBe(wanted)
    }
  })
  it('gives the digest as a word, the lowest limb first', () => {
    for (const length of [0, 1, 32, 64, 135, 136, 137]) {
      const input = Uint8Array.from({ length }, (_, index) => index + length)
      words.memory.set(input, INPUT)
      words.call('keccakWord', DIGEST, INPUT, length)
      const word = words.memory.slice(DIGEST, DIGEST + 32).reverse()
      expect(Buffer.from(word).equals(keccak_256(input))).toBe(true)
    }
  })
  it('remembers digests of 64 bytes and mixes up none', () => {
    // 700 inputs in 256 places, each asked for several times; one of zeros is like a place never used.
    for (let round = 0; round < 4; round++) {
      for (let index = 0; index < 700; index++) {
        const input = new Uint8Array(64)
        input.fill(index >> 3, 28 + (index & 3), 32)
        input[60 + (index & 3)] = index & 7
        input[index % 64]! ^= round & 1
        words.memory.set(input, INPUT)
        words.call('keccakPair', DIGEST, INPUT)
        const word = words.memory.slice(DIGEST, DIGEST + 32).reverse()
        expect(Buffer.from(word).equals(keccak_256(input)), `${round} ${index}`).toBe(true)
      }
    }
  })
  it('hashes messages two at a time as one by one, whatever their number and lengths', () => {
    const list = DIGEST
    const digests = DIGEST + 0x400
    for (let count = 0; count <= 40; count++) {
      const inputs = Array.from({ length: count }, (_, index) =>
        // None, within one block, at its edges, several blocks.
        Uint8Array.from({
          length: [0, 20, 532, 32, 135, 136, 137, 271, 272][(index * count) % 9]!,
        }).map((_, at) => (at * 31 + index * 7 + count) & 255),
      )
      const entries = new Uint32Array(3 * count)
      let at = INPUT
      for (const [index, input] of inputs.entries()) {
        entries.set([at, input.length, digests + 32 * index], 3 * index)
        words.memory.set(input, at)
        // What is behind an input does not count.
        words.memory[at + input.length] = 0xff
        at += input.length + 1
      }
      words.memory.set(new Uint8Array(entries.buffer), list)
      words.call('keccakMany', list, count)
      const got = words.memory.slice(digests, digests + 32 * count)
      const wanted = Buffer.concat(inputs.map((input) => keccak_256(input)))
      expect(Buffer.from(got).equals(wanted), `${count} messages`).toBe(true)
    }
  })
  it('may overwrite its input', () => {
    const input = Uint8Array.from({ length: 200 }, (_, index) => index)
    const wanted = Buffer.from(keccak_256(input)).toString('hex')
    expect(digest(input, INPUT, INPUT + 8)).toBe(wanted)
  })
  it('hashes a long input', () => {
    const input = new Uint8Array(100_000).fill(0xa5)
    expect(digest(input, INPUT, DIGEST)).toBe(Buffer.from(keccak_256(input)).toString('hex'))
  })
})
