import { selectorOf } from '../primitives/abi.ts'
import { bytesToBigInt } from '../primitives/bytes.ts'
import { type Address, type Slot, hexToBytes } from '../primitives/hex.ts'
import { LATEST } from './codec/block-ref.ts'
import { invalidParams } from './error.ts'
import { done } from './failure.ts'
import type { Context } from './method.ts'
import { wordSaying } from './token-word.ts'

/** Nobody's: what a token reads for them too is of all its holders. */
const NOBODIES = [
  '0x5e7d1ab2c3f45e7d1ab2c3f45e7d1ab2c3f40001',
  '0x5e7d1ab2c3f45e7d1ab2c3f45e7d1ab2c3f40002',
] as readonly string[] as readonly Address[]

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
 * Makes a token's view say `amount`, or up to ten less where the token rounds, by the one slot of the accounts that decides it; what else
 * is in that slot stays. A slot that other accounts' views read too is never written.
 * @throws {RpcError} when there is none, as for balances that are computed from more than one, or it cannot hold so much
 */
export async function setTokenView(context: Context, view: View, amount: bigint): Promise<void> {
  const { execution, control, state } = context.backend
  const data = dataOf(view)
  const fields = { to: view.token, data }
  const places = await placesOf(context, view)
  const others = await placesOf(context, {
    ...view,
    accounts: NOBODIES.slice(0, view.accounts.length),
  })
  const shared = new Set(others.map(keyOf))
  for (const place of places.filter((each) => !shared.has(keyOf(each)))) {
    const { address, slot } = place
    const says = async (word?: bigint): Promise<bigint | undefined> => {
      const slots = new Map(word === undefined ? [] : [[slot, word]])
      const stateOverrides = new Map([[address, { storage: { kind: 'diff', slots } as const }]])
      const said = await execution.call(fields, { at: LATEST, stateOverrides })
      return said.kind === 'success' && said.output.length === 32
        ? bytesToBigInt(said.output)
        : undefined
    }
    const before = (await state.slot(address, slot, LATEST)) ?? 0n
    const word = await wordSaying(amount, before, await says(), says)
    if (word !== undefined) return done(await control.setSlot(address, slot, word))
  }
  throw noSlot(view, amount)
}

/** The slots that a view reads. */
async function placesOf({ backend }: Context, view: View): Promise<readonly Place[]> {
  const fields = { to: view.token, data: dataOf(view) }
  const listed = await backend.execution.accessList(fields, { at: LATEST })
  if (listed.kind !== 'listed') return []
  return listed.accessList.flatMap(({ address, storageKeys }) =>
    storageKeys.map((slot): Place => ({ address, slot })),
  )
}

function keyOf({ address, slot }: Place): string {
  return `${address} ${slot}`
}

function dataOf({ signature, accounts }: View): Uint8Array {
  const words = accounts.map((account) => account.slice(2).padStart(64, '0'))
  return hexToBytes(`${selectorOf(signature)}${words.join('')}`)
}

function noSlot({ token, signature }: View, amount: bigint): Error {
  return invalidParams(
    `\`token\`: no slot of ${token} makes ${signature} say ${amount}; it is no ERC-20 token, computes it, or cannot hold so much`,
  )
}
