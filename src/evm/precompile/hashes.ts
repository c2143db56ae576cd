import { createHash, getHashes, hash } from 'node:crypto'

import { ripemd160 as ripemd160InJavaScript } from '@noble/hashes/legacy.js'

import { padLeft } from '../../primitives/bytes.ts'

/** 32 bytes. */
export function sha256(input: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', input, 'buffer'))
}

// OpenSSL 3 keeps it among the legacy algorithms, which a system may leave out.
const isNative = getHashes().includes('ripemd160')

/** 20 bytes behind 12 zeros. */
export function ripemd160(input: Uint8Array): Uint8Array {
  const digest = isNative
    ? createHash('ripemd160').update(input).digest()
    : ripemd160InJavaScript(input)
  return padLeft(digest, 32)
}
