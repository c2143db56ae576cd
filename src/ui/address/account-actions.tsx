import { ask } from '../net/client.ts'
import { useSigners } from '../net/signers.ts'
import { Action, Field } from '../parts/action.tsx'
import { formatUnits } from '../parts/format.ts'
import { quantity, readEther } from '../parts/read-form.ts'

/** The faucet, and signing without a key. */
export function AccountActions({ address }: { readonly address: string }) {
  const signers = useSigners()
  const isSigner = signers.some((signer) => signer.address.toLowerCase() === address.toLowerCase())
  return (
    <div className="actions">
      <Action
        label="Give ether"
        run={async (form) => {
          const wei = readEther(form, 'ether', 'Ether')
          await ask('anvil_addBalance', address, quantity(wei))
          return `${formatUnits(wei, 18)} ETH more`
        }}
      >
        <Field label="Ether" name="ether" value="100" />
      </Action>
      {isSigner ? null : (
        <Action
          label="Impersonate"
          run={async () => {
            await ask('anvil_impersonateAccount', address)
            return 'The node sends from it now, without its key'
          }}
        />
      )}
    </div>
  )
}
