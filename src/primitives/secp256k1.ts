import { type Address, bytesToAddress } from './hex.ts'
import { invariant } from './invariant.ts'
import { keccak256 } from './keccak.ts'
import { BACKENDS, type Backend, type BackendName, openBackend } from './secp256k1-backends.ts'

/** r and s are 32 bytes, big-endian. */
export interface EcdsaSignature {
  readonly r: Uint8Array
  /** At most n / 2. */
  readonly s: Uint8Array
  readonly yParity: 0 | 1
}

/** The group's order n. */
export const SECP256K1_N: bigint =
  0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
/** EIP-2: no transaction's s is above it since Homestead. */
export const SECP256K1_HALF_N: bigint = SECP256K1_N / 2n

const ORDER = Buffer.from(SECP256K1_N.toString(16), 'hex')

/** One implementation of the curve behind checked arguments. */
export interface Secp256k1 {
  readonly name: BackendName
  /** @throws {RangeError} when the key is not 32 bytes in 1..n-1. */
  sign(digest: Uint8Array, privateKey: Uint8Array): EcdsaSignature
  /** 64 bytes (x, y), or undefined: r or s is not in 1..n-1, or no key made this signature. r and s may lack leading zeros. */
  recoverPublicKey(
    digest: Uint8Array,
    r: Uint8Array,
    s: Uint8Array,
    yParity: 0 | 1,
  ): Uint8Array | undefined
  /** 64 bytes (x, y). @throws {RangeError} when the key is not 32 bytes in 1..n-1. */
  publicKey(privateKey: Uint8Array): Uint8Array
}

/** The first of `names` that loads here. @throws {Error} when none does, with each one's reason. */
export function loadBackend(names: readonly BackendName[] = BACKENDS): Secp256k1 {
  const reasons: string[] = []
  for (const name of names) {
    try {
      return checked(openBackend(name))
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new Error(`no secp256k1 implementation loads\n${reasons.join('\n')}`)
}

let active: Secp256k1 | undefined

function current(): Secp256k1 {
  active ??= loadBackend()
  return active
}

/** The name of the implementation in use; loads it if none was needed so far. */
export function activeBackend(): BackendName {
  return current().name
}

/** Signs a 32-byte digest (RFC 6979, low s). @throws {RangeError} when the key is not 32 bytes in 1..n-1. */
export function sign(digest: Uint8Array, privateKey: Uint8Array): EcdsaSignature {
  return current().sign(digest, privateKey)
}

/** The 64 bytes (x, y) of the key that signed; undefined when the signature is invalid. s above n / 2 is accepted. */
export function recoverPublicKey(
  digest: Uint8Array,
  r: Uint8Array,
  s: Uint8Array,
  yParity: 0 | 1,
): Uint8Array | undefined {
  return current().recoverPublicKey(digest, r, s, yParity)
}

/** Who signed; undefined when the signature is invalid. s above n / 2 is accepted. */
export function recoverAddress(
  digest: Uint8Array,
  r: Uint8Array,
  s: Uint8Array,
  yParity: 0 | 1,
): Address | undefined {
  const publicKey = current().recoverPublicKey(digest, r, s, yParity)
  return publicKey && publicKeyToAddress(publicKey)
}

/** @param publicKey 64 bytes (x, y) */
export function publicKeyToAddress(publicKey: Uint8Array): Address {
  invariant(publicKey.length === 64, 'a public key is 64 bytes')
  return bytesToAddress(keccak256(publicKey).subarray(12))
}

/** @throws {RangeError} when the key is not 32 bytes in 1..n-1. */
export function privateKeyToAddress(privateKey: Uint8Array): Address {
  return publicKeyToAddress(current().publicKey(privateKey))
}

/** Whether `bytes` are 32 and their number is in 1..n-1. */
export function isPrivateKey(bytes: Uint8Array): boolean {
  return bytes.length === 32 && isScalar(bytes)
}

/** In 1..n-1, given 32 bytes. */
function isScalar(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, ORDER) < 0 && bytes.some((byte) => byte !== 0)
}

// Memory that stays: for each view of short bytes V8 would make a buffer, which takes as long as the checks here.
const asked = new Uint8Array(new ArrayBuffer(96))
const askedDigest = asked.subarray(0, 32)
const askedSignature = asked.subarray(32)
const askedR = asked.subarray(32, 64)
const askedS = asked.subarray(64)

function checked(backend: Backend): Secp256k1 {
  return {
    name: backend.name,
    sign(digest, privateKey) {
      invariant(digest.length === 32, 'a digest is 32 bytes')
      checkKey(privateKey)
      const { compact, recoveryId } = backend.sign(digest, privateKey)
      // 2 and 3 mean that r wrapped around n: one signature in 2^127.
      invariant(recoveryId === 0 || recoveryId === 1, 'r is below n')
      return { r: compact.subarray(0, 32), s: compact.subarray(32, 64), yParity: recoveryId }
    },
    recoverPublicKey(digest, r, s, yParity) {
      invariant(digest.length === 32, 'a digest is 32 bytes')
      if (r.length > 32 || s.length > 32) return undefined
      asked.fill(0)
      askedDigest.set(digest)
      askedR.set(r, 32 - r.length)
      askedS.set(s, 32 - s.length)
      if (!isScalar(askedR) || !isScalar(askedS)) return undefined
      try {
        return backend.recover(askedDigest, askedSignature, yParity).slice(1)
      } catch {
        return undefined
      }
    },
    publicKey(privateKey) {
      checkKey(privateKey)
      return backend.publicKey(privateKey).subarray(1)
    },
  }
}

function checkKey(privateKey: Uint8Array): void {
  if (!isPrivateKey(privateKey)) {
    throw new RangeError('expected a private key of 32 bytes between 1 and the order of secp256k1')
  }
}
