import { privateKeyToAccount } from 'viem/accounts'
import { afterEach, describe, expect, it } from 'vitest'

import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'
import { bytesToHex, hexToBytes, parseAddress } from '../../../src/primitives/hex.ts'
import { keccakHash } from '../../../src/primitives/keccak.ts'
import { asm } from '../../contract/engine-world.ts'
import { KEYS } from '../../support/node.ts'

let node: HeddleNode | undefined
afterEach(() => node?.close())

/** Hands its value on to the block's beneficiary, and returns the block's number. */
const TIPPER = parseAddress(`0x${'c0'.repeat(20)}`)
const REVERTER = parseAddress(`0x${'c1'.repeat(20)}`)
const TIP = '0x00 0x00 0x00 0x00 CALLVALUE COINBASE 0xffff CALL NUMBER 0x00 MSTORE 0x20 0x00 RETURN'
const GWEI = 10n ** 9n

async function start() {
  const made = await createNode({ workers: 1, artefactDirs: [], mining: { kind: 'manual' } })
  node = made
  const ask = <T = unknown>(method: string, ...params: unknown[]): Promise<T> =>
    made.request({ method, params }) as Promise<T>
  await ask('anvil_setCode', TIPPER, bytesToHex(asm(TIP)))
  await ask('anvil_setCode', REVERTER, '0x60006000fd')
  const sign = (nonce: number, to: `0x${string}`, value = 0n) =>
    privateKeyToAccount(KEYS[0]).signTransaction({
      chainId: 31337,
      type: 'eip1559',
      nonce,
      to,
      value,
      gas: 100_000n,
      maxFeePerGas: 100n * GWEI,
      maxPriorityFeePerGas: 2n * GWEI,
    })
  return { ask, sign }
}

interface Answer {
  readonly results: readonly Record<string, string | number>[]
  readonly [key: string]: unknown
}

describe('eth_callBundle', () => {
  it('runs signed transactions one after another, and says what each pays', async () => {
    const { ask, sign } = await start()
    const txs = [await sign(0, TIPPER, 500n), await sign(1, REVERTER)]
    const coinbase = `0x${'ab'.repeat(20)}`
    const asked = { txs, blockNumber: '0x2a', stateBlockNumber: 'latest', coinbase }
    const { results, ...total } = await ask<Answer>('eth_callBundle', asked)
    const [tip, failed] = results
    const fees = BigInt(tip!['gasUsed']!) * 2n * GWEI
    expect(tip).toMatchObject({
      txHash: keccakHash(hexToBytes(txs[0]!)),
      toAddress: TIPPER,
      gasFees: String(fees),
      ethSentToCoinbase: '500',
      coinbaseDiff: String(fees + 500n),
      value: `0x${'2a'.padStart(64, '0')}`,
    })
    expect(failed).toMatchObject({
      error: 'execution reverted',
      revert: '0x',
      ethSentToCoinbase: '0',
    })
    const paid = BigInt(tip!['coinbaseDiff']!) + BigInt(failed!['coinbaseDiff']!)
    const gas = Number(tip!['gasUsed']) + Number(failed!['gasUsed'])
    const hashes = results.map(({ txHash }) => String(txHash).slice(2)).join('')
    expect(total).toEqual({
      bundleHash: keccakHash(hexToBytes(`0x${hashes}`)),
      bundleGasPrice: String(paid / BigInt(gas)),
      coinbaseDiff: String(paid),
      ethSentToCoinbase: '500',
      gasFees: String(paid - 500n),
      stateBlockNumber: 0,
      totalGasUsed: gas,
    })
    expect(await ask('eth_blockNumber')).toBe('0x0')
  })

  it('refuses what a block could not include', async () => {
    const { ask, sign } = await start()
    const run = (txs: readonly string[]) => ask('eth_callBundle', { txs, blockNumber: '0x1' })
    await expect(run([await sign(7, TIPPER)])).rejects.toThrow(/nonce too high/)
    await expect(run([])).rejects.toThrow(/`bundle.txs`: expected at least one transaction/)
    await expect(run(['0x02c0'])).rejects.toThrow(/`bundle.txs\[0\]`/)
  })
})
