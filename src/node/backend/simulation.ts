import type { DevChain } from '../../chain/dev-chain.ts'
import { withVersion } from '../../chain/block-record.ts'
import { simulateBlocks } from '../../chain/simulate-blocks.ts'
import type { Engine } from '../../evm/engine.ts'
import type { ExecutionPort } from '../../rpc/backend.ts'
import { type Resolver, recordOf } from './resolve.ts'

/** Blocks that might follow one of the chain, or the pending one. */
export function simulator(
  dev: DevChain,
  engine: Engine,
  resolver: Resolver,
): ExecutionPort['simulate'] {
  return async (request, at) => {
    const resolved = await resolver.resolve(at)
    const record = resolved && recordOf(resolved)
    if (resolved === undefined || record?.version === undefined) return { kind: 'noState' }
    const { version } = record
    const base = {
      chain: dev.chain,
      engine,
      record: withVersion(record, () => version),
      codes: resolver.codesOf(resolved),
      unlimitedCodeSize: dev.rules.unlimitedCodeSize,
    }
    return simulateBlocks(base, request)
  }
}
