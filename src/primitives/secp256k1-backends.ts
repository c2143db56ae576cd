import { createRequire } from 'node:module'

import { invariant } from './invariant.ts'

/** Digests, keys and numbers are 32 bytes, big-endian; public keys 65 bytes, uncompressed. All may throw on bad input. */
export interface Backend {
  readonly name: BackendName
  /** RFC 6979, s at most n / 2. */
  sign(digest: Uint8Array, privateKey: Uint8Array): { compact: Uint8Array; recoveryId: number }
  /** `compact` is r, then s. The next call may write over the key. */
  recover(digest: Uint8Array, compact: Uint8Array, yParity: 0 | 1): Uint8Array
  publicKey(privateKey: Uint8Array): Uint8Array
}

/** libsecp256k1 as a native add-on (0.07 ms a recovery), compiled to WebAssembly (0.4 ms), in JavaScript (2-3 ms). */
export const BACKENDS = ['native', 'wasm', 'javascript'] as const
export type BackendName = (typeof BACKENDS)[number]

// They are loaded when first needed, synchronously, and stay out of the bundle: each costs about 20 ms of start-up.
const requirePackage = createRequire(import.meta.url)

/** @throws {Error} when the package or its add-on is not there. */
export function openBackend(name: BackendName): Backend {
  return OPENERS[name]()
}

const OPENERS: Readonly<Record<BackendName, () => Backend>> = {
  native: openNative,
  wasm: openWasm,
  javascript: openJavaScript,
}

interface NativePackage {
  ecdsaSign(digest: Uint8Array, key: Uint8Array): { signature: Uint8Array; recid: number }
  ecdsaRecover(
    compact: Uint8Array,
    id: number,
    digest: Uint8Array,
    small: boolean,
    out: Uint8Array,
  ): Uint8Array
  publicKeyCreate(key: Uint8Array, compressed: boolean): Uint8Array
}

function openNative(): Backend {
  // Not the package's main file: that falls back to a slow JavaScript library on its own.
  const native = requirePackage('secp256k1/bindings') as NativePackage
  const out = new Uint8Array(65)
  return {
    name: 'native',
    sign(digest, privateKey) {
      const { signature, recid } = native.ecdsaSign(digest, privateKey)
      return { compact: signature, recoveryId: recid }
    },
    recover: (digest, compact, yParity) =>
      native.ecdsaRecover(compact, yParity, digest, false, out),
    publicKey: (privateKey) => native.publicKeyCreate(privateKey, false),
  }
}

function openWasm(): Backend {
  const tiny = requirePackage('tiny-secp256k1') as typeof import('tiny-secp256k1')
  return {
    name: 'wasm',
    sign(digest, privateKey) {
      const { signature, recoveryId } = tiny.signRecoverable(digest, privateKey)
      return { compact: signature, recoveryId }
    },
    recover(digest, compact, yParity) {
      const key = tiny.recover(digest, compact, yParity, false)
      invariant(key !== null, 'an uncompressed public key was asked for')
      return key
    },
    publicKey(privateKey) {
      const key = tiny.pointFromScalar(privateKey, false)
      invariant(key !== null, 'an uncompressed public key was asked for')
      return key
    },
  }
}

function openJavaScript(): Backend {
  const { secp256k1 } = requirePackage(
    '@noble/curves/secp256k1.js',
  ) as typeof import('@noble/curves/secp256k1.js')
  return {
    name: 'javascript',
    sign(digest, privateKey) {
      const signed = secp256k1.sign(digest, privateKey, { prehash: false, format: 'recovered' })
      return { compact: signed.subarray(1), recoveryId: signed[0]! }
    },
    recover(digest, compact, yParity) {
      const signature = secp256k1.Signature.fromBytes(compact, 'compact')
      return signature.addRecoveryBit(yParity).recoverPublicKey(digest).toBytes(false)
    },
    publicKey: (privateKey) => secp256k1.getPublicKey(privateKey, false),
  }
}
