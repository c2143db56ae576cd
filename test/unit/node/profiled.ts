import { join } from 'node:path'
import { encodeDeployData, encodeFunctionData } from 'viem'

import type { NodeConfig } from '../../../src/node/config.ts'
import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'
import { checkout } from '../../support/checkout.ts'
import { loadArtefact } from '../../support/contracts.ts'

export type Fields = Readonly<Record<string, unknown>>

/** A node with the contracts of this checkout, and what sends to it. */
export interface Profiled extends AsyncDisposable {
  readonly node: HeddleNode
  readonly accounts: readonly string[]
  readonly ask: (method: string, ...params: readonly unknown[]) => Promise<Fields>
  /** @returns the address */
  readonly deploy: (name: string, ...args: readonly unknown[]) => Promise<string>
  /** The transaction as `eth_sendTransaction` takes it. */
  readonly call: (
    from: number,
    to: string,
    name: string,
    fn: string,
    ...args: readonly unknown[]
  ) => Fields
  /** @returns the hash */
  readonly send: (...call: Parameters<Profiled['call']>) => Promise<string>
}

/** Nothing listens. Artefacts are those of `out/` unless `config` says otherwise. */
export async function profiled(config: Partial<NodeConfig> = {}): Promise<Profiled> {
  const node = await createNode({ workers: 1, artefactDirs: [join(checkout, 'out')], ...config })
  const accounts = node.accounts.map(({ address }) => address)
  const ask: Profiled['ask'] = async (method, ...params) =>
    (await node.request({ method, params })) as Fields
  const call: Profiled['call'] = (from, to, name, fn, ...args) => {
    const { abi } = loadArtefact(name)
    const data = encodeFunctionData({ abi, functionName: fn, args: args as never })
    return { from: accounts[from], to, data }
  }
  const send = async (fields: Fields): Promise<string> =>
    (await node.request({ method: 'eth_sendTransaction', params: [fields] })) as string
  return {
    node,
    accounts,
    ask,
    call,
    async deploy(name, ...args) {
      const { abi, bytecode } = loadArtefact(name)
      const data = encodeDeployData({ abi, bytecode: bytecode.object, args: args as never })
      const { contractAddress } = await ask(
        'eth_getTransactionReceipt',
        await send({ from: accounts[0], data }),
      )
      return String(contractAddress)
    },
    send: (...parts) => send(call(...parts)),
    [Symbol.asyncDispose]: () => node.close(),
  }
}

/** A token whose transfers all count a fee in one place, with something in each account: 9 transfers from one key, then one from each of 8. */
export async function feeChain(
  config: Partial<NodeConfig> = {},
): Promise<Profiled & { readonly token: string; readonly hashes: readonly string[] }> {
  const made = await profiled(config)
  const token = await made.deploy('FeeToken', 'Fee', 'FEE', 10n ** 24n)
  for (const account of made.accounts.slice(1)) {
    await made.send(0, token, 'FeeToken', 'transfer', account, 10n ** 20n)
  }
  const hashes: string[] = []
  for (let from = 1; from <= 8; from++) {
    hashes.push(await made.send(from, token, 'FeeToken', 'transfer', stranger(from), 10n ** 10n))
  }
  return { ...made, token, hashes }
}

export function stranger(n: number): string {
  return `0x${n.toString(16).padStart(2, '0').repeat(20)}`
}
