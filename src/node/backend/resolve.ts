import type { BuiltBlock } from '../../chain/chain.ts'
import type { DevChain } from '../../chain/dev-chain.ts'
import type { BlockRecord } from '../../chain/block-record.ts'
import type { CallTarget } from '../../chain/simulate.ts'
import { type ChainConfig, rulesAt } from '../../model/fork.ts'
import { networkOf } from '../../model/network.ts'
import type { Soon } from '../../primitives/soon.ts'
import type { BlockRef } from '../../rpc/block-ref.ts'
import type { CodeStore } from '../../state/codes.ts'
import type { StateView } from '../../state/view.ts'
import { viewOf } from '../../state/world.ts'

/** A block that a request names: of the chain, or the one that would be mined now. */
export type Resolved =
  | { readonly kind: 'mined'; readonly record: BlockRecord }
  | { readonly kind: 'pending'; readonly built: BuiltBlock }

/** What consensus says of the chain. */
export interface ConsensusView {
  /** Block numbers. */
  readonly tags: { readonly safe: bigint; readonly finalized: bigint }
  /** Executed beyond the head, of a block that is not sealed. */
  readonly preview: BuiltBlock | undefined
}

export class Resolver {
  readonly #dev: DevChain
  readonly #slotsInAnEpoch: bigint

  readonly #settled: bigint
  readonly #consensus: ConsensusView | undefined
  /** The head as calls saw it last. Most calls are about it, and an engine keeps what it knows of a block that is the same. */
  #last:
    | {
        readonly record: BlockRecord
        readonly config: ChainConfig
        readonly gasLimit: bigint
        readonly target: CallTarget | undefined
      }
    | undefined

  /**
   * @param settled the newest block that came with the chain: what was imported is final from the start
   * @param consensus decides what is safe and final, where there is one
   */
  constructor(dev: DevChain, slotsInAnEpoch: number, settled: bigint, consensus?: ConsensusView) {
    this.#dev = dev
    this.#consensus = consensus
    this.#slotsInAnEpoch = BigInt(slotsInAnEpoch)
    this.#settled = settled
  }

  /** undefined when there is no such block. */
  resolve(ref: BlockRef): Soon<Resolved | undefined> {
    if (ref.kind === 'tag' && ref.tag === 'pending') {
      return this.#dev.pending().then((built) => ({ kind: 'pending', built }))
    }
    const record = this.mined(ref)
    return record && { kind: 'mined', record }
  }

  /** The block whose state is asked for: `latest` is what is executed, a block that is shown part by part included. */
  resolveState(ref: BlockRef): Soon<Resolved | undefined> {
    const preview =
      ref.kind === 'tag' && ref.tag === 'latest' ? this.#consensus?.preview : undefined
    return preview === undefined ? this.resolve(ref) : { kind: 'pending', built: preview }
  }

  /** The mined block that `ref` names; `pending` counts as the head. */
  mined(ref: BlockRef): BlockRecord | undefined {
    const { history } = this.#dev.chain
    switch (ref.kind) {
      case 'hash':
        return history.byHash(ref.hash)
      case 'number':
        return history.byNumber(ref.number)
      case 'tag':
        return this.tagged(ref.tag)
    }
  }

  /** Without consensus `safe` and `finalized` lie one and two epochs behind the head, as in Anvil. */
  tagged(tag: (BlockRef & { kind: 'tag' })['tag']): BlockRecord {
    const { history } = this.#dev.chain
    switch (tag) {
      case 'latest':
      case 'pending':
        return history.head
      case 'earliest':
        return history.genesis
      case 'safe':
      case 'finalized': {
        const number = this.#consensus?.tags[tag]
        if (number !== undefined) return history.byNumber(number) ?? history.head
        return this.#behind((tag === 'safe' ? 1n : 2n) * this.#slotsInAnEpoch)
      }
    }
  }

  #behind(distance: bigint): BlockRecord {
    const { history } = this.#dev.chain
    const number = history.head.block.header.number - distance
    return history.byNumber(number > this.#settled ? number : this.#settled) ?? history.head
  }

  /** The state after the block; undefined when it is not kept. */
  viewOf(resolved: Resolved): StateView | undefined {
    const { version } = recordOf(resolved)
    if (version === undefined) return undefined
    if (resolved.kind === 'mined') return this.#dev.chain.view(version)
    return viewOf(version, this.codesOf(resolved))
  }

  /** The code of the accounts in that state. */
  codesOf(resolved: Resolved): Pick<CodeStore, 'get'> {
    const { codes } = this.#dev.chain
    if (resolved.kind === 'mined') return codes
    const { changes } = resolved.built.executed
    const fresh = new Map(changes.flatMap((each) => [...each.codes]))
    return { get: (hash) => fresh.get(hash) ?? codes.get(hash) }
  }

  /** The newest that is executed, a block that is shown part by part included, as a call sees it. */
  headTarget(): CallTarget {
    const built = this.#consensus?.preview
    const shown = built && this.targetOf({ kind: 'pending', built })
    return shown ?? this.#target(this.#dev.chain.head, this.#dev.view)
  }

  /** The block and its state as a call sees them; undefined when its state is not kept. */
  targetOf(resolved: Resolved): CallTarget | undefined {
    const { chain, settings } = this.#dev
    const record = recordOf(resolved)
    const last = this.#last
    const { config } = chain
    const { gasLimit } = settings
    if (last?.record === record && last.config === config && last.gasLimit === gasLimit) {
      return last.target
    }
    const view = this.viewOf(resolved)
    const target = view && this.#target(record, view)
    // Of the head alone: what is held of an older block, its state above all, is not to live on here.
    if (record === chain.head) this.#last = { record, config, gasLimit, target }
    return target
  }

  #target(record: BlockRecord, view: StateView): CallTarget {
    const { chain, settings, rules: devRules } = this.#dev
    const { header } = record.block
    const rules = rulesAt(chain.config, header.number, header.timestamp)
    const { gasLimit } = settings
    const { transactionGasCap: capGas } = networkOf(rules)
    const parent = chain.history.byHash(header.parentHash) ?? chain.history.genesis
    return {
      env: chain.env(header, rules, parent, [], record),
      view,
      defaultGas: capGas !== undefined && capGas < gasLimit ? capGas : gasLimit,
      switches: { unlimitedCodeSize: devRules.unlimitedCodeSize },
    }
  }
}

export function recordOf(resolved: Resolved): BlockRecord {
  return resolved.kind === 'mined' ? resolved.record : resolved.built.record
}
