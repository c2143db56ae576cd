import type { Block, Transaction } from 'viem'
import { getBlock, getTransaction } from 'viem/actions'

import { ask, client } from './client.ts'

/** A block with the hashes of its transactions. */
export type LightBlock = Block<bigint, false, 'latest'>

/** For `useQuery` and `useQueries`: the same block is asked once, whoever shows it. */
export function blockQuery(number: bigint) {
  return {
    queryKey: ['fixed', 'block', number.toString()],
    queryFn: (): Promise<LightBlock> => getBlock(client, { blockNumber: number }),
  }
}

/** What a list shows of a block: `heddle_listBlocks`. */
export interface BlockSummary {
  readonly number: bigint
  readonly hash: `0x${string}`
  readonly timestamp: bigint
  readonly transactions: number
  /** null where the receipts are elsewhere. */
  readonly failed: number | null
  readonly gasUsed: bigint
  readonly gasLimit: bigint
}

type WireSummary = Readonly<
  Record<'number' | 'hash' | 'timestamp' | 'gasUsed' | 'gasLimit', `0x${string}`>
> &
  Pick<BlockSummary, 'transactions' | 'failed'>

const LISTED = 25n

/** The blocks that are asked for together with this one: 25 in a row, fewer at the head. */
export function summariesQuery(number: bigint, head: bigint) {
  const first = number - (number % LISTED)
  const newest = head < first + LISTED ? head : first + LISTED - 1n
  return {
    queryKey: ['fixed', 'blocks', newest.toString()],
    queryFn: async (): Promise<readonly BlockSummary[]> => {
      const count = Number(newest - first) + 1
      const found = await ask<readonly WireSummary[]>(
        'heddle_listBlocks',
        `0x${newest.toString(16)}`,
        count,
      )
      return found.map((each) => ({
        ...each,
        number: BigInt(each.number),
        timestamp: BigInt(each.timestamp),
        gasUsed: BigInt(each.gasUsed),
        gasLimit: BigInt(each.gasLimit),
      }))
    },
  }
}

export function transactionQuery(hash: `0x${string}`) {
  return {
    queryKey: ['fixed', 'transaction', hash],
    queryFn: (): Promise<Transaction> => getTransaction(client, { hash }),
  }
}
