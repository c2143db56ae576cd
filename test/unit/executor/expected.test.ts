import { describe, expect, it } from 'vitest'

import type { BlockEnv, Switches } from '../../../src/evm/engine.ts'
import { loadWasmEngine } from '../../../src/evm/load.ts'
import { encodeTransaction } from '../../../src/evm/wasm/encode.ts'
import { Expected } from '../../../src/executor/expected.ts'
import { createInlineExecutor } from '../../../src/executor/inline.ts'
import type { Header } from '../../../src/model/block.ts'
import { BLOB_PARAMS } from '../../../src/model/fork.ts'
import type { Transaction } from '../../../src/model/transaction.ts'
import { EMPTY_BYTES } from '../../../src/primitives/bytes.ts'
import type { Address } from '../../../src/primitives/hex.ts'

const ALICE = '0x00000000000000000000000000000000000a11ce' as Address

const env = (
  header: Partial<Header> = {},
  { chainId = 1n, fork = 'osaka' }: { chainId?: bigint; fork?: 'osaka' | 'prague' } = {},
): BlockEnv => ({
  rules: { fork, blob: BLOB_PARAMS.osaka },
  chainId,
  header: { baseFeePerGasWei: 7n, gasLimit: 30_000_000n, excessBlobGas: 0n, ...header } as Header,
  blockHash: () => undefined,
})

const transfer = (nonce: bigint): Transaction =>
  ({
    type: 2,
    chainId: 1n,
    nonce,
    maxFeePerGasWei: 100n,
    maxPriorityFeePerGasWei: 1n,
    gasLimit: 50_000n,
    to: ALICE,
    valueWei: 1n,
    data: EMPTY_BYTES,
    accessList: [],
    sender: ALICE,
  }) as unknown as Transaction

const where = (block: BlockEnv, switches?: Switches) => ({
  env: block,
  options: switches && { switches },
  view: {
    account: () => undefined,
    slot: () => 0n,
    code: () => EMPTY_BYTES,
    hasStorage: () => false,
  },
  stateId: {},
})

describe('what is encoded ahead', () => {
  const base = {}

  it('is taken once, by a block that is alike', () => {
    const expected = new Expected()
    const tx = transfer(0n)
    expected.add(tx, where(env()), base)
    const bytes = encodeTransaction(tx, env())
    expect(expected.take(tx, env({ timestamp: 9n }), undefined)).toMatchObject({
      bytes,
      cachedIn: base,
    })
    expect(expected.take(tx, env(), undefined)).toBeUndefined()
  })

  it.each([
    ['base fee', env({ baseFeePerGasWei: 8n })],
    ['gas limit', env({ gasLimit: 40_000n })],
    ['blob fee', env({ excessBlobGas: 100_000_000n })],
    ['fork', env({}, { fork: 'prague' })],
  ])('is not for a block with another %s', (_, other) => {
    const expected = new Expected()
    const tx = transfer(0n)
    expected.add(tx, where(env()), base)
    expect(expected.take(tx, other, undefined)).toBeUndefined()
  })

  it('is not for a block of another chain', () => {
    const expected = new Expected()
    const tx = transfer(0n)
    expected.add(tx, where(env()), base)
    expect(expected.take(tx, env({}, { chainId: 2n }), undefined)).toBeUndefined()
  })

  it('is not for other switches', () => {
    const expected = new Expected()
    const tx = transfer(0n)
    expected.add(tx, where(env()), base)
    expect(expected.take(tx, env(), { skipNonce: true })).toBeUndefined()
  })
})

describe('an executor that hears of a transaction', () => {
  it.each(['frontier', 'amsterdam'] as const)('lets it be under the rules of %s', async (fork) => {
    const executor = createInlineExecutor(await loadWasmEngine())
    const block = { ...env(), rules: { fork, blob: undefined } }
    expect(() => executor.expect!(transfer(0n), where(block))).not.toThrow()
  })
})
