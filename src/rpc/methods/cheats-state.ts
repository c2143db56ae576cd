import type { Address } from '../../primitives/hex.ts'
import { LATEST } from '../codec/block-ref.ts'
import { anything, boolean, mapped, oneOrMany } from '../codec/decoder.ts'
import { listOut, bytesOut, nullable } from '../codec/encoder.ts'
import { address, bytes, hash, slot, uint256, uint64 } from '../codec/scalar.ts'
import { badParam } from '../error.ts'
import { done, stateAt } from '../failure.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'
import { affirmed, setter } from './dialect.ts'

const who = param('address', address)
const everyone = param('addresses', oneOrMany(address))
const wei = param('balance', uint256)

const signature65 = mapped(bytes, (value, path) => {
  if (value.length === 65) return value
  throw badParam(path, '65 bytes: r, s and v', `${value.length} bytes`)
})

async function setBalances({ backend }: Context, accounts: readonly Address[], amount: bigint) {
  for (const account of accounts) done(await backend.control.setBalance(account, amount))
}

async function addBalances(context: Context, accounts: readonly Address[], amount: bigint) {
  const { state, control } = context.backend
  for (const account of accounts) {
    const held = await stateAt(context, LATEST, state.balance(account, LATEST))
    done(await control.setBalance(account, held + amount))
  }
}

/** Cheats on accounts and on who may send: Anvil's, Hardhat's, Ganache's and Tenderly's names. */
export const cheatsState: MethodTable = {
  ...setter(
    ['anvil_setBalance', 'hardhat_setBalance', 'tenderly_setBalance', 'evm_setAccountBalance'],
    [everyone, wei],
    setBalances,
  ),
  ...setter(
    ['anvil_addBalance', 'hardhat_addBalance', 'tenderly_addBalance'],
    [everyone, wei],
    addBalances,
  ),
  ...setter(
    ['anvil_setCode', 'hardhat_setCode', 'evm_setAccountCode'],
    [who, param('code', bytes)],
    async ({ backend }, account, code) => done(await backend.control.setCode(account, code)),
  ),
  ...setter(
    ['anvil_setNonce', 'hardhat_setNonce', 'evm_setAccountNonce'],
    [who, param('nonce', uint64)],
    async ({ backend }, account, nonce) => done(await backend.control.setNonce(account, nonce)),
  ),
  ...affirmed(
    ['anvil_setStorageAt', 'hardhat_setStorageAt', 'evm_setAccountStorageAt'],
    [who, param('slot', slot), param('value', uint256)],
    async ({ backend }, account, key, value) => {
      done(await backend.control.setSlot(account, key, value))
    },
  ),
  ...setter(
    ['anvil_impersonateAccount', 'hardhat_impersonateAccount'],
    [who],
    ({ backend }, account) => backend.control.impersonate(account),
  ),
  ...setter(
    ['anvil_stopImpersonatingAccount', 'hardhat_stopImpersonatingAccount'],
    [who],
    ({ backend }, account) => backend.control.stopImpersonating(account),
  ),
  ...setter(
    ['anvil_autoImpersonateAccount', 'hardhat_autoImpersonateAccount'],
    [param('enabled', boolean)],
    ({ backend }, on) => backend.control.setAutoImpersonate(on),
  ),
  ...setter(
    ['anvil_impersonateSignature'],
    [param('signature', anything), optional('address', anything)],
    ({ backend }, first, second) => {
      // Anvil takes both in one list.
      const [signature, account] = Array.isArray(first) ? (first as unknown[]) : [first, second]
      const signed = signature65.decode(signature, 'signature')
      done(backend.control.impersonateSignature(signed, address.decode(account, 'address')))
    },
  ),
  anvil_getBlobsByTransactionHash: method(
    [param('transactionHash', hash)],
    nullable(listOut(bytesOut)),
    ({ backend }, wanted) => backend.pool.sidecar(wanted)?.blobs,
  ),
}
