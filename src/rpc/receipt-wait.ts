import type { Hash } from '../primitives/hex.ts'
import type { Backend, LocatedReceipt } from './backend.ts'
import { CODE, RpcError } from './error.ts'

/**
 * The receipt of a sent transaction, once a block holds it (EIP-7966).
 *
 * @throws {RpcError} code 4 with the hash as data, when that takes longer than `timeoutMs`.
 */
export function receiptInTime(
  { chain, events }: Backend,
  hash: Hash,
  timeoutMs: number,
): Promise<LocatedReceipt> {
  const present = chain.receipt(hash)
  if (present !== undefined) return Promise.resolve(present)
  return new Promise((resolve, reject) => {
    const stop = events.listen((event) => {
      const isNew = event.kind === 'block' || event.kind === 'miniBlock'
      const receipt = isNew ? chain.receipt(hash) : undefined
      if (receipt === undefined) return
      clearTimeout(timer)
      stop()
      resolve(receipt)
    })
    const timer = setTimeout(() => {
      stop()
      const message = `the transaction was added to the pool but not mined within ${timeoutMs} ms`
      reject(new RpcError(CODE.syncTimeout, message, hash))
    }, timeoutMs)
    timer.unref()
  })
}
