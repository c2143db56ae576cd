import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Header } from '../../../src/model/block.ts'
import { GAS_PER_BLOB } from '../../../src/model/fees.ts'
import { type ForkName, type Rules, configAtFork, rulesAt } from '../../../src/model/fork.ts'
import type { Rejection } from '../../../src/model/rejection.ts'
import { signTransaction } from '../../../src/model/signer.ts'
import type {
  AccessListFields,
  BlobFields,
  FeeMarketTransactionFields,
  LegacyFields,
  SetCodeFields,
  TransactionFields,
} from '../../../src/model/transaction.ts'
import {
  MAX_BLOCK_BYTES,
  MAX_NONCE,
  checkBlockSize,
  checkHeader,
  checkTransaction,
  gasDue,
} from '../../../src/model/validity.ts'
import { hexToBytes, parseAddress, parseHash, slotOf } from '../../../src/primitives/hex.ts'
import { ZERO_ADDRESS, ZERO_HASH } from '../../../src/primitives/hex.ts'
import { EMPTY_LIST_HASH, EMPTY_ROOT } from '../../../src/primitives/keccak.ts'
import { SECP256K1_N } from '../../../src/primitives/secp256k1.ts'
import { anyFields } from './arbitrary.ts'

const sender = parseAddress('0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266')
const to = parseAddress('0x3535353535353535353535353535353535353535')
const at = (fork: ForkName): Rules => rulesAt(configAtFork(fork, 1n), 1n, 1n)

const common = {
  nonce: 0n,
  gasLimit: 1_000_000n,
  to,
  valueWei: 0n,
  data: new Uint8Array(0),
  sender,
}
const legacy = {
  ...common,
  type: 0,
  chainId: undefined,
  gasPriceWei: 1n,
} as const satisfies LegacyFields
const listed: AccessListFields & { sender: typeof sender } = {
  ...common,
  type: 1,
  chainId: 1n,
  gasPriceWei: 1n,
  accessList: [],
}
const fees = { chainId: 1n, maxPriorityFeePerGasWei: 1n, maxFeePerGasWei: 2n, accessList: [] }
const market = { ...common, ...fees, type: 2 } as const satisfies FeeMarketTransactionFields
const blobHash = parseHash(`0x01${'00'.repeat(31)}`)
const blobs = {
  ...common,
  ...fees,
  type: 3,
  maxFeePerBlobGasWei: 1n,
  blobVersionedHashes: [blobHash],
} as const satisfies BlobFields
const authorization = { chainId: 1n, address: to, nonce: 0n, yParity: 0n, r: 1n, s: 1n }
const setCode = {
  ...common,
  ...fees,
  type: 4,
  authorizationList: [authorization],
} as const satisfies SetCodeFields

