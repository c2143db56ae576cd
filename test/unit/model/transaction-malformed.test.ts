import { describe, expect, it } from 'vitest'

import { decodeTransaction } from '../../../src/model/codec/transaction.ts'
import { openTransaction } from '../../../src/model/signer.ts'
import { bigIntToBytes, concatBytes } from '../../../src/primitives/bytes.ts'
import { hexToBytes } from '../../../src/primitives/hex.ts'
import { type RlpItem, encodeRlp } from '../../../src/primitives/rlp.ts'

const n = bigIntToBytes
const word = new Uint8Array(32).fill(0x11)
const long = new Uint8Array(33).fill(0x11)
const none = new Uint8Array(0)
const toBytes = hexToBytes('0x3535353535353535353535353535353535353535')
const zeroLed = Uint8Array.of(0, 1)

const LEGACY: readonly RlpItem[] = [
  n(1n),
  n(1n),
  n(21_000n),
  toBytes,
  n(1n),
  none,
  n(27n),
  word,
  word,
]
const start: readonly RlpItem[] = [n(1n), n(0n), n(1n), n(2n), n(21_000n), toBytes, n(0n), none, []]
const signed: readonly RlpItem[] = [n(1n), word, word]
const FEE: readonly RlpItem[] = [...start, ...signed]
const BLOB: readonly RlpItem[] = [...start, n(3n), [word], ...signed]
const AUTHORIZATION: RlpItem = [n(1n), toBytes, n(0n), n(1n), word, word]
const SET_CODE: readonly RlpItem[] = [...start, [AUTHORIZATION], ...signed]

const build = (type: number, items: readonly RlpItem[]) =>
  type === 0 ? encodeRlp(items) : concatBytes(Uint8Array.of(type), encodeRlp(items))
const changed = (items: readonly RlpItem[], at: number, item: RlpItem) => items.with(at, item)

