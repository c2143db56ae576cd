import { beforeAll, describe, expect, it } from 'vitest'

import { type WordModule, loadWordModule } from './u256-module.ts'
import { BINARY, INDEXED, POWER, TERNARY, UNARY } from './u256-reference.ts'
import { type WordSource, wordSource } from './u256-words.ts'

// U256_SETS=1000000 for a long run, U256_SEED=7 for others.
const sets = Number(process.env['U256_SETS'] ?? 4_000)
const seed = Number(process.env['U256_SEED'] ?? 1)
const OPERANDS = 0x8000
const RESULT = 0x8100
const MASK = (1n << 256n) - 1n

describe(`256-bit words in WebAssembly, seed ${seed}`, () => {
  let words: WordModule
  let view: BigUint64Array
  beforeAll(async () => {
    words = await loadWordModule()
    view = new BigUint64Array(words.memory.buffer)
  })

  function write(at: number, word: bigint): void {
    for (let limb = 0; limb < 4; limb++) {
      view[at / 8 + limb] = BigInt.asUintN(64, word >> BigInt(64 * limb))
    }
  }
  function read(at: number): bigint {
    let word = 0n
    for (let limb = 3; limb >= 0; limb--) word = (word << 64n) | view[at / 8 + limb]!
    return word
  }
  /** Into a place of its own, then over each operand in turn. */
  function check(name: string, operands: readonly bigint[], wanted: bigint): void {
    for (let over = -1; over < operands.length; over++) {
      operands.forEach((operand, index) => write(OPERANDS + 32 * index, operand))
      const target = over < 0 ? RESULT : OPERANDS + 32 * over
      words.call(name, target, ...operands.map((_, index) => OPERANDS + 32 * index))
      const got = read(target)
      if (got === (wanted & MASK)) continue
      const shown = operands.map((operand) => `0x${operand.toString(16)}`).join(', ')
      expect.fail(`${name}(${shown}), result over operand ${over}: got 0x${got.toString(16)}`)
    }
  }
  function repeat(run: (source: WordSource) => void, count = sets): void {
    const source = wordSource(seed)
    for (let set = 0; set < count; set++) run(source)
  }

  it.each(Object.entries(UNARY))('%s', (name, reference) => {
    repeat((source) => {
      const a = source.word()
      check(name, [a], reference(a))
    })
  })
  it.each(Object.entries(BINARY))('%s', (name, reference) => {
    repeat((source) => {
      const [a, b] = source.triple()
      check(name, [a, b], reference(a, b))
    })
  })
  it.each(Object.entries(INDEXED))('%s', (name, reference) => {
    repeat((source) => {
      const index = source.below(8) === 0 ? source.word() : BigInt(source.below(300))
      const word = source.word()
      check(name, [index, word], reference(index, word))
    })
    const word = 0x80f1e2d3c4b5a69788796a5b4c3d2e1f0f1e2d3c4b5a69788796a5b4c3d2e1ffn
    for (let index = 0n; index < 300n; index++) check(name, [index, word], reference(index, word))
  })
  it.each(Object.entries(POWER))('%s', (name, reference) => {
    repeat((source) => {
      const base = source.word()
      const exponent = source.below(2) === 0 ? BigInt(source.below(80)) : source.word()
      check(name, [base, exponent], reference(base, exponent))
    }, sets / 20)
  })
  it.each(Object.entries(TERNARY))('%s', (name, reference) => {
    repeat((source) => {
      const [a, b, m] = source.triple()
      check(name, [a, b, m], reference(a, b, m))
    })
  })

  it('divides where both corrections of a quotient’s estimate are needed', () => {
    const divisor = 0x80000000ffffffffn
    for (const dividend of [0x77dd48ff2fd4c6569079d6b97fcb974an, divisor * (2n ** 64n - 1n)]) {
      expect(dividend % divisor).toBe(0n)
      check('div', [dividend, divisor], dividend / divisor)
      check('mod', [dividend, divisor], 0n)
      check('mulmod', [dividend, 1n, divisor], 0n)
    }
  })

  it('keeps the reciprocals of divisors and mixes up none', () => {
    // More than are kept, each asked for again; many have one limb in common.
    const dividend = 0xc2b2ae3d27d4eb4f9e3779b97f4a7c15d6e8feb86659fd930123456789abcdefn
    const high = 1n << 63n
    for (let round = 0; round < 2; round++) {
      for (let index = 0n; index < 200n; index++) {
        const divisors = [high + index, (high << 64n) + index, ((high + index) << 64n) + index]
        for (const divisor of [...divisors, divisors[1]! << 64n]) {
          check('div', [dividend, divisor], dividend / divisor)
          check('mod', [dividend, divisor], dividend % divisor)
        }
      }
    }
  })

  it('has no byte beyond the lowest, whatever is beside the word', () => {
    const word = OPERANDS + 64
    words.memory.fill(0xff, OPERANDS, RESULT)
    write(word, 1n)
    for (const [index, wanted] of [
      [31n, 1n],
      [32n, 0n],
      [2n ** 64n + 31n, 0n],
    ] as const) {
      write(OPERANDS, index)
      words.call('byte', RESULT, OPERANDS, word)
      expect(read(RESULT)).toBe(wanted)
    }
  })
  it('reads and writes 32 big-endian bytes at any place', () => {
    repeat((source) => {
      const word = source.word()
      const place = 0x9000 + source.below(64)
      const bytes = Buffer.from(word.toString(16).padStart(64, '0'), 'hex')
      words.memory.set(bytes, place)
      words.call('loadBytes32', RESULT, place)
      expect(read(RESULT)).toBe(word)
      words.memory.fill(0, place, place + 32)
      words.call('storeBytes32', place, RESULT)
      expect(bytes.equals(words.memory.subarray(place, place + 32))).toBe(true)
    }, sets / 20)
  })
  it('reads 1 to 32 big-endian bytes and ignores those behind them', () => {
    repeat((source) => {
      const hex = source.word().toString(16).padStart(64, 'f')
      words.memory.set(Buffer.from(hex, 'hex'), 0x9001)
      for (let count = 1; count <= 32; count++) {
        words.call('loadBytes', RESULT, 0x9001, count)
        expect(read(RESULT)).toBe(BigInt(`0x${hex.slice(0, 2 * count)}`))
      }
    }, sets / 100)
  })
})
