import { describe, expect, it } from 'vitest'

import { precompileAt } from '../../../src/evm/precompiles.ts'
import type { ForkName, Rules } from '../../../src/model/fork.ts'
import { bigIntToFixedBytes, concatBytes } from '../../../src/primitives/bytes.ts'
import { hexToBytes } from '../../../src/primitives/hex.ts'
import { askEthereumjs } from './precompiles-oracle.ts'
import { type RandomBytes, randomBytes } from './precompiles-random.ts'

const runs = Number(process.env['PRECOMPILE_RUNS'] ?? 40)
const seed = Number(process.env['PRECOMPILE_SEED'] ?? 1)
const FORKS: readonly ForkName[] = ['byzantium', 'istanbul', 'berlin', 'osaka']
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex')
const word = (value: bigint) => bigIntToFixedBytes(value, 32)
const rulesOf = (fork: ForkName): Rules => ({ fork, blob: undefined })

function modexpInput(base: Uint8Array, exponent: Uint8Array, modulus: Uint8Array): Uint8Array {
  const lengths = [base, exponent, modulus].map((part) => word(BigInt(part.length)))
  return concatBytes(...lengths, base, exponent, modulus)
}

async function compare(number: number, fork: ForkName, input: Uint8Array): Promise<void> {
  const precompile = precompileAt(number, rulesOf(fork))
  const wanted = await askEthereumjs(fork, number, input)
  const label = `${fork} ${hex(input)}`
  expect(hex(precompile?.run(input, rulesOf(fork))), label).toBe(hex(wanted?.output))
  if (wanted?.output === undefined) return
  expect(precompile?.gas(input, rulesOf(fork)), label).toBe(wanted.gas)
}

