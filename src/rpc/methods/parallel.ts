import type { AccessListDifference, BlockRef, NotRerun } from '../backend.ts'
import { blockAccessList, blockAccessListOut } from '../codec/block-access-list.ts'
import { blockRef } from '../codec/block-ref.ts'
import { bytesOut, nullable, objectOut } from '../codec/encoder.ts'
import { CODE, RpcError, serverError } from '../error.ts'
import { type MethodTable, method, param } from '../method.ts'

const block = param('block', blockRef)

const differenceOut = objectOut(
  'access list check',
  (difference: AccessListDifference | undefined) => ({
    equal: difference === undefined,
    difference: difference === undefined ? null : { ...difference },
  }),
)

function nameOf(ref: BlockRef): string {
  return ref.kind === 'tag' ? ref.tag : ref.kind === 'hash' ? ref.hash : `#${ref.number}`
}

function isPending(ref: BlockRef): boolean {
  return ref.kind === 'tag' && ref.tag === 'pending'
}

/** With the codes of execution-apis. */
function notRerun(outcome: NotRerun, ref: BlockRef): RpcError {
  const name = nameOf(ref)
  switch (outcome.kind) {
    case 'unknownBlock':
      return serverError(`block ${name} not found`)
    case 'first':
      return new RpcError(
        CODE.resourceNotFound,
        `Resource not found: block ${name} is the chain's first, nothing was executed for it`,
      )
    case 'noState':
      return new RpcError(
        CODE.prunedHistory,
        `Pruned history unavailable: the state that block ${name} ran on is not kept`,
      )
    case 'differs':
      return serverError(`block ${name} does not run as it did: ${outcome.detail}`)
    case 'notRecorded':
      return new RpcError(
        CODE.resourceNotFound,
        `Resource not found: this engine records no access lists before Amsterdam, start with --engine wasm`,
      )
  }
}

/** Block access lists (EIP-7928). Before Amsterdam they are an extension: no header has their hash. */
export const parallel: MethodTable = {
  eth_getBlockAccessList: method(
    [block],
    nullable(blockAccessListOut),
    async ({ backend }, ref) => {
      if (isPending(ref)) return undefined
      const found = await backend.parallel.accessList(ref)
      if (found.kind === 'unknownBlock') return undefined
      if (found.kind !== 'listed') throw notRerun(found, ref)
      return found.accounts
    },
  ),
  debug_getRawBlockAccessList: method([block], bytesOut, async ({ backend }, ref) => {
    if (isPending(ref)) throw serverError('block pending not found: it has no list yet')
    const found = await backend.parallel.accessList(ref)
    if (found.kind !== 'listed') throw notRerun(found, ref)
    return found.encoded
  }),
  parallel_checkBlockAccessList: method(
    [block, param('blockAccessList', blockAccessList)],
    differenceOut,
    async ({ backend }, ref, given) => {
      if (isPending(ref)) throw serverError('block pending not found: it has no list yet')
      const checked = await backend.parallel.checkAccessList(ref, given)
      if (checked.kind !== 'checked') throw notRerun(checked, ref)
      return checked.difference
    },
  ),
}
