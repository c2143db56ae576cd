import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  decodeTransaction,
  encodeNetworkTransaction,
  encodeTransaction,
  signatureV,
  signedDigest,
  signingHash,
  transactionHash,
} from '../../../src/model/codec/transaction.ts'
import {
  authorizationHash,
  impersonate,
  isImpersonated,
  openStoredTransaction,
  openTransaction,
  recoverAuthority,
  senderOfStored,
  signAuthorization,
  signTransaction,
} from '../../../src/model/signer.ts'
import type {
  BlobSidecar,
  FeeMarketTransactionFields,
  LegacyFields,
  TransactionFields,
} from '../../../src/model/transaction.ts'
import { concatBytes } from '../../../src/primitives/bytes.ts'
import { type Hash, bytesToHex, hexToBytes, parseAddress } from '../../../src/primitives/hex.ts'
import { SECP256K1_N } from '../../../src/primitives/secp256k1.ts'
import { address, anyFields, authorization, blob, uint256 } from './arbitrary.ts'

const KEY = hexToBytes('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
const SENDER = parseAddress('0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266')
const TO = parseAddress('0x3535353535353535353535353535353535353535')

const signature = fc.record({
  yParity: fc.constantFrom(0 as const, 1 as const),
  r: uint256,
  s: uint256,
})

const transfer: FeeMarketTransactionFields = {
  type: 2,
  chainId: 31337n,
  nonce: 3n,
  maxPriorityFeePerGasWei: 1n,
  maxFeePerGasWei: 2_000_000_000n,
  gasLimit: 21_000n,
  to: TO,
  valueWei: 10n ** 18n,
  data: new Uint8Array(0),
  accessList: [],
}

describe('the encoding of a transaction', () => {
  it('is read back whole, whatever its type and values', () => {
    fc.assert(
      fc.property(anyFields, signature, (fields, signed) => {
        const raw = encodeTransaction(fields, signed)
        const decoded = decodeTransaction(raw)
        expect(decoded).toMatchObject({ ok: true, value: { fields, signature: signed, raw } })
        if (decoded.ok) expect(signedDigest(decoded.value)).toEqual(signingHash(fields))
      }),
    )
  })

  it('is read in the middle of a larger buffer', () => {
    const { raw } = signTransaction(transfer, KEY)
    const larger = concatBytes(new Uint8Array(7), raw, new Uint8Array(9))
    const opened = openTransaction(larger.subarray(7, 7 + raw.length))
    expect(opened).toMatchObject({ ok: true, value: { ...transfer, sender: SENDER } })
  })

  it("is that of EIP-155's example", () => {
    const fields: LegacyFields = {
      type: 0,
      chainId: 1n,
      nonce: 9n,
      gasPriceWei: 20n * 10n ** 9n,
      gasLimit: 21_000n,
      to: TO,
      valueWei: 10n ** 18n,
      data: new Uint8Array(0),
    }
    expect(bytesToHex(signingHash(fields))).toBe(
      '0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53',
    )
    const signed = signTransaction(fields, new Uint8Array(32).fill(0x46))
    expect(signatureV(fields, signed.signature)).toBe(37n)
    expect(bytesToHex(signed.raw)).toBe(
      '0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a0' +
        '28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b' +
        '3800ccf555c9f3dc64214b297fb1966a3b6d83',
    )
  })

  it('never breaks on bytes of any kind', () => {
    fc.assert(
      fc.property(anyFields, signature, fc.nat(), fc.nat(255), (fields, signed, at, byte) => {
        const raw = encodeTransaction(fields, signed)
        raw[at % raw.length] = byte
        const decoded = decodeTransaction(raw)
        // What it accepts is the one encoding of what it read.
        if (decoded.ok) {
          expect(encodeTransaction(decoded.value.fields, decoded.value.signature)).toEqual(raw)
        } else {
          expect(decoded.error).toMatch(/^transaction/)
        }
      }),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (raw) => {
        expect(decodeTransaction(raw).ok).toBe(false)
      }),
    )
  })
})

