import { address, uint256 } from '../codec/scalar.ts'
import { setTokenView } from '../erc20.ts'
import { type MethodTable, param } from '../method.ts'
import { setter } from './dialect.ts'

const who = param('address', address)
const token = param('token', address)
const amount = param('amount', uint256)

/** Cheats on ERC-20 tokens: the slot is found by trying. */
export const cheatsTokens: MethodTable = {
  ...setter(
    ['anvil_dealERC20', 'hardhat_dealERC20', 'anvil_setERC20Balance'],
    [who, token, amount],
    (context, account, contract, wanted) =>
      setTokenView(
        context,
        { token: contract, signature: 'balanceOf(address)', accounts: [account] },
        wanted,
      ),
  ),
  ...setter(
    ['anvil_setERC20Allowance'],
    [param('owner', address), param('spender', address), token, amount],
    (context, owner, spender, contract, wanted) =>
      setTokenView(
        context,
        { token: contract, signature: 'allowance(address,address)', accounts: [owner, spender] },
        wanted,
      ),
  ),
}
