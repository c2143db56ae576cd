import type { Hash } from '../../primitives/hex.ts'
import type { LogCriteria } from '../backend.ts'
import { invalidParams } from '../error.ts'
import { type BlockPoint, blockNumberOrTag } from './block-ref.ts'
import { type Decoder, fieldsOf, listOf, mapped, oneOrMany } from './decoder.ts'
import { address, hash } from './scalar.ts'

/** Which logs of which blocks. Bounds that are absent are the latest block. */
export interface LogFilter {
  readonly criteria: LogCriteria
  readonly where:
    | { readonly kind: 'block'; readonly hash: Hash }
    | {
        readonly kind: 'range'
        readonly from: BlockPoint | undefined
        readonly to: BlockPoint | undefined
      }
}

/** Alternatives for one topic; null, no alternatives, or null among them is any. */
const topic: Decoder<readonly Hash[] | null> = {
  schema: { oneOf: [hash.schema, { type: 'array', items: hash.schema }, { type: 'null' }] },
  decode(value, path) {
    if (value === null) return null
    if (Array.isArray(value) && (value.length === 0 || value.includes(null))) return null
    return oneOrMany(hash).decode(value, path)
  },
}

const wire = fieldsOf({
  address: oneOrMany(address),
  topics: listOf(topic, 4),
  blockHash: hash,
  fromBlock: blockNumberOrTag,
  toBlock: blockNumberOrTag,
})

/** The filter object of eth_getLogs, eth_newFilter and eth_subscribe. */
export const logFilter: Decoder<LogFilter> = mapped(wire, (read, path) => {
  const criteria = { addresses: read.address ?? [], topics: read.topics ?? [] }
  const { blockHash, fromBlock, toBlock } = read
  if (blockHash === undefined) {
    return { criteria, where: { kind: 'range', from: fromBlock, to: toBlock } }
  }
  if ((fromBlock ?? toBlock) !== undefined) {
    throw invalidParams(
      `\`${path}\`: cannot specify both blockHash and fromBlock/toBlock, choose one or the other`,
    )
  }
  return { criteria, where: { kind: 'block', hash: blockHash } }
})
