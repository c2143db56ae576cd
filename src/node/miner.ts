import type { DevChain } from '../chain/dev-chain.ts'
import type { MiningConfig } from './config.ts'

/** Decides when blocks are mined: on arrival of a transaction, on a timer, both, or only when asked. */
export class Miner {
  readonly #dev: DevChain
  readonly #onError: (error: unknown) => void
  #onChange: () => void = () => undefined
  #automine: boolean
  #intervalMs = 0
  #mostMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(dev: DevChain, mining: MiningConfig, onError: (error: unknown) => void) {
    this.#dev = dev
    this.#onError = onError
    this.#automine = mining.kind === 'auto' || mining.kind === 'mixed'
    if (mining.kind === 'interval' || mining.kind === 'mixed') {
      this.#schedule(mining.intervalMs, mining.mostMs)
    }
  }

  /** @param told of each change of how blocks come about; there is one listener */
  listen(told: () => void): void {
    this.#onChange = told
  }

  get automine(): boolean {
    return this.#automine
  }

  get intervalMs(): number {
    return this.#intervalMs
  }

  /** As long as an interval gets; `intervalMs` unless each is drawn. */
  get mostMs(): number {
    return this.#mostMs
  }

  /** Turning it on mines what waits. */
  async setAutomine(on: boolean): Promise<void> {
    this.#automine = on
    this.#onChange()
    if (on) await this.#dev.mineReady()
  }

  /** 0 stops the timer. Mining by timer ends automine, as in Anvil. @param mostMs each interval is drawn between the two */
  setIntervalMs(ms: number, mostMs: number = ms): void {
    this.#automine = false
    this.#schedule(ms, mostMs)
    this.#onChange()
  }

  /** To be called when a transaction was pooled: resolves when it is mined, or must wait. Nothing to wait for is undefined. */
  arrived(): Promise<void> | undefined {
    return this.#automine ? this.#dev.mineReady() : undefined
  }

  #schedule(ms: number, mostMs: number = ms): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#intervalMs = ms
    this.#mostMs = mostMs
    const drawn = ms + Math.floor(Math.random() * (mostMs - ms + 1))
    if (mostMs > 0) this.#timer = setTimeout(() => void this.#tick(ms), drawn)
  }

  async #tick(ms: number): Promise<void> {
    try {
      await this.#dev.mine()
    } catch (error) {
      this.#onError(error)
    }
    if (this.#timer !== undefined && this.#intervalMs === ms) this.#schedule(ms, this.#mostMs)
  }

  close(): void {
    this.#automine = false
    this.#schedule(0)
  }
}
