import { createHash } from 'node:crypto'

import { type Hash, bytesToHash } from '../../primitives/hex.ts'

/**
 * EIP-7685: what a header says of a block's requests.
 * @param requests each with its type byte first, in order of type; one without data does not count
 */
export function requestsHash(requests: readonly Uint8Array[]): Hash {
  return requests.length === 0 ? EMPTY_REQUESTS_HASH : hashOf(requests)
}

function hashOf(requests: readonly Uint8Array[]): Hash {
  const outer = createHash('sha256')
  for (const request of requests) {
    if (request.length > 1) outer.update(createHash('sha256').update(request).digest())
  }
  return bytesToHash(outer.digest())
}

export const EMPTY_REQUESTS_HASH: Hash = hashOf([])
