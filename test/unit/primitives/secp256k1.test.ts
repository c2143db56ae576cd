import { describe, expect, it } from 'vitest'

import { bytesToBigInt, bigIntToFixedBytes, stripZeros } from '../../../src/primitives/bytes.ts'
import { bytesToHex, hexToBytes } from '../../../src/primitives/hex.ts'
import { keccak256 } from '../../../src/primitives/keccak.ts'
import { BACKENDS, type BackendName } from '../../../src/primitives/secp256k1-backends.ts'
import {
  SECP256K1_HALF_N,
  SECP256K1_N,
  activeBackend,
  isPrivateKey,
  loadBackend,
  privateKeyToAddress,
  publicKeyToAddress,
  recoverAddress,
  sign,
} from '../../../src/primitives/secp256k1.ts'

const DEV_KEY = hexToBytes('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
const DEV_ADDRESS = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
const digest = keccak256(new TextEncoder().encode('heddle'))
const word = (value: bigint) => bigIntToFixedBytes(value, 32)

// The native one is an optional dependency: its add-on may not have been built here.
const isMissing = (name: BackendName) => {
  try {
    loadBackend([name])
    return false
  } catch {
    return name === 'native'
  }
}

describe.each(BACKENDS.filter((name) => !isMissing(name)))('secp256k1 by %s', (name) => {
  const curve = loadBackend([name])

  it('is the one asked for', () => {
    expect(curve.name).toBe(name)
  })

  it('derives the first development account from its key', () => {
    expect(publicKeyToAddress(curve.publicKey(DEV_KEY))).toBe(DEV_ADDRESS)
  })

  it('derives the generator from key 1', () => {
    expect(bytesToHex(curve.publicKey(word(1n)))).toBe(
      '0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798' +
        '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8',
    )
  })

  it('recovers the address of the ecrecover precompile example', () => {
    const key = curve.recoverPublicKey(
      hexToBytes('0x456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef3'),
      hexToBytes('0x9242685bf161793cc25603c231bc2f568eb630ea16aa137d2664ac8038825608'),
      hexToBytes('0x4f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada'),
      1,
    )
    expect(publicKeyToAddress(key!)).toBe('0x7156526fbd7a3c72969b54f64e42c10fbb768c8a')
  })

  it('signs as RFC 6979 says, with a low s', () => {
    // Key 1, SHA-256("Satoshi Nakamoto"): the vector that Bitcoin libraries share.
    const signature = curve.sign(
      hexToBytes('0xa0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e'),
      word(1n),
    )
    expect(bytesToHex(signature.r)).toBe(
      '0x934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8',
    )
    expect(bytesToHex(signature.s)).toBe(
      '0x2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5',
    )
  })

  it('recovers the signer of the reflected signature with a high s', () => {
    const { r, s, yParity } = curve.sign(digest, DEV_KEY)
    const high = word(SECP256K1_N - bytesToBigInt(s))
    const key = curve.recoverPublicKey(digest, r, high, yParity === 0 ? 1 : 0)
    expect(publicKeyToAddress(key!)).toBe(DEV_ADDRESS)
  })

  it('recovers another key for the other parity', () => {
    const { r, s, yParity } = curve.sign(digest, DEV_KEY)
    const key = curve.recoverPublicKey(digest, r, s, yParity === 0 ? 1 : 0)
    expect(key).toHaveLength(64)
    expect(publicKeyToAddress(key!)).not.toBe(DEV_ADDRESS)
  })

  it('leaves alone the key that it recovered before', () => {
    const { r, s, yParity } = curve.sign(digest, DEV_KEY)
    const first = curve.recoverPublicKey(digest, r, s, yParity)!
    const before = bytesToHex(first)
    const second = curve.recoverPublicKey(digest, r, s, yParity === 0 ? 1 : 0)!
    expect(bytesToHex(first)).toBe(before)
    expect(bytesToHex(second)).not.toBe(before)
  })

  it('recovers nothing from an invalid signature', () => {
    const { r, s } = curve.sign(digest, DEV_KEY)
    const max = new Uint8Array(32).fill(0xff)
    // 5 is not the x of any point of the curve.
    for (const [badR, badS] of [
      [word(0n), s],
      [r, word(0n)],
      [new Uint8Array(0), s],
      [r, new Uint8Array(0)],
      [word(SECP256K1_N), s],
      [r, word(SECP256K1_N)],
      [max, s],
      [r, max],
      [word(5n), s],
      [new Uint8Array(33).fill(1), s],
    ] as const) {
      expect(curve.recoverPublicKey(digest, badR, badS, 0)).toBeUndefined()
      expect(curve.recoverPublicKey(digest, badR, badS, 1)).toBeUndefined()
    }
  })

  it('refuses keys outside 1..n-1', () => {
    for (const key of [word(0n), word(SECP256K1_N), new Uint8Array(31).fill(1)]) {
      expect(isPrivateKey(key)).toBe(false)
      expect(() => curve.sign(digest, key)).toThrow(/private key of 32 bytes/)
      expect(() => curve.publicKey(key)).toThrow(/private key of 32 bytes/)
    }
    expect(curve.publicKey(word(SECP256K1_N - 1n))).toHaveLength(64)
  })

  it('agrees with the first implementation, whatever leading zeros are left out', () => {
    const first = loadBackend()
    let seed = keccak256(new TextEncoder().encode('a fixed seed'))
    const next = () => (seed = keccak256(seed))
    for (let round = 0; round < 24; round++) {
      const [key, message] = [next(), next()]
      const ours = curve.sign(message, key)
      expect(ours).toEqual(first.sign(message, key))
      expect(bytesToBigInt(ours.s)).toBeLessThanOrEqual(SECP256K1_HALF_N)
      expect(
        curve.recoverPublicKey(message, stripZeros(ours.r), stripZeros(ours.s), ours.yParity),
      ).toEqual(first.publicKey(key))
      const [r, s] = [next(), next()]
      for (const yParity of [0, 1] as const) {
        const key = curve.recoverPublicKey(message, r, s, yParity)
        expect(key).toEqual(first.recoverPublicKey(message, r, s, yParity))
      }
    }
  })
})

describe('the backend in use', () => {
  it('is one of the three and signs', () => {
    expect(BACKENDS).toContain(activeBackend())
    const { r, s, yParity } = sign(digest, DEV_KEY)
    expect(recoverAddress(digest, r, s, yParity)).toBe(DEV_ADDRESS)
    expect(privateKeyToAddress(DEV_KEY)).toBe(DEV_ADDRESS)
  })

  it('is the first that loads', () => {
    expect(loadBackend(['wasm', 'javascript']).name).toBe('wasm')
    expect(loadBackend(['javascript']).name).toBe('javascript')
  })

  it('says why when none loads', () => {
    expect(() => loadBackend([])).toThrow('no secp256k1 implementation loads')
  })
})
