import { LATEST } from './codec/block-ref.ts'
import { selectorOf } from '../primitives/abi.ts'
import { bigIntToFixedBytes } from '../primitives/bytes.ts'
import { type Address, type Slot, hexToBytes } from '../primitives/hex.ts'
import { invalidParams } from './error.ts'
import { done } from './failure.ts'
import type { Context } from './method.ts'

/** A value that no slot holds by chance; small, because tokens pack flags above balances. */
const PROBE = 0x5e7d_1ab2_c3f4n

interface Place {
  readonly address: Address
  readonly slot: Slot
}

/** What a view of a token says: `balanceOf(address)` or `allowance(address,address)`. */
interface View {
  readonly token: Address
  readonly signature: string
  readonly accounts: readonly Address[]
}

/**
 * Makes a token's view say `amount`, by the one slot that it is read from: each slot that it touches is tried.
 * @throws {RpcError} when there is none, as for balances that are computed
 */
export async function setTokenView(context: Context, view: View, amount: bigint): Promise<void> {
  const data = dataOf(view)
  const { execution, control } = context.backend
  const fields = { to: view.token, data }
  const listed = await execution.accessList(fields, { at: LATEST })
  if (listed.kind !== 'listed') throw noSlot(view)
  const places = listed.accessList.flatMap(({ address, storageKeys }) =>
    storageKeys.map((slot): Place => ({ address, slot })),
  )
  for (const { address, slot } of places) {
    const storage = { kind: 'diff', slots: new Map([[slot, PROBE]]) } as const
    const stateOverrides = new Map([[address, { storage }]])
    const said = await execution.call(fields, { at: LATEST, stateOverrides })
    if (said.kind !== 'success' || !isWord(said.output, PROBE)) continue
    return done(await control.setSlot(address, slot, amount))
  }
  throw noSlot(view)
}

function dataOf({ signature, accounts }: View): Uint8Array {
  const words = accounts.map((account) => account.slice(2).padStart(64, '0'))
  return hexToBytes(`${selectorOf(signature)}${words.join('')}`)
}

function isWord(output: Uint8Array, value: bigint): boolean {
  const expected = bigIntToFixedBytes(value, 32)
  return output.length === 32 && expected.every((byte, at) => byte === output[at])
}

function noSlot({ token, signature }: View): Error {
  return invalidParams(
    `\`token\`: no slot of ${token} decides what ${signature} says; it is no ERC-20 token, or computes it`,
  )
}
