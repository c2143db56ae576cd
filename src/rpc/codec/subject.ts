import type { BlockRef } from '../block-ref.ts'
import type { Asked, Bundle, Subject, WindowOptions } from '../profiler-port.ts'
import { badParam, invalidParams } from '../error.ts'
import { LATEST, blockRef } from './block-ref.ts'
import { callFields } from './call-fields.ts'
import { type Decoder, asRecord, boolean, fieldsOf, listOf } from './decoder.ts'
import { blockOverrides, stateOverrides } from './overrides.ts'
import { atLeastOne, hash } from './scalar.ts'

const subjectFields = fieldsOf({
  block: blockRef,
  fromBlock: blockRef,
  toBlock: blockRef,
  last: atLeastOne(Number.MAX_SAFE_INTEGER),
  hashes: listOf(hash),
  transactions: listOf(callFields),
  setup: listOf(callFields),
  stateOverrides,
  blockOverrides,
  asBlock: boolean,
  spreadSenders: boolean,
})

const EXPECTED = 'a block, or an object with last, fromBlock and toBlock, hashes, or transactions'

/** A block as `eth_*` methods take it, or `{ last }`, `{ fromBlock, toBlock }`, `{ hashes }`, `{ transactions, .. }`. */
export const subject: Decoder<Subject> = {
  schema: {
    title: 'block, window or bundle',
    oneOf: [blockRef.schema, subjectFields.schema],
  },
  decode(value, path) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (!isObject || 'blockHash' in value || 'blockNumber' in value) {
      return { kind: 'block', ref: blockRef.decode(value, path), ...WHOLE }
    }
    return ofFields(value, path)
  },
}

const WHOLE: WindowOptions = { asBlock: false, spreadSenders: false }

function ofFields(value: object, path: string): Subject {
  const read = subjectFields.decode(value, path)
  const { last, fromBlock, toBlock, hashes, transactions, block } = read
  const named = [last, fromBlock ?? toBlock, hashes, transactions].filter((it) => it !== undefined)
  if (named.length > 1 || (named.length === 0 && block === undefined)) {
    throw badParam(path, EXPECTED, asRecord(value, path))
  }
  const spreadSenders = read.spreadSenders ?? false
  const window = { spreadSenders, asBlock: (read.asBlock ?? false) || spreadSenders }
  if (transactions !== undefined) {
    return {
      kind: 'bundle',
      transactions,
      setup: read.setup ?? [],
      at: block ?? LATEST,
      stateOverrides: read.stateOverrides,
      blockOverrides: read.blockOverrides,
    }
  }
  if (last !== undefined) return { kind: 'last', count: last, ...window }
  if (hashes !== undefined) return { kind: 'hashes', hashes, ...window }
  if (block !== undefined && fromBlock === undefined)
    return { kind: 'block', ref: block, ...window }
  return blocksOf(fromBlock, toBlock ?? LATEST, window, path)
}

function blocksOf(
  from: BlockRef | undefined,
  to: BlockRef,
  window: WindowOptions,
  path: string,
): Subject {
  if (from === undefined) throw invalidParams(`\`${path}.fromBlock\`: missing, it is required`)
  if (from.kind === 'number' && to.kind === 'number') {
    if (from.number > to.number) {
      throw invalidParams(`\`${path}\`: fromBlock ${from.number} comes after toBlock ${to.number}`)
    }
  }
  return { kind: 'blocks', from, to, ...window }
}

/** The transactions of a bundle, and the rest as options: `{ setup, stateOverrides, blockOverrides }`. */
export function bundleOf(
  transactions: Bundle['transactions'],
  at: Bundle['at'],
  rest: {
    readonly setup?: Bundle['setup'] | undefined
    readonly stateOverrides?: Bundle['stateOverrides']
    readonly blockOverrides?: Bundle['blockOverrides']
  },
): Bundle {
  const { setup = [], stateOverrides: states, blockOverrides: blocks } = rest
  return { transactions, setup, at, stateOverrides: states, blockOverrides: blocks }
}

/** The hash of a transaction of the chain, or a transaction object. */
export const transactionOrHash: Decoder<(at: BlockRef) => Asked> = {
  schema: { title: 'transaction or its hash', oneOf: [hash.schema, callFields.schema] },
  decode(value, path) {
    if (typeof value === 'string') {
      const wanted = hash.decode(value, path)
      return () => ({ kind: 'hash', hash: wanted })
    }
    const call = callFields.decode(value, path)
    return (at) => ({ kind: 'call', call, at })
  },
}
