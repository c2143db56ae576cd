import type { Signer } from '../net/signers.ts'
import { shorten } from './format.ts'

/** Who signs, by `signer` in the form. */
export function SignerSelect({ signers }: { readonly signers: readonly Signer[] }) {
  return (
    <label className="field">
      <span>From</span>
      {/* A wallet that was connected meanwhile comes first, and is then chosen. */}
      <select name="signer" key={signers[0]?.id}>
        {signers.map(({ id, address, label }) => (
          <option key={id} value={id}>
            {label} · {shorten(address)}
          </option>
        ))}
      </select>
    </label>
  )
}

/** @throws {Error} when nobody was chosen */
export function readSigner(form: FormData, signers: readonly Signer[]): Signer {
  const signer = signers.find(({ id }) => id === form.get('signer'))
  if (signer === undefined) throw new Error('From: expected an account that can sign')
  return signer
}
