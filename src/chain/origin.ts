import type { ChainConfig } from '../model/fork.ts'
import type { Hash } from '../primitives/hex.ts'
import type { CodeStore } from '../state/codes.ts'
import type { LiveRecord } from './block-record.ts'

/** What a chain begins with: a genesis of its own, or a block of another chain, on whose state it then lies. */
export interface Origin {
  readonly config: ChainConfig
  /** The first block's number. */
  readonly number: bigint
  /** The first block and its state, made anew. @param codes gets the code of its accounts */
  begin(codes: CodeStore): LiveRecord
  /** Hashes of the other chain's blocks before the first, for BLOCKHASH. @throws {Absent} */
  hashBefore?(number: bigint): Hash | undefined
}
