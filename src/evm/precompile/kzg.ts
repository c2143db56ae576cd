import { createHash } from 'node:crypto'

import { bytesToBigInt } from '../../primitives/bytes.ts'
import { bls12 } from './bls12.ts'
import { FIELD, G1, G2, type Mcl, SCALAR } from './mcl.ts'

const VERSION = 1
/** The group's order r, which is a blob's modulus. */
const ORDER = '73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001'
const HALF_FIELD =
  0x0d0088f51cbff34d258dd3db21a5d66bb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd555n
const FIELD_ELEMENTS_PER_BLOB = '1000'

// Points as coordinates of 48 bytes; those of G2 have the real part first.
const GENERATOR1 = [
  '17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb',
  '08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1',
]
const GENERATOR2 = [
  '024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8',
  '13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e',
  '0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801',
  '0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be',
]
/** [tau]G2 of Ethereum's ceremony: all of the trusted setup that an evaluation needs. */
const TAU2 = [
  '185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2',
  '15bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72',
  '014353bdb96b626dd7d5ee8599d1fca2131569490e28de18e82451a496a9c9794ce26d105941f383ee689bfbbb832a99',
  '1666c54b0a32529503432fcae0181b4bef79de09fc63671fda5ed1ba9bfa07899495346f3d7ac9cd23048ef30d0a154f',
]

const order = Buffer.from(ORDER, 'hex')
const SUCCESS = Uint8Array.from(
  Buffer.from(FIELD_ELEMENTS_PER_BLOB.padStart(64, '0') + ORDER, 'hex'),
)

/**
 * EIP-4844: versioned hash, z, y (words), commitment and proof (48 bytes each) -> the field elements of a blob and their
 * modulus. Undefined: malformed, or the polynomial's value at z is not y.
 */
export function evaluatePoint(input: Uint8Array): Uint8Array | undefined {
  if (input.length !== 192) return undefined
  const commitment = input.subarray(96, 144)
  const hash = createHash('sha256').update(commitment).digest()
  hash[0] = VERSION
  if (Buffer.compare(hash, input.subarray(0, 32)) !== 0) return undefined
  if (Buffer.compare(input.subarray(32, 64), order) >= 0) return undefined
  if (Buffer.compare(input.subarray(64, 96), order) >= 0) return undefined
  const curve = bls12.get()
  const isTrue = isEvaluation(curve, input, commitment, input.subarray(144))
  return isTrue ? SUCCESS.slice() : undefined
}

/** e(C - y G1 + z P, -G2) e(P, tau G2) = 1. */
function isEvaluation(
  curve: Mcl,
  input: Uint8Array,
  commitment: Uint8Array,
  proof: Uint8Array,
): boolean {
  const { module } = curve
  const firsts = curve.reserve('kzg1', 2 * G1)
  const seconds = curve.reserve('kzg2', 2 * G2)
  const other = curve.reserve('a1', G1)
  const scalar = curve.reserve('scalars', SCALAR)
  const sum = firsts
  const proofPoint = firsts + G1
  if (!readCompressed(curve, sum, commitment)) return false
  if (!readCompressed(curve, proofPoint, proof)) return false
  readConstant(curve, other, GENERATOR1)
  module._mclBnFp_setInt32(other + 2 * FIELD, 1)
  curve.readScalar(scalar, input, 64)
  module._mclBnG1_mul(other, other, scalar)
  module._mclBnG1_sub(sum, sum, other)
  curve.readScalar(scalar, input, 32)
  module._mclBnG1_mul(other, proofPoint, scalar)
  module._mclBnG1_add(sum, sum, other)
  // The proof of a constant polynomial is infinity, and then the sum must be, too; pairings take no infinity.
  const isProofInfinity = module._mclBnG1_isZero(proofPoint) === 1
  const isSumInfinity = module._mclBnG1_isZero(sum) === 1
  if (isProofInfinity || isSumInfinity) return isProofInfinity && isSumInfinity
  readPoint2(curve, seconds, GENERATOR2)
  module._mclBnG2_neg(seconds, seconds)
  readPoint2(curve, seconds + G2, TAU2)
  return curve.isPairingOne(firsts, seconds, 2)
}

/** The 48 bytes of a point in the subgroup: x with three flags, for "compressed", "infinity" and "the larger y". */
function readCompressed(curve: Mcl, target: number, bytes: Uint8Array): boolean {
  const { module } = curve
  const flags = bytes[0]! >> 5
  const x = bytes.slice()
  x[0]! &= 0x1f
  if ((flags & 4) === 0) return false
  if (flags & 2) {
    module._mclBnG1_clear(target)
    return (flags & 1) === 0 && x.every((byte) => byte === 0)
  }
  const y = target + FIELD
  const scratch = target + 2 * FIELD
  if (!curve.readCoordinate(target, x)) return false
  module._mclBnFp_mul(y, target, target)
  module._mclBnFp_mul(y, y, target)
  module._mclBnFp_setInt32(scratch, 4)
  module._mclBnFp_add(y, y, scratch)
  if (module._mclBnFp_squareRoot(y, y) !== 0) return false
  const isLarger = bytesToBigInt(curve.coordinate(y)) > HALF_FIELD
  if (isLarger !== ((flags & 1) === 1)) module._mclBnFp_neg(y, y)
  module._mclBnFp_setInt32(scratch, 1)
  return module._mclBnG1_isValidOrder(target) === 1
}

function readConstant(curve: Mcl, target: number, coordinates: readonly string[]): void {
  for (const [index, hex] of coordinates.entries()) {
    curve.readCoordinate(target + index * FIELD, Buffer.from(hex, 'hex'))
  }
}

function readPoint2(curve: Mcl, target: number, coordinates: readonly string[]): void {
  readConstant(curve, target, coordinates)
  curve.module._mclBnFp_setInt32(target + 4 * FIELD, 1)
  curve.module._mclBnFp_setInt32(target + 5 * FIELD, 0)
}
