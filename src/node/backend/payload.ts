import type { DevChain } from '../../chain/dev-chain.ts'
import { standalone } from '../../chain/block-record.ts'
import { buildPayload } from '../../chain/payload.ts'
import { openTransaction } from '../../model/signer.ts'
import type { Transaction } from '../../model/transaction.ts'
import type { ExecutionPort } from '../../rpc/backend.ts'

/** Blocks to order, which the chain does not take in. */
export function payloadBuilder(dev: DevChain): ExecutionPort['buildPayload'] {
  return async (parentHash, attributes, raws) => {
    const parent = dev.chain.history.byHash(parentHash)
    if (parent?.version === undefined) return { kind: 'unknownParent' }
    const transactions: Transaction[] = []
    for (const [index, raw] of raws?.entries() ?? []) {
      const opened = openTransaction(raw)
      if (!opened.ok) return { kind: 'undecodable', index, detail: opened.error }
      transactions.push(opened.value)
    }
    return buildPayload(dev.chain, standalone(parent, parent.version), attributes, {
      transactions: raws === undefined ? dev.waiting().ready : transactions,
      include: raws === undefined ? 'fitting' : 'all',
      optionsOf: (tx) => ({ switches: dev.optionsOf(tx).switches }),
      sidecarOf: (hash) => dev.sidecar(hash),
    })
  }
}

/** A block to order as the next one. */
export function payloadCommitter(dev: DevChain): ExecutionPort['commitPayload'] {
  const build = payloadBuilder(dev)
  return async (attributes, raws) => {
    const outcome = await build(dev.chain.head.block.hash, attributes, raws)
    if (outcome.kind !== 'built') return outcome
    const { block } = outcome.payload
    const imported = await dev.import(block)
    return imported.kind === 'refused' ? imported : { kind: 'committed', hash: block.hash }
  }
}
