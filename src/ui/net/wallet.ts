import { useSyncExternalStore } from 'react'

import { ask } from './client.ts'

/** EIP-1193, as a wallet injects it. */
interface Provider {
  request(args: { readonly method: string; readonly params?: unknown }): Promise<unknown>
  on?(event: string, listener: (value: unknown) => void): void
}

/** A wallet that announced itself (EIP-6963). */
export interface Wallet {
  readonly id: string
  readonly name: string
  readonly provider: Provider
}

/** The wallet that is connected, and the accounts that it let the page see. */
export interface Connected {
  readonly wallet: Wallet
  readonly accounts: readonly string[]
}

interface Announced {
  readonly info: { readonly uuid: string; readonly name: string }
  readonly provider: Provider
}

interface State {
  readonly wallets: readonly Wallet[]
  readonly connected: Connected | undefined
}

const REJECTED = 4001
const UNKNOWN_CHAIN = 4902

let state: State = { wallets: [], connected: undefined }
const listeners = new Set<() => void>()

function change(next: Partial<State>): void {
  state = { ...state, ...next }
  for (const listener of listeners) listener()
}

/** Asks wallets to announce themselves; they may do so at any time. */
export function findWallets(): void {
  window.addEventListener('eip6963:announceProvider', (event) => {
    const { info, provider } = (event as CustomEvent<Announced>).detail
    if (state.wallets.some(({ id }) => id === info.uuid)) return
    change({ wallets: [...state.wallets, { id: info.uuid, name: info.name, provider }] })
  })
  window.dispatchEvent(new Event('eip6963:requestProvider'))
  // One from before EIP-6963.
  const { ethereum } = window as { ethereum?: Provider }
  if (ethereum !== undefined && state.wallets.length === 0) {
    change({ wallets: [{ id: 'injected', name: 'Browser wallet', provider: ethereum }] })
  }
}

export function useWallets(): State {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
  )
}

/** Lets the wallet know this chain, and asks for its accounts. @throws {Error} with why it did not */
export async function connectWallet(wallet: Wallet): Promise<Connected> {
  const { provider } = wallet
  const accounts = (await askWallet(wallet, 'eth_requestAccounts')) as readonly string[]
  await useThisChain(wallet)
  const connected = { wallet, accounts }
  provider.on?.('accountsChanged', (changed) => {
    const left = changed as readonly string[]
    change({ connected: left.length === 0 ? undefined : { wallet, accounts: left } })
  })
  change({ connected })
  return connected
}

/** Signs and sends by the wallet, on this chain. @returns the hash @throws {Error} with why it did not */
export async function sendByWallet(
  { wallet }: Connected,
  transaction: Readonly<Record<string, string>>,
): Promise<string> {
  await useThisChain(wallet)
  return (await askWallet(wallet, 'eth_sendTransaction', [transaction])) as string
}

/** MetaMask opens no `http:` block explorer, so none is named. */
async function useThisChain(wallet: Wallet): Promise<void> {
  const chainId = await ask<string>('eth_chainId')
  try {
    await askWallet(wallet, 'wallet_switchEthereumChain', [{ chainId }])
  } catch (error) {
    if (!(error instanceof WalletError) || error.code !== UNKNOWN_CHAIN) throw error
    const chain = {
      chainId,
      chainName: `heddle ${Number(chainId)}`,
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: [window.location.origin],
    }
    await askWallet(wallet, 'wallet_addEthereumChain', [chain])
  }
}

class WalletError extends Error {
  readonly code: number | undefined
  constructor(message: string, code: number | undefined) {
    super(message)
    this.name = 'WalletError'
    this.code = code
  }
}

async function askWallet({ name, provider }: Wallet, method: string, params?: unknown) {
  try {
    return await provider.request({ method, params })
  } catch (error) {
    const { code, message, data } = error as {
      code?: number
      message?: string
      data?: { originalError?: { code?: number } }
    }
    // MetaMask on a phone wraps it.
    const inner = data?.originalError?.code ?? code
    if (inner === REJECTED) throw new WalletError(`${name}: the request was rejected`, REJECTED)
    throw new WalletError(`${name}: ${message ?? String(error)}`, inner)
  }
}
