import { isDeepStrictEqual } from 'node:util'

import { blockPrices } from '../evm/admission.ts'
import type { BlockEnv, ExecutionOptions, Switches } from '../evm/engine.ts'
import { encodeTransaction } from '../evm/wasm/encode.ts'
import type { Rules } from '../model/fork.ts'
import type { Transaction } from '../model/transaction.ts'
import type { StateView } from '../state/view.ts'

/** The block that a transaction is expected in, and the state that it is on. */
export interface ExpectedIn {
  readonly env: BlockEnv
  readonly options: ExecutionOptions | undefined
  readonly view: StateView
  /** As a block's `stateId`. */
  readonly stateId: object
}

/** A transaction as the engine takes it, and which base its accounts are cached in, if they are. */
export interface Encoded {
  readonly bytes: Uint8Array
  readonly cachedIn: object | undefined
}

/** All of a block that an encoding depends on: equal for blocks between which encodings may be kept. */
interface Terms {
  readonly rules: Rules
  readonly chainId: bigint
  readonly gasLimit: bigint
  readonly baseFeeWei: bigint | undefined
  readonly blobFeeWei: bigint | undefined
}

interface Ahead extends Encoded {
  readonly terms: Terms
  readonly switches: Switches | undefined
}

/** Transactions of blocks to come, encoded as they arrive: a block then begins to run at once. */
export class Expected {
  /** Of transactions that somebody holds. */
  readonly #ahead = new WeakMap<Transaction, Ahead>()
  #env: BlockEnv | undefined
  #terms: Terms | undefined

  /** @param cachedIn the base that its accounts are cached in */
  add(tx: Transaction, { env, options }: ExpectedIn, cachedIn: object | undefined): void {
    const switches = options?.switches
    const bytes = encodeTransaction(tx, env, switches)
    if (!(bytes instanceof Uint8Array)) return
    this.#ahead.set(tx, { bytes, cachedIn, switches, terms: this.#termsOf(env) })
  }

  /** What was encoded before for such a block, which is used up. */
  take(tx: Transaction, env: BlockEnv, switches: Switches | undefined): Encoded | undefined {
    const ahead = this.#ahead.get(tx)
    if (ahead === undefined) return undefined
    this.#ahead.delete(tx)
    return ahead.terms === this.#termsOf(env) && ahead.switches === switches ? ahead : undefined
  }

  /** The same object for all blocks in a row that are alike. */
  #termsOf(env: BlockEnv): Terms {
    if (this.#terms !== undefined && env === this.#env) return this.#terms
    const { rules, chainId, header } = env
    const { gasLimit } = header
    const { baseFeeWei, blobFeeWei } = blockPrices(env)
    const terms: Terms = { rules, chainId, gasLimit, baseFeeWei, blobFeeWei }
    this.#env = env
    if (this.#terms === undefined || !areAlike(this.#terms, terms)) this.#terms = terms
    return this.#terms
  }
}

function areAlike(one: Terms, other: Terms): boolean {
  return (
    isDeepStrictEqual(one.rules, other.rules) &&
    one.chainId === other.chainId &&
    one.gasLimit === other.gasLimit &&
    one.baseFeeWei === other.baseFeeWei &&
    one.blobFeeWei === other.blobFeeWei
  )
}
