import { firstAccessListDifference } from '../../chain/check-access-list.ts'
import type { DevChain } from '../../chain/dev-chain.ts'
import { listAccesses } from '../../chain/list-accesses.ts'
import type { Engine } from '../../evm/engine.ts'
import type { BlockRef, ParallelPort } from '../../rpc/backend.ts'
import { accountAccesses, encodeBlockAccessList } from '../../state/block-access-list.ts'
import type { Resolver } from './resolve.ts'

export interface ParallelParts {
  readonly dev: DevChain
  readonly engine: Engine
  readonly resolver: Resolver
}

/** Block access lists, and what `parallel_*` shows of blocks. */
export function parallelPort({ dev, engine, resolver }: ParallelParts): ParallelPort {
  const listed = async (ref: BlockRef) => {
    const record = resolver.mined(ref)
    if (record === undefined) return { kind: 'unknownBlock' } as const
    return listAccesses(dev.chain, engine, record, (tx) => dev.optionsOf(tx))
  }
  return {
    async accessList(ref) {
      const found = await listed(ref)
      if (found.kind !== 'listed') return found
      const { list } = found
      return {
        kind: 'listed',
        accounts: accountAccesses(list),
        encoded: encodeBlockAccessList(list),
      }
    },
    async checkAccessList(ref, given) {
      const found = await listed(ref)
      if (found.kind !== 'listed') return found
      const difference = firstAccessListDifference(accountAccesses(found.list), given)
      return { kind: 'checked', difference }
    },
  }
}