describe('a transaction', () => {
  it.each([
    [legacy, 'frontier'],
    [listed, 'berlin'],
    [market, 'london'],
    [blobs, 'cancun'],
    [setCode, 'prague'],
  ] as const)('of type $type is known since its fork', (tx, since) => {
    const forks = [
      'frontier',
      'istanbul',
      'berlin',
      'london',
      'shanghai',
      'cancun',
      'prague',
      'osaka',
    ] as const
    let known = false
    for (const fork of forks) {
      known ||= fork === since
      const rejection = checkTransaction(tx, at(fork), 1n)
      expect(rejection).toEqual(
        known ? undefined : { kind: 'typeNotSupported', type: tx.type, fork },
      )
    }
  })

  const initCode = { ...legacy, to: null, gasLimit: 10_000_000n, data: new Uint8Array(49_153) }
  const many = (count: number) => ({ ...blobs, blobVersionedHashes: Array(count).fill(blobHash) })
  const highS = { yParity: 0, r: 1n, s: SECP256K1_N / 2n + 1n } as const

  it.each<
    readonly [string, Parameters<typeof checkTransaction>[0], ForkName, Rejection | undefined]
  >([
    [
      'another chain',
      { ...market, chainId: 2n },
      'osaka',
      { kind: 'wrongChainId', expected: 1n, got: 2n },
    ],
    [
      'another chain (EIP-155)',
      { ...legacy, chainId: 2n },
      'osaka',
      { kind: 'wrongChainId', expected: 1n, got: 2n },
    ],
    ['this chain (EIP-155)', { ...legacy, chainId: 1n }, 'spuriousDragon', undefined],
    ['the last nonce', { ...legacy, nonce: MAX_NONCE - 1n }, 'osaka', undefined],
    ['a nonce too many', { ...legacy, nonce: MAX_NONCE }, 'frontier', { kind: 'nonceMax', sender }],
    ['s at n / 2', { ...legacy, signature: { ...highS, s: SECP256K1_N / 2n } }, 'osaka', undefined],
    ['s above n / 2, long ago', { ...legacy, signature: highS }, 'frontier', undefined],
    [
      'a tip above the cap',
      { ...market, maxPriorityFeePerGasWei: 3n },
      'london',
      { kind: 'tipAboveFeeCap', sender, tipWei: 3n, maxFeeWei: 2n },
    ],
    [
      '49,153 bytes of initcode',
      initCode,
      'shanghai',
      { kind: 'initCodeTooLarge', sizeBytes: 49_153, maxBytes: 49_152 },
    ],
    ['49,153 bytes of initcode before EIP-3860', initCode, 'paris', undefined],
    ['49,153 bytes of data for a call', { ...initCode, to }, 'shanghai', undefined],
    ['no blobs', many(0), 'cancun', { kind: 'blobCount', got: 0, max: 6 }],
    ['six blobs', many(6), 'cancun', undefined],
    ['seven blobs', many(7), 'cancun', { kind: 'blobCount', got: 7, max: 6 }],
    ['nine blobs', many(9), 'prague', undefined],
    ['seven blobs, EIP-7594', many(7), 'osaka', { kind: 'blobCount', got: 7, max: 6 }],
    [
      'a blob hash of version 0',
      { ...blobs, blobVersionedHashes: [blobHash, ZERO_HASH] },
      'cancun',
      { kind: 'blobVersion', versionedHash: ZERO_HASH },
    ],
    [
      'no authorisations',
      { ...setCode, authorizationList: [] },
      'prague',
      { kind: 'emptyAuthorizationList' },
    ],
    [
      'too little gas',
      { ...legacy, gasLimit: 20_999n },
      'osaka',
      { kind: 'intrinsicGasTooLow', gasLimit: 20_999n, neededGas: 21_000n },
    ],
    [
      'less gas than the floor of its data',
      { ...legacy, data: new Uint8Array(1_000).fill(1), gasLimit: 60_999n },
      'prague',
      { kind: 'floorGasTooLow', gasLimit: 60_999n, neededGas: 61_000n },
    ],
    [
      'no floor before Prague',
      { ...legacy, data: new Uint8Array(1_000).fill(1), gasLimit: 37_000n },
      'cancun',
      undefined,
    ],
    ['2^24 gas', { ...legacy, gasLimit: 16_777_216n }, 'osaka', undefined],
    [
      'more than 2^24 gas',
      { ...legacy, gasLimit: 16_777_217n },
      'osaka',
      { kind: 'gasLimitAboveCap', gasLimit: 16_777_217n, capGas: 16_777_216n },
    ],
    [
      'more than 2^24 gas before EIP-7825',
      { ...legacy, gasLimit: 16_777_217n },
      'prague',
      undefined,
    ],
    ["little gas under Amsterdam's draft", { ...legacy, gasLimit: 1n }, 'amsterdam', undefined],
  ])('with %s', (_what, tx, fork, rejection) => {
    expect(checkTransaction(tx, at(fork), 1n)).toEqual(rejection)
  })

  it('is refused for rules on its signature', () => {
    const early = checkTransaction({ ...legacy, chainId: 1n }, at('homestead'), 1n)
    expect(early).toMatchObject({ kind: 'invalid', detail: expect.stringContaining('EIP-155') })
    const high = checkTransaction({ ...legacy, signature: highS }, at('homestead'), 1n)
    expect(high).toMatchObject({ kind: 'invalid', detail: expect.stringContaining('n / 2') })
  })

  it('passes the limits that are switched off', () => {
    const large = { ...initCode, gasLimit: 30_000_000n }
    expect(checkTransaction(large, at('osaka'), 1n, { skipGasCap: true })?.kind).toBe(
      'initCodeTooLarge',
    )
    expect(checkTransaction(large, at('osaka'), 1n, { unlimitedCodeSize: true })?.kind).toBe(
      'gasLimitAboveCap',
    )
    const both = { skipGasCap: true, unlimitedCodeSize: true }
    expect(checkTransaction(large, at('osaka'), 1n, both)).toBeUndefined()
  })

  it('that is signed is checked as its fields are', () => {
    const key = hexToBytes('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
    fc.assert(
      fc.property(anyFields, (drawn) => {
        const fields: TransactionFields = { ...drawn, chainId: 1n }
        const tx = signTransaction(fields, key)
        const bare: TransactionFields & { sender: typeof tx.sender } = {
          ...fields,
          sender: tx.sender,
        }
        expect(checkTransaction(tx, at('osaka'), 1n)).toEqual(
          checkTransaction(bare, at('osaka'), 1n),
        )
      }),
      { numRuns: 30 },
    )
  })
})

describe('the gas due at once', () => {
  const data = Uint8Array.of(0, 0, 1, 2, 3)
  const accessList = [
    { address: to, storageKeys: [slotOf(1n), slotOf(2n)] },
    { address: sender, storageKeys: [] },
  ]
  it.each([
    ['a transfer', legacy, 'frontier', 21_000],
    ['data before EIP-2028', { ...legacy, data }, 'petersburg', 21_000 + 2 * 4 + 3 * 68],
    ['data', { ...legacy, data }, 'istanbul', 21_000 + 2 * 4 + 3 * 16],
    ['creation in Frontier', { ...legacy, to: null }, 'frontier', 21_000],
    ['creation', { ...legacy, to: null, data }, 'london', 53_000 + 56],
    [
      'creation of one word, EIP-3860',
      { ...legacy, to: null, data: new Uint8Array(32) },
      'shanghai',
      53_000 + 32 * 4 + 2,
    ],
    [
      'creation, EIP-3860',
      { ...legacy, to: null, data: new Uint8Array(33) },
      'shanghai',
      53_000 + 33 * 4 + 4,
    ],
    ['an access list', { ...market, accessList }, 'london', 21_000 + 2 * 2_400 + 2 * 1_900],
    [
      'authorisations',
      { ...setCode, authorizationList: [authorization, authorization] },
      'prague',
      71_000,
    ],
  ] as const)('for %s', (_what, tx, fork, gas) => {
    expect(gasDue(tx, at(fork)).intrinsicGas).toBe(BigInt(gas))
  })

  it('has a floor since Prague', () => {
    expect(gasDue({ ...legacy, data }, at('cancun')).floorGas).toBe(0n)
    expect(gasDue({ ...legacy, data }, at('prague')).floorGas).toBe(21_000n + 10n * (2n + 3n * 4n))
  })
})

const parent: Header = {
  parentHash: ZERO_HASH,
  ommersHash: EMPTY_LIST_HASH,
  beneficiary: ZERO_ADDRESS,
  stateRoot: EMPTY_ROOT,
  transactionsRoot: EMPTY_ROOT,
  receiptsRoot: EMPTY_ROOT,
  logsBloom: new Uint8Array(256),
  difficulty: 0n,
  number: 7n,
  gasLimit: 30_000_000n,
  gasUsed: 15_000_000n,
  timestamp: 100n,
  extraData: new Uint8Array(0),
  mixHash: ZERO_HASH,
  nonce: new Uint8Array(8),
  baseFeePerGasWei: 1_000n,
  withdrawalsRoot: EMPTY_ROOT,
  blobGasUsed: 6n * GAS_PER_BLOB,
  excessBlobGas: 0n,
  parentBeaconBlockRoot: ZERO_HASH,
  requestsHash: ZERO_HASH,
}
const child: Header = { ...parent, number: 8n, timestamp: 101n, blobGasUsed: 0n }

describe('a header', () => {
  it('that follows its parent is sound', () => {
    expect(checkHeader(child, parent, at('prague'))).toBeUndefined()
    const full = { ...child, gasUsed: child.gasLimit, extraData: new Uint8Array(32) }
    expect(checkHeader(full, parent, at('prague'))).toBeUndefined()
  })

  it.each<readonly [Partial<Header>, string]>([
    [{ number: 9n }, '`number`: expected 8, got 9'],
    [{ number: 7n }, '`number`: expected 8, got 7'],
    [{ timestamp: 100n }, '`timestamp`: expected more than 100, got 100'],
    [{ gasLimit: 30_029_296n }, '`gasLimit`: expected less than 29296 from 30000000'],
    [{ gasLimit: 29_970_704n }, '`gasLimit`: expected less than 29296 from 30000000'],
    [{ gasUsed: 30_000_001n }, '`gasUsed`: expected at most 30000000'],
    [{ extraData: new Uint8Array(33) }, '`extraData`: expected at most 32 bytes, got 33 bytes'],
    [{ difficulty: 1n }, '`difficulty`: expected 0, got 1'],
    [{ nonce: new Uint8Array(8).fill(1) }, '`nonce`: expected zeros'],
    [{ ommersHash: ZERO_HASH }, '`ommersHash`: expected 0x1dcc'],
    [{ baseFeePerGasWei: 999n }, '`baseFeePerGas`: expected 1000, got 999'],
    [{ baseFeePerGasWei: undefined }, '`baseFeePerGas`: missing, prague has it'],
    [{ withdrawalsRoot: undefined }, '`withdrawalsRoot`: missing'],
    [{ blobGasUsed: undefined }, '`blobGasUsed`: missing'],
    [{ excessBlobGas: undefined }, '`excessBlobGas`: missing'],
    [{ parentBeaconBlockRoot: undefined }, '`parentBeaconBlockRoot`: missing'],
    [{ requestsHash: undefined }, '`requestsHash`: missing'],
    [{ blockAccessListHash: ZERO_HASH }, '`blockAccessListHash`: there is none in prague'],
    [{ slotNumber: 0n }, '`slotNumber`: there is none in prague'],
    [{ blobGasUsed: 1n }, '`blobGasUsed`: expected a multiple of 131072 up to 1179648, got 1'],
    [{ blobGasUsed: 10n * GAS_PER_BLOB }, '`blobGasUsed`: expected a multiple of 131072 up to'],
    [{ excessBlobGas: 1n }, '`excessBlobGas`: expected 0, got 1'],
  ])('with %o is refused by name', (change, error) => {
    const got = checkHeader({ ...child, ...change }, parent, at('prague'))
    expect(got).toContain('header field ')
    expect(got).toContain(error)
  })

  it('may double the gas limit in the first block of London', () => {
    const before = { ...parent, baseFeePerGasWei: undefined }
    const { withdrawalsRoot: _w, blobGasUsed: _b, excessBlobGas: _e, ...rest } = child
    const { parentBeaconBlockRoot: _p, requestsHash: _r, ...london } = rest
    const first = { ...london, gasLimit: 60_000_000n, baseFeePerGasWei: 10n ** 9n, difficulty: 1n }
    expect(checkHeader(first, before, at('london'))).toBeUndefined()
    expect(checkHeader({ ...first, gasLimit: 30_000_000n }, before, at('london'))).toContain(
      'gasLimit',
    )
  })

  it('of less than 5,000 gas is refused', () => {
    const low = { ...parent, gasLimit: 5_000n, gasUsed: 2_500n }
    const lower = { ...child, gasLimit: 4_999n, gasUsed: 0n }
    expect(checkHeader(lower, low, at('prague'))).toContain('expected 5000 to')
  })

  it('belongs to a block of 8 MiB at most since Osaka', () => {
    expect(checkBlockSize(MAX_BLOCK_BYTES, at('osaka'))).toBeUndefined()
    expect(checkBlockSize(MAX_BLOCK_BYTES + 1, at('prague'))).toBeUndefined()
    expect(checkBlockSize(MAX_BLOCK_BYTES + 1, at('osaka'))).toContain('at most 8388608')
  })
})
