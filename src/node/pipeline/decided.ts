import type { DevChain } from '../../chain/dev-chain.ts'
import type { WriteBehind } from '../../chain/write-behind.ts'
import { bigIntToFixedBytes, bytesToBigInt, concatBytes } from '../../primitives/bytes.ts'
import { type Hash, bytesToHash, hexToBytes } from '../../primitives/hex.ts'

/**
 * Which block of a chain on disk is final. What is above it was executed ahead of consensus: when the node ends its validators forget
 * it, so the next start takes it back.
 */
export interface Decided {
  readonly number: bigint
  readonly hash: Hash
}

const KEY = Uint8Array.of(0x46) // F
const HASH_BYTES = 32
const NUMBER_BYTES = 8

/** Written after the block itself. */
export function keepDecided(disk: WriteBehind, { number, hash }: Decided): void {
  const value = concatBytes(hexToBytes(hash), bigIntToFixedBytes(number, NUMBER_BYTES))
  disk.put([{ key: KEY, value }])
}

/** Blocks come without consensus from here on: each is final. */
export function forgetDecided(disk: WriteBehind): void {
  if (disk.get(KEY) !== undefined) disk.put([{ key: KEY, value: undefined }])
}

function decidedIn(disk: WriteBehind): Decided | undefined {
  const bytes = disk.get(KEY)
  if (bytes?.length !== HASH_BYTES + NUMBER_BYTES) return undefined
  const [hash, number] = [bytes.subarray(0, HASH_BYTES), bytes.subarray(HASH_BYTES)]
  return { hash: bytesToHash(hash), number: bytesToBigInt(number) }
}

/** Takes back what was not final when the node ended; its transactions are pooled. @returns what to tell of it */
export async function dropUndecided(dev: DevChain, disk: WriteBehind): Promise<string | undefined> {
  const decided = decidedIn(disk)
  const { history } = dev.chain
  const head = history.head.block.header.number
  if (decided === undefined || decided.number >= head) return undefined
  const { number, hash } = decided
  const record = history.byNumber(number)
  const above = `of ${head} blocks those above ${number} were not final when the node ended`
  if (record?.block.hash !== hash) return undefined
  if (record.version === undefined) return `${above}, and stay: the state below is not kept`
  await dev.withdraw(number)
  return `${above}: they are taken back, and their transactions wait again`
}
