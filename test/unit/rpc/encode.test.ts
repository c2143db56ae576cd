import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import type { Header } from '../../../src/model/block.ts'
import { decodeBlock } from '../../../src/model/codec/block.ts'
import type { ChainConfig } from '../../../src/model/fork.ts'
import { openTransaction } from '../../../src/model/signer.ts'
import type { SetCodeFields, Transaction } from '../../../src/model/transaction.ts'
import {
  type Address,
  type Hash,
  ZERO_ADDRESS,
  ZERO_HASH,
  hexToBytes,
} from '../../../src/primitives/hex.ts'
import type { LocatedReceipt } from '../../../src/rpc/backend.ts'
import { encodeBlock } from '../../../src/rpc/codec/block.ts'
import { encodeReceipt } from '../../../src/rpc/codec/receipt.ts'
import { encodeTransaction } from '../../../src/rpc/codec/transaction.ts'
import { describeConfig } from '../../../src/rpc/fork-config.ts'
import { wireBackend } from '../../support/rpc.ts'

interface Placed {
  readonly blockHash: Hash
  readonly blockNumber: string
  readonly blockTimestamp: string
  readonly transactionIndex: string
}
/** Blocks and transactions of the public execution-apis chain, and how Geth shows them. */
const WIRE = JSON.parse(readFileSync(new URL('data/wire.json', import.meta.url), 'utf8')) as {
  readonly blocks: readonly {
    readonly name: string
    readonly full: boolean
    readonly rlp: string
    readonly expected: unknown
  }[]
  readonly transactions: readonly {
    readonly name: string
    readonly raw: string
    readonly baseFeePerGas: string | null
    readonly expected: Placed
  }[]
}

/** As it is read on the other side. */
const onWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

function open(raw: string): Transaction {
  const opened = openTransaction(hexToBytes(raw))
  if (!opened.ok) throw new Error(opened.error)
  return opened.value
}

const someHeader = wireBackend().chain.head().header

describe('as Geth shows them', () => {
  it.each(WIRE.blocks)('the block of $name', ({ rlp, full, expected }) => {
    const decoded = decodeBlock(hexToBytes(rlp), (raw) => openTransaction(raw))
    if (!decoded.ok) throw new Error(decoded.error)
    expect(onWire(encodeBlock({ block: decoded.value, pending: false }, full))).toEqual(expected)
  })

  it.each(WIRE.transactions)('the transaction of $name', ({ raw, baseFeePerGas, expected }) => {
    const header: Header = {
      ...someHeader,
      number: BigInt(expected.blockNumber),
      timestamp: BigInt(expected.blockTimestamp),
      baseFeePerGasWei: baseFeePerGas === null ? undefined : BigInt(baseFeePerGas),
    }
    const index = Number(expected.transactionIndex)
    const place = { header, hash: expected.blockHash, index }
    expect(onWire(encodeTransaction({ transaction: open(raw), place }))).toEqual(expected)
  })

  it('a set-code transaction that waits', () => {
    const fields: SetCodeFields = {
      type: 4,
      chainId: 1n,
      nonce: 2n,
      gasLimit: 3n,
      to: ZERO_ADDRESS,
      valueWei: 0n,
      data: new Uint8Array(0),
      accessList: [],
      maxFeePerGasWei: 9n,
      maxPriorityFeePerGasWei: 1n,
      authorizationList: [
        { chainId: 0n, address: ZERO_ADDRESS, nonce: 7n, yParity: 1n, r: 10n, s: 11n },
      ],
    }
    const transaction: Transaction = {
      ...fields,
      signature: { yParity: 1, r: 5n, s: 6n },
      sender: ZERO_ADDRESS,
      hash: ZERO_HASH,
      raw: new Uint8Array(0),
    }
    expect(encodeTransaction({ transaction, place: undefined })).toEqual({
      blockHash: null,
      blockNumber: null,
      blockTimestamp: null,
      from: ZERO_ADDRESS,
      gas: '0x3',
      gasPrice: '0x9',
      maxFeePerGas: '0x9',
      maxPriorityFeePerGas: '0x1',
      hash: ZERO_HASH,
      input: '0x',
      nonce: '0x2',
      to: ZERO_ADDRESS,
      transactionIndex: null,
      value: '0x0',
      type: '0x4',
      accessList: [],
      chainId: '0x1',
      authorizationList: [
        {
          chainId: '0x0',
          address: ZERO_ADDRESS,
          nonce: '0x7',
          yParity: '0x1',
          r: '0xa',
          s: '0xb',
        },
      ],
      v: '0x1',
      r: '0x5',
      s: '0x6',
      yParity: '0x1',
    })
  })
})

