import { describe, expect, it } from 'vitest'

import type { Rejection } from '../../../src/model/rejection.ts'
import type { Address, Hash } from '../../../src/primitives/hex.ts'
import type { Backend, Refusal } from '../../../src/rpc/backend.ts'
import type { CallFailure } from '../../../src/rpc/call-port.ts'
import { createRpc } from '../../../src/rpc/rpc.ts'
import { ALICE, wireBackend } from '../../support/rpc.ts'

const HASH = `0x${'11'.repeat(32)}` as Hash
const CALL = { to: ALICE }

/** What viem 2 looks for in a lower-cased message, by the class it then throws. */
const VIEM = {
  feeCapTooLow: /max fee per gas less than block base fee/,
  nonceTooHigh: /nonce too high/,
  nonceTooLow: /nonce too low|transaction already imported|already known/,
  nonceMax: /nonce has max value/,
  funds: /insufficient funds|exceeds transaction sender account balance/,
  gasTooHigh: /intrinsic gas too high|gas limit reached/,
  gasTooLow: /intrinsic gas too low/,
  tip: /max priority fee per gas higher than max fee per gas|tip higher than fee cap/,
  reverted: /execution reverted|gas required exceeds allowance/,
} as const

function backendThat(refuses: Refusal): Backend {
  const backend = wireBackend()
  const submission = { kind: 'refused', refusal: refuses } as const
  return {
    ...backend,
    pool: { ...backend.pool, submitRaw: async () => submission, submit: async () => submission },
  }
}

async function errorOf(backend: Backend, method: string, params: readonly unknown[]) {
  const answer = await createRpc(backend)
    .request({ method, params })
    .catch((error: unknown) => error)
  return answer as { code: number; message: string; data?: unknown }
}

const sender = ALICE
const rejections: readonly (readonly [Rejection, RegExp])[] = [
  [{ kind: 'nonceTooLow', sender, expected: 1n, got: 0n }, VIEM.nonceTooLow],
  [{ kind: 'nonceTooHigh', sender, expected: 1n, got: 2n }, VIEM.nonceTooHigh],
  [{ kind: 'nonceMax', sender }, VIEM.nonceMax],
  [{ kind: 'insufficientFunds', sender, balanceWei: 0n, costWei: 1n }, VIEM.funds],
  [{ kind: 'intrinsicGasTooLow', gasLimit: 1n, neededGas: 2n }, VIEM.gasTooLow],
  [{ kind: 'gasLimitAboveBlock', gasLimit: 2n, availableGas: 1n }, VIEM.gasTooHigh],
  [{ kind: 'gasLimitAboveCap', gasLimit: 2n, capGas: 1n }, VIEM.gasTooHigh],
  [{ kind: 'feeCapBelowBaseFee', sender, maxFeeWei: 1n, baseFeeWei: 2n }, VIEM.feeCapTooLow],
  [{ kind: 'tipAboveFeeCap', sender, tipWei: 2n, maxFeeWei: 1n }, VIEM.tip],
]

describe('a transaction that is refused', () => {
  it('is told in words that viem knows', async () => {
    for (const [rejection, words] of rejections) {
      const backend = backendThat({ kind: 'rejected', rejection })
      const error = await errorOf(backend, 'eth_sendRawTransaction', ['0x00'])
      expect(error.code).toBe(-32000)
      expect(error.message.toLowerCase()).toMatch(words)
    }
  })

  const refusals: readonly (readonly [Refusal, number, RegExp])[] = [
    [{ kind: 'alreadyKnown', hash: HASH }, -32000, /^already known/],
    [
      { kind: 'replacementUnderpriced', hash: HASH, neededFeeWei: 5n },
      -32000,
      /^replacement transaction underpriced: needs 5 wei/,
    ],
    [{ kind: 'poolFull', limit: 9 }, -32000, /^txpool is full/],
    [{ kind: 'unknownAccount', address: ALICE }, -32000, /^unknown account: 0xf39f/],
    [
      { kind: 'undecodable', detail: 'too short' },
      -32602,
      /^invalid params: `transaction`: too short$/,
    ],
    [
      { kind: 'undecodable', detail: 'transaction: there are no bytes' },
      -32602,
      /^invalid params: `transaction`: there are no bytes$/,
    ],
    [
      { kind: 'undecodable', detail: 'transaction field `v`: expected 27 or 28, got 0' },
      -32602,
      /^invalid params: `transaction.v`: expected 27 or 28, got 0$/,
    ],
    [{ kind: 'sidecar', detail: 'no proof' }, -32000, /^invalid blob sidecar: no proof$/],
  ]
  it('is told why', async () => {
    for (const [refusal, code, words] of refusals) {
      const error = await errorOf(backendThat(refusal), 'eth_sendTransaction', [{}])
      expect(error.code).toBe(code)
      expect(error.message).toMatch(words)
    }
  })
})

