import { ask } from './client.ts'
import { useLive } from './live.ts'
import { sendByWallet, useWallets } from './wallet.ts'

/** Who can send: an account that the node signs for, or one of the connected wallet. */
export interface Signer {
  readonly id: string
  readonly address: string
  readonly label: string
  /** @returns the transaction's hash @throws {Error} with why it was not sent */
  send(transaction: Readonly<Record<string, string>>): Promise<string>
}

/** The wallet's accounts first, then the node's: dev accounts, and those that are impersonated. */
export function useSigners(): readonly Signer[] {
  const { connected } = useWallets()
  const { data: unlocked = [] } = useLive(['accounts'], () =>
    ask<readonly string[]>('eth_accounts'),
  )
  const ofWallet = (connected?.accounts ?? []).map((address): Signer => {
    const { name } = connected!.wallet
    return {
      id: `wallet ${address}`,
      address,
      label: name,
      send: (transaction) => sendByWallet(connected!, { ...transaction, from: address }),
    }
  })
  const ofNode = unlocked.map((address, index): Signer => ({
    id: `node ${address}`,
    address,
    label: `account ${index}`,
    send: (transaction) => ask<string>('eth_sendTransaction', { ...transaction, from: address }),
  }))
  return [...ofWallet, ...ofNode]
}
