import { useMutation } from '@tanstack/react-query'

import {
  type Connected,
  type Wallet,
  connectWallet,
  returnToThisChain,
  useWallets,
} from '../net/wallet.ts'
import { shorten } from '../parts/format.ts'
import { messageOf } from '../parts/state.tsx'

/** Connects an injected wallet: it learns of this chain, and signs from then on. */
export function WalletButton() {
  const { wallets, connected } = useWallets()
  const connect = useMutation({ mutationFn: (wallet: Wallet) => connectWallet(wallet) })
  if (connected !== undefined) {
    return <ConnectedWallet connected={connected} />
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

function ConnectedWallet({ connected }: { readonly connected: Connected }) {
  const back = useMutation({ mutationFn: () => returnToThisChain(connected) })
  const { name } = connected.wallet
  const [first] = connected.accounts
  return (
    <>
      <span className="wallet" title={first}>
        {name} · {first === undefined ? 'no account' : shorten(first)}
      </span>
      {connected.isHere ? null : (
        <button
          type="button"
          disabled={back.isPending}
          onClick={() => back.mutate()}
          aria-label={`Other chain: bring ${name} back to this one`}
        >
          Other chain
        </button>
      )}
      {back.isError ? (
        <span className="wallet-error" role="alert">
          {messageOf(back.error)}
        </span>
      ) : null}
    </>
  )
}