const MALFORMED: readonly (readonly [string, Uint8Array, string])[] = [
  ['no bytes', none, 'transaction: there are no bytes'],
  ['type 0 in an envelope', build(0, LEGACY).with(0, 0), 'transaction: type 0 is not supported'],
  ['an unknown type', Uint8Array.of(5, 0xc0), 'transaction: type 5 is not supported'],
  ['an RLP string', Uint8Array.of(0x80), 'expected an RLP list or a type byte'],
  ['an envelope without a list', Uint8Array.of(2, 0x01), 'transaction: expected a list, got bytes'],
  ['an envelope alone', Uint8Array.of(2), 'transaction: the input ends inside an item'],
  ['a cut end', build(0, LEGACY).subarray(0, -1), 'runs past the end'],
  ['bytes after the end', concatBytes(build(2, FEE), none, n(1n)), '1 bytes after the item'],
  ['a long head for a short list', concatBytes(Uint8Array.of(0xf8, 1), n(1n)), 'long length'],
  ['too few fields', build(0, LEGACY.slice(1)), 'transaction: expected 9 fields, got 8'],
  ['too many fields', build(2, [...FEE, none]), 'transaction: expected 12 fields, got 13'],
  ['no fields', Uint8Array.of(0xc0), 'transaction: expected 9 fields, got 0'],
  ['a zero as a byte', build(0, changed(LEGACY, 0, Uint8Array.of(0))), '`nonce`: the number has'],
  ['leading zeros', build(0, changed(LEGACY, 4, zeroLed)), '`value`: the number has leading zeros'],
  [
    'a nonce of 9 bytes',
    build(2, changed(FEE, 1, n(2n ** 64n))),
    '`nonce`: expected a number below 2^64',
  ],
  [
    'gas of 9 bytes',
    build(2, changed(FEE, 4, n(2n ** 64n))),
    '`gasLimit`: expected a number below 2^64',
  ],
  [
    'a fee of 33 bytes',
    build(2, changed(FEE, 3, long)),
    '`maxFeePerGas`: expected a number below 2^256',
  ],
  ['a tip that is a list', build(2, changed(FEE, 2, [])), '`maxPriorityFeePerGas`: expected bytes'],
  [
    'a price of 33 bytes',
    build(0, changed(LEGACY, 1, long)),
    '`gasPrice`: expected a number below',
  ],
  [
    'an address of 19 bytes',
    build(2, changed(FEE, 5, toBytes.subarray(1))),
    '`to`: expected 0 or 20',
  ],
  ['data that is a list', build(2, changed(FEE, 7, [none])), '`data`: expected bytes, got a list'],
  ['an access list of bytes', build(2, changed(FEE, 8, none)), '`accessList`: expected a list'],
  [
    'an entry of three',
    build(2, changed(FEE, 8, [[toBytes, [], none]])),
    '`accessList`[0]: expected 2',
  ],
  [
    'a bad entry',
    build(2, changed(FEE, 8, [[none, []]])),
    '`accessList`[0].address: expected 20 bytes',
  ],
  [
    'a storage key of 31 bytes',
    build(2, changed(FEE, 8, [[toBytes, [word, word.subarray(1)]]])),
    '`accessList`[0].storageKeys[1]: expected 32 bytes, got 31',
  ],
  ['a parity of 2', build(2, changed(FEE, 9, n(2n))), '`yParity`: expected 0 or 1, got 2'],
  ['an r of 33 bytes', build(2, changed(FEE, 10, long)), '`r`: expected a number below 2^256'],
  ['an s that is a list', build(2, changed(FEE, 11, [])), '`s`: expected bytes, got a list'],
  [
    'a v of 26',
    build(0, changed(LEGACY, 6, n(26n))),
    '`v`: expected 27, 28 or at least 35, got 26',
  ],
  [
    'a v of 34',
    build(0, changed(LEGACY, 6, n(34n))),
    '`v`: expected 27, 28 or at least 35, got 34',
  ],
  ['blobs without receiver', build(3, changed(BLOB, 5, none)), '`to`: expected 20 bytes, got 0'],
  [
    'a short blob hash',
    build(3, changed(BLOB, 10, [n(1n)])),
    '`blobVersionedHashes`[0]: expected 32',
  ],
  [
    'set code without receiver',
    build(4, changed(SET_CODE, 5, none)),
    '`to`: expected 20 bytes, got 0',
  ],
  [
    'an authorisation of five',
    build(4, changed(SET_CODE, 9, [[n(1n), toBytes, none, none, none]])),
    '`authorizationList`[0]: expected 6 items, got 5',
  ],
  [
    'an authorisation with a large parity',
    build(4, changed(SET_CODE, 9, [[n(1n), toBytes, none, n(256n), none, none]])),
    '`authorizationList`[0].yParity: expected a number below 2^8',
  ],
  [
    'a wrapper of three',
    build(3, [BLOB, [], []]),
    'expected a blob wrapper of 4 or 5 items, got 3',
  ],
  ['a wrapper of version 2', build(3, [BLOB, n(2n), [], [], []]), '`wrapperVersion`: expected 1'],
  ['a short blob', build(3, [BLOB, [word], [], []]), '`blobs`[0]: expected 131072 bytes, got 32'],
  [
    'a short commitment',
    build(3, [BLOB, [], [word], []]),
    '`commitments`[0]: expected 48 bytes, got 32',
  ],
  ['a short proof', build(3, [BLOB, [], [], [word]]), '`proofs`[0]: expected 48 bytes, got 32'],
  [
    'a cell proof in a list',
    build(3, [BLOB, n(1n), [], [], [[]]]),
    '`cellProofs`[0]: expected bytes',
  ],
  ['a wrapper around type 2', build(2, [FEE, [], [], []]), 'expected 12 fields, got 4'],
]

describe('a malformed transaction', () => {
  it.each(MALFORMED)('with %s is refused by name', (_what, raw, error) => {
    const decoded = decodeTransaction(raw)
    expect(decoded.ok).toBe(false)
    expect(decoded).toMatchObject({ error: expect.stringContaining(error) })
    expect(openTransaction(raw)).toEqual(decoded)
  })

  it('is not what the tables begin from', () => {
    for (const [type, items] of [LEGACY, undefined, FEE, BLOB, SET_CODE].entries()) {
      if (items) expect(decodeTransaction(build(type, items))).toMatchObject({ ok: true })
    }
  })
})
