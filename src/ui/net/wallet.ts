import { useSyncExternalStore } from 'react'

import { ask } from './client.ts'
import { RpcFailure } from './socket.ts'

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
  /** Whether the wallet is on this chain; it may be moved to another at any time. */
  readonly isHere: boolean
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
const INTERNAL = -32_603

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
  const connected = { wallet, accounts, isHere: true }
  if (!followed.has(provider)) follow(wallet)
  change({ connected })
  return connected
}

const followed = new WeakSet<Provider>()

/** What the wallet's user does in the wallet. */
function follow(wallet: Wallet): void {
  const { provider } = wallet
  followed.add(provider)
  const own = (): Connected | undefined =>
    state.connected?.wallet === wallet ? state.connected : undefined
  provider.on?.('accountsChanged', (changed) => {
    const accounts = changed as readonly string[]
    const before = own()
    if (before === undefined) return
    change({ connected: accounts.length === 0 ? undefined : { ...before, accounts } })
  })
  provider.on?.('chainChanged', (chainId) => {
    void isThisChain(chainId).then((isHere) => {
      const before = own()
      if (before !== undefined) change({ connected: { ...before, isHere } })
    })
  })
  provider.on?.('disconnect', () => {
    if (own() !== undefined) change({ connected: undefined })
  })
}

/** Brings a wallet that was moved to another chain back. @throws {Error} with why it did not come */
export async function returnToThisChain(connected: Connected): Promise<void> {
  await useThisChain(connected.wallet)
  if (state.connected?.wallet === connected.wallet) {
    change({ connected: { ...state.connected, isHere: true } })
  }
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
  if (await isOn(wallet, chainId)) return
  try {
    await askWallet(wallet, 'wallet_switchEthereumChain', [{ chainId }])
  } catch (error) {
    if (!(error instanceof RpcFailure) || error.code !== UNKNOWN_CHAIN) throw error
    const chain = {
      chainId,
      chainName: `heddle ${Number(chainId)}`,
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: [window.location.origin],
    }
    await askWallet(wallet, 'wallet_addEthereumChain', [chain])
    // One may know it then and stay where it is.
    if (await isOn(wallet, chainId)) return
    await askWallet(wallet, 'wallet_switchEthereumChain', [{ chainId }])
  }
}

async function isOn({ provider }: Wallet, chainId: string): Promise<boolean> {
  const now = await provider.request({ method: 'eth_chainId' }).catch(() => undefined)
  return now !== undefined && Number(now) === Number(chainId)
}

async function isThisChain(chainId: unknown): Promise<boolean> {
  return Number(chainId) === Number(await ask<string>('eth_chainId'))
}

interface ProviderError {
  readonly code?: number
  readonly message?: string
  readonly data?: unknown
}

async function askWallet({ name, provider }: Wallet, method: string, params?: unknown) {
  try {
    return await provider.request({ method, params })
  } catch (error) {
    const { code = INTERNAL, message = String(error), data } = innermost(error as ProviderError)
    const words = code === REJECTED ? 'the request was rejected' : message
    throw new RpcFailure({ code, message: `${name}: ${words}`, data })
  }
}

/** MetaMask wraps what the node answered, on a phone in another way. */
function innermost(error: ProviderError): ProviderError {
  const { originalError, ...data } = Object(error.data) as ProviderError & {
    readonly originalError?: ProviderError
  }
  if (originalError !== undefined) return innermost(originalError)
  return data.code === undefined ? error : innermost(data)
}
