import type { Hash } from '../primitives/hex.ts'

/** What the node says of itself. */
export interface NodeInfo {
  readonly clientVersion: string
  readonly instanceId: Hash
  readonly hardfork: string
  readonly engine: string
  readonly executor: string
  readonly transactionOrder: 'fees' | 'fifo'
  readonly gasLimit: bigint
  readonly genesisTimestamp: bigint
  /** When the newest block was made, by the wall clock; undefined when none was since the start. */
  readonly lastBlockAtMs: number | undefined
  /** Why no more blocks are made, when that is so. */
  readonly failure: string | undefined
  /** Of how many blocks, the newest, states are kept. */
  readonly keptStates: number
  readonly snapshots: readonly { readonly id: bigint; readonly blockNumber: bigint }[]
  /** The remote chain that this one lies on, if it does. */
  readonly fork?: ForkInfo | undefined
}

export interface ForkInfo {
  /** As it may be shown. */
  readonly url: string
  readonly chainId: bigint
  readonly blockNumber: bigint
  readonly blockHash: Hash
  readonly retryBackoffMs: number
}
