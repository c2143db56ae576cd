import type { BlockRef, BlockTag } from '../block-ref.ts'
import { badParam, invalidParams } from '../error.ts'
import { type Decoder, asRecord, boolean } from './decoder.ts'
import { hash, uint64 } from './scalar.ts'

/** A block by its place on the canonical chain. */
export type BlockPoint = Exclude<BlockRef, { kind: 'hash' }>

const TAGS: ReadonlySet<string> = new Set<BlockTag>([
  'latest',
  'pending',
  'safe',
  'finalized',
  'earliest',
])

export const LATEST: BlockPoint = { kind: 'tag', tag: 'latest' }

function isTag(value: unknown): value is BlockTag {
  return TAGS.has(value as string)
}

/** A tag or a number. Decimal text is refused as Geth does: `"10"` could as well be a forgotten 0x. */
export const blockNumberOrTag: Decoder<BlockPoint> = {
  schema: { title: 'block number or tag', oneOf: [{ type: 'string' }, { type: 'integer' }] },
  decode(value, path) {
    if (isTag(value)) return { kind: 'tag', tag: value }
    if (typeof value === 'number') return { kind: 'number', number: uint64.decode(value, path) }
    if (typeof value === 'string' && /^0x[0-9a-fA-F]{1,16}$/.test(value)) {
      return { kind: 'number', number: BigInt(value) }
    }
    if (typeof value === 'string' && /^[0-9]+$/.test(value)) {
      throw badParam(
        path,
        `a block number as 0x hex (0x${BigInt(value.slice(0, 30)).toString(16)})`,
        value,
      )
    }
    throw badParam(path, `a block number (0x hex) or one of ${[...TAGS].join(', ')}`, value)
  },
}

/** A tag, a number, a block hash, or EIP-1898's object. */
export const blockRef: Decoder<BlockRef> = {
  schema: {
    title: 'block number, tag, hash or EIP-1898 object',
    oneOf: [{ type: 'string' }, { type: 'integer' }, { type: 'object' }],
  },
  decode(value, path) {
    if (typeof value === 'object' && value !== null) return eip1898(value, path)
    if (typeof value === 'string' && value.length === 66) return byHash(value, path, false)
    return blockNumberOrTag.decode(value, path)
  },
}

function eip1898(value: unknown, path: string): BlockRef {
  const { blockHash, blockNumber, requireCanonical } = asRecord(value, path)
  const hasHash = blockHash !== undefined && blockHash !== null
  const hasNumber = blockNumber !== undefined && blockNumber !== null
  if (hasHash === hasNumber) {
    throw invalidParams(`\`${path}\`: expected either blockHash or blockNumber`)
  }
  if (hasNumber) return blockNumberOrTag.decode(blockNumber, `${path}.blockNumber`)
  const canonical =
    requireCanonical !== undefined &&
    requireCanonical !== null &&
    boolean.decode(requireCanonical, `${path}.requireCanonical`)
  return byHash(blockHash, `${path}.blockHash`, canonical)
}

function byHash(value: unknown, path: string, requireCanonical: boolean): BlockRef {
  return { kind: 'hash', hash: hash.decode(value, path), requireCanonical }
}
