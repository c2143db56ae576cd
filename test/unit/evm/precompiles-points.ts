import { bls12_381 } from '@noble/curves/bls12-381.js'
import { bn254 } from '@noble/curves/bn254.js'

import { bigIntToFixedBytes, concatBytes } from '../../../src/primitives/bytes.ts'

/** Points as precompiles read them. */

function bls(value: bigint): Uint8Array {
  return bigIntToFixedBytes(value, 64)
}
function bn(value: bigint): Uint8Array {
  return bigIntToFixedBytes(value, 32)
}

const BN_ORDER: bigint = bn254.fields.Fr.ORDER
export const BLS_ORDER: bigint = bls12_381.fields.Fr.ORDER
export const BN_FIELD: bigint = bn254.fields.Fp.ORDER
export const BLS_FIELD: bigint = bls12_381.fields.Fp.ORDER

type BlsG1 = typeof bls12_381.G1.Point.BASE
type BlsG2 = typeof bls12_381.G2.Point.BASE

/** 64 bytes: the generator times `scalar`. */
export function bnG1(scalar: bigint): Uint8Array {
  const reduced = scalar % BN_ORDER
  if (reduced === 0n) return new Uint8Array(64)
  const { x, y } = bn254.G1.Point.BASE.multiply(reduced).toAffine()
  return concatBytes(bn(x), bn(y))
}

/** 128 bytes. */
export function bnG2(scalar: bigint): Uint8Array {
  const reduced = scalar % BN_ORDER
  if (reduced === 0n) return new Uint8Array(128)
  const { x, y } = bn254.G2.Point.BASE.multiply(reduced).toAffine()
  return concatBytes(bn(x.c1), bn(x.c0), bn(y.c1), bn(y.c0))
}

/** A point of the twist with x = seed + i or the next that has one: hardly ever in the subgroup. */
export function bnTwistPoint(seed: bigint): Uint8Array {
  const { Fp2 } = bn254.fields
  const b = Fp2.div(Fp2.create({ c0: 3n, c1: 0n }), Fp2.create({ c0: 9n, c1: 1n }))
  for (let real = seed; ; real++) {
    const x = Fp2.create({ c0: real % BN_FIELD, c1: 1n })
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), b)
    const y = root(() => Fp2.sqrt(square))
    if (y !== undefined) return concatBytes(bn(x.c1), bn(x.c0), bn(y.c1), bn(y.c0))
  }
}

function root<Field>(find: () => Field): Field | undefined {
  try {
    return find()
  } catch {
    return undefined
  }
}

export function blsG1Bytes(point: BlsG1): Uint8Array {
  if (point.is0()) return new Uint8Array(128)
  const { x, y } = point.toAffine()
  return concatBytes(bls(x), bls(y))
}

export function blsG2Bytes(point: BlsG2): Uint8Array {
  if (point.is0()) return new Uint8Array(256)
  const { x, y } = point.toAffine()
  return concatBytes(bls(x.c0), bls(x.c1), bls(y.c0), bls(y.c1))
}

export function blsG1Point(scalar: bigint): BlsG1 {
  const reduced = scalar % BLS_ORDER
  const { Point } = bls12_381.G1
  return reduced === 0n ? Point.ZERO : Point.BASE.multiply(reduced)
}

export function blsG2Point(scalar: bigint): BlsG2 {
  const reduced = scalar % BLS_ORDER
  const { Point } = bls12_381.G2
  return reduced === 0n ? Point.ZERO : Point.BASE.multiply(reduced)
}

/** A point of the curve, hardly ever in the subgroup. */
export function blsCurveG1(seed: bigint): Uint8Array {
  const { Fp } = bls12_381.fields
  for (let x = seed % BLS_FIELD; ; x++) {
    const y = root(() => Fp.sqrt(Fp.create(x * x * x + 4n)))
    if (y !== undefined) return concatBytes(bls(x), bls(y))
  }
}

export function blsCurveG2(seed: bigint): Uint8Array {
  const { Fp2 } = bls12_381.fields
  for (let real = seed; ; real++) {
    const x = Fp2.create({ c0: real % BLS_FIELD, c1: 1n })
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), Fp2.create({ c0: 4n, c1: 4n }))
    const y = root(() => Fp2.sqrt(square))
    if (y !== undefined) return concatBytes(bls(x.c0), bls(x.c1), bls(y.c0), bls(y.c1))
  }
}

/** An evaluation of a + b x at z: the precompile's input, valid. */
export function evaluationInput(
  a: bigint,
  b: bigint,
  z: bigint,
  tau: string,
  hashOf: (commitment: Uint8Array) => Uint8Array,
): Uint8Array {
  const { Point } = bls12_381.G1
  const tauPoint = Point.fromHex(tau.slice(2))
  const times = (point: BlsG1, by: bigint) => (by === 0n ? Point.ZERO : point.multiply(by))
  const commitment = blsG1Point(a).add(times(tauPoint, b)).toBytes(true)
  const proof = blsG1Point(b).toBytes(true)
  const y = (a + b * z) % BLS_ORDER
  return concatBytes(
    hashOf(commitment),
    bigIntToFixedBytes(z, 32),
    bigIntToFixedBytes(y, 32),
    commitment,
    proof,
  )
}
