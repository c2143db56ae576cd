import { type AbiParameter, parseSignature, selectorOf } from '../primitives/abi.ts'
import type { Hex } from '../primitives/hex.ts'

/** Functions and errors of widely used standards, to name calls of contracts that no artefact describes. */

const FUNCTIONS = [
  // ERC-20, ERC-2612 and common extensions
  'name() symbol() decimals() totalSupply() balanceOf(address) transfer(address,uint256)',
  'approve(address,uint256) allowance(address,address) transferFrom(address,address,uint256)',
  'increaseAllowance(address,uint256) decreaseAllowance(address,uint256) mint(address,uint256)',
  'mint(uint256) burn(uint256) burn(address,uint256) burnFrom(address,uint256) nonces(address)',
  'permit(address,address,uint256,uint256,uint8,bytes32,bytes32) DOMAIN_SEPARATOR()',
  // ERC-721, ERC-1155, ERC-165
  'ownerOf(uint256) safeTransferFrom(address,address,uint256) setApprovalForAll(address,bool)',
  'safeTransferFrom(address,address,uint256,bytes) getApproved(uint256) tokenURI(uint256)',
  'isApprovedForAll(address,address) safeMint(address,uint256) supportsInterface(bytes4)',
  'safeTransferFrom(address,address,uint256,uint256,bytes) balanceOf(address,uint256) uri(uint256)',
  'safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)',
  'balanceOfBatch(address[],uint256[])',
  // ERC-4626
  'asset() totalAssets() convertToShares(uint256) convertToAssets(uint256) maxDeposit(address)',
  'previewDeposit(uint256) deposit(uint256,address) previewMint(uint256) mint(uint256,address)',
  'previewWithdraw(uint256) withdraw(uint256,address,address) previewRedeem(uint256)',
  'redeem(uint256,address,address) maxMint(address) maxWithdraw(address) maxRedeem(address)',
  // WETH
  'deposit() withdraw(uint256)',
  // Uniswap V2
  'createPair(address,address) getPair(address,address) allPairsLength() getReserves() sync()',
  'token0() token1() swap(uint256,uint256,address,bytes) skim(address) mint(address) burn(address)',
  'addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)',
  'addLiquidityETH(address,uint256,uint256,uint256,address,uint256)',
  'removeLiquidity(address,address,uint256,uint256,uint256,address,uint256)',
  'removeLiquidityETH(address,uint256,uint256,uint256,address,uint256)',
  'swapExactTokensForTokens(uint256,uint256,address[],address,uint256)',
  'swapTokensForExactTokens(uint256,uint256,address[],address,uint256)',
  'swapExactETHForTokens(uint256,address[],address,uint256)',
  'swapTokensForExactETH(uint256,uint256,address[],address,uint256)',
  'swapExactTokensForETH(uint256,uint256,address[],address,uint256)',
  'swapETHForExactTokens(uint256,address[],address,uint256)',
  'getAmountsOut(uint256,address[]) getAmountsIn(uint256,address[])',
  // Multicall and Multicall3
  'multicall(bytes[]) aggregate((address,bytes)[]) aggregate3((address,bool,bytes)[])',
  'aggregate3Value((address,bool,uint256,bytes)[]) tryAggregate(bool,(address,bytes)[])',
  'blockAndAggregate((address,bytes)[]) tryBlockAndAggregate(bool,(address,bytes)[])',
  // Ownership, roles, proxies (ERC-1967, ERC-1822), smart accounts
  'owner() transferOwnership(address) renounceOwnership() acceptOwnership() paused() pause()',
  'unpause() grantRole(bytes32,address) revokeRole(bytes32,address) hasRole(bytes32,address)',
  'upgradeTo(address) upgradeToAndCall(address,bytes) implementation() proxiableUUID()',
  'changeAdmin(address) initialize() initialize(address) execute(address,uint256,bytes)',
  'execute(bytes32,bytes) handleOps((address,uint256,bytes,bytes,bytes32,uint256,bytes32,bytes,bytes)[],address)',
]

const ERRORS = [
  // ERC-6093 as OpenZeppelin has it, and its access control
  'ERC20InsufficientBalance(address,uint256,uint256) ERC20InvalidSender(address)',
  'ERC20InvalidReceiver(address) ERC20InsufficientAllowance(address,uint256,uint256)',
  'ERC20InvalidApprover(address) ERC20InvalidSpender(address) ERC721InvalidOwner(address)',
  'ERC721NonexistentToken(uint256) ERC721IncorrectOwner(address,uint256,address)',
  'ERC721InvalidSender(address) ERC721InvalidReceiver(address)',
  'ERC721InsufficientApproval(address,uint256) ERC721InvalidApprover(address)',
  'ERC721InvalidOperator(address) ERC1155InsufficientBalance(address,uint256,uint256,uint256)',
  'ERC1155MissingApprovalForAll(address,address) OwnableUnauthorizedAccount(address)',
  'OwnableInvalidOwner(address) AccessControlUnauthorizedAccount(address,bytes32)',
  'InvalidInitialization() NotInitializing() EnforcedPause() ExpectedPause()',
  'ReentrancyGuardReentrantCall() SafeERC20FailedOperation(address) FailedCall()',
  'ERC1967InvalidImplementation(address) UUPSUnauthorizedCallContext()',
  'ERC4626ExceededMaxDeposit(address,uint256,uint256)',
  'ERC4626ExceededMaxWithdraw(address,uint256,uint256) ERC2612ExpiredSignature(uint256)',
  'ERC2612InvalidSigner(address,address)',
]

interface KnownEntry {
  readonly name: string
  readonly inputs: readonly AbiParameter[]
}

let functions: ReadonlyMap<Hex, KnownEntry> | undefined
let errors: ReadonlyMap<Hex, KnownEntry> | undefined

/** A function of a standard by its selector. */
export function knownFunction(selector: Hex): KnownEntry | undefined {
  functions ??= toTable(FUNCTIONS)
  return functions.get(selector)
}

/** A custom error of a standard by its selector. */
export function knownError(selector: Hex): KnownEntry | undefined {
  errors ??= toTable(ERRORS)
  return errors.get(selector)
}

function toTable(lines: readonly string[]): ReadonlyMap<Hex, KnownEntry> {
  const signatures = lines.flatMap((line) => line.split(' '))
  return new Map(signatures.map((signature) => [selectorOf(signature), parseSignature(signature)]))
}
