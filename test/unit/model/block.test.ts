import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { decodeRlp as ethersDecode, encodeRlp as ethersEncode } from 'ethers'
import { describe, expect, it } from 'vitest'

import {
  blockSize,
  decodeBlock,
  decodeBlocks,
  encodeBlock,
  ommersHash,
} from '../../../src/model/codec/block.ts'
import { decodeHeader, encodeHeader, headerHash } from '../../../src/model/codec/header.ts'
import { EMPTY_REQUESTS_HASH, requestsHash } from '../../../src/model/codec/requests.ts'
import { encodeWithdrawal } from '../../../src/model/codec/withdrawal.ts'
import type { Block } from '../../../src/model/block.ts'
import { configAtFork, isForkName, rulesAt } from '../../../src/model/fork.ts'
import { impersonate, openStoredTransaction } from '../../../src/model/signer.ts'
import { checkBlockSize, checkHeader, checkTransaction } from '../../../src/model/validity.ts'
import { concatBytes } from '../../../src/primitives/bytes.ts'
import { bytesToHex, hexToBytes, parseAddress } from '../../../src/primitives/hex.ts'
import { EMPTY_LIST_HASH } from '../../../src/primitives/keccak.ts'

interface Vectors {
  readonly chainId: number
  readonly blocks: readonly { number: number; fork: string; hash: string; rlp: string }[]
}
const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/blocks.json', import.meta.url), 'utf8'),
) as Vectors

function open(rlp: string): Block {
  const decoded = decodeBlock(hexToBytes(rlp))
  if (!decoded.ok) throw new Error(decoded.error)
  return decoded.value
}

describe.each(vectors.blocks)('block $number ($fork) of the execution-apis chain', (vector) => {
  const block = open(vector.rlp)

  it('has the hash that its child names', () => {
    expect(block.hash).toBe(vector.hash)
    expect(headerHash(block.header)).toBe(vector.hash)
    expect(block.header.number).toBe(BigInt(vector.number))
  })

  it('is encoded as it was', () => {
    expect(bytesToHex(encodeBlock(block))).toBe(vector.rlp)
    expect(block.sizeBytes).toBe(vector.rlp.length / 2 - 1)
    expect(blockSize(block)).toBe(block.sizeBytes)
    const header = decodeHeader(encodeHeader(block.header))
    expect(header).toEqual({ ok: true, value: block.header })
  })

  it('holds the ommers that its header names', () => {
    expect(ommersHash(block.ommers)).toBe(block.header.ommersHash)
  })

  it('is valid under its rules, as a child of the block before it', () => {
    if (!isForkName(vector.fork)) throw new Error(vector.fork)
    const config = configAtFork(vector.fork, BigInt(vectors.chainId))
    const bpo2 = { target: 14, max: 21, baseFeeUpdateFraction: 11_684_671n }
    const { number, timestamp } = block.header
    const rules = { ...rulesAt(config, number, timestamp), ...(number > 51n && { blob: bpo2 }) }
    for (const tx of block.transactions) {
      expect(checkTransaction(tx, rules, config.chainId)).toBeUndefined()
    }
    expect(checkBlockSize(block.sizeBytes, rules)).toBeUndefined()
    const parent = vectors.blocks.find((it) => it.number === vector.number - 1)
    if (parent) expect(checkHeader(block.header, open(parent.rlp).header, rules)).toBeUndefined()
  })
})

describe('the blocks of a chain export', () => {
  const all = concatBytes(...vectors.blocks.map((it) => hexToBytes(it.rlp)))

  it('are read one after another', () => {
    const hashes = [...decodeBlocks(all)].map((it) => it.ok && it.value.hash)
    expect(hashes).toEqual(vectors.blocks.map((it) => it.hash))
    expect([...decodeBlocks(new Uint8Array(0))]).toEqual([])
  })

  it('end at the first that is cut', () => {
    const read = [...decodeBlocks(all.subarray(0, -1))]
    expect(read).toHaveLength(vectors.blocks.length)
    expect(read.at(-1)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^block 14: an item of \d+ bytes runs past the end$/),
    })
  })
})

