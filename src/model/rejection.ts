import type { Address, Hash } from '../primitives/hex.ts'
import type { Resources } from './network.ts'

/** Why a transaction cannot be in a block. Amounts in wei, gas in gas. */
export type Rejection =
  | {
      readonly kind: 'nonceTooLow'
      readonly sender: Address
      readonly expected: bigint
      readonly got: bigint
    }
  | {
      readonly kind: 'nonceTooHigh'
      readonly sender: Address
      readonly expected: bigint
      readonly got: bigint
    }
  | { readonly kind: 'nonceMax'; readonly sender: Address }
  | {
      readonly kind: 'insufficientFunds'
      readonly sender: Address
      readonly balanceWei: bigint
      readonly costWei: bigint
    }
  | {
      readonly kind: 'reserveExceeded'
      readonly sender: Address
      readonly availableWei: bigint
      readonly feesWei: bigint
    }
  | { readonly kind: 'intrinsicGasTooLow'; readonly gasLimit: bigint; readonly neededGas: bigint }
  | { readonly kind: 'floorGasTooLow'; readonly gasLimit: bigint; readonly neededGas: bigint }
  | {
      readonly kind: 'gasLimitAboveBlock'
      readonly gasLimit: bigint
      readonly availableGas: bigint
    }
  | { readonly kind: 'gasLimitAboveCap'; readonly gasLimit: bigint; readonly capGas: bigint }
  | {
      readonly kind: 'feeCapBelowBaseFee'
      readonly sender: Address
      readonly maxFeeWei: bigint
      readonly baseFeeWei: bigint
    }
  | {
      readonly kind: 'tipAboveFeeCap'
      readonly sender: Address
      readonly tipWei: bigint
      readonly maxFeeWei: bigint
    }
  | {
      readonly kind: 'blobFeeCapTooLow'
      readonly maxFeeWei: bigint
      readonly blobBaseFeeWei: bigint
    }
  | { readonly kind: 'blobCount'; readonly got: number; readonly max: number }
  | {
      readonly kind: 'blobGasAboveBlock'
      readonly blobGas: bigint
      readonly availableBlobGas: bigint
    }
  | {
      readonly kind: 'blockFull'
      readonly resource: keyof Resources
      readonly used: number
      readonly limit: number
    }
  | { readonly kind: 'blobVersion'; readonly versionedHash: Hash }
  | { readonly kind: 'senderHasCode'; readonly sender: Address }
  | { readonly kind: 'initCodeTooLarge'; readonly sizeBytes: number; readonly maxBytes: number }
  | { readonly kind: 'emptyAuthorizationList' }
  | { readonly kind: 'typeNotSupported'; readonly type: number; readonly fork: string }
  | { readonly kind: 'wrongChainId'; readonly expected: bigint; readonly got: bigint }
  | { readonly kind: 'invalid'; readonly detail: string }

const RESOURCES: Readonly<Record<keyof Resources, string>> = {
  dataBytes: 'bytes of data',
  kvUpdates: 'key-value updates',
  stateGrowth: 'new accounts and slots',
}

/** Geth's sentence first, the detail after a colon: the words that viem, ethers and MetaMask look for. */
export function describeRejection(rejection: Rejection): string {
  switch (rejection.kind) {
    case 'nonceTooLow':
      return `nonce too low: next nonce ${rejection.expected}, tx nonce ${rejection.got}`
    case 'nonceTooHigh':
      return `nonce too high: next nonce ${rejection.expected}, tx nonce ${rejection.got}`
    case 'nonceMax':
      return `nonce has max value: ${rejection.sender}`
    case 'insufficientFunds':
      return (
        `insufficient funds for gas * price + value: address ${rejection.sender} have ` +
        `${rejection.balanceWei} want ${rejection.costWei}`
      )
    case 'reserveExceeded':
      return (
        `insufficient reserve balance: address ${rejection.sender} has ${rejection.availableWei} left for fees of ` +
        `blocks that are not executed, want ${rejection.feesWei}`
      )
    case 'intrinsicGasTooLow':
      return `intrinsic gas too low: have ${rejection.gasLimit}, want ${rejection.neededGas}`
    case 'floorGasTooLow':
      return (
        `intrinsic gas too low: insufficient gas for floor data gas cost: have ` +
        `${rejection.gasLimit}, want ${rejection.neededGas}`
      )
    case 'gasLimitAboveBlock':
      return (
        `intrinsic gas too high: exceeds block gas limit: gas limit ${rejection.gasLimit}, ` +
        `available ${rejection.availableGas}`
      )
    case 'gasLimitAboveCap':
      return (
        `intrinsic gas too high: transaction gas limit too high: cap ${rejection.capGas}, ` +
        `tx ${rejection.gasLimit}`
      )
    case 'feeCapBelowBaseFee':
      return (
        `max fee per gas less than block base fee: address ${rejection.sender}, ` +
        `maxFeePerGas: ${rejection.maxFeeWei}, baseFee: ${rejection.baseFeeWei}`
      )
    case 'tipAboveFeeCap':
      return (
        `max priority fee per gas higher than max fee per gas: address ${rejection.sender}, ` +
        `maxPriorityFeePerGas: ${rejection.tipWei}, maxFeePerGas: ${rejection.maxFeeWei}`
      )
    case 'blobFeeCapTooLow':
      return (
        `max fee per blob gas less than block blob gas fee: maxFeePerBlobGas: ` +
        `${rejection.maxFeeWei}, blobBaseFee: ${rejection.blobBaseFeeWei}`
      )
    case 'blobCount':
      return `blob transaction with ${rejection.got} blobs: expected 1 to ${rejection.max}`
    case 'blobGasAboveBlock':
      return `blob gas limit reached: tx needs ${rejection.blobGas}, available ${rejection.availableBlobGas}`
    case 'blockFull':
      return `block is full: ${rejection.used} of ${rejection.limit} ${RESOURCES[rejection.resource]}`
    case 'blobVersion':
      return `blob versioned hash has an unknown version: ${rejection.versionedHash}`
    case 'senderHasCode':
      return `sender not an eoa: address ${rejection.sender} has code`
    case 'initCodeTooLarge':
      return `max initcode size exceeded: code size ${rejection.sizeBytes} limit ${rejection.maxBytes}`
    case 'emptyAuthorizationList':
      return 'EIP-7702 transaction with empty auth list'
    case 'typeNotSupported':
      return `transaction type not supported: type ${rejection.type} is not valid in ${rejection.fork}`
    case 'wrongChainId':
      return `invalid chain id for signer: have ${rejection.got} want ${rejection.expected}`
    case 'invalid':
      return rejection.detail
  }
}
