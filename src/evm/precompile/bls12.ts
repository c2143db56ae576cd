import { BLS12_381, FIELD, G1, G2, type LazyCurve, type Mcl, SCALAR, lazyCurve } from './mcl.ts'

/** The curve of EIP-2537. Coordinates are 48 bytes behind 16 zeros; those of G2 have the real part first. */
export const bls12: LazyCurve = lazyCurve(BLS12_381)

const POINT1 = 128
const POINT2 = 256
const ONE = new Uint8Array(32)
ONE[31] = 1

/** Two points of G1, of 128 bytes each -> their sum. They need not be in the subgroup. */
export function addG1(input: Uint8Array): Uint8Array | undefined {
  if (input.length !== 2 * POINT1) return undefined
  const curve = bls12.get()
  const a = curve.reserve('a1', G1)
  const b = curve.reserve('b1', G1)
  if (!curve.readG1(a, input, 0) || !curve.readG1(b, input, POINT1)) return undefined
  curve.module._mclBnG1_add(a, a, b)
  return curve.writeG1(a)
}

/** Two points of G2, of 256 bytes each -> their sum. They need not be in the subgroup. */
export function addG2(input: Uint8Array): Uint8Array | undefined {
  if (input.length !== 2 * POINT2) return undefined
  const curve = bls12.get()
  const a = curve.reserve('a2', G2)
  const b = curve.reserve('b2', G2)
  if (!curve.readG2(a, input, 0) || !curve.readG2(b, input, POINT2)) return undefined
  curve.module._mclBnG2_add(a, a, b)
  return curve.writeG2(a)
}

/** Points of G1 with scalars of 32 bytes -> the sum of their products. */
export function multiplyG1(input: Uint8Array): Uint8Array | undefined {
  const pair = POINT1 + 32
  if (input.length === 0 || input.length % pair !== 0) return undefined
  const curve = bls12.get()
  const { module } = curve
  const count = input.length / pair
  const points = curve.reserve('firsts', count * G1)
  const scalars = curve.reserve('scalars', count * SCALAR)
  let kept = 0
  for (let at = 0; at < input.length; at += pair) {
    const point = points + kept * G1
    if (!readSubgroupG1(curve, point, input, at)) return undefined
    curve.readScalar(scalars + kept * SCALAR, input, at + POINT1)
    if (module._mclBnG1_isZero(point) !== 1) kept++
  }
  const sum = curve.reserve('a1', G1)
  if (kept === 0) module._mclBnG1_clear(sum)
  else module._mclBnG1_mulVec(sum, points, scalars, kept)
  return curve.writeG1(sum)
}

/** Points of G2 with scalars of 32 bytes -> the sum of their products. */
export function multiplyG2(input: Uint8Array): Uint8Array | undefined {
  const pair = POINT2 + 32
  if (input.length === 0 || input.length % pair !== 0) return undefined
  const curve = bls12.get()
  const { module } = curve
  const count = input.length / pair
  const points = curve.reserve('seconds', count * G2)
  const scalars = curve.reserve('scalars', count * SCALAR)
  let kept = 0
  for (let at = 0; at < input.length; at += pair) {
    const point = points + kept * G2
    if (!readSubgroupG2(curve, point, input, at)) return undefined
    curve.readScalar(scalars + kept * SCALAR, input, at + POINT2)
    if (module._mclBnG2_isZero(point) !== 1) kept++
  }
  const sum = curve.reserve('a2', G2)
  if (kept === 0) module._mclBnG2_clear(sum)
  else module._mclBnG2_mulVec(sum, points, scalars, kept)
  return curve.writeG2(sum)
}

/** Pairs of points of G1 and G2 -> 1 when the product of their pairings is one, else 0, as a word. */
export function pairBls12(input: Uint8Array): Uint8Array | undefined {
  const pair = POINT1 + POINT2
  if (input.length === 0 || input.length % pair !== 0) return undefined
  const curve = bls12.get()
  const { module } = curve
  const count = input.length / pair
  const firsts = curve.reserve('firsts', count * G1)
  const seconds = curve.reserve('seconds', count * G2)
  let kept = 0
  for (let at = 0; at < input.length; at += pair) {
    const first = firsts + kept * G1
    const second = seconds + kept * G2
    if (!readSubgroupG1(curve, first, input, at)) return undefined
    if (!readSubgroupG2(curve, second, input, at + POINT1)) return undefined
    if (module._mclBnG1_isZero(first) !== 1 && module._mclBnG2_isZero(second) !== 1) kept++
  }
  return kept === 0 || curve.isPairingOne(firsts, seconds, kept) ? ONE.slice() : new Uint8Array(32)
}

/** A field element of 64 bytes -> a point of G1. */
export function mapToG1(input: Uint8Array): Uint8Array | undefined {
  if (input.length !== 64) return undefined
  const curve = bls12.get()
  const field = curve.reserve('field', 2 * FIELD)
  const point = curve.reserve('a1', G1)
  if (!curve.readField(field, input, 0)) return undefined
  if (curve.module._mclBnFp_mapToG1(point, field) !== 0) return undefined
  return curve.writeG1(point)
}

/** An element of the quadratic extension, of 128 bytes -> a point of G2. */
export function mapToG2(input: Uint8Array): Uint8Array | undefined {
  if (input.length !== 128) return undefined
  const curve = bls12.get()
  const field = curve.reserve('field', 2 * FIELD)
  const point = curve.reserve('a2', G2)
  if (!curve.readField2(field, input, 0)) return undefined
  if (curve.module._mclBnFp2_mapToG2(point, field) !== 0) return undefined
  return curve.writeG2(point)
}

function readSubgroupG1(curve: Mcl, target: number, input: Uint8Array, at: number): boolean {
  if (!curve.readG1(target, input, at)) return false
  const { module } = curve
  return module._mclBnG1_isZero(target) === 1 || module._mclBnG1_isValidOrder(target) === 1
}

function readSubgroupG2(curve: Mcl, target: number, input: Uint8Array, at: number): boolean {
  if (!curve.readG2(target, input, at)) return false
  const { module } = curve
  return module._mclBnG2_isZero(target) === 1 || module._mclBnG2_isValidOrder(target) === 1
}
