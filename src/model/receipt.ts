import type { Address, Hash } from '../primitives/hex.ts'
import type { TransactionType } from './transaction.ts'

export interface Log {
  readonly address: Address
  /** At most four. */
  readonly topics: readonly Hash[]
  readonly data: Uint8Array
}

export interface Receipt {
  readonly type: TransactionType
  /** Success since Byzantium (EIP-658); the intermediate state root before. */
  readonly outcome:
    | { readonly success: boolean }
    | { readonly stateRoot: Hash; readonly success: boolean }
  readonly cumulativeGasUsed: bigint
  /** 256 bytes. */
  readonly logsBloom: Uint8Array
  readonly logs: readonly Log[]
  /** Not part of the encoding: what this transaction alone used. */
  readonly gasUsed: bigint
  readonly effectiveGasPriceWei: bigint
  readonly contractAddress: Address | null
  /** EIP-4844: of a blob transaction only. */
  readonly blobGasUsed?: bigint | undefined
  readonly blobGasPriceWei?: bigint | undefined
}
