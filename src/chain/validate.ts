import { encodeWithdrawal } from '../model/codec/withdrawal.ts'
import { ommersHash } from '../model/codec/block.ts'
import type { Block, Header } from '../model/block.ts'
import type { ChainConfig, Rules } from '../model/fork.ts'
import { rulesAt } from '../model/fork.ts'
import { describeRejection } from '../model/rejection.ts'
import { checkBlockSize, checkHeader, checkTransaction } from '../model/validity.ts'
import { equalBytes } from '../primitives/bytes.ts'
import type { Hash } from '../primitives/hex.ts'
import { type BlockAccessList, blockAccessListGas } from '../state/block-access-list.ts'
import { orderedRoot } from '../primitives/ordered-root.ts'
import type { Commitments } from './assemble.ts'

/** Checks of a block from elsewhere that need no execution, and the comparison after it. */

export type Checked =
  | { readonly kind: 'sound'; readonly rules: Rules }
  | { readonly kind: 'faulty'; readonly detail: string }

/** How far back an ommer's parent may be (yellow paper, section 11.1). */
const OMMER_DEPTH = 6n

/** @param blockOf finds a known block by its hash. */
export function checkBlock(
  block: Block,
  parent: Block,
  config: ChainConfig,
  blockOf: (hash: Hash) => Block | undefined,
): Checked {
  const { header } = block
  const rules = rulesAt(config, header.number, header.timestamp)
  const fault =
    checkHeader(header, parent.header, rules) ??
    checkBlockSize(block.sizeBytes, rules) ??
    checkBody(block) ??
    checkOmmers(block, parent, config, blockOf)
  if (fault !== undefined) return { kind: 'faulty', detail: fault }
  for (const [index, tx] of block.transactions.entries()) {
    const rejection = checkTransaction(tx, rules, config.chainId)
    if (rejection !== undefined) {
      const detail = `transaction ${index}: ${describeRejection(rejection)}`
      return { kind: 'faulty', detail }
    }
  }
  return { kind: 'sound', rules }
}

function checkBody(block: Block): string | undefined {
  const { header } = block
  const transactionsRoot = orderedRoot(block.transactions.map((tx) => tx.raw))
  if (transactionsRoot !== header.transactionsRoot) {
    return differs('transactionsRoot', header.transactionsRoot, transactionsRoot)
  }
  const ommers = ommersHash(block.ommers)
  if (ommers !== header.ommersHash) return differs('ommersHash', header.ommersHash, ommers)
  if ((block.withdrawals === undefined) !== (header.withdrawalsRoot === undefined)) {
    return 'withdrawals and withdrawalsRoot stand together or not at all'
  }
  const withdrawalsRoot = block.withdrawals && orderedRoot(block.withdrawals.map(encodeWithdrawal))
  if (withdrawalsRoot !== header.withdrawalsRoot) {
    return differs('withdrawalsRoot', header.withdrawalsRoot, withdrawalsRoot)
  }
  return undefined
}

function checkOmmers(
  block: Block,
  parent: Block,
  config: ChainConfig,
  blockOf: (hash: Hash) => Block | undefined,
): string | undefined {
  if (block.ommers.length === 0) return undefined
  if (block.ommers.length > 2) return `${block.ommers.length} ommers: expected at most 2`
  const taken = new Set<Hash>()
  const ancestors = new Map<Hash, Block>()
  for (
    let at: Block | undefined = parent;
    at !== undefined && block.header.number - at.header.number <= OMMER_DEPTH + 1n;
    at = blockOf(at.header.parentHash)
  ) {
    ancestors.set(at.hash, at)
    for (const ommer of at.ommers) taken.add(ommersHash([ommer]))
  }
  for (const ommer of block.ommers) {
    const fault = checkOmmer(ommer, parent, config, ancestors, taken)
    if (fault !== undefined) return fault
    taken.add(ommersHash([ommer]))
  }
  return undefined
}

function checkOmmer(
  ommer: Header,
  parent: Block,
  config: ChainConfig,
  ancestors: ReadonlyMap<Hash, Block>,
  taken: ReadonlySet<Hash>,
): string | undefined {
  if (taken.has(ommersHash([ommer]))) return 'an ommer is already included'
  const ommerParent = ancestors.get(ommer.parentHash)
  if (ommerParent === undefined) return 'an ommer has no recent ancestor as its parent'
  if (ommer.parentHash === parent.hash) return 'an ommer is a sibling of the block'
  const rules = rulesAt(config, ommer.number, ommer.timestamp)
  return checkHeader(ommer, ommerParent.header, rules)
}

/** EIP-7928: what is wrong with the size of a block's access list. */
export function checkAccessListSize(
  { gasLimit }: Header,
  list: BlockAccessList | undefined,
): string | undefined {
  const gas = list === undefined ? 0n : blockAccessListGas(list)
  if (gas <= gasLimit) return undefined
  return `the block access list stands for ${gas} gas: expected at most the block's limit of ${gasLimit}`
}

/** The first field of `header` that execution did not yield, as a sentence. */
export function firstDifference(header: Header, wanted: Commitments): string | undefined {
  for (const field of [
    'gasUsed',
    'receiptsRoot',
    'stateRoot',
    'transactionsRoot',
    'blobGasUsed',
    'withdrawalsRoot',
    'requestsHash',
    'blockAccessListHash',
  ] as const) {
    if (header[field] !== wanted[field]) return differs(field, header[field], wanted[field])
  }
  if (!equalBytes(header.logsBloom, wanted.logsBloom)) return 'logsBloom differs from the logs'
  return undefined
}

function differs(field: string, claimed: unknown, computed: unknown): string {
  return `${field}: the header says ${String(claimed)}, computed ${String(computed)}`
}