describe('a malformed block', () => {
  type Rlp = string | Rlp[]
  const shanghai = vectors.blocks.find((it) => it.number === 39)!
  const parts = ethersDecode(shanghai.rlp) as [string[], Rlp[], Rlp[], string[][]]
  const refuse = (value: Rlp) => {
    const decoded = decodeBlock(hexToBytes(ethersEncode(value)))
    return decoded.ok ? 'accepted' : decoded.error
  }
  const withHeader = (at: number, value: Rlp) => [
    parts[0].with(at, value as string),
    ...parts.slice(1),
  ]

  it.each([
    ['0x01', 'block: expected a list, got bytes'],
    [[], 'block: expected 3 or 4 items, got 0'],
    [['0x', [], []], 'header: expected a list, got bytes'],
    [[[], [], []], 'header: expected 15, 16, 17, 20, 21, 22 or 23 fields, got 0'],
    [withHeader(0, '0x12'), 'header field `parentHash`: expected 32 bytes, got 1'],
    [withHeader(2, '0x12'), 'header field `beneficiary`: expected 20 bytes, got 1'],
    [withHeader(6, '0x'), 'header field `logsBloom`: expected 256 bytes, got 0'],
    [withHeader(8, '0x0001'), 'header field `number`: the number has leading zeros'],
    [withHeader(9, `0x${'11'.repeat(9)}`), 'header field `gasLimit`: expected a number below 2^64'],
    [withHeader(12, `0x${'11'.repeat(33)}`), 'header field `extraData`: expected at most 32 bytes'],
    [withHeader(14, '0x'), 'header field `nonce`: expected 8 bytes, got 0'],
    [withHeader(15, []), 'header field `baseFeePerGas`: expected bytes, got a list'],
    [[parts[0], '0x', [], []], 'block field `transactions`: expected a list'],
    [[parts[0], [[]], [], []], 'block field `transactions`[0]: transaction: expected 9 fields'],
    [[parts[0], ['0xc0'], [], []], 'block field `transactions`[0]: expected a list or a type byte'],
    [[parts[0], ['0x'], [], []], 'block field `transactions`[0]: expected a list or a type byte'],
    [[parts[0], [], [[]], []], 'header: expected 15'],
    [[parts[0], [], [], ['0x']], 'block field `withdrawals`[0]: expected a list'],
    [[parts[0], [], [], [['0x', '0x', '0x', '0x']]], '`withdrawals`[0].address: expected 20 bytes'],
  ] as [Rlp, string][])('is refused by name: %#', (value, error) => {
    expect(refuse(value)).toContain(error)
  })

  it('is refused when RLP itself is', () => {
    const decoded = decodeBlock(hexToBytes(shanghai.rlp).subarray(0, -1))
    expect(decoded).toMatchObject({ error: expect.stringContaining('block: ') })
  })
})

describe('a block with an impersonated transaction', () => {
  const parent = open(vectors.blocks.at(-1)!.rlp)
  const sender = parseAddress('0x00000000000000000000000000000000000000aa')
  const tx = impersonate(parent.transactions[0]!, sender)
  const bytes = encodeBlock({ ...parent, transactions: [tx] })

  it('is read from the store, not from outside', () => {
    expect(decodeBlock(bytes)).toMatchObject({ error: expect.stringContaining('[0]: transaction') })
    const stored = decodeBlock(bytes, (raw) => openStoredTransaction(raw))
    expect(stored).toMatchObject({ ok: true, value: { transactions: [{ sender }] } })
  })
})

describe('commitments of a header', () => {
  it('to no ommers and no requests are the known ones', () => {
    expect(ommersHash([])).toBe(EMPTY_LIST_HASH)
    expect(EMPTY_REQUESTS_HASH).toBe(
      '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
  })

  it('to requests leave empty ones out', () => {
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
    const [deposit, exit] = [Uint8Array.of(0, 7, 7), Uint8Array.of(1, 9)]
    const wanted = bytesToHex(sha256(concatBytes(sha256(deposit), sha256(exit))))
    expect(requestsHash([deposit, exit, Uint8Array.of(2)])).toBe(wanted)
    expect(requestsHash([Uint8Array.of(0), Uint8Array.of(1)])).toBe(EMPTY_REQUESTS_HASH)
  })

  it('to withdrawals hold index, validator, address and gwei', () => {
    const address = parseAddress('0x00000000000000000000000000000000000000aa')
    const encoded = encodeWithdrawal({ index: 0n, validatorIndex: 5n, address, amountGwei: 300n })
    expect(bytesToHex(encoded)).toBe(ethersEncode(['0x', '0x05', address, '0x012c']))
  })
})

describe('the header of Amsterdam', () => {
  it('has the hash of the access list and the slot number last', () => {
    const { header } = open(vectors.blocks.at(-1)!.rlp)
    const amsterdam = { ...header, blockAccessListHash: EMPTY_LIST_HASH, slotNumber: 0n }
    expect(decodeHeader(encodeHeader(amsterdam))).toEqual({ ok: true, value: amsterdam })
    const fields = ethersDecode(bytesToHex(encodeHeader(amsterdam))) as string[]
    expect(fields).toHaveLength(23)
    expect(fields.slice(21)).toEqual([EMPTY_LIST_HASH, '0x'])
  })
})
