import { encodeDeployData, encodeFunctionData } from 'viem'
import { join } from 'node:path'

import { checkout } from '../support/checkout.ts'
import { loadArtefact } from '../support/contracts.ts'
import type { Stage } from './browser.ts'

/** With the contracts of this checkout. */
export const WITH_CONTRACTS = ['--artefacts', join(checkout, 'out')]

export const ACCOUNTS = [
  '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
  '0x70997970c51812dc3a010c7d01b50e0d17dc79c8',
  '0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc',
] as const

/** What a page must show as text and never run. */
export const HOSTILE = '<img src=x onerror="window.hacked=1">'

/** What a test sends. */
export interface Sender {
  /** @returns the address */
  deploy(name: string, ...args: readonly unknown[]): Promise<string>
  /** @returns the hash */
  send(
    from: string,
    to: string,
    name: string,
    fn: string,
    ...args: readonly unknown[]
  ): Promise<string>
}

export function senderOn({ call }: Pick<Stage, 'call'>): Sender {
  return {
    async deploy(name, ...args) {
      const { abi, bytecode } = loadArtefact(name)
      const data = encodeDeployData({ abi, bytecode: bytecode.object, args: args as never })
      const hash = await call<string>('eth_sendTransaction', { from: ACCOUNTS[0], data })
      const receipt = await call<{ contractAddress: string }>('eth_getTransactionReceipt', hash)
      return receipt.contractAddress
    },
    send(from, to, name, fn, ...args) {
      const { abi } = loadArtefact(name)
      const data = encodeFunctionData({ abi, functionName: fn, args: args as never })
      return call('eth_sendTransaction', { from, to, data, gas: '0x493e0' })
    },
  }
}
