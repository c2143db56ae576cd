import { bigIntToBytes, bytesToBigInt } from '../primitives/bytes.ts'
import { encodeRlp } from '../primitives/rlp.ts'
import { KvError, type KvWrite } from '../store/kv.ts'
import { HEAD_KEY } from './archive-keys.ts'
import { fieldsOf } from './stored-block.ts'
import type { WriteBehind } from './write-behind.ts'

/** Of what is on disk. Folders of another one cannot be read. */
const FORMAT = 3n

/** From where to where the chain on disk goes. */
export interface Extent {
  readonly first: bigint
  readonly length: number
}

/** The record of the head. @param identity what the chain was started with */
export function extentWrite({ first, length }: Extent, identity = ''): KvWrite {
  const value = encodeRlp([
    bigIntToBytes(FORMAT),
    bigIntToBytes(first),
    bigIntToBytes(BigInt(length)),
    Buffer.from(identity),
  ])
  return { key: HEAD_KEY, value }
}

/**
 * What the head's record says; undefined when there is none.
 * @param identity what the chain is started with; undefined to look at any
 * @throws {KvError} for another chain, or another version's folder
 */
export function readExtent(behind: WriteBehind, identity: string | undefined): Extent | undefined {
  const head = behind.get(HEAD_KEY)
  if (head === undefined) return undefined
  const [format, first, length, name] = fieldsOf(head, 'the head')
  const found = bytesToBigInt(format!)
  if (found !== FORMAT) {
    const other = found < FORMAT ? 'an older' : 'a newer'
    throw new KvError(
      `the data folder is of ${other} version of heddle (format ${found}, this one has ${FORMAT}): start with a new folder; that version writes the chain to a file with --dump-state FILE, which --load-state FILE reads`,
    )
  }
  const stored = Buffer.from(name!).toString()
  if (identity !== undefined && stored !== identity) {
    throw new KvError(`the data folder holds another chain: it was started with ${stored}`)
  }
  return { first: bytesToBigInt(first!), length: Number(bytesToBigInt(length!)) }
}
