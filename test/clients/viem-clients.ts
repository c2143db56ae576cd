import {
  type Abi,
  type Account,
  type Chain,
  type Hex,
  type Transport,
  createPublicClient,
  createWalletClient,
  defineChain,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { type Contract, loadContract } from '../support/contracts.ts'
import { KEYS } from '../support/node.ts'

export const chain: Chain = defineChain({
  id: 31_337,
  name: 'Heddle',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: ['http://127.0.0.1:8545'] } },
})

export const alice = privateKeyToAccount(KEYS[0])
export const bob = privateKeyToAccount(KEYS[1])
export const carol = privateKeyToAccount(KEYS[2])
export const STRANGER = '0x00000000000000000000000000000000000a11ce'

/** A public and a wallet client over one transport; polls often, for tests should not wait. */
export function clientsOver(
  transport: Transport,
  account: Account | Hex = alice,
  chainId = chain.id,
) {
  const network = { ...chain, id: chainId }
  return {
    reader: createPublicClient({ chain: network, transport, pollingInterval: 20, cacheTime: 0 }),
    wallet: createWalletClient({ chain: network, transport, account, pollingInterval: 20 }),
  }
}

export type Clients = ReturnType<typeof clientsOver>

export type Deployed = { readonly address: Hex; readonly abi: Abi; readonly contract: Contract }

/** Deploys a contract of `contracts/src` and waits for its receipt. */
export async function deploy(
  { reader, wallet }: Clients,
  name: string,
  args: readonly unknown[] = [],
): Promise<Deployed> {
  const contract = loadContract(name)
  const { abi, bytecode } = contract
  const hash = await wallet.deployContract({ abi, bytecode, args: [...args] })
  const { contractAddress, status } = await reader.waitForTransactionReceipt({ hash })
  if (status !== 'success' || !contractAddress) throw new Error(`${name} was not deployed`)
  return { address: contractAddress, abi, contract }
}

export const SUPPLY = 1_000_000n

export async function deployToken(clients: Clients): Promise<Deployed> {
  return deploy(clients, 'ERC20', ['Heddle Token', 'HDL', SUPPLY])
}

/** Waits until `found` holds; the reason it never does is the caller's test timeout. */
export async function until(found: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await found())) await new Promise((resolve) => setTimeout(resolve, 5))
}