describe('a blob transaction in its network form', () => {
  const point = (fill: number) => new Uint8Array(48).fill(fill)
  const sidecars: readonly BlobSidecar[] = [
    {
      version: 0,
      blobs: [new Uint8Array(131_072).fill(7)],
      commitments: [point(1)],
      proofs: [point(2)],
    },
    {
      version: 1,
      blobs: [new Uint8Array(131_072).fill(7)],
      commitments: [point(1)],
      proofs: Array.from({ length: 128 }, (_, index) => point(index)),
    },
  ]
  const [fields] = fc.sample(blob, { numRuns: 1, seed: 1 })
  const signed = signTransaction(fields!, KEY)

  it.each(sidecars)('of version $version is read back whole', (sidecar) => {
    const wrapped = encodeNetworkTransaction(fields!, signed.signature, sidecar)
    const opened = openTransaction(wrapped)
    expect(opened).toEqual({ ok: true, value: { ...signed, sidecar } })
    // The blobs can be collected without the transaction.
    if (opened.ok) expect(opened.value.data.buffer.byteLength).toBeLessThan(10_000)
  })

  it('has no place in a block', () => {
    const wrapped = encodeNetworkTransaction(fields!, signed.signature, sidecars[0])
    expect(openTransaction(wrapped, { form: 'block' })).toMatchObject({
      error: 'transaction: a blob sidecar has no place here',
    })
    expect(openTransaction(signed.raw, { form: 'block' })).toMatchObject({ ok: true })
  })

  it('is the block form for other types', () => {
    const { raw, signature } = signTransaction(transfer, KEY)
    expect(encodeNetworkTransaction(transfer, signature, sidecars[0])).toEqual(raw)
  })
})

describe('the sender of a transaction', () => {
  it('is not recovered from a void signature', () => {
    const { signature: good } = signTransaction(transfer, KEY)
    for (const bad of [
      { ...good, s: 0n },
      { ...good, r: 0n },
      { ...good, s: SECP256K1_N },
      { ...good, r: SECP256K1_N },
      { ...good, r: 5n },
    ]) {
      expect(openTransaction(encodeTransaction(transfer, bad))).toMatchObject({
        error: expect.stringContaining('invalid signature'),
      })
    }
  })

  it('of an impersonated one is stored, unique in the hash, and refused from outside', () => {
    const hashes = new Set<Hash>()
    fc.assert(
      fc.property(anyFields, address, (fields, sender) => {
        const tx = impersonate(fields, sender)
        hashes.add(tx.hash)
        expect(isImpersonated(tx.signature)).toBe(true)
        expect(tx.hash).toBe(transactionHash(tx.raw))
        expect(senderOfStored(tx.raw)).toBe(sender)
        expect(openStoredTransaction(tx.raw)).toEqual({ ok: true, value: tx })
        expect(openTransaction(tx.raw).ok).toBe(false)
      }),
      { numRuns: 60 },
    )
    const inNames = [TO, SENDER].map((sender) => impersonate(transfer, sender).hash)
    expect(new Set(inNames).size).toBe(2)
    expect(hashes.size).toBeGreaterThan(50)
  })

  it('of a stored one is recovered, or taken as given', () => {
    const tx = signTransaction(transfer, KEY)
    expect(tx.sender).toBe(SENDER)
    expect(senderOfStored(tx.raw)).toBe(SENDER)
    expect(openStoredTransaction(tx.raw)).toEqual({ ok: true, value: tx })
    expect(openStoredTransaction(tx.raw, TO)).toMatchObject({ value: { sender: TO } })
    expect(openStoredTransaction(new Uint8Array(0)).ok).toBe(false)
    expect(senderOfStored(new Uint8Array(0))).toBeUndefined()
    const wide = encodeTransaction(transfer, { yParity: 0, r: 1n << 160n, s: 0n })
    expect(openStoredTransaction(wide).ok).toBe(false)
  })

  it('differs by every field', () => {
    const tx = signTransaction(transfer, KEY)
    const variants: TransactionFields[] = [
      { ...transfer, nonce: 4n },
      { ...transfer, chainId: 1n },
      { ...transfer, data: Uint8Array.of(0) },
      { ...transfer, to: null },
    ]
    for (const fields of variants) {
      const opened = openTransaction(encodeTransaction(fields, tx.signature))
      expect(opened.ok && opened.value.sender).not.toBe(SENDER)
    }
  })
})

describe('the authority of an EIP-7702 authorisation', () => {
  const good = signAuthorization({ chainId: 0n, address: TO, nonce: 1n }, KEY)

  it('is who signed', () => {
    expect(recoverAuthority(good)).toBe(SENDER)
    expect(authorizationHash(good)).toHaveLength(32)
  })

  it('is nobody when the signature is void', () => {
    const high = { ...good, s: SECP256K1_N - good.s, yParity: 1n - good.yParity }
    for (const bad of [high, { ...good, yParity: 2n }, { ...good, r: 0n }, { ...good, s: 0n }]) {
      expect(recoverAuthority(bad)).toBeUndefined()
    }
  })

  it('is found or not, but never throws', () => {
    fc.assert(
      fc.property(authorization, (it) => {
        expect(recoverAuthority(it) ?? TO).toMatch(/^0x[0-9a-f]{40}$/)
      }),
    )
  })
})
