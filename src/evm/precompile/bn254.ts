import { BN254, G1, G2, type LazyCurve, SCALAR, lazyCurve } from './mcl.ts'
import { padded } from './input.ts'

/** The curve of EIP-196 and EIP-197. Points are x and y of 32 bytes; coordinates of G2 have the part at i first. */
export const bn254: LazyCurve = lazyCurve(BN254)

const PAIR = 192
const ONE = new Uint8Array(32)
ONE[31] = 1

/** Two points of 64 bytes -> their sum. Missing bytes are zeros, more are ignored. Undefined: not on the curve. */
export function addBn254(input: Uint8Array): Uint8Array | undefined {
  const curve = bn254.get()
  const a = curve.reserve('a', G1)
  const b = curve.reserve('b', G1)
  const data = padded(input, 128)
  if (!curve.readG1(a, data, 0) || !curve.readG1(b, data, 64)) return undefined
  curve.module._mclBnG1_add(a, a, b)
  return curve.writeG1(a)
}

/** A point and a scalar of 32 bytes -> their product. */
export function mulBn254(input: Uint8Array): Uint8Array | undefined {
  const curve = bn254.get()
  const a = curve.reserve('a', G1)
  const scalar = curve.reserve('scalar', SCALAR)
  const data = padded(input, 96)
  if (!curve.readG1(a, data, 0)) return undefined
  curve.readScalar(scalar, data, 64)
  curve.module._mclBnG1_mul(a, a, scalar)
  return curve.writeG1(a)
}

/** Any number of pairs of 192 bytes -> 1 when the product of their pairings is one, else 0, as a word. */
export function pairBn254(input: Uint8Array): Uint8Array | undefined {
  if (input.length % PAIR !== 0) return undefined
  const curve = bn254.get()
  const { module } = curve
  const count = input.length / PAIR
  const firsts = curve.reserve('firsts', count * G1)
  const seconds = curve.reserve('seconds', count * G2)
  let kept = 0
  for (let at = 0; at < input.length; at += PAIR) {
    const first = firsts + kept * G1
    const second = seconds + kept * G2
    if (!curve.readG1(first, input, at) || !curve.readG2(second, input, at + 64)) return undefined
    const isInfinity = module._mclBnG2_isZero(second) === 1
    if (!isInfinity && module._mclBnG2_isValidOrder(second) !== 1) return undefined
    if (!isInfinity && module._mclBnG1_isZero(first) !== 1) kept++
  }
  return kept === 0 || curve.isPairingOne(firsts, seconds, kept) ? ONE.slice() : new Uint8Array(32)
}
