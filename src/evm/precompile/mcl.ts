import { invariant } from '../../primitives/invariant.ts'

/** What is used of the module's exports. Points, numbers and buffers are addresses in its memory; 1 is true. */
interface MclModule {
  readonly HEAP8: Int8Array
  _malloc(bytes: number): number
  _free(address: number): void
  _mclBn_init(curve: number, compiledSizes: number): number
  _mclBn_setMapToMode(mode: number): void
  _mclBn_verifyOrderG1(on: number): void
  _mclBn_verifyOrderG2(on: number): void
  _mclBn_millerLoopVec(target: number, g1: number, g2: number, count: number): void
  _mclBn_finalExp(target: number, source: number): void
  _mclBnGT_isOne(point: number): number
  _mclBnFr_setBigEndianMod(target: number, buffer: number, bytes: number): number
  _mclBnFr_inv(target: number, source: number): void
  _mclBnFr_mul(target: number, a: number, b: number): void
  _mclBnFp_setBigEndianMod(target: number, buffer: number, bytes: number): number
  _mclBnFp_serialize(buffer: number, capacity: number, source: number): number
  _mclBnFp_setInt32(target: number, value: number): void
  _mclBnFp_add(target: number, a: number, b: number): void
  _mclBnFp_mul(target: number, a: number, b: number): void
  _mclBnFp_neg(target: number, source: number): void
  _mclBnFp_squareRoot(target: number, source: number): number
  _mclBnFp_mapToG1(target: number, field: number): number
  _mclBnFp2_mapToG2(target: number, field: number): number
  _mclBnG1_clear(point: number): void
  _mclBnG1_isZero(point: number): number
  _mclBnG1_isValid(point: number): number
  _mclBnG1_isValidOrder(point: number): number
  _mclBnG1_normalize(target: number, source: number): void
  _mclBnG1_add(target: number, a: number, b: number): void
  _mclBnG1_sub(target: number, a: number, b: number): void
  _mclBnG1_mul(target: number, point: number, scalar: number): void
  _mclBnG1_mulVec(target: number, points: number, scalars: number, count: number): void
  _mclBnG2_clear(point: number): void
  _mclBnG2_isZero(point: number): number
  _mclBnG2_isValid(point: number): number
  _mclBnG2_isValidOrder(point: number): number
  _mclBnG2_normalize(target: number, source: number): void
  _mclBnG2_add(target: number, a: number, b: number): void
  _mclBnG2_neg(target: number, source: number): void
  _mclBnG2_mulVec(target: number, points: number, scalars: number, count: number): void
}

/** Sizes of the module's structures in bytes, for every curve: room for 384 bits. */
export const FIELD = 48
export const SCALAR = 32
export const G1: number = 3 * FIELD
export const G2: number = 6 * FIELD
const GT = 12 * FIELD
const COMPILED_SIZES = 46
/** RFC 9380, as EIP-2537 maps. */
const MAP_TO_MODE_RFC = 5

export interface CurveShape {
  /** mcl's number of the curve. */
  readonly id: number
  /** A coordinate's bytes. */
  readonly bytes: number
  /** A coordinate's bytes in a precompile's input: zeros come before it. */
  readonly room: number
  /** In a coordinate of G2, the part at i comes first. */
  readonly imaginaryFirst: boolean
  readonly modulus: bigint
}

export const BN254: CurveShape = {
  id: 4,
  bytes: 32,
  room: 32,
  imaginaryFirst: true,
  modulus: 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n,
}

export const BLS12_381: CurveShape = {
  id: 5,
  bytes: 48,
  room: 64,
  imaginaryFirst: false,
  modulus:
    0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn,
}

/** secp256r1: it has no G2 and no pairing. */
export const P256: CurveShape = {
  id: 107,
  bytes: 32,
  room: 32,
  imaginaryFirst: false,
  modulus: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
}

/** One curve of mcl with a memory of its own (2 MiB): the module knows one curve at a time. */
export class Mcl {
  readonly module: MclModule
  readonly shape: CurveShape
  private readonly modulus: Buffer
  private readonly buffer: number
  private readonly pairing: number
  private readonly blocks = new Map<string, { address: number; size: number }>()

  constructor(module: MclModule, shape: CurveShape) {
    this.module = module
    this.shape = shape
    this.modulus = Buffer.from(shape.modulus.toString(16).padStart(2 * shape.bytes, '0'), 'hex')
    invariant(module._mclBn_init(shape.id, COMPILED_SIZES) === 0, 'mcl knows the curve')
    // Validity is the curve's equation; subgroups are asked for apart, since additions take any point.
    module._mclBn_verifyOrderG1(0)
    module._mclBn_verifyOrderG2(0)
    module._mclBn_setMapToMode(MAP_TO_MODE_RFC)
    this.buffer = module._malloc(64)
    this.pairing = module._malloc(GT)
  }

  /** At least `size` bytes, which stay this name's until it asks for more. */
  reserve(name: string, size: number): number {
    const found = this.blocks.get(name)
    if (found !== undefined && found.size >= size) return found.address
    if (found !== undefined) this.module._free(found.address)
    const address = this.module._malloc(size)
    invariant(address !== 0, 'mcl has memory')
    this.blocks.set(name, { address, size })
    return address
  }