describe('receipts', () => {
  const [, dynamicFee] = WIRE.transactions
  const log = { address: ZERO_ADDRESS, topics: [ZERO_HASH], data: Uint8Array.of(1) }
  const located: LocatedReceipt = {
    receipt: {
      type: 2,
      outcome: { success: true },
      cumulativeGasUsed: 50_000n,
      logsBloom: new Uint8Array(256),
      logs: [log, log],
      gasUsed: 21_000n,
      effectiveGasPriceWei: 7n,
      contractAddress: null,
    },
    transaction: open(dynamicFee!.raw),
    header: someHeader,
    blockHash: ZERO_HASH,
    index: 3,
    firstLogIndex: 5,
  }

  it('count logs over the block, and have a status', () => {
    expect(encodeReceipt(located)).toMatchObject({
      status: '0x1',
      type: '0x2',
      gasUsed: '0x5208',
      cumulativeGasUsed: '0xc350',
      effectiveGasPrice: '0x7',
      transactionIndex: '0x3',
      contractAddress: null,
      logs: [{ logIndex: '0x5' }, { logIndex: '0x6', transactionIndex: '0x3', removed: false }],
    })
    expect(encodeReceipt(located)).not.toHaveProperty('root')
    expect(encodeReceipt(located)).not.toHaveProperty('blobGasUsed')
  })

  it('have a root before Byzantium, and blob fields with blobs', () => {
    const outcome = { stateRoot: ZERO_HASH, success: true }
    const old = encodeReceipt({ ...located, receipt: { ...located.receipt, outcome } })
    expect(old).toMatchObject({ root: ZERO_HASH })
    expect(old).not.toHaveProperty('status')
    const blobs = { ...located.receipt, blobGasUsed: 131_072n, blobGasPriceWei: 1n }
    expect(encodeReceipt({ ...located, receipt: blobs })).toMatchObject({
      blobGasUsed: '0x20000',
      blobGasPrice: '0x1',
    })
  })
})

describe('eth_config (EIP-7910)', () => {
  const blob = { target: 1, max: 2, baseFeeUpdateFraction: 3n }
  const later = { target: 2, max: 4, baseFeeUpdateFraction: 5n }
  const config: ChainConfig = {
    chainId: 1n,
    forks: [
      { fork: 'frontier', atBlock: 0n },
      { fork: 'paris', atBlock: 3n },
      { fork: 'cancun', atTime: 100n },
      { fork: 'prague', atTime: 200n },
      { fork: 'osaka', atTime: 300n },
    ],
    blobs: [
      { name: 'cancun', atTime: 100n, params: blob },
      { name: 'bpo1', atTime: 250n, params: later },
    ],
  }
  const genesis = { ...wireBackend().chain.head(), header: { ...someHeader, timestamp: 0n } }
  const at = (timestamp: bigint) =>
    describeConfig(config, genesis, { ...someHeader, number: 10n, timestamp }) as Record<
      'current' | 'next' | 'last',
      {
        readonly activationTime: number
        readonly forkId: string
        readonly precompiles: Readonly<Record<string, Address>>
        readonly systemContracts: Readonly<Record<string, Address>>
      } | null
    >

  it('names the rules in force, those to come, and the last', () => {
    const { current, next, last } = at(210n)
    expect(current).toMatchObject({
      activationTime: 200,
      blobSchedule: { baseFeeUpdateFraction: 3, max: 2, target: 1 },
      chainId: '0x1',
    })
    expect(next).toMatchObject({ activationTime: 250, blobSchedule: { max: 4 } })
    expect(last?.activationTime).toBe(300)
    expect(Object.keys(current!.systemContracts)).toContain('HISTORY_STORAGE_ADDRESS')
    expect(current!.precompiles).not.toHaveProperty('P256VERIFY')
    expect(last!.precompiles['P256VERIFY']).toBe(`0x${'100'.padStart(40, '0')}`)
    expect(new Set([current!.forkId, next!.forkId, last!.forkId]).size).toBe(3)
  })

  it.each([
    // The examples of EIP-2124 for mainnet.
    [0n, '0xfc64ec04'],
    [1_149_999n, '0xfc64ec04'],
    [1_150_000n, '0x97c2c34c'],
    [1_920_000n, '0x91d1f948'],
  ])('checks the forks of block %i into %s', (number, forkId) => {
    const mainnet: ChainConfig = {
      chainId: 1n,
      forks: [
        { fork: 'frontier', atBlock: 0n },
        { fork: 'homestead', atBlock: 1_150_000n },
        { fork: 'tangerineWhistle', atBlock: 1_920_000n },
      ],
      blobs: [],
    }
    const hash = '0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3' as Hash
    const config = describeConfig(mainnet, { ...genesis, hash }, { ...someHeader, number })
    expect(config).toMatchObject({ current: { forkId } })
  })

  it('has nothing to come at the end', () => {
    expect(at(1000n)).toMatchObject({ current: { activationTime: 300 }, next: null, last: null })
  })
})