describe(`MODEXP against ethereumjs, seed ${seed}`, () => {
  it('gives the same for operands of all lengths', async () => {
    const random = randomBytes(seed)
    const length = () => [0, 1, 8, 31, 32, 33, 64, 96][random.below(8)]!
    const part = (source: RandomBytes): Uint8Array => {
      const bytes = source.bytes(length())
      // Short numbers in long fields, and even moduli.
      if (source.below(3) === 0) bytes.fill(0, 0, source.below(bytes.length + 1))
      return bytes
    }
    for (let run = 0; run < runs; run++) {
      const input = random.mutate(modexpInput(part(random), part(random), part(random)))
      // A changed length would ask for gigabytes: of both, but only one counts gas first.
      if (
        input.length >= 96 &&
        !input.subarray(0, 96).every((byte, at) => at % 32 > 30 || byte === 0)
      )
        continue
      for (const fork of FORKS) await compare(5, fork, input)
    }
  })
  it('is what BigInt works out for limbs that make estimates of quotients wrong', () => {
    const random = randomBytes(seed)
    const limbs = ['0000000000000000', '0000000000000001', '7fffffffffffffff', '8000000000000000']
    limbs.push('8000000000000001', 'fffffffffffffffe', 'ffffffffffffffff', '00000000ffffffff')
    const number = (most: number): Uint8Array => {
      const count = random.below(most) + 1
      const text = Array.from({ length: count }, () => limbs[random.below(limbs.length)]!)
      return hexToBytes(`0x${text.join('')}`).subarray(random.below(8))
    }
    const valueOf = (bytes: Uint8Array): bigint => BigInt(`0x${hex(bytes)}`)
    for (let run = 0; run < runs * 200; run++) {
      // Mostly one division, or a square and two.
      const exponent = run % 20 === 0 ? number(2) : Uint8Array.of((run % 3) + 1)
      const [base, modulus] = [number(12), number(7)]
      let wanted = 1n
      for (const bit of valueOf(exponent).toString(2)) {
        wanted *= wanted * (bit === '1' ? valueOf(base) : 1n)
        wanted %= valueOf(modulus) === 0n ? 1n : valueOf(modulus)
      }
      if (valueOf(exponent) === 0n) wanted = valueOf(modulus) > 1n ? 1n : 0n
      const input = modexpInput(base, exponent, modulus)
      const got = precompileAt(5, rulesOf('osaka'))?.run(input, rulesOf('osaka'))
      expect(hex(got), hex(input)).toBe(hex(bigIntToFixedBytes(wanted, modulus.length)))
    }
  })
  it('corrects an estimate twice when the remainder is as small as the estimate is right', () => {
    const base = 0x516b3dacab870000000000000000000000000000000000000000000000000000n
    const modulus = 0xbcf0ed77ce7553bbf5fd7c6b571fe8c0ffffffffffffffffn
    const parts = [bigIntToFixedBytes(base, 32), Uint8Array.of(1), bigIntToFixedBytes(modulus, 24)]
    const input = modexpInput(parts[0]!, parts[1]!, parts[2]!)
    const got = precompileAt(5, rulesOf('osaka'))?.run(input, rulesOf('osaka'))
    expect(hex(got)).toBe(hex(bigIntToFixedBytes(base % modulus, 24)))
  })
  it('takes exponents of every length by as many bits at a time as pay', async () => {
    const random = randomBytes(seed)
    for (const length of [1, 8, 9, 64, 65, 200]) {
      for (const size of [5, 8, 9, 31, 40]) {
        const exponent = random.bytes(length)
        exponent[0]! |= 1
        const input = modexpInput(random.bytes(size + 3), exponent, random.bytes(size))
        await compare(5, 'osaka', input)
      }
    }
  })
  it('costs what EIP-198, EIP-2565 and EIP-7883 say for the largest lengths', () => {
    const input = concatBytes(word(2n ** 255n), word(2n ** 255n), word(2n ** 255n))
    for (const fork of FORKS) {
      expect(precompileAt(5, rulesOf(fork))?.gas(input, rulesOf(fork))).toBe(2n ** 64n - 1n)
    }
  })
  it('has nothing to do for a modulus of no bytes, whatever the exponent', async () => {
    const rules = rulesOf('berlin')
    for (const base of [0n, 1n, 2n ** 200n]) {
      const input = concatBytes(word(base), word(2n ** 200n), word(0n))
      expect(precompileAt(5, rules)?.run(input, rules)).toEqual(new Uint8Array(0))
    }
  })
  it('fails for lengths that no gas pays for, whoever gives it', () => {
    for (const lengths of [
      [1n, 2n ** 40n, 1n],
      [2n ** 40n, 1n, 1n],
      [1n, 1n, 2n ** 200n],
    ]) {
      const input = concatBytes(...lengths.map(word), new Uint8Array(40).fill(3))
      for (const fork of FORKS) {
        expect(precompileAt(5, rulesOf(fork))?.run(input, rulesOf(fork))).toBeUndefined()
      }
    }
  })
  it('works on numbers of 64 MiB, and on none that are longer', () => {
    // The base lies beyond the input, and so does all behind it: a modulus of zero.
    const run = (length: bigint) =>
      precompileAt(5, rulesOf('prague'))?.run(
        concatBytes(...[length, 0n, 2n].map(word)),
        rulesOf('prague'),
      )
    expect(run(2n ** 26n)).toEqual(new Uint8Array(2))
    expect(run(2n ** 26n + 1n)).toBeUndefined()
  })
  it('fails above 1,024 bytes since Osaka', () => {
    const input = modexpInput(new Uint8Array(1025), Uint8Array.of(3), Uint8Array.of(7))
    expect(precompileAt(5, rulesOf('osaka'))?.run(input, rulesOf('osaka'))).toBeUndefined()
    const most = modexpInput(new Uint8Array(1024).fill(2), Uint8Array.of(3), Uint8Array.of(7))
    expect(precompileAt(5, rulesOf('osaka'))?.run(most, rulesOf('osaka'))).toEqual(
      precompileAt(5, rulesOf('prague'))?.run(most, rulesOf('prague')),
    )
    expect(precompileAt(5, rulesOf('osaka'))?.run(most, rulesOf('osaka'))).toHaveLength(1)
    expect(precompileAt(5, rulesOf('prague'))?.run(input, rulesOf('prague'))).toEqual(
      Uint8Array.of(0),
    )
  })
})

describe('BLAKE2F', () => {
  const state =
    '48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b'
  const rest = `${'616263'.padEnd(256, '0')}${'03'.padEnd(16, '0')}${'0'.repeat(16)}`
  const rules = rulesOf('istanbul')
  const run = (rounds: string, final: string) =>
    hex(precompileAt(9, rules)?.run(hexToBytes(`0x${rounds}${state}${rest}${final}`), rules))

  it('gives the vectors of EIP-152', () => {
    expect(run('00000000', '01')).toBe(
      '08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b',
    )
    expect(run('0000000c', '01')).toBe(
      'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
    )
    expect(run('0000000c', '00')).toBe(
      '75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d2875298743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735',
    )
    expect(run('00000001', '01')).toBe(
      'b63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fba551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421',
    )
    expect(run('0000000c', '02')).toBeUndefined()
  })
  it('agrees with ethereumjs', async () => {
    const random = randomBytes(seed)
    for (let count = 0; count < runs; count++) {
      const rounds = bigIntToFixedBytes(BigInt(random.below(30)), 4)
      const final = Uint8Array.of(random.below(2))
      const input = concatBytes(rounds, random.bytes(208), final)
      await compare(9, 'istanbul', input)
      await compare(9, 'istanbul', random.below(4) === 0 ? input.subarray(1) : input)
    }
  })
})
