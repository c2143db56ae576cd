import { encodeDeployData, encodeFunctionData } from 'viem'

import { loadArtefact } from '../support/contracts.ts'
import type { Stage } from './browser.ts'

/** What `mineFees` left on the chain. */
export interface Fees {
  readonly token: string
  /** Of the block that all transfers are in. */
  readonly block: number
  readonly hashes: readonly string[]
}

/**
 * Mines one block of transfers of a token that counts its fees in one place, from all dev accounts in turn, each to an account of its own.
 * The tokens were given out in earlier blocks.
 */
export async function mineFees(stage: Stage, count: number): Promise<Fees> {
  const accounts = await stage.call<string[]>('eth_accounts')
  const { abi, bytecode } = loadArtefact('FeeToken')
  const args = ['Fee', 'FEE', 10n ** 24n] as never
  const data = encodeDeployData({ abi, bytecode: bytecode.object, args })
  const deployed = await stage.call<string>('eth_sendTransaction', { from: accounts[0], data })
  const { contractAddress: token } = await stage.call<{ contractAddress: string }>(
    'eth_getTransactionReceipt',
    deployed,
  )
  const transfer = (from: string, to: string, amount: bigint) => ({
    from,
    to: token,
    gas: '0x249f0',
    data: encodeFunctionData({ abi, functionName: 'transfer', args: [to, amount] as never }),
  })
  await sendAll(
    stage.node.url,
    accounts.slice(1).map((account) => transfer(accounts[0]!, account, 10n ** 22n)),
  )
  await stage.call('evm_setBlockGasLimit', '0x3b9aca00')
  await stage.call('evm_setAutomine', false)
  const transfers = Array.from({ length: count }, (_, place) => {
    const to = `0x${(0xabc0000 + place).toString(16).padStart(40, '0')}`
    return transfer(accounts[place % accounts.length]!, to, 1000n)
  })
  const hashes = await sendAll(stage.node.url, transfers)
  await stage.call('anvil_mine', '0x1')
  await stage.call('evm_setAutomine', true)
  return { token, block: Number(await stage.call('eth_blockNumber')), hashes }
}

/** In one batch. */
async function sendAll(url: string, transactions: readonly object[]): Promise<readonly string[]> {
  const body = transactions.map((transaction, id) => ({
    jsonrpc: '2.0',
    id,
    method: 'eth_sendTransaction',
    params: [transaction],
  }))
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const results = (await answer.json()) as readonly { readonly result: string }[]
  return results.map(({ result }) => result)
}