  /** False when the number is not below the modulus. @param at the first of `shape.room` bytes */
  readField(target: number, input: Uint8Array, at: number): boolean {
    const { room, bytes } = this.shape
    for (let zero = at; zero < at + room - bytes; zero++) if (input[zero] !== 0) return false
    return this.readCoordinate(target, input.subarray(at + room - bytes, at + room))
  }

  /** As `readField`, of `shape.bytes` bytes. */
  readCoordinate(target: number, coordinate: Uint8Array): boolean {
    if (Buffer.compare(coordinate, this.modulus) >= 0) return false
    this.module.HEAP8.set(coordinate, this.buffer)
    this.module._mclBnFp_setBigEndianMod(target, this.buffer, coordinate.length)
    return true
  }

  readField2(target: number, input: Uint8Array, at: number): boolean {
    const { room, imaginaryFirst } = this.shape
    const real = imaginaryFirst ? at + room : at
    const imaginary = imaginaryFirst ? at : at + room
    return this.readField(target, input, real) && this.readField(target + FIELD, input, imaginary)
  }

  /** Any number, taken modulo the group's order. */
  readScalar(target: number, input: Uint8Array, at: number): void {
    this.module.HEAP8.set(input.subarray(at, at + 32), this.buffer)
    this.module._mclBnFr_setBigEndianMod(target, this.buffer, 32)
  }

  /** False when it is no point of the curve; zeros are infinity. */
  readG1(target: number, input: Uint8Array, at: number): boolean {
    const { module } = this
    const { room } = this.shape
    if (isZero(input, at, 2 * room)) {
      module._mclBnG1_clear(target)
      return true
    }
    module._mclBnFp_setInt32(target + 2 * FIELD, 1)
    return (
      this.readField(target, input, at) &&
      this.readField(target + FIELD, input, at + room) &&
      module._mclBnG1_isValid(target) === 1
    )
  }

  readG2(target: number, input: Uint8Array, at: number): boolean {
    const { module } = this
    const { room } = this.shape
    if (isZero(input, at, 4 * room)) {
      module._mclBnG2_clear(target)
      return true
    }
    module._mclBnFp_setInt32(target + 4 * FIELD, 1)
    module._mclBnFp_setInt32(target + 5 * FIELD, 0)
    return (
      this.readField2(target, input, at) &&
      this.readField2(target + 2 * FIELD, input, at + 2 * room) &&
      module._mclBnG2_isValid(target) === 1
    )
  }

  /** The bytes of a point, zeros at infinity. It is normalised where it is. */
  writeG1(point: number): Uint8Array {
    const { room } = this.shape
    const out = new Uint8Array(2 * room)
    if (this.module._mclBnG1_isZero(point) === 1) return out
    this.module._mclBnG1_normalize(point, point)
    this.writeField(point, out, 0)
    this.writeField(point + FIELD, out, room)
    return out
  }

  writeG2(point: number): Uint8Array {
    const { room, imaginaryFirst } = this.shape
    const out = new Uint8Array(4 * room)
    if (this.module._mclBnG2_isZero(point) === 1) return out
    this.module._mclBnG2_normalize(point, point)
    for (let part = 0; part < 4; part++) {
      this.writeField(point + FIELD * (imaginaryFirst ? part ^ 1 : part), out, room * part)
    }
    return out
  }

  /** Whether the product of the pairings is one. No point is infinity. @param count at least 1 */
  isPairingOne(g1: number, g2: number, count: number): boolean {
    this.module._mclBn_millerLoopVec(this.pairing, g1, g2, count)
    this.module._mclBn_finalExp(this.pairing, this.pairing)
    return this.module._mclBnGT_isOne(this.pairing) === 1
  }

  /** A coordinate's bytes, big-endian. */
  coordinate(field: number): Uint8Array {
    const { bytes } = this.shape
    const written = this.module._mclBnFp_serialize(this.buffer, bytes, field)
    invariant(written === bytes, 'mcl writes whole coordinates')
    return new Uint8Array(this.module.HEAP8.slice(this.buffer, this.buffer + bytes).reverse())
  }

  private writeField(field: number, out: Uint8Array, at: number): void {
    const { room, bytes } = this.shape
    out.set(this.coordinate(field), at + room - bytes)
  }
}

function isZero(input: Uint8Array, at: number, length: number): boolean {
  for (let index = at; index < at + length; index++) if (input[index] !== 0) return false
  return true
}

/** A curve that is loaded when first wanted, which takes some 50 ms. */
export interface LazyCurve {
  /** Undefined once it is loaded. */
  readonly prepare: () => Promise<void> | undefined
  /** After `prepare`. */
  readonly get: () => Mcl
}

export function lazyCurve(shape: CurveShape): LazyCurve {
  let curve: Mcl | undefined
  let loading: Promise<void> | undefined
  async function load(): Promise<void> {
    const { default: createModule } = await import('mcl-wasm/dist/mcl_c.js')
    // Random numbers would be for blinding; nothing here is secret.
    const module = (await createModule({ cryptoGetRandomValues: () => {} })) as MclModule
    curve = new Mcl(module, shape)
  }
  return {
    prepare() {
      if (curve !== undefined) return undefined
      loading ??= load().catch((error: unknown) => {
        loading = undefined
        throw error
      })
      return loading
    },
    get() {
      invariant(curve !== undefined, 'the curve was prepared')
      return curve
    },
  }
}
