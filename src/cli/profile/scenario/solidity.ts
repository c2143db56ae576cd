import type { Abi, Hex } from 'viem'

import { type Ask, Refused } from '../client.ts'
import type { Contracts } from './contracts.ts'
import { type Scenario, ScenarioError, type WireTransaction } from './scenario.ts'

/** A scenario that never ends is cut here. */
const MAX_TRANSACTIONS = 1_000
/** `setUp()` may deploy many contracts. */
const SETUP_GAS = '0x3b9aca00'

const TX = 'tx(uint256 i) returns (address from, address to, uint256 value, bytes data)'

/**
 * A contract with `setUp()` and `tx(uint256 i)`, which says the i-th transaction until it reverts. It is deployed and set up on the
 * node, so that is one of its own.
 * @param name `Name`, or `path/File.sol:Name`
 */
export async function solidityScenario(
  name: string,
  ask: Ask,
  contracts: Contracts,
): Promise<Scenario> {
  const wanted = name.endsWith('.sol')
    ? `${name}:${name.replace(/^.*[/\\]|(?:\.\w+)?\.sol$/g, '')}`
    : name
  const { abi, bytecode } = await contracts.named(wanted)
  requireFunction(abi, wanted)
  const [from] = (await ask('eth_accounts')) as readonly string[]
  const address = await deploy(ask, from!, bytecode, wanted)
  const { decodeFunctionResult, encodeFunctionData } = await import('viem')
  if (abi.some((item) => item.type === 'function' && item.name === 'setUp')) {
    await send(
      ask,
      { from, to: address, data: encodeFunctionData({ abi, functionName: 'setUp' } as never) },
      `${wanted}.setUp()`,
    )
  }
  const transactions: WireTransaction[] = []
  for (let i = 0; i < MAX_TRANSACTIONS; i++) {
    const data = encodeFunctionData({ abi, functionName: 'tx', args: [BigInt(i)] } as never)
    const output = await ask('eth_call', { to: address, data }, 'latest').catch(
      (error: unknown) => {
        if (!(error instanceof Refused)) throw error
        return undefined
      },
    )
    if (output === undefined) break
    const values = decodeFunctionResult({ abi, functionName: 'tx', data: output as Hex } as never)
    const [sender, to, value, input] = values as unknown as [Hex, Hex, bigint, Hex]
    transactions.push({ from: sender, to, value: `0x${value.toString(16)}`, data: input })
  }
  if (transactions.length === 0)
    throw new ScenarioError(`${wanted}: tx(0) reverts: there are no transactions`)
  return { name, setup: [], transactions }
}

function requireFunction(abi: Abi, name: string): void {
  const found = abi.find((item) => item.type === 'function' && item.name === 'tx')
  const types = found?.type === 'function' ? found.outputs.map(({ type }) => type).join() : ''
  if (types !== 'address,address,uint256,bytes') {
    throw new ScenarioError(`${name}: expected a function ${TX}`)
  }
}

async function deploy(ask: Ask, from: string, bytecode: Hex, name: string): Promise<string> {
  const receipt = await send(ask, { from, data: bytecode }, `the deployment of ${name}`)
  return receipt.contractAddress
}

async function send(
  ask: Ask,
  fields: object,
  what: string,
): Promise<{ readonly status: string; readonly contractAddress: string }> {
  // A node of others may have smaller blocks: then as much as it takes.
  const hash = await ask('eth_sendTransaction', { ...fields, gas: SETUP_GAS }).catch(
    (error: unknown) => {
      if (!(error instanceof Refused)) throw error
      return ask('eth_sendTransaction', fields)
    },
  )
  const receipt = (await ask('eth_getTransactionReceipt', hash)) as {
    readonly status: string
    readonly contractAddress: string
  }
  if (receipt.status === '0x1') return receipt
  const reason = await ask('eth_call', fields, 'latest').then(
    () => 'it fails',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  throw new ScenarioError(`${what} fails: ${reason}`)
}
