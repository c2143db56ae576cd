import { useMutation } from '@tanstack/react-query'

import { type Wallet, connectWallet, useWallets } from '../net/wallet.ts'
import { shorten } from '../parts/format.ts'
import { messageOf } from '../parts/state.tsx'

/** Connects an injected wallet: it learns of this chain, and signs from then on. */
export function WalletButton() {
  const { wallets, connected } = useWallets()
  const connect = useMutation({ mutationFn: (wallet: Wallet) => connectWallet(wallet) })
  if (connected !== undefined) {
    const [first] = connected.accounts
    return (
      <span className="wallet" title={first}>
        {connected.wallet.name} · {first === undefined ? 'no account' : shorten(first)}
      </span>
    )
  }
  return (
    <>
      {wallets.map((wallet) => (
        <button
          key={wallet.id}
          type="button"
          disabled={connect.isPending}
          onClick={() => connect.mutate(wallet)}
        >
          Connect {wallet.name}
        </button>
      ))}
      {connect.isError ? (
        <span className="wallet-error" role="alert">
          {messageOf(connect.error)}
        </span>
      ) : null}
    </>
  )
}
