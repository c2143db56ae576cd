import { nextBaseFee } from '../model/fees.ts'
import { type ChainConfig, type Rules, isActive, rulesAt } from '../model/fork.ts'
import type { Admission } from './admission.ts'
import type { BlockPlan } from './assemble.ts'
import type { LiveRecord } from './block-record.ts'
import type { Chain } from './chain.ts'
import type { Clock } from './clock.ts'
import { type BlockSettings, type DevRules, planBy } from './settings.ts'

/** How the next block is made, and what a transaction must be to be in it or a later one. */
export interface Terms {
  readonly plan: BlockPlan
  readonly admission: Admission
}

/** All that the terms follow from. */
interface Known extends Terms {
  readonly head: LiveRecord
  readonly config: ChainConfig
  readonly settings: BlockSettings
}

/** The block that would be mined now, as far as it is known before it is made. */
export class NextBlock {
  readonly #chain: Chain
  readonly #clock: Clock
  readonly #dev: DevRules
  #known: Known | undefined

  constructor(chain: Chain, clock: Clock, dev: DevRules) {
    this.#chain = chain
    this.#clock = clock
    this.#dev = dev
  }

  /** When it would be mined, in seconds. */
  time(): bigint {
    return this.#clock.peek(this.#chain.head.block.header.timestamp)
  }

  /** undefined before London. */
  baseFeeWei({ nextBaseFeeWei }: BlockSettings): bigint | undefined {
    return this.#baseFeeWei(nextBaseFeeWei, this.#rulesAt(this.time()))
  }

  /** The same object as long as nothing changes: many transactions arrive meanwhile. */
  terms(settings: BlockSettings): Terms {
    const { head, config } = this.#chain
    const time = this.time()
    const known = this.#known
    if (
      known?.head === head &&
      known.config === config &&
      known.settings === settings &&
      known.plan.timestamp === time
    ) {
      return known
    }
    const rules = this.#rulesAt(time)
    const admission: Admission = {
      rules,
      chainId: config.chainId,
      view: this.#chain.view(head.version),
      nextBaseFeeWei: this.#baseFeeWei(settings.nextBaseFeeWei, rules),
      blockGasLimit: settings.gasLimit,
      minGasPriceWei: settings.minGasPriceWei,
      enforceTxGasCap: this.#dev.enforceTxGasCap,
      checkBalance: this.#dev.poolBalanceChecks,
      unlimitedCodeSize: this.#dev.unlimitedCodeSize,
    }
    this.#known = { head, config, settings, plan: planBy(settings, time), admission }
    return this.#known
  }

  #rulesAt(time: bigint): Rules {
    const { head, config } = this.#chain
    return rulesAt(config, head.block.header.number + 1n, time)
  }

  #baseFeeWei(setWei: bigint | undefined, rules: Rules): bigint | undefined {
    if (!isActive(rules, 'london')) return undefined
    return setWei ?? nextBaseFee(this.#chain.head.block.header, rules)
  }
}
