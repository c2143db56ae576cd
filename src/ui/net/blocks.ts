import type { Block, Transaction } from 'viem'
import { getBlock, getTransaction } from 'viem/actions'

import { client } from './client.ts'

/** A block with the hashes of its transactions. */
export type LightBlock = Block<bigint, false, 'latest'>

/** For `useQuery` and `useQueries`: the same block is asked once, whoever shows it. */
export function blockQuery(number: bigint) {
  return {
    queryKey: ['fixed', 'block', number.toString()],
    queryFn: (): Promise<LightBlock> => getBlock(client, { blockNumber: number }),
  }
}

export function transactionQuery(hash: `0x${string}`) {
  return {
    queryKey: ['fixed', 'transaction', hash],
    queryFn: (): Promise<Transaction> => getTransaction(client, { hash }),
  }
}