describe('a call that does not return', () => {
  const failing = (failure: CallFailure): Backend => {
    const backend = wireBackend()
    const execution = {
      ...backend.execution,
      call: async () => failure,
      estimateGas: async () => failure,
    }
    return { ...backend, execution }
  }

  it('is code 3 with hex data when it reverts', async () => {
    const backend = failing({ kind: 'revert', output: Uint8Array.of(0xde, 0xad, 0xbe, 0xef) })
    for (const method of ['eth_call', 'eth_estimateGas']) {
      expect(await errorOf(backend, method, [CALL])).toMatchObject({
        code: 3,
        message: 'execution reverted: custom error 0xdeadbeef',
        data: '0xdeadbeef',
      })
    }
  })

  it('has data for an empty revert too', async () => {
    const backend = failing({ kind: 'revert', output: new Uint8Array(0) })
    const error = await errorOf(backend, 'eth_call', [CALL])
    expect(error).toMatchObject({ code: 3, message: 'execution reverted', data: '0x' })
  })

  it('is never -32603 when it halts', async () => {
    const backend = failing({ kind: 'halt', reason: 'out of gas' })
    expect(await errorOf(backend, 'eth_call', [CALL])).toMatchObject({
      code: -32000,
      message: 'out of gas',
    })
  })

  it('names the block that there is not', async () => {
    const backend = failing({ kind: 'noState' })
    expect((await errorOf(backend, 'eth_call', [CALL, '0xff'])).message).toBe(
      'header not found: block 255; the head is block 0',
    )
    expect((await errorOf(backend, 'eth_call', [CALL, { blockHash: HASH }])).message).toBe(
      `header for hash not found: ${HASH}`,
    )
    expect((await errorOf(backend, 'eth_call', [CALL])).message).toMatch(/^state not available/)
  })

  it('says how much gas was allowed', async () => {
    const backend = wireBackend()
    const estimateGas = async () => ({ kind: 'exceedsAllowance', allowanceGas: 5n }) as const
    const execution = { ...backend.execution, estimateGas }
    const error = await errorOf({ ...backend, execution }, 'eth_estimateGas', [CALL])
    expect(error).toMatchObject({ code: -32000, message: 'gas required exceeds allowance (5)' })
    expect(error.message).toMatch(VIEM.reverted)
  })
})

describe('other refusals', () => {
  const other = '0x0000000000000000000000000000000000000001' as Address
  it.each([
    ['eth_subscribe', ['newHeads'], -32601, /^notifications not supported/],
    ['eth_getFilterChanges', ['0x1'], -32000, /^filter not found$/],
    ['eth_getFilterLogs', ['0x1'], -32000, /^filter not found$/],
    ['eth_getLogs', [{ toBlock: '0xff' }], -32602, /block range extends beyond current head block/],
    ['eth_getLogs', [{ fromBlock: '0x2', toBlock: '0x1' }], -32602, /invalid block range params/],
    ['eth_getLogs', [{ blockHash: HASH }], -32000, /^unknown block/],
    ['eth_getStorageValues', [{}], -32602, /^empty request$/],
    ['eth_sign', [other, '0x00'], -32000, /^unknown account/],
    ['debug_traceTransaction', [HASH], -32000, /^transaction not found$/],
    ['debug_traceCall', [CALL, 'latest', { tracer: 'x' }], -32602, /there are callTracer$/],
    ['debug_traceBlockByNumber', ['0x0'], -32000, /^genesis is not traceable$/],
    ['debug_traceBlockByHash', [HASH], -32000, /^block 0x1111\w+ not found$/],
    ['debug_getRawHeader', ['2'], -32602, /block number as 0x hex/],
    ['anvil_setNextBlockTimestamp', [1], -32602, /timestamp 1 is not after the head/],
    ['anvil_reset', [{ forking: { blockNumber: 'x' } }], -32602, /forking.blockNumber/],
    ['eth_feeHistory', [1, 'latest', [50, 10]], -32000, /^invalid reward percentile/],
    ['eth_feeHistory', [1, 'latest', [101]], -32602, /a percentile from 0 to 100/],
  ])('%s %j', async (method, params, code, words) => {
    const error = await errorOf(wireBackend(), method, params)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(words)
  })

  it('what does not exist is null, no error', async () => {
    const rpc = createRpc(wireBackend())
    for (const [method, params] of [
      ['eth_getBlockByNumber', ['0xff', false]],
      ['eth_getBlockByHash', [HASH, true]],
      ['eth_getBlockReceipts', [HASH]],
      ['eth_getBlockTransactionCountByNumber', ['0xff']],
      ['eth_getUncleCountByBlockHash', [HASH]],
      ['eth_getTransactionByHash', [HASH]],
      ['eth_getTransactionReceipt', [HASH]],
      ['eth_getRawTransactionByHash', [HASH]],
      ['eth_getTransactionByBlockNumberAndIndex', ['0x0', '0x5']],
    ] as const) {
      expect(await rpc.request({ method, params }), method).toBeNull()
    }
  })
})
