import type { Json } from '../backend.ts'
import { anything, fieldsOf, mapped } from '../codec/decoder.ts'
import { jsonOut, nullable } from '../codec/encoder.ts'
import { uint256 } from '../codec/scalar.ts'
import { RpcError, invalidParams } from '../error.ts'
import { type Context, type MethodTable, method, optional, param } from '../method.ts'

/** EIP-3326: the wallet does not know the chain. */
const UNKNOWN_CHAIN = 4902

const named = mapped(fieldsOf({ chainId: uint256 }), ({ chainId }, path) => {
  if (chainId === undefined) throw invalidParams(`\`${path}.chainId\`: missing, it is required`)
  return chainId
})

/** There is one chain here. @throws {RpcError} 4902 for another */
function stay({ backend }: Context, chainId: bigint): undefined {
  const own = backend.chain.config.chainId
  if (chainId === own) return undefined
  const message = `unrecognized chain ID 0x${chainId.toString(16)}: this node is chain 0x${own.toString(16)}`
  throw new RpcError(UNKNOWN_CHAIN, message)
}

function permissions({ backend }: Context): Json {
  const caveats = [{ type: 'restrictReturnedAccounts', value: backend.accounts.addresses() }]
  return [{ parentCapability: 'eth_accounts', caveats }]
}

/** What dapps ask of a wallet, for those that have the node in the place of one, as `eth_requestAccounts` lets them. */
export const wallet: MethodTable = {
  wallet_switchEthereumChain: method([param('chain', named)], nullable(jsonOut), stay),
  wallet_addEthereumChain: method([param('chain', named)], nullable(jsonOut), stay),
  wallet_getPermissions: method([], jsonOut, permissions),
  wallet_requestPermissions: method([optional('permissions', anything)], jsonOut, permissions),
}
